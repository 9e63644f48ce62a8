"""Cells that no network computes with, but that tell of one: metrics, and comparisons.

From the names that the workbook gives them; `layout.metrics` has the formulas. Never writes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct

from xlconv.arrays import Array
from xlconv.layout.metric_cells import MetricCell, metric_cells
from xlconv.layout.metric_names import metric_title, name_of_metric, named_metrics
from xlconv.layout.naming_convention import STATISTICS
from xlconv.lifting.matching.tensors import Lifted
from xlconv.lifting.networks import LiftedNetwork
from xlconv.network.network import Network
from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import render
from xlconv.spreadsheet.formula.equivalence import RESAVED
from xlconv.spreadsheet.workbook import Workbook

Place = tuple[int, Cell]


class Annotation(Struct, frozen=True):
    """What a cell tells: `the mean of relu1`; `expected` is its formula, "" of a number.

    `group` is what cells tell together: `the statistics of relu1`; "" of one by itself.
    """

    what: str
    expected: str = ""
    group: str = ""

    def fits(self, formula: str | None) -> bool:
        """Whether a cell with a formula, if any, has the one that tells this."""
        return not self.expected or RESAVED.holds(formula or "", self.expected)


class AnnotatedNetwork(NamedTuple):
    """A network with its sheet, and the planes and values of its tensors, None if not known."""

    network: Network
    sheet: int
    planes: Sequence[tuple[Plane, ...]]
    values: Sequence[Array | None]


def metrics_of(
    book: Workbook, networks: Iterable[AnnotatedNetwork]
) -> Iterator[tuple[int, str, MetricCell]]:
    """Yield sheet, name and content of the cells of metrics, for every network.

    A cell that several networks have a metric in is the first one's.
    """
    taken: dict[int, set[Cell]] = defaultdict(set)
    for network, number, planes, values in networks:
        home = book.sheets[number].name
        named = named_metrics(network, book.names, home, taken[number])
        taken[number] |= {one.cell for one in named}
        for one in named:
            if one.kind == STATISTICS and not planes[one.index]:
                continue
            name = name_of_metric(network, one)
            for cell in metric_cells(network, one, named, planes[one.index], values[one.index]):
                yield number, name, cell


def annotations_of(
    book: Workbook, lifted: Lifted, networks: Iterable[LiftedNetwork], names: Mapping[int, str]
) -> dict[Place, Annotation]:
    """Return what cells tell of the networks, by sheet and cell."""
    found: dict[Place, Annotation] = {}
    annotated = (
        AnnotatedNetwork(one.network, one.sheet, one.planes(lifted), [None] * len(one.tensors))
        for one in networks
    )
    for number, name, cell in metrics_of(book, annotated):
        is_number = isinstance(cell.content, float | int)
        expected = "" if is_number else render(cell.content)  # type: ignore[arg-type]
        group = metric_title(name, "statistics") if name.endswith(STATISTICS) else ""
        told = Annotation(metric_title(name, cell.what), expected, group)
        found.setdefault((number, cell.cell), told)
    for pair in lifted.comparisons:
        ends = (names.get(tensor, "input") for tensor, _ in (pair.one, pair.other))
        text = render(pair.comparison.block().tree)
        found[pair.sheet, pair.comparison.cell] = Annotation(f"compares {' and '.join(ends)}", text)
    return found
