"""Workbook -> what owns its cells: planes of tensors, of parameters, helpers, padding.

An owner has a name, and words for any region of its cells. `owner_index` finds the owners
of a region. Follows no reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.lifting.named_planes import named_planes
from xlconv.plurals import counted
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.precedents.region import Region

_SIDES = {"top": "above", "bottom": "below", "left": "left of", "right": "right of"}
_FILLS = {
    "zeros": "zeros", "text": "texts", "blank": "blanks",
    "reflect": "reflection", "replicate": "edge repeated", "circular": "other side repeated",
}  # fmt: skip

# In this order they are shown: what is computed on, what it is computed with, the rest.
_KINDS = (
    "input", "activation", "helper", "padding", "annotation", "formulas", "weight", "bias", "cells",
)  # fmt: skip

# Of owners whose cells lie anywhere on a sheet.
NO_PLANE = Plane((0, 0), (1, 1))


class Owner(Struct, frozen=True):
    """A plane of a tensor, of parameters or a helper, or cells around or beside them.

    `kind` is "input", "activation", "weight", "bias", "helper", "padding" (cells that
    windows reach beyond a plane), "annotation" (a metric of a network, or a comparison),
    "formulas" (a block of no layer) or "cells" (what is left). `index` leads to the plane;
    of a vector, `first` is the index of its first entry in this plane, None of others.
    """

    kind: str
    name: str
    sheet: int
    plane: Plane
    index: tuple[int, ...] = ()
    first: int | None = None
    tensor: int = -1

    @property
    def title(self) -> str:
        """The name with the plane's index: `conv1[0]`, `conv1.weight[0, 0]`, `fc1`."""
        return f"{self.name}[{_joined(self.index)}]" if self.index else self.name

    @property
    def rank(self) -> tuple[int, int, tuple[int, ...], int, tuple[int, int]]:
        """The place among what is shown together."""
        first = self.first or 0
        return _KINDS.index(self.kind), self.tensor, self.index, first, self.plane.origin

    def label(self, region: Region) -> str:
        """Return which entries of the plane a region holds: `conv1[0] 3×3 at rows 5..7, …`."""
        i, j = region.entries(self.plane)
        if not len(i):
            return f"blanks within {self.title}"
        if self.first is not None:
            return self._along(self.first + i * self.plane.shape[1] + j)
        if self.plane.shape == (1, 1):
            return self.title
        (top, bottom), (left, right) = _ends(i), _ends(j)
        size = bottom - top + 1, right - left + 1
        if size == (1, 1):
            return f"{self.name}[{_joined((*self.index, top, left))}]"
        if len(i) < size[0] * size[1]:
            where = f"within rows {top}..{bottom}, columns {left}..{right}"
            return f"{self.title} {counted(len(i), 'cell')} {where}"
        words = f"{self.title} {size[0]}×{size[1]}"
        if size == self.plane.shape:
            return words
        return f"{words} at {_lines('row', top, bottom)}, {_lines('column', left, right)}"

    def _along(self, entries: NDArray[np.int64]) -> str:
        before = "".join(f"{one}, " for one in self.index)
        low, high = _ends(entries)
        if low == high:
            return f"{self.name}[{before}{low}]"
        full = len(entries) == high - low + 1
        return f"{self.name}[{before}{low}..{high}]" + ("" if full else f", {len(entries):,} of it")


def plane_owners(book: LiftedWorkbook) -> Iterator[Owner]:
    """Yield every plane of a tensor, of its helpers and of its parameters."""
    for k, tensor in enumerate(book.lifted.tensors):
        for one in named_planes(k, book.tensor_name(k), tensor):
            yield Owner(one.kind, one.name, one.sheet, one.plane, one.index, one.first, one.tensor)


def padding_owners(book: LiftedWorkbook, planes: Iterable[Owner]) -> Iterator[tuple[Owner, str]]:
    """Yield the padding that windows reach, with what it is filled with."""
    names = {(one.sheet, one.plane): one.title for one in planes}
    for k, tensor in enumerate(book.lifted.tensors):
        for one in tensor.overhangs:
            title = names.get((tensor.sheet, one.plane))
            if title is not None:
                area = one.cells
                words = f"{_FILLS.get(one.fill, 'cells')} {_SIDES[one.side]} {title}"
                plane = Plane((area.top, area.left), area.size)
                yield Owner("padding", words, tensor.sheet, plane, tensor=k), one.fill


def _ends(values: NDArray[np.int64]) -> tuple[int, int]:
    return int(values.min()), int(values.max())


def _joined(index: tuple[int, ...]) -> str:
    return ", ".join(map(str, index))


def _lines(word: str, first: int, last: int) -> str:
    return f"{word} {first}" if first == last else f"{word}s {first}..{last}"
