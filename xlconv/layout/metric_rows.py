"""Where metrics stand: rows below everything, for all the networks of a sheet.

Geometry and labels only; what the cells hold is in `metric_cells`. Names no layer.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from xlconv.layers.base.output_size import OutputSize
from xlconv.layout.labels import Heading, Label
from xlconv.layout.layout import Layout, shared_tensors
from xlconv.layout.metric import (
    SENTENCE_NUMBERS,
    SENTENCE_SIGNS,
    SIZE_HEADERS,
    STATISTICS_HEADERS,
    Metric,
)
from xlconv.layout.metric_cells import MOST_PLANES
from xlconv.layout.metric_names import AXIS_WORDS, name_of_metric, numbered, tensor_name
from xlconv.layout.naming_convention import SIZE, STATISTICS
from xlconv.layout.output_sizes import output_sizes
from xlconv.layout.placed_network import PlacedNetwork
from xlconv.network.network import Network
from xlconv.network.statistics import NEAR_ZERO
from xlconv.spreadsheet.addresses import Cell

# A longer one goes on in the cell to its right.
_SIGN_LETTERS = 5

# What the texts need: the rows stand where nothing else is within so many columns.
_COLUMNS = 24


def place_metrics(
    networks: Sequence[PlacedNetwork], *, statistics: bool = False, sizes: bool = False
) -> list[PlacedNetwork]:
    """Return all networks of one sheet, with live metrics below everything.

    `statistics` are those of every tensor, `sizes` those of every layer with windows. What
    networks share has those of the first one.
    """
    placed = list(networks)
    for wanted, rows in ((statistics, _statistics_rows), (sizes, _size_rows)):
        if wanted:
            placed = rows(placed)
    return placed


def sentence(index: int, cell: Cell) -> tuple[Metric, list[Label]]:
    """Return the size of a layer as a sentence, and its words; its first number is at `cell`.

    The cells before it and above it are for words.
    """
    (row, column) = cell
    labels = [Label((row - 1, column + k), text, "header") for k, text in SENTENCE_NUMBERS.items()]
    for k, text in SENTENCE_SIGNS.items():
        wide = len(text) > _SIGN_LETTERS
        labels.append(Label((row, column + k), text, "remark" if wide else "sign"))
    return Metric(SIZE, index, cell, sentence=True), labels


def _shared(networks: Sequence[PlacedNetwork]) -> list[int]:
    """Return how many tensors of each network are those of one before it."""
    layouts = [one.layout for one in networks]
    return [
        max((shared_tensors(one, layout) for one in layouts[:k]), default=0)
        for k, layout in enumerate(layouts)
    ]


def _statistics_rows(networks: Sequence[PlacedNetwork]) -> list[PlacedNetwork]:
    row = _free_row(networks)
    low, high = f"−{NEAR_ZERO:g}", f"{NEAR_ZERO:g}"
    text = f"over all planes; ≈ 0 is the share of numbers from {low} to {high}"
    text = f"{Heading.STATISTICS}, live: {text}"
    heading = [Label((row, 0), text, "heading"), *_headers(row + 1, STATISTICS_HEADERS)]
    row += 2
    names, found = _Stems(networks), []
    for placed, shared in zip(networks, _shared(networks), strict=True):
        network, layout = placed.network, placed.layout
        labels, metrics = heading, []
        heading = []
        for tensor, place in enumerate(layout.places):
            if tensor < shared or not place.planes:
                continue
            one = names.named(network, Metric(STATISTICS, tensor, (row, 0)))
            name = one.stem or tensor_name(network, tensor)
            if len(place.planes) > MOST_PLANES:
                words = f"{name}: more than {MOST_PLANES} planes"
                labels.append(Label((row, 3), words, "remark"))
            else:
                metrics.append(one)
                labels.append(Label((row, 3), f"← {name}", "remark"))
            row += 1
        found.append(PlacedNetwork(network, _added(layout, labels, metrics)))
    return found


def _size_rows(networks: Sequence[PlacedNetwork]) -> list[PlacedNetwork]:
    row = _free_row(networks)
    wanted = [
        _rules_left(one.network, one.layout, shared)
        for one, shared in zip(networks, _shared(networks), strict=True)
    ]
    if not any(wanted):
        return list(networks)
    square = all(one == other for rules in wanted for one, other in rules.values())
    text = f"{Heading.SIZES}, live: INT((n + p + p − d·(k − 1) − 1) / s) + 1"
    legend = "of n lines, p of padding before and after, kernel k, stride s, dilation d"
    heading = [Label((row, 0), text, "heading"), Label((row + 1, 0), legend, "remark")]
    heading += _headers(row + 2, SIZE_HEADERS)
    row += 3
    names, found = _Stems(networks), []
    for placed, rules in zip(networks, wanted, strict=True):
        network, layout = placed.network, placed.layout
        labels, metrics = heading, []
        heading = []
        for index, both in rules.items():
            for axis in (None,) if square else (0, 1):
                one = names.named(network, Metric(SIZE, index, (row, 0), axis))
                metrics.append(one)
                along = "" if axis is None else f", {AXIS_WORDS[axis]}"
                along += ", rounded up" if both[axis or 0].ceil else ""
                name = one.stem or network.names[index]
                labels.append(Label((row, len(SIZE_HEADERS)), f"← {name}{along}", "remark"))
                row += 1
        found.append(PlacedNetwork(network, _added(layout, labels, metrics)))
    return found


def _rules_left(
    network: Network, layout: Layout, shared: int
) -> dict[int, tuple[OutputSize, OutputSize]]:
    """Return the rules of the layers whose sizes no metric on the sheet has yet."""
    taken = {one.index for one in layout.metrics if one.kind == SIZE}
    found = {}
    for index in range(len(network.layers)):
        one, other = output_sizes(network, index)
        if one and other and index not in taken and index + 1 >= shared:
            found[index] = one, other
    return found


class _Stems:
    """The names of metrics on a sheet: each is there once."""

    def __init__(self, networks: Sequence[PlacedNetwork]) -> None:
        self._taken = {
            name_of_metric(placed.network, one)
            for placed in networks
            for one in placed.layout.metrics
        }

    def named(self, network: Network, metric: Metric) -> Metric:
        """Return the metric with a stem that makes its name its own."""
        for one in numbered(network, metric):
            name = name_of_metric(network, one)
            if name not in self._taken:
                self._taken.add(name)
                return one
        raise AssertionError("numbers do not end")


def _headers(row: int, words: tuple[str, ...]) -> list[Label]:
    return [Label((row, k), word, "header") for k, word in enumerate(words)]


def _added(layout: Layout, labels: list[Label], metrics: list[Metric]) -> Layout:
    # Statistics first, as they are read back.
    every = sorted((*layout.metrics, *metrics), key=lambda one: one.kind == SIZE)
    return replace(layout, labels=(*layout.labels, *labels), metrics=tuple(every))


def _free_row(networks: Sequence[PlacedNetwork]) -> int:
    """Return the first row below everything in the columns where the texts run."""
    rows = []
    for layout in (one.layout for one in networks):
        rows += [area.bottom for area in layout.ranges() if area.left < _COLUMNS]
        rows += [label.cell[0] for label in layout.labels if label.cell[1] < _COLUMNS]
        rows += [one.cell[0] for one in layout.metrics]
    return max(rows) + 2
