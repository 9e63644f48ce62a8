"""The layers of a recovered network, a row each."""

from __future__ import annotations

from dataclasses import dataclass

from xlconv.layers import Shape
from xlconv.models import Model
from xlconv.report.results import Result


@dataclass(frozen=True, slots=True)
class Row:
    """A layer: its name, type, options in words, shapes, parameters and cells."""

    name: str
    type: str
    describe: str
    input_shape: Shape
    output_shape: Shape
    parameters: int
    ranges: tuple[str, ...]
    sheet: str


def rows_of(result: Result, model: Model) -> list[Row]:
    """Return a row for the input and for every layer of a model."""
    report, network = result.report, model.network
    assert report is not None and report.calculation is not None
    sheet = report.calculation.workbook.sheets[model.sheet].name
    rows = []
    for index, shape in enumerate(network.shapes):
        place = model.places[index]
        planes = report.lifted.tensors[place].planes if place >= 0 else ()
        ranges = tuple(plane.range.name for plane in planes)
        if index == 0:
            rows.append(Row("input", "Input", "", shape, shape, 0, ranges, sheet))
            continue
        layer, name = network.layers[index - 1], network.names[index - 1]
        count = sum(value.size for value in layer.parameters().values())
        kind, before = type(layer).__name__, network.shapes[index - 1]
        rows.append(Row(name, kind, layer.describe(), before, shape, count, ranges, sheet))
    return rows


def tables_of(result: Result) -> list[list[Row]]:
    """Return the rows of every model; those of another head follow on the network's it shares."""
    tables: list[tuple[Model, list[Row]]] = []
    for model in result.models:
        for first, table in tables:
            shared = _shared(first, model)
            if shared > 1:  # more than the input
                table.extend(rows_of(result, model)[shared:])
                break
        else:
            tables.append((model, rows_of(result, model)))
    return [table for _, table in tables]


def _shared(one: Model, other: Model) -> int:
    """Return how many tensors, counted from the input, stand in the same cells."""
    count = 0
    for k, (a, b) in enumerate(zip(one.places, other.places, strict=False), 1):
        if a != b:
            break
        if a >= 0:
            count = k
    return count
