"""Padding modes: halos that repeat the plane they stand around: reflect, replicate, circular.

The names and meanings are those of `padding_mode` in torch.nn.Conv2d. On a sheet each
cell of such a halo is a formula that points at the entry it repeats. Only geometry: never
needs the values.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from xlconv.spreadsheet.blocks.block import Block
from xlconv.spreadsheet.blocks.halo import Halo
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import Axis, Ref

# By torch's names, those of numpy.pad.
MODES = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


class Repeat(NamedTuple):
    """A block of a halo, and the rows and columns of the plane that its cells repeat."""

    block: Block
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]


class _Part(Struct, frozen=True):
    """Lines of a plane with its halo: where they begin, how many, and what they repeat."""

    start: int  # counted from the plane's first line
    count: int
    source: int
    step: int


def repeated(mode: str, size: int, before: int, after: int) -> NDArray[np.int64]:
    """Return the entry that each line repeats, from `before` lines ahead to `after` behind."""
    lines: NDArray[np.int64] = np.pad(np.arange(size), (before, after), mode=MODES[mode])  # type: ignore[call-overload]
    return lines


def largest(mode: str, size: int) -> int:
    """Return how many lines a halo may have on one side, as torch allows."""
    return {"reflect": size - 1, "circular": size}.get(mode, 1 << 30)


def halo_blocks(plane: Plane, halo: Halo) -> Iterator[Repeat]:
    """Yield the blocks around a plane, each with the rows and columns of it that it repeats."""
    assert isinstance(halo.fill, str)
    rows = _parts(halo.fill, plane.shape[0], halo.top, halo.bottom)
    columns = _parts(halo.fill, plane.shape[1], halo.left, halo.right)
    for down in rows:
        for across in columns:
            inside = down.start == 0 and across.start == 0
            if inside or not down.count or not across.count:
                continue
            lattice = Plane(
                plane.cell(down.start, across.start), (down.count, across.count), plane.step
            )
            row, column = plane.cell(down.source, across.source)
            (sr, sc) = plane.step
            reference = Ref(
                Axis(row, by_row=sr * down.step), Axis(column, by_column=sc * across.step)
            )
            yield Repeat(Block(lattice, reference), _lines(down), _lines(across))


def _parts(mode: str, size: int, before: int, after: int) -> tuple[_Part, _Part, _Part]:
    ends = {
        "reflect": (_Part(-before, before, before, -1), _Part(size, after, size - 2, -1)),
        "replicate": (_Part(-before, before, 0, 0), _Part(size, after, size - 1, 0)),
        "circular": (_Part(-before, before, size - before, 1), _Part(size, after, 0, 1)),
    }
    first, last = ends[mode]
    return first, _Part(0, size, 0, 1), last


def _lines(part: _Part) -> NDArray[np.int64]:
    return part.source + part.step * np.arange(part.count)


def repeat_of(
    reference: Ref, lattice: Plane, plane: Plane
) -> tuple[NDArray[np.int64], NDArray[np.int64], frozenset[str]] | None:
    """Return the rows and columns of a plane that a block beside it repeats, and the modes.

    The inverse of `halo_blocks`; None where the block is no part of one in any mode.
    """
    found, modes = [], set(MODES)
    axes = (reference.row, reference.column)
    outside = False
    for k, axis in enumerate(axes):
        own, cross = (axis.by_row, axis.by_column) if k == 0 else (axis.by_column, axis.by_row)
        count, step, size = lattice.shape[k], plane.step[k], plane.shape[k]
        start, gap = divmod(lattice.origin[k] - plane.origin[k], step)
        if gap or (count > 1 and lattice.step[k] != step) or (lattice.shape[1 - k] > 1 and cross):
            return None
        source = axis.offset - plane.origin[k] + own * np.arange(count)
        if (source % step).any():
            return None
        lines, at = source // step, start + np.arange(count)
        if ((lines < 0) | (lines >= size)).any():
            return None
        outside |= bool(((at < 0) | (at >= size)).any())
        modes = {mode for mode in modes if np.array_equal(lines, repeated_at(mode, size, at))}
        found.append(lines)
    return (found[0], found[1], frozenset(modes)) if modes and outside else None


def repeated_at(mode: str, size: int, at: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the entries that lines, counted from a plane's first, repeat; -1 where none.

    A line of the plane itself is its own.
    """
    before, after = max(0, -int(at.min())), max(0, int(at.max()) - size + 1)
    if max(before, after) > largest(mode, size):
        return np.full(len(at), -1)
    return repeated(mode, size, before, after)[at + before]
