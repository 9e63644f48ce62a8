"""What the package says of itself at its door: the examples run, and the version is one."""

from __future__ import annotations

import doctest
import importlib.metadata
import re
import tomllib
from pathlib import Path

import pytest

import xlconv
from tests.helpers.documents import PAGES
from tests.helpers.paths import ROOT


@pytest.mark.slow
def test_the_examples_give_what_they_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    flags = doctest.NORMALIZE_WHITESPACE | doctest.FAIL_FAST
    failed, tried = doctest.testmod(xlconv, optionflags=flags)
    assert (failed, tried > 10) == (0, True)


def test_the_version_is_that_of_the_package() -> None:
    assert 'path = "xlconv/__init__.py"' in (ROOT / "pyproject.toml").read_text()
    assert xlconv.__version__ == importlib.metadata.version("xlconv")
    assert "__version__" in dir(xlconv)


def test_extras_are_asked_for_in_one_form() -> None:
    """As from a checkout, and only those that there are: in messages, help and pages."""
    known = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    sources = [*(ROOT / "xlconv").rglob("*.py"), *PAGES]
    texts = {path: path.read_text(encoding="utf-8") for path in sources}
    assert not [path for path, text in texts.items() if "xlconv[" in text]
    asked = {name for text in texts.values() for name in re.findall(r"'\.\[([\w,]+)\]'", text)}
    assert {"onnx", "watch", "image", "dask", "torch"} <= asked
    assert {name for some in asked for name in some.split(",")} <= set(known)
