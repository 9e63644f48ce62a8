"""Rows of live formulas that tell of a tensor or a layer, and are read by none.

Statistics of a tensor over all its planes: mean, standard deviation, share near zero.
The size of a layer's output: the rule with its numbers in cells. Names no layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import nan
from typing import NamedTuple

from xlconv.arrays import Array, Shape
from xlconv.layers import Layer
from xlconv.layers.base.output_size import OutputSize
from xlconv.layout.layout import SIZE, STATISTICS, Metric
from xlconv.network.network import Network
from xlconv.network.statistics import NEAR_ZERO, statistics_of
from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.blocks.plane import Plane, fixed_ref
from xlconv.spreadsheet.formula import Binary, Call, Node, Number, Unary, plus
from xlconv.spreadsheet.formula.nodes import Text

# The share near zero takes two terms for each plane: a formula has room for so many.
MOST_PLANES = 64

# Sums such as 0.25 + 0.1 - 0.3 are a last bit above or below 0.05, as the program adds:
# with a limit a little beyond, the share does not depend on that.
LIMIT = NEAR_ZERO + 1e-9
HEADINGS = ("Statistics", "Output sizes")
STATISTICS_HEADERS = ("mean", "std", "≈ 0")
SIZE_HEADERS = ("n", "p", "p", "k", "s", "d", "out")

# The rule as a sentence: names of its numbers, their columns, and the signs between.
NUMBERS = {0: "n", 2: "p", 4: "d", 6: "k", 10: "s", 12: "size"}
SIGNS = {-1: "(", 1: "+ 2·", 3: "−", 5: "·(", 7: "− 1) − 1) //", 11: "+ 1 ="}
_SENTENCE = max(NUMBERS) + 1
WIDTHS = {STATISTICS: (len(STATISTICS_HEADERS),), SIZE: (len(SIZE_HEADERS), _SENTENCE)}
AXES = {None: "", 0: "_rows", 1: "_columns"}


class MetricCell(NamedTuple):
    """A cell of a measure: a formula or a number, and its value; NaN where that is not known."""

    cell: Cell
    content: Node | float
    value: float
    what: str


def metric_cells(
    network: Network, measure: Metric, measures: Sequence[Metric],
    planes: tuple[Plane, ...], values: Array | None,
) -> list[MetricCell]:  # fmt: skip
    """Return the cells of a measure.

    `planes` and `values` are those of the tensor that statistics tell of; `check_metrics` are
    all of the sheet, as a size goes on from the one before.
    """
    if measure.kind == STATISTICS:
        return list(_statistics(measure, planes, values))
    return list(_size(network, measure, measures))


def _statistics(
    measure: Metric, planes: tuple[Plane, ...], values: Array | None
) -> Iterator[MetricCell]:
    (row, column), areas = measure.cell, tuple(one.fixed(absolute=False) for one in planes)
    found = None if values is None else statistics_of(values, LIMIT)
    yield MetricCell((row, column), Call("AVERAGE", areas), found.mean if found else nan, "mean")
    if sum(plane.shape[0] * plane.shape[1] for plane in planes) > 1:
        deviation = nan if found is None or found.std is None else found.std
        content = Call("STDEV", areas)
        yield MetricCell((row, column + 1), content, deviation, "standard deviation")
    # Criteria are joined, so that no decimal point is written out: programs in other
    # languages expect a comma there.
    low = Binary("&", Text("<"), Unary("-", Number(LIMIT)))
    high = Binary("&", Text("<="), Number(LIMIT))
    near: Node | None = None
    for area in areas:
        upto = Call("COUNTIF", (area, high))
        near = upto if near is None else Binary("+", near, upto)
        near = Binary("-", near, Call("COUNTIF", (area, low)))
    assert near is not None
    share = Binary("/", near, Call("COUNT", areas))
    yield MetricCell((row, column + 2), share, found.near_zero if found else nan, "share near zero")


def _rule(layer: Layer, shape: Shape, axis: int) -> OutputSize | None:
    """Return the rule of a layer with windows, None for any other."""
    sizes = layer.output_sizes(shape)
    return None if sizes is None else sizes[axis]


def rules_of(network: Network, index: int) -> tuple[OutputSize | None, OutputSize | None]:
    """Return the rules of a layer for rows and columns, None where it has none."""
    layer, shape = network.layers[index], network.shape_read(index)
    return _rule(layer, shape, 0), _rule(layer, shape, 1)


def _size(network: Network, measure: Metric, measures: Sequence[Metric]) -> Iterator[MetricCell]:
    rule = _rule(
        network.layers[measure.index], network.shape_read(measure.index), measure.axis or 0
    )
    assert rule is not None
    cells = _cells_of(measure)
    before = _before(network, measure, measures)
    size: Node | float = rule.n if before is None else fixed_ref(before, absolute=False)
    yield MetricCell(cells[0], size, rule.n, "size of the input")
    row = [
        (rule.before, "padding before"), (rule.after, "padding after"),
        (rule.kernel, "kernel size"), (rule.stride, "stride"), (rule.dilation, "dilation"),
    ]  # fmt: skip
    sentence = [(rule.before, "padding"), row[4], row[2], row[3]]
    for cell, (number, what) in zip(cells[1:], sentence if measure.sentence else row, strict=False):
        yield MetricCell(cell, float(number), number, what)
    names = [fixed_ref(cell, absolute=False) for cell in cells[:-1]]
    content = _spoken(*names) if measure.sentence else _worked_out(rule, *names)
    yield MetricCell(cells[-1], content, rule.size, "size of the output")


def _worked_out(rule: OutputSize, n: Node, p: Node, q: Node, k: Node, s: Node, d: Node) -> Node:
    one = Number(1)
    window = Binary("*", d, Binary("-", k, one))
    free = Binary("-", Binary("-", plus([n, p, q]), window), one)
    steps: Node = Call("INT", (Binary("/", free, s),))
    if rule.ceil:  # rounded up, but no window begins past the plane
        last = Call("INT", (Binary("/", Binary("-", plus([n, p]), one), s),))
        steps = Call("MIN", (Call("ROUNDUP", (Binary("/", free, s), Number(0))), last))
    return Binary("+", steps, one)


def _spoken(n: Node, p: Node, d: Node, k: Node, s: Node) -> Node:
    one = Number(1)
    padded = Binary("+", n, Binary("*", Number(2), p))
    window = Binary("*", d, Binary("-", k, one))
    free = Binary("-", Binary("-", padded, window), one)
    return Binary("+", Call("INT", (Binary("/", free, s),)), one)


def _cells_of(measure: Metric) -> list[Cell]:
    """Return the cells of the numbers of a size; the last is that of the output."""
    (row, column) = measure.cell
    return [(row, column + k) for k in (NUMBERS if measure.sentence else range(len(SIZE_HEADERS)))]


def _before(network: Network, measure: Metric, measures: Sequence[Metric]) -> Cell | None:
    """Return the cell with the size that the layer before gives, along the same axis."""
    rows = {one.index: one for one in measures if (one.kind, one.axis) == (SIZE, measure.axis)}
    tensor = network.sources[measure.index][0]
    while tensor:
        index = tensor - 1  # the layer that gives it
        if index in rows:
            return _cells_of(rows[index])[-1]
        if network.shape_read(index)[1:] != network.shapes[tensor][1:]:
            return None
        tensor = network.sources[index][0]
    return None
