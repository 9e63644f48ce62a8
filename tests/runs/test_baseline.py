"""Known findings are accepted, and nothing else is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.helpers.command import refused, run
from tests.helpers.many_files import WRONG, right_file, wrong_file
from tests.helpers.paths import WORKBOOKS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    right_file(tmp_path / "a.xlsx")
    wrong_file(tmp_path / "in" / "b.xlsx")
    return tmp_path


def verified(folder: Path, *more: object) -> tuple[int, list[dict[str, object]]]:
    """Return the exit code, and what is told of every file."""
    result = run("verify", folder, "-j", 0, "--format", "json", *more)
    return result.exit_code, json.loads(result.output)["files"]


@pytest.mark.slow
def test_what_was_written_is_accepted_and_told(folder: Path) -> None:
    known = folder / "known.json"
    assert verified(folder)[0] == 1
    assert verified(folder, "--write-baseline", known)[0] == 0
    table = json.loads(known.read_text())
    (entry,) = table["files"]["in/b.xlsx"]["findings"]
    assert (entry["code"], entry["cell"]) == ("S202", WRONG)
    code, (right, wrong) = verified(folder, "--baseline", known)
    assert code == 0
    assert (right["verdict"], right["known"]) == ("verified", 0)
    # It passes, and is still called what it is.
    assert (wrong["verdict"], wrong["known"], wrong["findings"]) == ("partly", 1, [])
    text = run("verify", folder, "-j", 0, "-q", "--baseline", known).output
    assert "1 known finding accepted" in text
    assert 'failures="0"' in run(
        "verify", folder, "-j", 0, "--format", "junit", "--baseline", known
    ).output  # fmt: skip
    assert not run("verify", folder, "-j", 0, "--format", "github", "--baseline", known).output


@pytest.mark.slow
@pytest.mark.parametrize("change", ["another cell", "another number", "another file", "mended"])
def test_a_new_finding_is_not_accepted(folder: Path, change: str) -> None:
    known = folder / "known.json"
    run("verify", folder, "-j", 0, "--write-baseline", known)
    if change == "another cell":
        wrong_file(folder / "in" / "b.xlsx", "J3")
    elif change == "another number":
        wrong_file(folder / "in" / "b.xlsx", number=7.0)
    elif change == "another file":
        wrong_file(folder / "a.xlsx")
    else:
        (folder / "in" / "b.xlsx").unlink()
        right_file(folder / "in" / "b.xlsx")
    assert verified(folder, "--baseline", known)[0] == (0 if change == "mended" else 1)


@pytest.mark.slow
def test_cells_that_follow_from_known_ones_are_known(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.load_workbook(WORKBOOKS / "conv-example.xlsx")
    book.active["AP9"] = 1.25
    book.save(tmp_path / "broken.xlsx")
    known = tmp_path / "known.json"
    assert verified(tmp_path, "--write-baseline", known)[0] == 0
    code, (told,) = verified(tmp_path, "--baseline", known)
    assert (code, told["verdict"]) == (0, "partly")
    assert told["verified"] < told["connected"]


def test_a_baseline_is_refused_that_is_none(folder: Path) -> None:
    (folder / "other.json").write_text("{}")
    (folder / "later.json").write_text('{"version": 2, "files": {}}')
    base = ("verify", folder, "-j", 0, "--baseline")
    assert refused(*base, folder / "none.json").endswith(
        "none.json: No such file or directory; expected a baseline"
    )
    assert refused(*base, folder / "other.json").endswith("expected what --write-baseline wrote")
    assert refused(*base, folder / "later.json").endswith("version 2; expected 1")
    both = (folder / "none.json", "--write-baseline", folder / "x.json")
    assert refused(*base, *both) == "--baseline and --write-baseline; expected one of them"


def test_what_could_not_be_read_is_not_accepted(folder: Path) -> None:
    (folder / "c.xlsx").write_text("no")
    assert verified(folder, "--write-baseline", folder / "known.json")[0] == 2
    assert verified(folder, "--baseline", folder / "known.json")[0] == 2
