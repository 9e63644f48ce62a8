"""The counters of an exercise in spreadsheets that know nothing of us."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.classroom.exercises.test_doubts import both
from tests.classroom.exercises.test_exercise import counters, with_cells
from tests.helpers.oracles import gnumeric, needs_uno, poison, profile
from xlconv.classroom.exercises.exercise import Wanted, write_exercise
from xlconv.classroom.exercises.ready_made import READY_MADE
from xlconv.generation.sources import Sources
from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.xlsx.write import write_xlsx

TYPES = Path(__file__).parents[2] / "helpers" / "uno_types.py"
SHEET = "first-convolution"


def written(name: str, folder: Path) -> tuple[Path, Path]:
    """Write a ready exercise; return exercise and solution."""
    ready = READY_MADE[name]
    made = write_exercise(folder, Sources(preset=ready.network), ready.wanted, ready.look)
    return made.paths[:2]


def shown(path: Path, steps: list[list[object]], folder: Path) -> list[str]:
    """Return what LibreOffice shows in the cells that steps ask for, after those before."""
    told = folder / "steps.json"
    told.write_text(json.dumps(steps))
    found: list[str] = json.loads(
        subprocess.run(
            [needs_uno(), TYPES, profile(folder), path, told],
            check=True, capture_output=True, timeout=240, text=True,
        ).stdout
    )  # fmt: skip
    return found


@pytest.mark.office
def test_the_counter_rises_in_libreoffice_and_stays_when_a_pixel_changes(tmp_path: Path) -> None:
    exercise, _ = written("first-convolution", tmp_path / "files")
    count, steps = ["Tasks", "C6"], []
    for i in range(4):
        for j in range(4):
            window = f"{'ABCDEF'[j]}{2 + i}:{'ABCDEF'[j + 2]}{4 + i}"
            formula = f"=SUM(SUMPRODUCT({window};$H$3:$J$5);$H$7)"
            steps += [[SHEET, f"{'LMNO'[j]}{3 + i}", formula], count]
    steps += [[SHEET, "C4", "7"], count, [SHEET, "L3"]]
    steps += [[SHEET, "L3", "3"], count]
    *rising, after, value, pasted = shown(exercise, steps, tmp_path)
    assert rising == [f"{k} of 16 right" for k in range(1, 16)] + ["✓ all 16 right"]
    assert (after, float(value)) == ("✓ all 16 right", 7.0)
    assert pasted == "15 of 16 right"


@pytest.mark.office
@pytest.mark.many
@pytest.mark.parametrize("name", READY_MADE)
def test_gnumeric_counts_the_same(name: str, tmp_path: Path) -> None:
    for path, begins in zip(written(name, tmp_path / "files"), ("0 of ", "✓ all "), strict=True):
        wrong = tmp_path / path.name
        assert poison(path, wrong)
        found = gnumeric(wrong, tmp_path)
        said = [text for text in found.values() if " of " in text[:8] or text.startswith("✓ all ")]
        assert said
        assert all(text.startswith(begins) for text in said), said


@pytest.mark.office
def test_the_counters_of_a_large_exercise_are_those_of_libreoffice(tmp_path: Path) -> None:
    wanted = Wanted(blank=("conv2", "softmax"), fill=("pool1",), mistakes=3)
    made = write_exercise(tmp_path / "files", Sources(), wanted)
    steps: list[list[object]] = [["Tasks", f"C{row}"] for row in range(1, 40)]
    for path, begins in zip(made.paths[:2], ("0 of ", "✓ all "), strict=True):
        wrong = tmp_path / path.name
        assert poison(path, wrong)
        said = [text for text in shown(wrong, steps, tmp_path) if text]
        assert len(said) == 4
        assert all(text.startswith(begins) for text in said), said


@pytest.mark.office
def test_gnumeric_is_in_doubt_as_we_are(tmp_path: Path) -> None:
    """A mean for a maximum counts nowhere, in the cells where both are 0 neither."""
    papers, solved = both()
    cells = papers.tasks[1].places
    wrong: dict[Cell, str | float] = {
        cell: str(papers.sheet.formula(cell)).replace("MAX", "AVERAGE") for cell in cells
    }
    book = with_cells(solved, "conv-example", wrong)
    path = tmp_path / "average.xlsx"
    write_xlsx(book, path, *papers.formatting())
    other = tmp_path / "poisoned.xlsx"
    assert poison(path, other)
    said = {text for text in gnumeric(other, tmp_path).values() if " of 288" in text}
    assert said == {text for text in counters(book) if " of 288" in text} == {"0 of 288 right"}
