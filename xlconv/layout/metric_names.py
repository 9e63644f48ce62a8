"""Metrics <-> the names that a workbook gives them, for the tensors and layers of a network.

How a name is spelled is for `naming_convention`; never looks at a cell.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import count

from msgspec.structs import replace

from xlconv.layout.metric import SENTENCE_WIDTH, WIDTHS, Metric
from xlconv.layout.naming_convention import (
    INPUT,
    SIZE,
    STATISTICS,
    MetricName,
    metric_name,
    parse_metric_name,
)
from xlconv.layout.output_sizes import output_sizes
from xlconv.network.network import Network
from xlconv.spreadsheet.addresses import Cell, Range
from xlconv.spreadsheet.workbook import DefinedNames

AXIS_WORDS = ("rows", "columns")


def tensor_name(network: Network, tensor: int) -> str:
    """Return the name of the layer that gives a tensor, or `input`."""
    return network.names[tensor - 1] if tensor else INPUT


def _stem(network: Network, metric: Metric) -> str:
    if metric.kind == STATISTICS:
        return tensor_name(network, metric.index)
    return network.names[metric.index]


def name_of_metric(network: Network, metric: Metric) -> str:
    """Return the defined name of a metric: `relu1_statistics`, `conv1_size`, `..._size_rows`."""
    stem = metric.stem or _stem(network, metric)
    return metric_name(MetricName(stem, metric.kind, metric.axis))


def metric_title(name: str, what: str) -> str:
    """Return what a cell of the metric of a name is: `the mean of relu1`."""
    parts = parse_metric_name(name)
    assert parts is not None, name
    axis = "" if parts.axis is None else f" along the {AXIS_WORDS[parts.axis]}"
    return f"the {what} of {parts.stem}{axis}"


def numbered(network: Network, metric: Metric) -> Iterator[Metric]:
    """Yield the metric under its own name, and with 2, 3, ... after that."""
    yield metric
    for number in count(2):
        yield replace(metric, stem=f"{_stem(network, metric)}_{number}")


def named_ranges(names: DefinedNames) -> dict[str, tuple[str, Range]]:
    """Return sheet and cells of the metrics that a workbook names, by their names."""
    found = {}
    for name, ranges in names:
        parts = parse_metric_name(name)
        if parts is not None and len(ranges) == 1:
            height, width = ranges[0][1].size
            if height == 1 and width in WIDTHS[parts.kind]:
                found[name] = ranges[0]
    return found


def named_metrics(
    network: Network, names: DefinedNames, sheet: str, taken: Collection[Cell] = ()
) -> list[Metric]:
    """Return the metrics of a network that a workbook names, on a sheet.

    `taken` are the cells of those that are another network's.
    """
    found = {name: area for name, (home, area) in named_ranges(names).items() if home == sheet}
    possible = [Metric(STATISTICS, k, (0, 0)) for k in range(len(network.shapes))]
    for index in range(len(network.layers)):
        if all(output_sizes(network, index)):
            possible += [Metric(SIZE, index, (0, 0), axis) for axis in (None, 0, 1)]
    placed = (_placed(network, one, found, taken) for one in possible)
    return [one for one in placed if one is not None]


def _placed(
    network: Network, metric: Metric, found: Mapping[str, Range], taken: Collection[Cell]
) -> Metric | None:
    """Return a metric where a name has it, None where none does."""
    for one in numbered(network, metric):
        area = found.get(name_of_metric(network, one))
        if area is None:
            return None
        cell, width = (area.top, area.left), area.size[1]
        if cell in taken:
            continue
        is_sentence = one.kind == SIZE and width == SENTENCE_WIDTH
        rules = output_sizes(network, one.index) if is_sentence else ()
        if all(rule and rule.before == rule.after and not rule.ceil for rule in rules):
            return replace(one, cell=cell, sentence=is_sentence)
    return None
