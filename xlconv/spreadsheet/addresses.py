"""A1 names and zero-based (row, column) pairs, and the limits of a sheet.

Inside the package a cell is `(row, column)`, counted from zero; A1 appears only
at the edges: in formula text, files, messages and on the command line.
"""

from __future__ import annotations

import re
from functools import cache

from msgspec import Struct

Cell = tuple[int, int]

# ECMA-376 part 1, 18.3.1.73 and 18.3.1.4, as Excel has enforced them since 2007.
MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384

# What a cell holds at most (Excel's specifications and limits).
MAX_TEXT_LENGTH = 32_767
_A1 = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")


@cache
def column_name(column: int) -> str:
    """Return the letters of a zero-based column: 0 is A, 16383 is XFD."""
    if not 0 <= column < MAX_COLUMNS:
        raise ValueError(f"column {column}: a sheet has columns 0 to {MAX_COLUMNS - 1}")
    name, rest = "", column + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        name = chr(65 + letter) + name
    return name


def column_of(name: str) -> int:
    """Return the zero-based column of its letters: A is 0, XFD is 16383."""
    column = 0
    for letter in name.upper():
        column = column * 26 + ord(letter) - 64
    return column - 1


def a1_name(cell: Cell, *, absolute: bool = False) -> str:
    """Return the A1 name of a zero-based cell: (1, 0) is A2, or $A$2."""
    row, column = cell
    mark = "$" if absolute else ""
    return f"{mark}{column_name(column)}{mark}{row + 1}"


def parse_a1(name: str) -> Cell:
    """Return the zero-based cell of an A1 name; `$` marks are allowed.

    Raises ValueError for anything else, with the name in it.
    """
    match = _A1.fullmatch(name)
    if match is not None:
        row, column = int(match[2]) - 1, column_of(match[1])
        if row < MAX_ROWS and column < MAX_COLUMNS:
            return row, column
    raise ValueError(f"{name!r} is not a cell: expected a name such as A2, up to XFD1048576")


class Range(Struct, frozen=True):
    """A rectangle of cells, zero-based, both ends included."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def name(self) -> str:
        """The A1 name: `A2:C4`, or `A2` for a single cell."""
        return self._named(absolute=False)

    @property
    def absolute_name(self) -> str:
        """The A1 name with every mark: `$A$2:$C$4`."""
        return self._named(absolute=True)

    def _named(self, *, absolute: bool) -> str:
        first = a1_name((self.top, self.left), absolute=absolute)
        last = a1_name((self.bottom, self.right), absolute=absolute)
        return first if first == last else f"{first}:{last}"

    def grown(self, top: int, bottom: int, left: int, right: int) -> Range:
        """Return the rectangle with so many more cells on each side."""
        return Range(self.top - top, self.left - left, self.bottom + bottom, self.right + right)

    @property
    def size(self) -> tuple[int, int]:
        """How many rows and columns there are."""
        return self.bottom - self.top + 1, self.right - self.left + 1

    def overlaps(self, other: Range) -> bool:
        """Whether the two have a cell in common."""
        rows = self.top <= other.bottom and self.bottom >= other.top
        return rows and self.left <= other.right and self.right >= other.left

    def holds(self, other: Range) -> bool:
        """Whether the other lies within this one."""
        rows = self.top <= other.top and other.bottom <= self.bottom
        return rows and self.left <= other.left and other.right <= self.right

    def union(self, other: Range) -> Range:
        """Return the smallest range that holds both."""
        return Range(
            min(self.top, other.top), min(self.left, other.left),
            max(self.bottom, other.bottom), max(self.right, other.right),
        )  # fmt: skip

    def is_mostly(self, other: Range) -> bool:
        """Whether the two share more than half of the larger one."""
        rows = min(self.bottom, other.bottom) - max(self.top, other.top) + 1
        columns = min(self.right, other.right) - max(self.left, other.left) + 1
        larger = max(one.size[0] * one.size[1] for one in (self, other))
        return rows > 0 and columns > 0 and 2 * rows * columns > larger
