"""A metric -> its cells: formulas and numbers that tell of a tensor or a layer.

Statistics of a tensor over all its planes: mean, standard deviation, share near zero.
The size of a layer's output: the rule with its numbers in cells. No formula of a network
reads them. Names no layer; never says where they stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import nan
from typing import NamedTuple

from xlconv.arrays import Array
from xlconv.layers.base.output_size import OutputSize
from xlconv.layout.metric import Metric
from xlconv.layout.naming_convention import SIZE, STATISTICS
from xlconv.layout.output_sizes import output_sizes
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


class MetricCell(NamedTuple):
    """A cell of a metric: a formula or a number, and its value; NaN where that is not known."""

    cell: Cell
    content: Node | float
    value: float
    what: str


def metric_cells(
    network: Network, metric: Metric, metrics: Sequence[Metric],
    planes: tuple[Plane, ...], values: Array | None,
) -> list[MetricCell]:  # fmt: skip
    """Return the cells of a metric.

    `planes` and `values` are those of the tensor that statistics tell of; `metrics` are
    all of the network, as a size goes on from the one before.
    """
    if metric.kind == STATISTICS:
        return list(_statistics(metric, planes, values))
    return list(_size(network, metric, metrics))


def _statistics(
    metric: Metric, planes: tuple[Plane, ...], values: Array | None
) -> Iterator[MetricCell]:
    (row, column), areas = metric.cell, tuple(one.fixed(absolute=False) for one in planes)
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


def _size(network: Network, metric: Metric, metrics: Sequence[Metric]) -> Iterator[MetricCell]:
    rule = output_sizes(network, metric.index)[metric.axis or 0]
    assert rule is not None
    cells = metric.size_cells()
    before = _before(network, metric, metrics)
    size: Node | float = rule.n if before is None else fixed_ref(before, absolute=False)
    yield MetricCell(cells[0], size, rule.n, "size of the input")
    row = [
        (rule.before, "padding before"), (rule.after, "padding after"),
        (rule.kernel, "kernel size"), (rule.stride, "stride"), (rule.dilation, "dilation"),
    ]  # fmt: skip
    sentence = [(rule.before, "padding"), row[4], row[2], row[3]]
    for cell, (number, what) in zip(cells[1:], sentence if metric.sentence else row, strict=False):
        yield MetricCell(cell, float(number), number, what)
    names = [fixed_ref(cell, absolute=False) for cell in cells[:-1]]
    content = _in_a_sentence(*names) if metric.sentence else _worked_out(rule, *names)
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


def _in_a_sentence(n: Node, p: Node, d: Node, k: Node, s: Node) -> Node:
    one = Number(1)
    padded = Binary("+", n, Binary("*", Number(2), p))
    window = Binary("*", d, Binary("-", k, one))
    free = Binary("-", Binary("-", padded, window), one)
    return Binary("+", Call("INT", (Binary("/", free, s),)), one)


def _before(network: Network, metric: Metric, metrics: Sequence[Metric]) -> Cell | None:
    """Return the cell with the size that the layer before gives, along the same axis."""
    rows = {one.index: one for one in metrics if (one.kind, one.axis) == (SIZE, metric.axis)}
    tensor = network.sources[metric.index][0]
    while tensor:
        index = tensor - 1  # the layer that gives it
        if index in rows:
            return rows[index].size_cells()[-1]
        if network.shape_read(index)[1:] != network.shapes[tensor][1:]:
            return None
        tensor = network.sources[index][0]
    return None
