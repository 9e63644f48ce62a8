"""Values of a whole block at once, with the kinds that spreadsheets tell apart.

A value is an array of axes (rows of the block, columns of the block, rows of the
operand, columns of the operand); an axis of length 1 stands for all. Beside the
numbers go the kinds: blank, number, text, boolean or error. Texts and errors are
kept as numbers: indices into a pool. Only data: nothing is calculated.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Kinds = NDArray[np.uint8]

# As in Kind of a workbook's cells, whose lower half these are.
BLANK, NUMBER, TEXT, BOOLEAN, ERROR = 0, 1, 2, 3, 4
ERRORS = (
    "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA",
    "#SPILL!", "#CALC!",
)  # fmt: skip
NULL, DIV0, VALUE, REF, NAME, NUM, NA = range(7)


class Unsupported(Exception):  # noqa: N818  an outcome, not an error of the caller
    """What cannot be evaluated, and why, in a few words."""


class Pool(Struct):
    """The texts that values point to."""

    texts: list[str] = field(default_factory=list)
    room: int = 1 << 26  # for characters of texts that formulas make
    _places: dict[str, int] = field(default_factory=dict)
    _ranks: Numbers | None = None  # of the texts that there were when it was made

    def spend(self, characters: int) -> None:
        """Take room for texts that a formula makes. Raises Unsupported where none is left."""
        self.room -= characters
        if self.room < 0:
            raise Unsupported("more text than is allowed")

    def index(self, text: str) -> int:
        """Return the place of a text, which is added if it is new."""
        if text not in self._places:
            self._places[text] = len(self.texts)
            self.texts.append(text)
        return self._places[text]

    def ranks(self) -> Numbers:
        """Return the place of every text in Excel's order, which knows no case; 0 is that of "".

        Raises Unsupported where texts are put in order too often.
        """
        if self._ranks is None or len(self._ranks) != len(self.texts):
            self.spend(len(self.texts))
            folded = sorted({"", *(text.casefold() for text in self.texts)})
            places = {text: place for place, text in enumerate(folded)}
            self._ranks = np.array([places[text.casefold()] for text in self.texts], np.float64)
        return self._ranks


class Value(Struct):
    """Numbers and kinds, four axes each; `kinds` is None where all are numbers.

    `is_reference` is set for what was read from cells: functions skip blanks, texts
    and booleans there, which they would convert in an argument written out.
    """

    numbers: Numbers
    kinds: Kinds | None = None
    is_reference: bool = False

    @property
    def all_kinds(self) -> Kinds:
        """The kinds as an array, whether or not all are numbers."""
        if self.kinds is None:
            return np.full(self.numbers.shape, NUMBER, np.uint8)
        return self.kinds

    def has(self, *kinds: int) -> bool:
        """Whether any entry is of one of the kinds."""
        if self.kinds is None:
            return NUMBER in kinds
        return any(bool((self.kinds == kind).any()) for kind in kinds)

    @property
    def is_area(self) -> bool:
        """Whether the operand is more than one cell."""
        return self.numbers.shape[2:] != (1, 1)


def scalar(number: float, kind: int = NUMBER) -> Value:
    """Return one number, or a text or error by its index, for all cells."""
    kinds = None if kind == NUMBER else np.full((1, 1, 1, 1), kind, np.uint8)
    return Value(np.full((1, 1, 1, 1), float(number)), kinds)


def error(code: int) -> Value:
    """Return an error for all cells."""
    return scalar(code, ERROR)
