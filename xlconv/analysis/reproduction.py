"""Reads a workbook and writes it again, cell for cell: the proof that both roads are inverse.

What no layer explains is not written; it is listed, never dropped silently.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xlconv.arrays import Array
from xlconv.errors import XlconvError
from xlconv.layout.defined_names import names_of_all
from xlconv.layout.layout import shared_tensors
from xlconv.layout.placed_network import PlacedNetwork
from xlconv.lifting.layouts import layouts_of
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.lowering.formatting.format import format_network
from xlconv.lowering.lower import lower
from xlconv.lowering.sheet_cells import add_comparisons, add_network
from xlconv.spreadsheet.addresses import MAX_COLUMNS, Range
from xlconv.spreadsheet.workbook import Kind, Sheet, SheetBuilder, Workbook, indices_of, keys_of
from xlconv.spreadsheet.xlsx.formatting import Formatting
from xlconv.spreadsheet.xlsx.write import write_xlsx

_WHAT = {
    Kind.NUMBER: "a number", Kind.TEXT: "a text", Kind.BOOLEAN: "a truth value",
    Kind.ERROR: "an error", Kind.FORMULA: "a formula", Kind.ARRAY_FORMULA: "an array formula",
    Kind.SPILLED: "a part of an array formula",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """Cells that are not the same again: `what` they are, on a sheet, and one example."""

    sheet: str
    cells: str  # ranges with commas between
    count: int
    what: str
    was: str
    now: str


@dataclass(slots=True)
class Reproduction:
    """A workbook written again, with how much of it is at its address as it was."""

    workbook: Workbook
    looks: tuple[Formatting, ...]
    formulas: int = 0
    same_formulas: int = 0
    numbers: int = 0
    same_numbers: int = 0
    texts: int = 0
    same_texts: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def share(self) -> float:
        """The share of formula and number cells that are the same again."""
        cells = self.formulas + self.numbers
        return (self.same_formulas + self.same_numbers) / cells if cells else 0.0

    @property
    def is_whole(self) -> bool:
        """Whether every formula and number cell is."""
        return self.share == 1.0

    def write(self, path: str | Path, *, replace: bool = False) -> None:
        """Write the .xlsx file, whole or not at all; see `write_xlsx`."""
        write_xlsx(self.workbook, path, *self.looks, replace=replace)


def reproduce(opened: LiftedWorkbook) -> Reproduction:
    """Lift a workbook's networks and lower them again, each to where it stood.

    Raises XlconvError where there is no network.
    """
    relaid = layouts_of(opened)
    if not relaid:
        raise XlconvError(f"{opened.path}: no network found; expected formulas that spell one")
    builders = {sheet.name: SheetBuilder() for sheet in opened.workbook.sheets}
    looks = {name: Formatting() for name in builders}
    placed: dict[str, list[PlacedNetwork]] = {name: [] for name in builders}
    activations: dict[str, list[list[Array]]] = {name: [] for name in builders}
    for number, one in enumerate(relaid):
        values = one.network.activations(opened.values(one.model.tensors[0]))
        stages = lower(one.network, one.layout)
        whole = PlacedNetwork(one.network, one.layout)
        add_network(whole, stages, values, builders[one.layout.sheet])
        before = placed[one.layout.sheet]
        shared = max((shared_tensors(one.layout, two.layout) for two in relaid[:number]), default=0)
        # The labels of a sheet are in the layout of every network that stands on it.
        shown = PlacedNetwork(one.network, replace(one.layout, labels=())) if before else whole
        look = looks[one.layout.sheet]
        format_network(shown, stages, values, look, shared=shared, number=len(before))
        before.append(whole)
        activations[one.layout.sheet].append(values)
    for name, builder in builders.items():
        add_comparisons(placed[name], activations[name], builder)
    # Networks may share cells, such as their input: all of them write the same there.
    sheets = tuple(builder.finish(name, once=False) for name, builder in builders.items())
    had = {name for name, _ in opened.workbook.names}
    every = names_of_all(PlacedNetwork(one.network, one.layout) for one in relaid)
    named = tuple((name, ranges) for name, ranges in every if name in had)
    workbook = replace(opened.workbook, sheets=sheets, names=named)
    made = Reproduction(workbook, tuple(looks.values()))
    for was, now in zip(opened.workbook.sheets, sheets, strict=True):
        _compare(made, was, now)
    return made


# -- comparing ---------------------------------------------------------------------------


def _compare(made: Reproduction, was: Sheet, now: Sheet) -> None:
    """Count the cells that are the same again, and list the others."""
    keys = keys_of(was.rows, was.columns)
    at = indices_of(keys_of(now.rows, now.columns), was.rows, was.columns)
    same = np.zeros(len(was), np.bool_)
    for index, place in enumerate(at.tolist()):
        same[index] = place >= 0 and _is_same(was, index, now, place)
    is_text = ~was.is_formula & (was.kinds == Kind.TEXT)
    is_number = ~was.is_formula & ~is_text
    made.formulas += int(was.is_formula.sum())
    made.same_formulas += int((same & was.is_formula).sum())
    made.numbers += int(is_number.sum())
    made.same_numbers += int((same & is_number).sum())
    made.texts += int(is_text.sum())
    made.same_texts += int((same & is_text).sum())
    for what, lost in (
        ("not modelled", ~same & (at < 0)),
        ("written otherwise", ~same & (at >= 0)),
    ):
        for kind in np.unique(was.kinds[lost]).tolist():
            some = np.flatnonzero(lost & (was.kinds == kind))
            first = int(some[0])
            now_ = shown(now, int(at[first])) if at[first] >= 0 else "nothing"
            made.differences.append(
                Difference(
                    was.name, ranges_of(keys[some]), len(some), f"{_WHAT[Kind(kind)]} {what}",
                    shown(was, first), now_,
                )
            )  # fmt: skip
    back = indices_of(keys, now.rows, now.columns)
    extra = np.flatnonzero(back < 0)
    if len(extra):
        cells = ranges_of(keys_of(now.rows[extra], now.columns[extra]))
        example = shown(now, int(extra[0]))
        made.differences.append(
            Difference(was.name, cells, len(extra), "written where nothing was", "nothing", example)
        )


def _is_same(was: Sheet, index: int, now: Sheet, place: int) -> bool:
    kind = was.kinds[index]
    if kind != now.kinds[place]:
        return False
    if kind in (Kind.FORMULA, Kind.ARRAY_FORMULA, Kind.TEXT, Kind.ERROR):
        return was.texts[index] == now.texts[place]
    return kind == Kind.SPILLED or bool(was.numbers[index] == now.numbers[place])


def shown(sheet: Sheet, index: int) -> str:
    """Return what a cell holds, as one would type it."""
    kind = sheet.kinds[index]
    if kind == Kind.FORMULA:
        return f"={sheet.texts[index]}"
    if kind == Kind.ARRAY_FORMULA:
        return f"{{={sheet.texts[index]}}}"
    if kind in (Kind.TEXT, Kind.ERROR):
        return sheet.texts[index]
    if kind == Kind.BOOLEAN:
        return "TRUE" if sheet.numbers[index] else "FALSE"
    return f"{sheet.numbers[index]:.10g}"


def ranges_of(keys: NDArray[np.int64]) -> str:
    """Return cells, given by their sorted keys, as ranges: `A1:B3, D5`."""
    runs = []
    for _, run in groupby(enumerate(keys.tolist()), key=lambda pair: pair[1] - pair[0]):
        places = [key for _, key in run]
        row, left = divmod(places[0], MAX_COLUMNS)
        runs.append(Range(row, left, row, left + len(places) - 1))
    areas = sorted(_stacked(runs), key=lambda area: (area.left, area.top))
    return ", ".join(area.name for area in areas)


def _stacked(runs: list[Range]) -> Iterator[Range]:
    """Yield runs of a row joined with those of the same columns in the rows below."""
    open_: dict[tuple[int, int], Range] = {}
    for run in runs:
        columns = run.left, run.right
        above = open_.get(columns)
        if above is not None and above.bottom == run.top - 1:
            open_[columns] = above.union(run)
            continue
        if above is not None:
            yield above
        open_[columns] = run
    yield from open_.values()
