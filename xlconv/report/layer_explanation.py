"""An explanation of a layer as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from shlex import quote
from typing import Any

from msgspec.structs import asdict

from xlconv.analysis.layer_explanation import LayerExplanation
from xlconv.arrays import by_shape
from xlconv.plurals import counted
from xlconv.report.explanation import dependents_row
from xlconv.report.inspection import field_texts, layer_table, number_text
from xlconv.report.text_table import row_lines

JSON_VERSION = 1
_MOST = 4  # findings, and ranges of a tensor


def layer_explanation_lines(found: LayerExplanation, width: int | None = None) -> Iterator[str]:
    """Yield what a layer is, what it reads and gives, its cells and numbers, and who reads it."""
    line = found.layer.line
    kind = f"{line.type} {line.describe}".strip() if line.layer else "what the network reads"
    yield f"{found.sheet}: {found.name}, {kind}"
    for one in found.findings[:_MOST]:
        yield f"  ! {one.severity} {one.code} {one.cell}: {one.message}"
    if len(found.findings) > _MOST:
        yield f"  ! {counted(len(found.findings) - _MOST, 'more finding')}: xlconv verify"
    yield from row_lines([*_rows(found)], width)
    if found.cell:
        yield f"  next: xlconv explain {quote(found.path)} {quote(f'{found.sheet}!{found.cell}')}"


def _rows(found: LayerExplanation) -> Iterator[tuple[str, str]]:
    line, own = found.layer.line, found.layer.statistics
    for title, text in _pairs(found):
        yield f" {title:<10}", text
    std = "" if own.std is None else f", std {number_text(own.std)}"
    yield (
        f" {'numbers':<10}",
        (
            f"mean {number_text(own.mean)}{std}, {own.near_zero:.1%} near 0, "
            f"from {number_text(own.least)} to {number_text(own.largest)}"
        ),
    )
    if not found.dependents and not line.where:
        yield f" {'is read by':<10}", "no formula"
    for number, one in enumerate(found.dependents):
        name, cells, ranges = dependents_row(one)
        yield f" {'' if number else 'is read by':<10}", f"{name}, {cells}: {ranges}"


def _pairs(found: LayerExplanation) -> Iterator[tuple[str, str]]:
    line = found.layer.line
    for number, (name, shape) in enumerate(found.reads):
        yield "" if number else "reads", f"{name}, {by_shape(shape)}"
    rule = f": {found.layer.rule}" if found.layer.rule else ""
    yield "gives", f"{by_shape(line.output_shape)}{rule}"
    if found.ranges:
        together = f", together with {', '.join(found.shares)}" if found.shares else ""
        yield "stands in", f"{_ranges(found.ranges)}{together}"
    else:
        yield "stands in", f"no cells of its own ({line.where})"
    if found.formula:
        yield "one cell", f"{found.cell}, {found.unit}: {found.formula}"
    for number, one in enumerate(found.parameters):
        text = f"{one.name}, {by_shape(one.shape)}: {_ranges(one.ranges)}"
        yield "" if number else "with", text
    if line.parameters or line.multiplications:
        parameters = counted(line.parameters, "parameter")
        yield "costs", f"{parameters}, {counted(line.multiplications, 'multiplication')}"
    if line.layer:
        size, step, start = field_texts(found.layer.field)
        where = f"{size} of the input, moving by {step}, from {start}" if step else "all the input"
        yield "a unit sees", where


def _ranges(ranges: tuple[str, ...]) -> str:
    if len(ranges) <= _MOST:
        return ", ".join(ranges)
    return f"{ranges[0]} … {ranges[-1]} ({len(ranges)} ranges)"


def as_json(found: LayerExplanation) -> str:
    """Return the JSON contract, version 1; it holds no NaN.

    {"version", "path", "sheet", "layer": as a layer of `inspect --format json`, "reads":
    [{"name", "shape"}], "cell", "unit", "formula", "ranges", "shares", "parameters": [{"name",
    "shape", "ranges"}], "dependents": [{"name", "sheet", "ranges", "cells"}], "findings":
    [{"code", "severity", "cell", "message"}]}
    """
    table: dict[str, Any] = {
        "version": JSON_VERSION, "path": found.path, "sheet": found.sheet,
        "layer": layer_table(found.layer),
        "reads": [{"name": name, "shape": list(shape)} for name, shape in found.reads],
        "cell": found.cell or None, "unit": found.unit or None, "formula": found.formula or None,
        "ranges": list(found.ranges), "shares": list(found.shares),
        "parameters": [asdict(one) for one in found.parameters],
        "dependents": [asdict(one) for one in found.dependents],
        "findings": [
            {"code": one.code, "severity": str(one.severity), "cell": one.cell,
             "message": one.message}
            for one in found.findings
        ],
    }  # fmt: skip
    return json.dumps(table, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
