"""LibreOffice traces the same cells."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.helpers import oracles
from tests.helpers.paths import ROOT, WORKBOOKS
from xlconv.analysis.trace import Tracer
from xlconv.lifting.lifted_workbook import LiftedWorkbook, open_workbook
from xlconv.presets import PRESETS
from xlconv.spreadsheet.addresses import Cell, a1_name
from xlconv.spreadsheet.precedents.region import region_of

pytestmark = pytest.mark.office


SAMPLES = 24


def sampled(of: LiftedWorkbook) -> dict[str, tuple[int, Cell, bool]]:
    """Return cells of every tensor, parameter and kind, by the names to ask for them."""
    rng = random.Random(1)
    found = {}
    for number, sheet in enumerate(of.workbook.sheets):
        for kinds in (sheet.is_formula, ~sheet.is_formula):
            indices = np.flatnonzero(kinds).tolist()
            for index in rng.sample(indices, min(SAMPLES, len(indices))):
                cell = int(sheet.rows[index]), int(sheet.columns[index])
                found[f"{number}!{a1_name(cell)}"] = (number, cell, False)
                found[f"{number}!{a1_name(cell)}/d"] = (number, cell, True)
    return found


def compare(path: Path, folder: Path) -> int:
    """Return how many cells LibreOffice and we both found; they must be the same."""
    of = open_workbook(path)
    asked = sampled(of)
    python = oracles.needs_uno()
    script = ROOT / "tests" / "helpers" / "uno_trace.py"
    done = subprocess.run(
        [python, script, oracles.profile(folder), path.resolve(), *asked],
        check=True, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    answers = json.loads(done.stdout)
    tracer = Tracer(of)
    count = 0
    for name, (sheet, cell, dependents) in asked.items():
        for key, depth in (("direct", 1), ("all", None)):
            found = tracer.trace(sheet, cell, dependents=dependents, depth=depth).cells(sheet)
            own = region_of(np.array([[*cell, *cell]]))  # LibreOffice always counts the cell
            theirs = region_of(np.array(answers[name][key], np.int64).reshape(-1, 4))
            assert theirs - own == found - own, (name, key)
            count += len(found)
    return count


@pytest.mark.parametrize("name", PRESETS)
def test_libreoffice_traces_the_same_cells_in_presets(name: str, tmp_path: Path) -> None:
    assert compare(WORKBOOKS / f"{name}.xlsx", tmp_path) > 400  # of the smallest sheet, 456


@pytest.mark.parametrize("name", ["conv-example.relu", "conv-example.linear"])
def test_libreoffice_traces_the_same_cells_in_published_files(
    name: str, wild: Path, tmp_path: Path
) -> None:
    assert compare(wild / f"{name}.xlsx", tmp_path) > 1000
