"""Placed networks -> a finished workbook: cells, formatting, names and properties in one step.

Each network is lowered once; what stands where, and in which colours, is decided elsewhere.
Never reads a workbook.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import ArrayLike

from xlconv.arrays import Array
from xlconv.layout.defined_names import names_of_all
from xlconv.layout.layout import Layout, shared_tensors
from xlconv.layout.placed_network import PlacedNetwork
from xlconv.lowering.formatting.format import format_network
from xlconv.lowering.lower import lower
from xlconv.lowering.sheet_cells import add_comparisons, add_network
from xlconv.network.network import Network
from xlconv.network.spec import FINGERPRINT_PROPERTY, further_spec, spec_of
from xlconv.spreadsheet.workbook import SheetBuilder, Workbook
from xlconv.spreadsheet.xlsx.formatting import Formatting, PageSetup
from xlconv.spreadsheet.xlsx.write import write_xlsx


class Book(Struct, frozen=True):
    """A workbook with its formatting, and the activations that its cached values are.

    `outputs` are those of the network and of its other heads.
    """

    workbook: Workbook
    formatting: Formatting
    activations: list[Array]
    outputs: list[Array]

    def __repr__(self) -> str:
        return f"Book({self.workbook!r})"

    def on_paper(self, pages: PageSetup) -> Book:
        """Return the same workbook to be printed on these pages."""
        return replace(self, formatting=replace(self.formatting, pages=pages))

    def write(self, path: str | Path, *, replace: bool = False) -> None:
        """Write the .xlsx file, whole or not at all; see `write_xlsx`."""
        write_xlsx(self.workbook, path, self.formatting, replace=replace)


def book_of(
    network: Network, layout: Layout, x: ArrayLike, heads: Sequence[PlacedNetwork] = ()
) -> Book:
    """Return the finished workbook of a network, and of its other `heads`, for the input `x`.

    Raises InputError for another input shape, and LayoutError where cells collide
    or a formula is too long.
    """
    into, formatting, found = SheetBuilder(), Formatting(), []
    every = (PlacedNetwork(network, layout), *heads)
    for number, one in enumerate(every):
        found.append(values := one.network.activations(x))
        shared = shared_tensors(layout, one.layout) if number else 0
        stages = lower(one.network, one.layout)
        add_network(one, stages, values, into, shared=shared)
        format_network(one, stages, values, formatting, shared=shared, number=number)
    add_comparisons(every, found, into)
    properties = (*_descriptions(every), (FINGERPRINT_PROPERTY, network.fingerprint()))
    names = names_of_all(every)
    cells = Workbook((into.finish(layout.sheet),), names=names, properties=properties)
    return Book(cells, formatting, found[0], [values[-1] for values in found])


def _descriptions(every: Sequence[PlacedNetwork]) -> Iterator[tuple[str, str]]:
    """Yield the descriptions of networks as properties, where names say which cells are whose."""
    first, taken = every[0], set[str]()
    for number, one in enumerate(every):
        shared = shared_tensors(first.layout, one.layout) if number else 0
        own = set(one.network.names[max(0, shared - 1) :])
        if not own & taken:
            yield further_spec(number), json.dumps(spec_of(one.network), separators=(",", ":"))
        taken |= own
