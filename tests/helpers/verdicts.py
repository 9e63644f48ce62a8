"""What outside programs say of formulas, and what they agree on."""

from __future__ import annotations

import importlib.util
import json
import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from tests.helpers import oracles
from tests.helpers.drawn_formulas import Written
from xlconv.spreadsheet.addresses import Cell, a1_name
from xlconv.spreadsheet.calculation.calculate import Status
from xlconv.spreadsheet.values import BOOLEAN, ERROR, ERRORS, TEXT

Outcome = tuple[str, float | str]
_LOST = {"#ERROR!", "#N/IMPL!", "#UNKNOWN!", "#LINKS!"}


def outcome(text: str) -> Outcome | None:
    """Return what a program shows as (kind, value); None where it does not know the formula."""
    if text in _LOST:
        return None
    if text in ERRORS:
        return "error", text
    if text.startswith("Err:"):
        return "error", "of its own"
    if text in ("TRUE", "FALSE"):
        return "boolean", text
    try:
        return "number", oracles.number(text)
    except ValueError:
        return "text", text


def agree(one: Outcome | None, other: Outcome | None) -> bool:
    if one is None or other is None or one[0] != other[0]:
        return False
    if one[0] == "number":
        return math.isclose(one[1], other[1], rel_tol=1e-9, abs_tol=1e-12)
    return one[1] == other[1] and one[1] != "of its own"


def agreed(outcomes: list[Outcome | None]) -> Outcome | None:
    """Return what two programs agree on; just an error where they differ on which one."""
    for k, one in enumerate(outcomes):
        if any(agree(one, other) for other in outcomes[k + 1 :]):
            return one
    said = [one for one in outcomes if one is not None]
    if len(said) > 1 and all(kind == "error" for kind, _ in said):
        return "error", "any"
    return None


_IRONCALC = """
import json, sys, ironcalc
model = ironcalc.load_from_xlsx(sys.argv[1], "en", "UTC", "en")
model.evaluate()
found = [model.get_cell_value(0, row + 1, column + 1) for row, column in json.loads(sys.argv[2])]
print("\\n" + json.dumps(found))
"""


def ironcalc(path: Path, cells: list[Cell]) -> dict[Cell, str] | None:
    """Return what IronCalc gives, None where it is not there or does not survive."""
    if importlib.util.find_spec("ironcalc") is None:
        return None
    try:
        run = subprocess.run(
            [sys.executable, "-c", _IRONCALC, path, json.dumps(cells)],
            check=True, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
    except subprocess.SubprocessError:
        return None
    values = json.loads(run.stdout.splitlines()[-1])
    return {
        cell: str(value).upper() if isinstance(value, bool) else str(value)
        for cell, value in zip(cells, values, strict=True)
        if value is not None
    }


class Verdicts(Struct):
    """What every program says of every formula."""

    written: Written
    ours: dict[Cell, Outcome]
    statuses: dict[Cell, Status]
    reasons: dict[Cell, str]
    theirs: dict[str, dict[Cell, str]]

    def expected(self, cell: Cell) -> Outcome | None:
        return agreed([outcome(values.get(cell, "")) for values in self.theirs.values()])

    def spelled(self, cell: Cell) -> str:
        text = self.written.formulas[cell]
        return f"{{={text}}}" if cell in self.written.arrays else f"={text}"

    def wrong(self) -> Iterator[tuple[Cell, str]]:
        """Yield the cells where ours differs from what two others agree on."""
        for cell, own in self.ours.items():
            expected = self.expected(cell)
            if (
                expected is None
                or agree(own, expected)
                or (own[0] == expected[0] and expected[1] == "any")
            ):
                continue
            said = {name: values.get(cell, "") for name, values in self.theirs.items()}
            yield cell, f"{a1_name(cell)} {self.spelled(cell)}: ours {own[1]!r}, theirs {said}"


def own_outcome(value: float, kind: int, texts: list[str]) -> Outcome:
    if kind == ERROR:
        return "error", ERRORS[int(value)]
    if kind == BOOLEAN:
        return "boolean", "TRUE" if value else "FALSE"
    if kind == TEXT:  # CSV does not tell a text from what it spells
        found = outcome(texts[int(value)])
        assert found is not None
        return found
    return "number", value
