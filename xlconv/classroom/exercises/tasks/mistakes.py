"""Wrong formulas for students to find: the slips that people make, one cell each.

A mistake changes what its cell computes for the input that is shown, or it would not be seen
there. Where they are is drawn; knows no kind of layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.blocks.block import Block
from xlconv.spreadsheet.editing.edited import rewritten
from xlconv.spreadsheet.editing.recalculated import recalculated
from xlconv.spreadsheet.formula import Area, Axis, Binary, Call, Node, Number, Ref, render
from xlconv.spreadsheet.formula.nodes import children, every, with_children
from xlconv.spreadsheet.workbook import Kind, Sheet, Workbook

_TRIES = 60  # for each mistake
_SEEN = 1e-3  # what a value must change by, of the largest of its block


class Slip(Struct, frozen=True):
    """One wrong cell: what it holds instead (a formula without `=`, or a number), and why."""

    cell: Cell
    held: str | float
    why: str


def slips_in(blocks: Sequence[Block], sheet: Sheet, count: int, seed: int) -> list[Slip]:
    """Return at most `count` slips, in different blocks as far as there are as many.

    `sheet` holds the right formulas, and their values as a student sees them.
    """
    rng = np.random.default_rng(seed)
    found: dict[Cell, Slip] = {}
    order = [int(k) for k in rng.permutation(len(blocks))]
    for number in range(count * _TRIES):
        if len(found) == count:
            break
        block = blocks[order[number % len(order)]]
        i, j = (int(rng.integers(0, n)) for n in block.lattice.shape)
        cell = block.lattice.cell(i, j)
        index = sheet.find(cell)
        if cell in found or index is None or sheet.cached[index] != Kind.NUMBER:
            continue
        wrong = list(_wrong(block.tree, i, j))
        if not wrong:
            continue
        why, tree = wrong[int(rng.integers(0, len(wrong)))]
        slip = Slip(cell, render(tree, i, j), why)
        if _is_seen(sheet, slip, index):
            found[cell] = slip
    return list(found.values())


def _is_seen(sheet: Sheet, slip: Slip, index: int) -> bool:
    """Whether a slip changes the value of its cell, to another number."""
    (after,) = recalculated(Workbook((rewritten(sheet, {slip.cell: slip.held}),))).sheets
    at = after.find(slip.cell)
    if at is None or after.cached[at] != Kind.NUMBER:
        return False
    before = float(sheet.numbers[index])
    return abs(float(after.numbers[at]) - before) > _SEEN * max(1.0, abs(before))


def _wrong(tree: Node, i: int, j: int) -> Iterator[tuple[str, Node]]:
    """Yield ways in which the formula of cell (i, j) goes wrong, each with its words."""
    for one in [one for one in every(tree) if isinstance(one, Area)]:
        moving = one.first.column.by_column or one.first.row.by_row
        if moving and one.first.column.at(i, j) > 0:
            yield "every window is one column left", with_part(tree, one, _moved(one, 0, -1))
        if moving and one.first.row.at(i, j) > 1:
            yield "every window is one row up", with_part(tree, one, _moved(one, -1, 0))
        if not moving and one.first.row.absolute:
            yield "$ is missing: the reference slides", with_part(tree, one, _moved(one, 1, 0))
        if one.last.column.at(i, j) > one.first.column.at(i, j):
            shorter = replace(one, last=_shifted(one.last, 0, -1))
            if not _paired(tree, one):
                yield "the last column is left out", with_part(tree, one, shorter)
    for part in every(tree):
        for why, other in misread(part):
            yield why, with_part(tree, part, other)


def misread(part: Node) -> Iterator[tuple[str, Node]]:
    """Yield what one may write instead of a part of a formula."""
    match part:
        case Binary("+", left, Ref()):
            yield "the bias is not added", left
        case Binary("-", left, right) if not isinstance(right, Number):
            yield "the sign is wrong", Binary("+", left, right)
        case Call("MAX", (Number(0.0), inner) | (inner, Number(0.0))):
            yield "negative numbers are not set to 0", inner
        case Call("MAX", (Area(),) as inside):
            yield "the mean instead of the largest", Call("AVERAGE", inside)
        case Call("AVERAGE", (Area(),) as inside):
            yield "the largest instead of the mean", Call("MAX", inside)


def _paired(tree: Node, area: Area) -> bool:
    """Whether a range is multiplied with another, which must have the same size."""
    return any(
        (isinstance(one, Call) and one.name == "SUMPRODUCT" and area in one.arguments)
        or (isinstance(one, Binary) and area in children(one))
        for one in every(tree)
    )  # fmt: skip


def with_part(tree: Node, part: Node, other: Node) -> Node:
    """Return a tree with one of its parts replaced, the first that is equal."""
    if tree == part:
        return other
    inner = list(children(tree)) if not isinstance(tree, Area) else []
    for k, one in enumerate(inner):
        if any(each == part for each in every(one)):
            inner[k] = with_part(one, part, other)
            return with_children(tree, tuple(inner))
    return tree


def _moved(area: Area, down: int, right: int) -> Area:
    return Area(_shifted(area.first, down, right), _shifted(area.last, down, right))


def _shifted(one: Ref, down: int, right: int) -> Ref:
    def by(axis: Axis, steps: int) -> Axis:
        return replace(axis, offset=axis.offset + steps)

    return replace(one, row=by(one.row, down), column=by(one.column, right))
