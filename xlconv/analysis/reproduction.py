"""Workbook -> the same workbook again, cell for cell: the proof that both roads are inverse.

What no layer explains is not written; it is listed, never dropped silently.
"""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from xlconv.analysis.comparison.sheet_differences import Difference, compare_sheets
from xlconv.arrays import Array
from xlconv.errors import XlconvError
from xlconv.layout.defined_names import names_of_all
from xlconv.layout.layout import shared_tensors
from xlconv.layout.placed_network import PlacedNetwork
from xlconv.lifting.layouts import layouts_of
from xlconv.lifting.lifted_workbook import Source, open_workbook
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
    layouts = layouts_of(book)
    if not layouts:
        raise XlconvError(f"{book.path}: no network found; expected formulas that spell one")
    builders = {sheet.name: SheetBuilder() for sheet in book.workbook.sheets}
    formattings = {name: Formatting() for name in builders}
    placed: dict[str, list[PlacedNetwork]] = {name: [] for name in builders}
    activations: dict[str, list[list[Array]]] = {name: [] for name in builders}
    for number, one in enumerate(layouts):
        values = one.network.activations(book.values(book.networks[number].tensors[0]))
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
