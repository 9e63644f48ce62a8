"""Cells that are named as metrics of a network: what each should hold, and whether it does.

Statistics of a tensor's numbers, and rules of the sizes of layers. Takes a cell for a metric
by its name alone; never says what is wrong with one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from msgspec import Struct

from xlconv.arrays import Array
from xlconv.layout.metric_cells import MetricCell
from xlconv.layout.metric_names import metric_title, named_ranges
from xlconv.lifting.annotations import AnnotatedNetwork, metrics_of
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import render
from xlconv.spreadsheet.formula.equivalence import RESAVED
from xlconv.spreadsheet.values import ERROR
from xlconv.spreadsheet.workbook import Kind, Workbook
from xlconv.verification.intended.intention import Intention

SheetCell = tuple[int, Cell]


class KnownMetric(Struct, frozen=True):
    """A cell named as the metric of a tensor or layer; `index` is -1 where it is blank.

    `expected` is its formula, "" of a number; `is_right` tells whether it holds that formula.
    """

    sheet: int
    index: int
    cell: MetricCell
    title: str  # the mean of relu1
    expected: str
    is_right: bool


class Metrics(Struct, frozen=True):
    """All cells with the name of a metric: of some network the `known`, of none the `unknown`."""

    cells: frozenset[SheetCell]
    known: tuple[KnownMetric, ...]
    unknown: tuple[SheetCell, ...]


def metrics_in(
    book: LiftedWorkbook,
    values: Mapping[int, Array | None],
    intentions: Sequence[Intention],
) -> Metrics:
    """Return the metrics of a lifted workbook; `values` are those of its tensors."""
    cells = _named_cells(book.workbook)
    left, known = set(cells), []
    networks = _networks(book, values, intentions)
    for sheet, name, cell in metrics_of(book.workbook, networks):
        if (sheet, cell.cell) in left:
            left.remove((sheet, cell.cell))
            known.append(_known(book.workbook, sheet, cell, name))
    return Metrics(cells, tuple(known), tuple(sorted(left)))


def _named_cells(workbook: Workbook) -> frozenset[SheetCell]:
    sheets = [sheet.name for sheet in workbook.sheets]
    return frozenset(
        (sheets.index(home), (area.top, area.left + k))
        for home, area in named_ranges(workbook.names).values()
        if home in sheets
        for k in range(area.size[1])
    )


def _known(workbook: Workbook, number: int, cell: MetricCell, name: str) -> KnownMetric:
    sheet, title = workbook.sheets[number], metric_title(name, cell.what)
    found = sheet.find(cell.cell)
    index = -1 if found is None else found
    if isinstance(cell.content, float | int):
        return KnownMetric(number, index, cell, title, "", is_right=False)
    expected = render(cell.content)
    is_right = (
        index >= 0
        and sheet.kinds[index] >= Kind.FORMULA
        and RESAVED.holds(sheet.texts[index], expected)
    )
    return KnownMetric(number, index, cell, title, expected, is_right)


def _networks(
    book: LiftedWorkbook,
    values: Mapping[int, Array | None],
    intentions: Sequence[Intention],
) -> Iterator[AnnotatedNetwork]:
    """Yield networks, each with its sheet, and the planes and values of its tensors.

    First those that the file says to be, where others were found.
    """
    places = [(tensor.sheet, tensor.planes) for tensor in book.lifted.tensors]
    known = {place: values.get(k) for k, place in enumerate(places)}
    found = [(one.sheet, one.planes(book.lifted)) for one in book.networks]
    for one in intentions:
        planes = [place.planes for place in one.layout.places]
        if (one.sheet, planes) in found:
            continue
        own = [_values(book, known, one.sheet, some) for some in planes]
        yield AnnotatedNetwork(one.network, one.sheet, planes, own)
    for lifted in book.networks:
        own = [values.get(place) for place in lifted.tensors]
        yield AnnotatedNetwork(lifted.network, lifted.sheet, lifted.planes(book.lifted), own)


def _values(
    book: LiftedWorkbook,
    known: Mapping[tuple[int, tuple[Plane, ...]], Array | None],
    sheet: int,
    planes: tuple[Plane, ...],
) -> Array | None:
    """Return the values of the tensor in some planes; what its cells give where none is known."""
    own = known.get((sheet, planes))
    grid = book.calculation.grids[sheet]
    if (
        own is not None
        or not planes
        or any(bool((grid.region(one.range)[1] == ERROR).any()) for one in planes)
    ):
        return own
    return np.array([book.matrix(sheet, one) for one in planes])
