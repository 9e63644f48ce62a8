"""The table itself: what it says of each edit is what LibreOffice computes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.edits import TABLE
from tests.edits.truth import provable, untrue
from tests.edits.workbooks import differences
from tests.helpers import oracles

_EVERY = 18  # all of them are proved by hand: python -m tests.edits --check OUT_DIR


@pytest.mark.office
@pytest.mark.slow
def test_edits_do_to_the_numbers_what_their_verdict_says(tmp_path: Path) -> None:
    edits = {edit.name: edit for edit in TABLE[::_EVERY] if provable(edit)}
    told = dict(differences(edits.values(), tmp_path, oracles.needs_uno()))
    assert told.keys() == edits.keys()
    why = {name: untrue(edits[name], found) for name, found in told.items()}
    assert not {name: one for name, one in why.items() if one}


def test_the_table_is_large_and_its_names_are_told_apart() -> None:
    assert len({edit.name for edit in TABLE}) == len(TABLE)
    assert sum(edit.verdict == "findings" for edit in TABLE) >= 60
    assert sum(edit.verdict == "verified" for edit in TABLE) >= 40
