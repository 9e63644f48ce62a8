"""Workbook -> the same workbook again, cell for cell: the proof that both roads are inverse.

What no layer explains is not written; it is listed, never dropped silently.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from xlconv.analysis.comparison.sheet_differences import Difference, compare_sheets
from xlconv.arrays import Array
from xlconv.errors import LayoutError, XlconvError
from xlconv.layout.defined_names import names_of_all
from xlconv.layout.layout import shared_tensors
from xlconv.layout.placed_network import PlacedNetwork
from xlconv.lifting.declared_layouts import declared_layout
from xlconv.lifting.layouts import layouts_of
from xlconv.lifting.lifted_workbook import LiftedWorkbook, Source, open_workbook
from xlconv.lowering.formatting.format import format_network
from xlconv.lowering.lower import lower
from xlconv.lowering.sheet_cells import add_comparisons, add_network
from xlconv.network.shown import Shown
from xlconv.spreadsheet.workbook import SheetBuilder, Workbook
from xlconv.spreadsheet.xlsx.formatting import Formatting
from xlconv.spreadsheet.xlsx.write import write_xlsx


class Reproduction(Shown, Struct, frozen=True):
    """A workbook written again, with how much of it is at its address as it was."""

    workbook: Workbook
    formattings: tuple[Formatting, ...]
    formulas: int
    same_formulas: int
    numbers: int
    same_numbers: int
    texts: int
    same_texts: int
    differences: tuple[Difference, ...]

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
        write_xlsx(self.workbook, path, *self.formattings, replace=replace)


def reproduce(source: Source) -> Reproduction:
    """Lift a workbook's networks and lower them again, each to where it stood.

    Raises ReadError for what is no workbook, XlconvError where there is no network.
    """
    book = open_workbook(source)
    found: Reproduction | None = None
    reason = XlconvError(f"{book.path}: no network found; expected formulas that spell one")
    try:
        layouts = layouts_of(book)
        found = _written(book, layouts) if layouts else None
    except LayoutError as error:
        reason = error
    had = len(book.workbook.names)
    if found is None or not found.is_whole or len(found.workbook.names) < had:
        # Of planes of a few cells, several layers have the same formulas; a name tells which.
        declared = declared_layout(book)
        other = None if declared is None else _written(book, [declared])
        found = max((one for one in (found, other) if one), key=_kept, default=None)
    if found is None:
        raise reason
    return found


def _kept(one: Reproduction) -> tuple[int, int]:
    """Return how many cells are the same, and names of cells."""
    return one.same_formulas + one.same_numbers, len(one.workbook.names)


def _written(book: LiftedWorkbook, layouts: Sequence[PlacedNetwork]) -> Reproduction:
    """Return the networks of a workbook written again, each to where it stood."""
    builders = {sheet.name: SheetBuilder() for sheet in book.workbook.sheets}
    formattings = {name: Formatting() for name in builders}
    placed: dict[str, list[PlacedNetwork]] = {name: [] for name in builders}
    activations: dict[str, list[list[Array]]] = {name: [] for name in builders}
    for number, one in enumerate(layouts):
        values = one.network.activations(_input_of(book, one))
        stages = lower(one.network, one.layout)
        whole = PlacedNetwork(one.network, one.layout)
        add_network(whole, stages, values, builders[one.layout.sheet])
        before = placed[one.layout.sheet]
        shared = max(
            (shared_tensors(one.layout, two.layout) for two in layouts[:number]), default=0
        )
        # The labels of a sheet are in the layout of every network that stands on it.
        shown = PlacedNetwork(one.network, replace(one.layout, labels=())) if before else whole
        formatting = formattings[one.layout.sheet]
        format_network(shown, stages, values, formatting, shared=shared, number=len(before))
        before.append(whole)
        activations[one.layout.sheet].append(values)
    for name, builder in builders.items():
        add_comparisons(placed[name], activations[name], builder)
    # Networks may share cells, such as their input: all of them write the same there.
    sheets = tuple(builder.finish(name, once=False) for name, builder in builders.items())
    had = {name for name, _ in book.workbook.names}
    every = names_of_all(PlacedNetwork(one.network, one.layout) for one in layouts)
    named = tuple((name, ranges) for name, ranges in every if name in had)
    workbook = replace(book.workbook, sheets=sheets, names=named)
    return _compared(book.workbook, workbook, tuple(formattings.values()))


def _input_of(book: LiftedWorkbook, placed: PlacedNetwork) -> Array:
    """Return the numbers in the cells of a network's input."""
    sheet = [one.name for one in book.workbook.sheets].index(placed.layout.sheet)
    planes = [book.matrix(sheet, plane) for plane in placed.layout.places[0].planes]
    return np.stack(planes).reshape(placed.network.input_shape)


def _compared(was: Workbook, now: Workbook, formattings: tuple[Formatting, ...]) -> Reproduction:
    """Return the workbook written again with the counts of all its sheets."""
    found = [compare_sheets(*pair) for pair in zip(was.sheets, now.sheets, strict=True)]
    return Reproduction(
        now,
        formattings,
        formulas=sum(one.formulas for one in found),
        same_formulas=sum(one.same_formulas for one in found),
        numbers=sum(one.numbers for one in found),
        same_numbers=sum(one.same_numbers for one in found),
        texts=sum(one.texts for one in found),
        same_texts=sum(one.same_texts for one in found),
        differences=tuple(difference for one in found for difference in one.differences),
    )
