"""Rows of live formulas that tell of a tensor or a layer, and are read by none.

Statistics of a tensor over all its planes: mean, standard deviation, share near zero.
The size of a layer's output: the rule with its numbers in cells. Names no layer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import nan
from typing import NamedTuple

from xlconv.formula import Binary, Call, Node, Number, Unary, plus
from xlconv.formula.nodes import Text
from xlconv.layers import Layer
from xlconv.layers.geometry import Array, Shape
from xlconv.layout import SIZE, STATISTICS, Layout, Measure
from xlconv.network import Network
from xlconv.plane import Label, Plane, fixed_ref
from xlconv.refs import Cell, Range
from xlconv.statistics import NEAR_ZERO, statistics_of

# The share near zero takes two terms for each plane: a formula has room for so many.
MOST_PLANES = 64

# Sums such as 0.25 + 0.1 - 0.3 are a last bit above or below 0.05, as the program adds:
# with a limit a little beyond, the share does not depend on that.
LIMIT = NEAR_ZERO + 1e-9

HEADINGS = ("Statistics", "Output sizes")
_STATISTICS = ("mean", "std", "≈ 0")
_SIZE = ("n", "p", "p", "k", "s", "d", "out")
WIDTHS = {STATISTICS: len(_STATISTICS), SIZE: len(_SIZE)}
_AXES = {None: "", 0: "_rows", 1: "_columns"}
_NAMED = re.compile(r".+_(?P<kind>statistics|size(?:_rows|_columns)?)")
# What the texts need: the rows stand where nothing else is within so many columns.
_COLUMNS = 24


class Filled(NamedTuple):
    """A cell of a measure: a formula or a number, and its value; NaN where that is not known."""

    cell: Cell
    content: Node | float
    value: float
    what: str


def filled(
    network: Network, measure: Measure, measures: Sequence[Measure],
    planes: tuple[Plane, ...], values: Array | None,
) -> list[Filled]:  # fmt: skip
    """Return the cells of a measure.

    `planes` and `values` are those of the tensor that statistics tell of; `measures` are
    all of the sheet, as a size goes on from the one before.
    """
    if measure.kind == STATISTICS:
        return list(_statistics(measure, planes, values))
    return list(_size(network, measure, measures))


def _statistics(
    measure: Measure, planes: tuple[Plane, ...], values: Array | None
) -> Iterator[Filled]:
    (row, column), areas = measure.cell, tuple(one.fixed(absolute=False) for one in planes)
    found = None if values is None else statistics_of(values, LIMIT)
    yield Filled((row, column), Call("AVERAGE", areas), found.mean if found else nan, "mean")
    if sum(plane.shape[0] * plane.shape[1] for plane in planes) > 1:
        deviation = nan if found is None or found.std is None else found.std
        content = Call("STDEV", areas)
        yield Filled((row, column + 1), content, deviation, "standard deviation")
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
    yield Filled((row, column + 2), share, found.near_zero if found else nan, "share near zero")


# -- output sizes --------------------------------------------------------------------------


class _Rule(NamedTuple):
    """The numbers of the rule along one axis."""

    n: int
    before: int
    after: int
    kernel: int
    stride: int
    dilation: int
    ceil: bool

    @property
    def size(self) -> int:
        free = self.n + self.before + self.after - self.dilation * (self.kernel - 1) - 1
        if not self.ceil:
            return free // self.stride + 1
        return min(-(-free // self.stride), (self.n + self.before - 1) // self.stride) + 1


def _rule(layer: Layer, shape: Shape, axis: int) -> _Rule | None:
    """Return the rule of a layer with windows, None for any other."""
    options = layer.window_options()
    if not options or len(shape) != 3:
        return None
    left, right, top, bottom = options["padding"]
    before, after = (top, bottom) if axis == 0 else (left, right)
    kernel, stride, dilation = (options[key][axis] for key in ("kernel_size", "stride", "dilation"))
    ceil = bool(layer.options().get("ceil_mode", False))
    rule = _Rule(shape[1 + axis], before, after, kernel, stride, dilation, ceil)
    return rule if rule.size == layer.output_shape(shape)[1 + axis] else None


def _rules(network: Network, index: int) -> tuple[_Rule | None, _Rule | None]:
    layer, shape = network.layers[index], network.shape_read(index)
    return _rule(layer, shape, 0), _rule(layer, shape, 1)


def _size(network: Network, measure: Measure, measures: Sequence[Measure]) -> Iterator[Filled]:
    row, column = measure.cell
    layer = network.layers[measure.index]
    rule = _rule(layer, network.shape_read(measure.index), measure.axis or 0)
    assert rule is not None
    cells = [(row, column + k) for k in range(len(_SIZE))]
    before = _before(network, measure, measures)
    size: Node | float = rule.n if before is None else fixed_ref(before, absolute=False)
    yield Filled(cells[0], size, rule.n, "size of the input")
    words = ("padding before", "padding after", "kernel size", "stride", "dilation")
    for cell, number, what in zip(cells[1:], rule[1:6], words, strict=False):
        yield Filled(cell, float(number), number, what)
    n, p, q, k, s, d = (fixed_ref(cell, absolute=False) for cell in cells[:6])
    one = Number(1)
    window = Binary("*", d, Binary("-", k, one))
    free = Binary("-", Binary("-", plus([n, p, q]), window), one)
    steps: Node = Call("INT", (Binary("/", free, s),))
    if rule.ceil:  # rounded up, but no window begins past the plane
        last = Call("INT", (Binary("/", Binary("-", plus([n, p]), one), s),))
        steps = Call("MIN", (Call("ROUNDUP", (Binary("/", free, s), Number(0))), last))
    yield Filled(cells[6], Binary("+", steps, one), rule.size, "size of the output")


def _before(network: Network, measure: Measure, measures: Sequence[Measure]) -> Cell | None:
    """Return the cell with the size that the layer before gives, along the same axis."""
    rows = {one.index: one for one in measures if (one.kind, one.axis) == (SIZE, measure.axis)}
    tensor = network.sources[measure.index][0]
    while tensor:
        index = tensor - 1  # the layer that gives it
        if index in rows:
            row, column = rows[index].cell
            return row, column + len(_SIZE) - 1
        if network.shape_read(index)[1:] != network.shapes[tensor][1:]:
            return None
        tensor = network.sources[index][0]
    return None


# -- where they stand ----------------------------------------------------------------------


def with_measures(
    network: Network, layout: Layout, *, statistics: bool = False, sizes: bool = False
) -> Layout:
    """Return a layout with statistics of every tensor, or the sizes of every layer, below it."""
    for wanted, rows in ((statistics, _statistics_rows), (sizes, _size_rows)):
        if wanted:
            layout = rows(network, layout)
    return layout


def _statistics_rows(network: Network, layout: Layout) -> Layout:
    row = _free_row(layout)
    low, high = f"−{NEAR_ZERO:g}", f"{NEAR_ZERO:g}"
    text = f"Statistics, live: over all planes; ≈ 0 is the share of numbers from {low} to {high}"
    labels = [Label((row, 0), text, "heading"), *_headers(row + 1, _STATISTICS)]
    measures: list[Measure] = []
    row += 2
    for tensor, place in enumerate(layout.places):
        if not place.planes:
            continue
        if len(place.planes) > MOST_PLANES:
            words = f"{_tensor_name(network, tensor)}: more than {MOST_PLANES} planes"
            labels.append(Label((row, 3), words, "remark"))
        else:
            measures.append(Measure(STATISTICS, tensor, (row, 0)))
            labels.append(Label((row, 3), f"← {_tensor_name(network, tensor)}", "remark"))
        row += 1
    return _added(layout, labels, measures)


def _size_rows(network: Network, layout: Layout) -> Layout:
    row = _free_row(layout)
    rules = [_rules(network, index) for index in range(len(network.layers))]
    if not any(one and other for one, other in rules):
        return layout
    square = all(one == other for one, other in rules)
    text = "Output sizes, live: INT((n + p + p − d·(k − 1) − 1) / s) + 1"
    legend = "of n lines, p of padding before and after, kernel k, stride s, dilation d"
    labels = [Label((row, 0), text, "heading"), Label((row + 1, 0), legend, "remark")]
    labels += _headers(row + 2, _SIZE)
    measures: list[Measure] = []
    row += 3
    for index, (one, other) in enumerate(rules):
        if one is None or other is None:
            continue
        for axis in (None,) if square else (0, 1):
            measures.append(Measure(SIZE, index, (row, 0), axis))
            along = _AXES[axis].replace("_", ", ")
            along += ", rounded up" if (other if axis else one).ceil else ""
            name = network.names[index]
            labels.append(Label((row, len(_SIZE)), f"← {name}{along}", "remark"))
            row += 1
    return _added(layout, labels, measures)


def _headers(row: int, words: tuple[str, ...]) -> list[Label]:
    return [Label((row, k), word, "header") for k, word in enumerate(words)]


def _added(layout: Layout, labels: list[Label], measures: list[Measure]) -> Layout:
    return replace(
        layout,
        labels=(*layout.labels, *labels),
        measures=(*layout.measures, *measures),
    )


def _free_row(layout: Layout) -> int:
    """Return the first row below everything in the columns where the texts run."""
    rows = [area.bottom for area in layout.ranges() if area.left < _COLUMNS]
    rows += [label.cell[0] for label in layout.labels if label.cell[1] < _COLUMNS]
    rows += [one.cell[0] for one in layout.measures]
    return max(rows) + 2


# -- names ---------------------------------------------------------------------------------


def _tensor_name(network: Network, tensor: int) -> str:
    return network.names[tensor - 1] if tensor else "input"


def measure_name(network: Network, measure: Measure) -> str:
    """Return the defined name of a measure: `relu1_statistics`, `conv1_size`, `..._size_rows`."""
    if measure.kind == STATISTICS:
        return f"{_tensor_name(network, measure.index)}_statistics"
    return f"{network.names[measure.index]}_size{_AXES[measure.axis]}"


def measure_range(measure: Measure) -> Range:
    """Return the cells of a measure."""
    row, column = measure.cell
    return Range(row, column, row, column + WIDTHS[measure.kind] - 1)


Names = Sequence[tuple[str, Sequence[tuple[str, Range]]]]


def named_ranges(names: Names) -> dict[str, tuple[str, Range]]:
    """Return sheet and cells of the measures that a workbook names, by their names."""
    found = {}
    for name, ranges in names:
        match = _NAMED.fullmatch(name)
        if match is not None and len(ranges) == 1:
            kind = STATISTICS if match["kind"] == "statistics" else SIZE
            if ranges[0][1].size == (1, WIDTHS[kind]):
                found[name] = ranges[0]
    return found


def named_measures(network: Network, names: Names, sheet: str) -> list[Measure]:
    """Return the measures of a network that a workbook names, on a sheet."""
    found = {name: area for name, (home, area) in named_ranges(names).items() if home == sheet}
    possible = [Measure(STATISTICS, k, (0, 0)) for k in range(len(network.shapes))]
    for index in range(len(network.layers)):
        if all(_rules(network, index)):
            possible += [Measure(SIZE, index, (0, 0), axis) for axis in _AXES]
    areas = [(one, found.get(measure_name(network, one))) for one in possible]
    return [replace(one, cell=(area.top, area.left)) for one, area in areas if area is not None]
