"""What the test that runs is marked with: whatever needs an office or torch asks here first."""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib.util import find_spec

import pytest

_current: set[str] = set()


def begin(marks: Iterable[str]) -> None:
    """Note the marks of a test that starts; skip it, or fail, where its library is missing."""
    _current.clear()
    _current.update(marks)
    if "torch" in _current and find_spec("torch") is None:
        missing("torch")


def expect(mark: str) -> None:
    """Fail a test that lacks a mark, so that `-m "not ..."` leaves out all that it should."""
    assert mark in _current, f"expected @pytest.mark.{mark} on the test that runs"


def missing(what: str) -> None:
    """Skip the test, or fail where everything must be there."""
    reason = f"{what} is not installed"
    if os.environ.get("XLCONV_REQUIRE_ORACLES"):
        pytest.fail(reason)
    pytest.skip(reason)
