"""Wrong layers, edited in LibreOffice: verify refuses every one, and says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.edits import TABLE, Edit
from tests.edits.bases import base
from tests.edits.verdicts import knows_against, verdict_of

pytestmark = [pytest.mark.office, pytest.mark.slow]
_EVERY = 2  # of them --slow takes every third; all of them by hand: python -m tests.edits OUT_DIR
EDITS = [edit for edit in TABLE if edit.verdict != "verified"][::_EVERY]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_verify_refuses_it_and_says_why(edit: Edit, edited: Path) -> None:
    if edit.against and not knows_against():
        pytest.skip("verify holds no file to another one yet")
    got = verdict_of(edit, edited / f"{edit.name}.xlsx", base(edit.base, edited / "bases"))
    assert got.wanted(edit), f"{got.verdict}, exit code {got.exit_code}\n{got.text}"
    assert not got.missing(edit), got.text
