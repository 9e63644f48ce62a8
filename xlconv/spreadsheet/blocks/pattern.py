"""The pattern of a block: how the coordinates in its formulas depend on the place.

A pattern gives the text of any cell of its block, and along rows the texts of all of them
in bulk, to be compared with what a sheet holds; `FoundBlock` is where one was found, cell
by cell. Knows no sheet: cells are indices into whatever was searched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from xlconv.arrays import Index, Mask
from xlconv.errors import FormulaError
from xlconv.spreadsheet.addresses import MAX_COLUMNS, MAX_ROWS, column_name
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import Area, Axis, Node, Ref, fill, mapped, references
from xlconv.spreadsheet.formula.parse import parse


def is_reference(pieces: tuple[str, ...]) -> bool:
    """Whether a formula's text is nothing but one cell's name, with its marks."""
    return len(pieces) == 3 and not "".join(pieces).strip("$")


class Pattern(Struct, frozen=True):
    """How the coordinates in a formula's text depend on the place in the block."""

    pieces: tuple[str, ...]
    base: tuple[int, ...]
    by_row: tuple[int, ...]
    by_column: tuple[int, ...]

    @property
    def is_bare(self) -> bool:
        """Whether the formula is nothing but a reference to one cell."""
        return is_reference(self.pieces)

    def values(self, i: int, j: int) -> list[int]:
        """Return the coordinates of cell (i, j)."""
        return [
            base + i * down + j * right
            for base, down, right in zip(self.base, self.by_row, self.by_column, strict=True)
        ]

    def text(self, i: int, j: int) -> str:
        """Return the formula of cell (i, j)."""
        return fill(self.pieces, self.values(i, j))

    def is_spelled(self, shape: tuple[int, int]) -> Mask:
        """Return where in a block the pattern says a formula: one whose cells are on the sheet."""
        i, j = np.arange(shape[0])[:, None], np.arange(shape[1])[None, :]
        found = np.full(shape, bool("".join(self.pieces).strip()) or bool(self.base), np.bool_)
        base, down, right = (np.array(one) for one in (self.base, self.by_row, self.by_column))
        rows, columns = (shape[0] - 1) * down, (shape[1] - 1) * right
        least = base + np.minimum(rows, 0) + np.minimum(columns, 0)
        most = base + np.maximum(rows, 0) + np.maximum(columns, 0)
        size = np.where(np.arange(len(base)) % 2, MAX_ROWS, MAX_COLUMNS)
        # Nearly always there are none.
        for k in np.flatnonzero((least < 0) | (most >= size)).tolist():
            at = base[k] + i * down[k] + j * right[k]
            found &= (at >= 0) & (at < size[k])
        return found

    def shifted(self, i: int, j: int) -> Pattern:
        """Return the pattern with its origin moved to cell (i, j)."""
        return replace(self, base=tuple(self.values(i, j)))


class FoundBlock(Struct):
    """A block as it was found: `cells` are indices into the sheet, -1 where one is blank.

    `regular` says which of them hold the pattern's formula; the others are deviants.
    """

    lattice: Plane
    pattern: Pattern
    is_array: bool
    cells: Index
    regular: Mask

    @property
    def size(self) -> int:
        """How many cells hold the pattern's formula."""
        return int(self.regular.sum())

    def tree(self) -> Node:
        """Return the formula, affine in the place. Raises FormulaError."""
        # Of a cell that is there: the corner may be blank, and its references off the sheet.
        i, j = (int(one) for one in np.argwhere(self.regular)[0])
        tree = parse(self.pattern.text(i, j))
        pattern = self.pattern
        steps = list(
            zip(pattern.values(i, j), pattern.base, pattern.by_row, pattern.by_column, strict=True)
        )
        place = iter(range(0, len(steps), 2))
        # The ends of whole columns and rows have no coordinates in the text.
        whole = [_is_whole(one) for one in references(tree) for _ in _ends(one)]
        if 2 * len(whole) == len(steps):
            whole = [False] * len(whole)
        skipped = iter(whole)

        def affine(reference: Ref) -> Ref:
            if next(skipped):
                return reference
            index = next(place, None)
            if index is None:
                raise FormulaError("references that cannot be told apart")
            return replace(
                reference,
                column=_axis(reference.column, steps[index]),
                row=_axis(reference.row, steps[index + 1]),
            )

        tree = mapped(tree, affine)
        if next(place, None) is not None:
            raise FormulaError("references that cannot be told apart")
        return tree


def _ends(reference: Ref | Area) -> tuple[Ref, ...]:
    return (reference,) if isinstance(reference, Ref) else (reference.first, reference.last)


def _is_whole(reference: Ref | Area) -> bool:
    """Whether a reference may be to whole columns or rows, as `A:C` is."""
    if isinstance(reference, Ref):
        return False
    rows, columns = (reference.first.row, reference.last.row), (
        reference.first.column, reference.last.column,
    )  # fmt: skip
    return any(
        first == Axis(0, absolute=True) and last == Axis(most - 1, absolute=True)
        for (first, last), most in ((rows, MAX_ROWS), (columns, MAX_COLUMNS))
    )


def _axis(axis: Axis, steps: tuple[int, int, int, int]) -> Axis:
    found, offset, down, right = steps
    if found != axis.offset:
        raise FormulaError("references that cannot be told apart")
    return Axis(offset, down, right, axis.absolute)


class _Room(Struct, frozen=True):
    """The texts of a row with room for the rows they name: where those go, where texts end."""

    line: NDArray[np.uint8]
    places: list[Index]
    ends: Index


class PatternTexts:
    """The texts that a pattern gives along its rows, with as little work per cell as can be."""

    def __init__(self, pattern: Pattern, width: int) -> None:
        self.pattern, self.width = pattern, width
        varying = [k for k, step in enumerate(pattern.by_column) if step and width > 1]
        self._varying = set(varying)
        self._shared = None
        if all(pattern.by_row[k] == 0 for k in varying):
            self._shared = self._fillings(varying, 0)
        self._order = varying
        moving = [k for k, step in enumerate(pattern.by_row) if step]
        easy = all(k % 2 and k not in self._varying for k in moving)
        easy = easy and all(piece.isascii() for piece in pattern.pieces)
        self._moving = moving if easy else None  # rows that differ from line to line
        self._rooms: dict[tuple[int, ...], _Room] = {}

    def joined(self, i: int) -> tuple[str, Index]:
        """Return the texts of row i of the block one after the other, and where each one ends.

        Rows of as many digits differ in these digits only: they go into the row before.
        """
        values = self.pattern.values(i, 0)
        if self._moving is None or not self._on_sheet(values):
            texts = self.line(i)
            return "".join(texts), np.cumsum(list(map(len, texts)), dtype=np.int64)
        rows = [str(values[k] + 1) for k in self._moving]
        sizes = tuple(map(len, rows))
        if sizes not in self._rooms:
            self._rooms[sizes] = self._room(sizes)
        room = self._rooms[sizes]
        for row, at in zip(rows, room.places, strict=True):
            for offset, digit in enumerate(row.encode()):
                room.line[at + offset] = digit
        return room.line.tobytes().decode(), room.ends

    def _room(self, sizes: tuple[int, ...]) -> _Room:
        assert self._moving is not None
        zeros = {k: "0" * size for k, size in zip(self._moving, sizes, strict=True)}
        values = self.pattern.values(0, 0)
        fixed = [zeros.get(k) or _coordinate(k, value) for k, value in enumerate(values)]
        fillings = self._shared or self._fillings(self._order, 0) or [()] * self.width
        line = "".join(self._filled(fixed, fillings))
        # How long each coordinate is, and so where it stands in its text.
        lengths = (
            np.array([[len(text)] * self.width for text in fixed])
            .reshape(-1, self.width)
            .astype(np.int64)
        )
        for k, texts in zip(self._order, zip(*fillings, strict=True), strict=True):
            lengths[k] = list(map(len, texts))
        pieces = np.cumsum(list(map(len, self.pattern.pieces)), dtype=np.int64)
        before = np.cumsum(lengths, axis=0) - lengths + pieces[:-1, None]
        ends = np.cumsum(lengths.sum(axis=0) + pieces[-1])
        starts = np.concatenate([[0], ends[:-1]])
        places = [starts + before[k] for k in self._moving]
        return _Room(np.frombuffer(line.encode(), np.uint8).copy(), places, ends)

    def _filled(self, fixed: Sequence[str], fillings: Iterable[tuple[str, ...]]) -> list[str]:
        """Return texts with their varying coordinates filled in, the others as they are."""
        parts = []
        for k, piece in enumerate(self.pattern.pieces[:-1]):
            parts.append(piece.replace("%", "%%"))
            parts.append("%s" if k in self._varying else fixed[k])
        template = "".join(parts) + self.pattern.pieces[-1].replace("%", "%%")
        return [template % filling for filling in fillings]

    def line(self, i: int) -> Sequence[str]:
        """Return the texts of row i of the block."""
        values = self.pattern.values(i, 0)
        if not self._on_sheet(values):
            return [self.pattern.text(i, j) for j in range(self.width)]
        fixed = [_coordinate(k, value) for k, value in enumerate(values)]
        if not self._varying:
            return self._filled(fixed, [()]) * self.width
        return self._filled(fixed, self._shared or self._fillings(self._order, i) or ())

    def _on_sheet(self, values: list[int]) -> bool:
        last = self.width - 1
        for k, (value, right) in enumerate(zip(values, self.pattern.by_column, strict=True)):
            most = MAX_ROWS if k % 2 else MAX_COLUMNS
            if not (0 <= value < most and 0 <= value + right * last < most):
                return False
        return True

    def _fillings(self, varying: list[int], i: int) -> list[tuple[str, ...]] | None:
        values = self.pattern.values(i, 0)
        if not self._on_sheet(values):
            return None
        texts = [
            [_coordinate(k, values[k] + self.pattern.by_column[k] * j) for j in range(self.width)]
            for k in varying
        ]
        return list(zip(*texts, strict=True))


def _coordinate(k: int, value: int) -> str:
    return str(value + 1) if k % 2 else column_name(value)
