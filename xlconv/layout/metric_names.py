"""Metric names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from itertools import count

from xlconv.layout.layout import SIZE, STATISTICS, Metric
from xlconv.layout.metrics import _SENTENCE, AXES, WIDTHS, _cells_of, rules_of
from xlconv.network.network import Network
from xlconv.spreadsheet.addresses import Cell, Range
from xlconv.spreadsheet.workbook import DefinedNames

_NAMED = re.compile(r"(?P<stem>.+?)_(?P<kind>statistics|size(?:_(?P<axis>rows|columns))?)")


# -- names ---------------------------------------------------------------------------------


def tensor_name(network: Network, tensor: int) -> str:
    """Return the name of the layer that gives a tensor, or `input`."""
    return network.names[tensor - 1] if tensor else "input"


def _stem(network: Network, measure: Metric) -> str:
    if measure.kind == STATISTICS:
        return tensor_name(network, measure.index)
    return network.names[measure.index]


def metric_name(network: Network, measure: Metric) -> str:
    """Return the defined name of a measure: `relu1_statistics`, `conv1_size`, `..._size_rows`."""
    kind = STATISTICS if measure.kind == STATISTICS else f"{SIZE}{AXES[measure.axis]}"
    return f"{measure.stem or _stem(network, measure)}_{kind}"


def metric_title(name: str, what: str) -> str:
    """Return what a cell of the measure of a name is: `the mean of relu1`."""
    match = _NAMED.fullmatch(name)
    assert match is not None, name
    axis = f" along the {match['axis']}" if match["axis"] else ""
    return f"the {what} of {match['stem']}{axis}"


def numbered(network: Network, measure: Metric) -> Iterator[Metric]:
    """Yield the measure under its own name, and with 2, 3, ... after that."""
    yield measure
    for number in count(2):
        yield replace(measure, stem=f"{_stem(network, measure)}_{number}")


def metric_range(measure: Metric) -> Range:
    """Return the cells of a measure."""
    (row, column), widths = measure.cell, WIDTHS[measure.kind]
    return Range(row, column, row, column + widths[measure.sentence] - 1)


def result_of(measure: Metric) -> Range:
    """Return the cell with what a measure comes to: the share near zero, or the size."""
    area = metric_range(measure)
    return Range(area.top, area.right, area.bottom, area.right)


def numbers_of(measure: Metric) -> list[Range]:
    """Return the cells of a measure that hold numbers or formulas, its result too."""
    if measure.kind == SIZE and measure.sentence:
        return [Range(*cell, *cell) for cell in _cells_of(measure)]
    return [metric_range(measure)]


def named_ranges(names: DefinedNames) -> dict[str, tuple[str, Range]]:
    """Return sheet and cells of the measures that a workbook names, by their names."""
    found = {}
    for name, ranges in names:
        match = _NAMED.fullmatch(name)
        if match is not None and len(ranges) == 1:
            kind = STATISTICS if match["kind"] == "statistics" else SIZE
            height, width = ranges[0][1].size
            if height == 1 and width in WIDTHS[kind]:
                found[name] = ranges[0]
    return found


def named_metrics(
    network: Network, names: DefinedNames, sheet: str, taken: Collection[Cell] = ()
) -> list[Metric]:
    """Return the measures of a network that a workbook names, on a sheet.

    `taken` are the cells of those that are another network's.
    """
    found = {name: area for name, (home, area) in named_ranges(names).items() if home == sheet}
    possible = [Metric(STATISTICS, k, (0, 0)) for k in range(len(network.shapes))]
    for index in range(len(network.layers)):
        if all(rules_of(network, index)):
            possible += [Metric(SIZE, index, (0, 0), axis) for axis in AXES]
    placed = (_placed(network, one, found, taken) for one in possible)
    return [one for one in placed if one is not None]


def _placed(
    network: Network, measure: Metric, found: Mapping[str, Range], taken: Collection[Cell]
) -> Metric | None:
    """Return a measure where a name has it, None where none does."""
    for one in numbered(network, measure):
        area = found.get(metric_name(network, one))
        if area is None:
            return None
        cell, width = (area.top, area.left), area.size[1]
        if cell in taken:
            continue
        spoken = one.kind == SIZE and width == _SENTENCE
        rules = rules_of(network, one.index) if spoken else ()
        if all(rule and rule.before == rule.after and not rule.ceil for rule in rules):
            return replace(one, cell=cell, sentence=spoken)
    return None
