"""Whole layers edited in LibreOffice: verify's verdict of each, and the cause in its words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.edits import TABLE, Edit
from tests.edits.bases import base
from tests.edits.truth import untrue
from tests.edits.verdicts import knows_against, verdict_of
from tests.edits.workbooks import differences, make
from tests.helpers import oracles

pytestmark = [pytest.mark.office, pytest.mark.slow]


@pytest.fixture(scope="session")
def edited(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the edited workbooks that the session's tests ask for."""
    folder = tmp_path_factory.mktemp("edits")
    wanted = [
        item.callspec.params["edit"]
        for item in request.session.items
        if "edited" in getattr(item, "fixturenames", ())
    ]
    make(wanted, folder, oracles.needs_uno())
    return folder


@pytest.mark.parametrize("edit", TABLE, ids=lambda edit: edit.name)
def test_verify_gives_the_verdict_and_says_why(edit: Edit, edited: Path) -> None:
    if edit.against and not knows_against():
        pytest.skip("verify holds no file to another one yet")
    got = verdict_of(edit, edited / f"{edit.name}.xlsx", base(edit.base, edited / "bases"))
    assert got.wanted(edit), f"{got.verdict}, exit code {got.exit_code}\n{got.text}"
    assert not got.missing(edit), got.text


def test_every_edit_does_to_the_numbers_what_its_verdict_says(tmp_path: Path) -> None:
    edits = {edit.name: edit for edit in TABLE if not (edit.nameless or edit.against)}
    told = differences(edits.values(), tmp_path, oracles.needs_uno())
    untold = {name: untrue(edits[name], found) for name, found in told}
    assert len(untold) == len(edits)
    assert not {name: why for name, why in untold.items() if why}


def test_names_are_told_apart_and_the_table_is_large() -> None:
    assert len({edit.name for edit in TABLE}) == len(TABLE)
    assert sum(edit.verdict == "findings" for edit in TABLE) >= 60
    assert sum(edit.verdict == "verified" for edit in TABLE) >= 40
