"""Faults in windows and kernels: what a convolution, a pool or a dense layer reads."""

from __future__ import annotations

import random
import re

from tests.mutations.choosing import (
    FIXED,
    WINDOW,
    any_cell,
    cell_in,
    in_layer,
    kind,
    moved,
    place_in,
    split_name,
)
from tests.mutations.subject import Content, Fault, Subject
from xlconv.lifting.matching.tensors import Tensor
from xlconv.spreadsheet.addresses import Cell, a1_name, column_name, column_of, parse_a1


def _without_dollar(text: str, rng: random.Random) -> str | None:
    places = [m.start() for m in re.finditer(r"\$", text)]
    if not places:
        return None
    at = rng.choice(places)
    return re.sub(r"\$(\d+|[A-Z]+)", lambda m: _next(m[1]) if m.start() == at else m[0], text)


def _next(name: str) -> str:
    """Return the next row or column: where a copy points whose dollar was forgotten."""
    return str(int(name) + 1) if name.isdigit() else column_name(column_of(name) + 1)


def _with_swapped_kernels(text: str, rng: random.Random) -> str | None:
    fixed = FIXED.findall(text)
    if len(fixed) < 2 or fixed[0] == fixed[1]:
        return None
    swap = {fixed[0]: fixed[1], fixed[1]: fixed[0]}
    return FIXED.sub(lambda m: swap.get(m[0], m[0]), text)


def _without_bias(text: str, rng: random.Random) -> str | None:
    return re.sub(r"\+\$?[A-Z]{1,3}\$?\d+(?=\)?$)", "", text)


def _with_sign(text: str, rng: random.Random) -> str | None:
    places = [m.start() for m in re.finditer(r"\+|(?<=[(,])(?=SUM)|^(?=SUM)", text)]
    if not places:
        return None
    at = rng.choice(places)
    return text[:at] + "-" + text[at + (text[at] == "+") :]


def _one_row_less(text: str, rng: random.Random) -> str | None:
    match = WINDOW.search(text)
    if match is None or int(match[4]) - 1 < int(match[2]):
        return None
    return text[: match.start(4)] + str(int(match[4]) - 1) + text[match.end(4) :]


def _one_larger(text: str, rng: random.Random) -> str | None:
    match = WINDOW.search(text)
    if match is None:
        return None
    bottom, end = parse_a1(match[3] + match[4])
    return text[: match.start(3)] + a1_name((bottom + 1, end + 1)) + text[match.end(4) :]


in_layer("dropped_dollar", _without_dollar)
in_layer("window_up", lambda text, rng: moved(text, rng, -1, 0))
in_layer("window_down", lambda text, rng: moved(text, rng, 1, 0))
in_layer("window_left", lambda text, rng: moved(text, rng, 0, -1))
in_layer("window_right", lambda text, rng: moved(text, rng, 0, 1))
in_layer("short_window", _one_row_less)
in_layer(
    "transposed_kernel",
    lambda text, rng: FIXED.sub(lambda m: f"TRANSPOSE({m[0]})", text, count=1), "Conv2d",
)  # fmt: skip
in_layer("swapped_channel", _with_swapped_kernels, "Conv2d")
in_layer("missing_bias", _without_bias, "Conv2d", "Linear")
in_layer("sign_flip", _with_sign, "Conv2d")
in_layer("overlapping_pool", _one_larger, "MaxPool2d", "AvgPool2d")


def _other_kernels(s: Subject, tensor: Tensor, cell: Cell, by: int = 1) -> str | None:
    """Return the formula of a cell with the kernels of another output channel."""
    count = len(tensor.planes)
    if count < 2:
        return None
    k, i, j = place_in(tensor, cell)
    names = iter(FIXED.findall(s.text(tensor.planes[(k + by) % count].cell(i, j))))
    return FIXED.sub(lambda m: next(names), s.text(cell))


@kind
def other_kernel_in_a_cell(s: Subject, rng: random.Random) -> Fault | None:
    found = any_cell(s, rng, "Conv2d")
    if found is None or s.kind(found[2]) != "Conv2d":
        return None
    return s.rewritten(found[0], _other_kernels(s, found[2], found[0]))


@kind
def kernel_of_another_group(s: Subject, rng: random.Random) -> Fault | None:
    tensors = [t for t in s.tensors if getattr(t.layers[0], "groups", 1) > 1]
    if not tensors:
        return None
    tensor = rng.choice(tensors)
    cell = cell_in(rng.choice(tensor.planes), rng)
    by = len(tensor.planes) // tensor.layers[0].groups  # type: ignore[attr-defined]
    return s.rewritten(cell, _other_kernels(s, tensor, cell, by))


@kind
def windows_of_another_group(s: Subject, rng: random.Random) -> Fault | None:
    tensors = [t for t in s.tensors if getattr(t.layers[0], "groups", 1) > 1]
    if not tensors:
        return None
    tensor = rng.choice(tensors)
    cell = cell_in(rng.choice(tensor.planes), rng)
    k, i, j = place_in(tensor, cell)
    by = len(tensor.planes) // tensor.layers[0].groups  # type: ignore[attr-defined]
    other = tensor.planes[(k + by) % len(tensor.planes)].cell(i, j)
    names = iter(m[0] for m in WINDOW.finditer(s.text(other)))
    return s.rewritten(cell, WINDOW.sub(lambda m: next(names), s.text(cell)))


@kind
def other_kernel_in_a_row(s: Subject, rng: random.Random) -> Fault | None:
    found = any_cell(s, rng, "Conv2d")
    if found is None or s.kind(found[2]) != "Conv2d":
        return None
    cell, _, tensor = found
    number, i, _ = place_in(tensor, cell)
    plane = tensor.planes[number]
    if plane.shape[0] < 4:
        return None
    changes: dict[Cell, Content | None] = {}
    for j in range(plane.shape[1]):
        at = plane.cell(i, j)
        text = _other_kernels(s, tensor, at)
        if text is None or text == s.text(at):
            return None
        changes[at] = s.formula(at, text)
    return Fault(changes, cell, ("S201",))


@kind
def misaligned_dense_range(s: Subject, rng: random.Random) -> Fault | None:
    tensors = [t for t in s.tensors if s.kind(t) == "Linear"]
    if not tensors:
        return None
    cell = cell_in(rng.choice(tensors).planes[0], rng)
    return s.rewritten(cell, moved(s.text(cell), rng, 1, 0), "S201", "G403")


@kind
def row_copied(s: Subject, rng: random.Random) -> Fault | None:
    found = any_cell(s, rng, "Conv2d", "MaxPool2d", "BatchNorm2d", "Add")
    if found is None:
        return None
    cell, _, tensor = found
    number, i, _ = place_in(tensor, cell)
    plane = tensor.planes[number]
    if plane.shape[0] < 4 or plane.shape[1] < 4:
        return None
    changes: dict[Cell, Content | None] = {}
    for j in range(plane.shape[1]):
        at = plane.cell(i, j)
        changes[at] = s.formula(at, s.text(plane.cell(i - 1 if i else i + 1, j)))
    return Fault(changes, cell, ("S201",))


@kind
def block_shifted(s: Subject, rng: random.Random) -> Fault | None:
    tensors = [t for t in s.tensors if s.kind(t) == "Conv2d" and len(t.planes) > 1
               and min(t.planes[0].shape) > 2]  # fmt: skip
    if not tensors:
        return None
    plane = rng.choice(rng.choice(tensors).planes)
    changes: dict[Cell, Content | None] = {}
    for i in range(plane.shape[0]):
        for j in range(plane.shape[1]):
            cell = plane.cell(i, j)
            text = WINDOW.sub(
                lambda m: f"{_right(m[1])}{m[2]}:{_right(m[3])}{m[4]}", s.text(cell)
            )  # fmt: skip
            if text == s.text(cell):
                return None
            changes[cell] = s.formula(cell, text)
    return Fault(changes, plane.origin, ("S201", "G403"))


def _right(letters: str) -> str:
    row, column = parse_a1(letters + "1")
    return split_name((row, column + 1))[0]


@kind
def range_with_itself(s: Subject, rng: random.Random) -> Fault | None:
    found = any_cell(s, rng)
    if found is None:
        return None
    cell, text, _ = found
    return s.rewritten(cell, f"{text}+SUM({a1_name(cell)}:{a1_name(cell)})")
