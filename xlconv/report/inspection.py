"""An inspection as tables, as pictures and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec.structs import replace
from rich.console import Console
from rich.text import Text

from xlconv.analysis.inspection import InspectedLayer, InspectedNetwork, Inspection, Unlifted
from xlconv.arrays import by_shape
from xlconv.layers import ReceptiveField
from xlconv.network.summary import shared_lines
from xlconv.plurals import counted
from xlconv.report.heatmap import Picture, Scale, legend, print_pictures
from xlconv.report.layer_table import layer_lines
from xlconv.report.text_table import table_lines

JSON_VERSION = 1


def print_inspection(console: Console, found: Inspection, *, heatmap: bool = False) -> None:
    """Print every network's tables, its planes if asked, and what is in no network."""
    if not found.networks:
        console.print(nothing_found(found), soft_wrap=True)
    for number, one in enumerate(joined_heads(found.networks)):
        if number:
            console.print()
        console.print(heading(found, one), soft_wrap=True)
        lines = [layer.line for layer in one.layers]
        _print_lines(console, layer_lines(lines, console.width, tight=True))
        if any(layer.window for layer in one.layers):
            _print_lines(console, _geometry(one, console.width))
        _print_lines(console, _activations(one, console.width))
        if heatmap:
            console.print()
            _pictures(console, one)
    for block in found.unlifted:
        console.print(_unlifted(block), soft_wrap=True)


def _print_lines(console: Console, lines: Iterable[str]) -> None:
    console.print(Text("\n".join(["", *lines])), soft_wrap=True)


def joined_heads(networks: Iterable[InspectedNetwork]) -> list[InspectedNetwork]:
    """Return networks with the other layers of heads that share more than their input."""
    found: list[InspectedNetwork] = []
    for one in networks:
        lines = [layer.line for layer in one.layers]
        for k, before in enumerate(found):
            shared = shared_lines([layer.line for layer in before.layers], lines)
            if one.sheet == before.sheet and shared > 1:
                found[k] = replace(before, layers=(*before.layers, *one.layers[shared:]))
                break
        else:
            found.append(one)
    return found


def heading(found: Inspection, one: InspectedNetwork) -> Text:
    """Return where a network is, and what it costs."""
    text = Text(f"{found.path}: ")
    text.append(one.sheet, "bold")
    layers = counted(len(one.layers) - 1, "layer")  # the first is the input
    return text.append(
        f", {layers}, {counted(one.parameters, 'parameter')}, "
        f"{counted(one.multiplications, 'multiplication')}"
        + (f", applied to {one.samples:,} samples" if one.samples > 1 else "")
    )


def nothing_found(found: Inspection) -> str:
    """Return what is in a workbook without a network."""
    there = ", ".join(
        counted(count, name)
        for count, name in (
            (found.formulas, "formula"), (found.numbers, "number"), (found.texts, "text"),
        )
    )  # fmt: skip
    return f"{found.path}: no network; {there} on {counted(found.sheets, 'sheet')}"


def _geometry(one: InspectedNetwork, width: int) -> Iterator[str]:
    titles = ("name", "input", "kernel", "stride", "padding", "(n + padding − kernel)//stride + 1")
    rows = [
        (
            layer.line.name, by_shape(layer.line.input_shape), *_window_texts(layer),
            layer.rule.replace("; ", "\n"),
        )
        for layer in one.layers
        if layer.window
    ]  # fmt: skip
    return table_lines(titles, rows, width=width, tight=True)


def _window_texts(layer: InspectedLayer) -> tuple[str, str, str]:
    window = layer.window
    kernel, dilation, padding = by_shape(window["kernel_size"]), window["dilation"], ""
    if dilation != (1, 1):
        kernel += f" every {_pair(dilation)}"
    left, right, top, bottom = window["padding"]
    if left == right and top == bottom:
        padding = _pair((top, left))
    else:
        sides = zip(("left", "right", "top", "bottom"), window["padding"], strict=True)
        padding = "\n".join(f"{side} {size}".replace("-", "−") for side, size in sides if size)
    return kernel, _pair(window["stride"]), padding


def _pair(pair: tuple[int, ...]) -> str:
    return str(pair[0]) if pair[0] == pair[1] else by_shape(pair)


def _activations(one: InspectedNetwork, width: int) -> Iterator[str]:
    titles = ("name", "sees", "moves", "starts", "mean", "std", "near 0", "min", "max")
    rows = []
    for layer in one.layers:
        own = layer.statistics
        rows.append((
            layer.line.name, *field_texts(layer.field), number_text(own.mean),
            "" if own.std is None else number_text(own.std), f"{own.near_zero:.1%}",
            number_text(own.least), number_text(own.largest),
        ))  # fmt: skip
    return table_lines(titles, rows, right=range(1, len(titles)), width=width, tight=True)


def field_texts(field: ReceptiveField | None) -> tuple[str, str, str]:
    """Return what a unit sees of the input: how much, how far its neighbour is, from where."""
    if field is None:
        return "all", "", ""
    start = field.start[0] if field.start[0] == field.start[1] else field.start
    return by_shape(field.size), _pair(field.stride), str(start).replace("-", "−")


def number_text(value: float) -> str:
    """Return a number to three decimals or four digits, with a minus sign that is one."""
    size = abs(value)
    if size and (size >= 1e5 or size < 1e-3):
        text = f"{value:.1e}"
    else:
        text = f"{value:.3f}" if size < 100 else f"{value:.1f}"
    return text.replace("-", "−")


def _pictures(console: Console, one: InspectedNetwork) -> None:
    for layer in one.layers:
        ranges = layer.line.ranges
        if not ranges:
            continue
        values = layer.values
        scale = Scale.of(values)
        # A vector is a row of its own; (C, H, W) a picture per channel.
        planes = values if values.ndim == 3 else values.reshape(1, 1, -1)
        title = Text(f"{layer.line.name}  {by_shape(layer.line.output_shape)}  ", "bold")
        console.print(title.append_text(legend(scale, console)), soft_wrap=True)
        pictures = [
            Picture((f"[{k}] {area}",) if len(planes) > 1 else (area,), plane)
            for k, (plane, area) in enumerate(zip(planes, ranges, strict=True))
        ]
        print_pictures(console, pictures, scale)
        console.print()


def _unlifted(block: Unlifted) -> Text:
    cells = counted(block.cells, "cell")
    text = Text("  in no layer ", "yellow")
    return text.append(
        f"{block.sheet}!{block.range} ({cells}): {block.reason}; {block.formula}", "default"
    )


def as_json(found: Inspection) -> str:
    """Return the JSON contract, version 1; it holds no NaN.

    {"version", "path", "near_zero", "networks": [{"sheet", "samples", "parameters",
    "multiplications", "layers": [{"name", "type", "options", "input_shape",
    "output_shape", "parameters", "multiplications", "window", "size_rule",
    "receptive_field", "ranges", "statistics"}]}], "unlifted": [{"sheet", "range",
    "cells", "formula", "reason"}], "formulas", "numbers", "texts", "sheets"}

    `window` is null or has kernel_size, stride and dilation as [height, width] and padding
    as [left, right, top, bottom]; `receptive_field` is null where a unit sees the whole
    input, or has size, stride and start as [height, width]; `statistics` has mean, std
    (the sample's; null for one number), near_zero (a share), min, max and count.
    """
    table = {
        "version": JSON_VERSION,
        "path": found.path,
        "near_zero": found.near_zero,
        "networks": [
            {
                "sheet": one.sheet, "samples": one.samples, "parameters": one.parameters,
                "multiplications": one.multiplications,
                "layers": [layer_table(layer) for layer in one.layers],
            }
            for one in found.networks
        ],
        "unlifted": [
            {
                "sheet": one.sheet, "range": one.range, "cells": one.cells,
                "formula": one.formula, "reason": one.reason,
            }
            for one in found.unlifted
        ],
        "formulas": found.formulas,
        "numbers": found.numbers,
        "texts": found.texts,
        "sheets": found.sheets,
    }  # fmt: skip
    return json.dumps(table, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def layer_table(one: InspectedLayer) -> dict[str, Any]:
    """Return a layer as JSON has it."""
    line, own, field = one.line, one.statistics, one.field
    return {
        "name": line.name, "type": line.type, "options": line.describe,
        "input_shape": list(line.input_shape), "output_shape": list(line.output_shape),
        "parameters": line.parameters, "multiplications": line.multiplications,
        "window": {key: list(value) for key, value in one.window.items()} or None,
        "size_rule": one.rule,
        "receptive_field": None if field is None else {
            "size": list(field.size), "stride": list(field.stride), "start": list(field.start),
        },
        "ranges": list(line.ranges),
        "statistics": {
            "mean": own.mean, "std": own.std, "near_zero": own.near_zero,
            "min": own.least, "max": own.largest, "count": own.count,
        },
    }  # fmt: skip
