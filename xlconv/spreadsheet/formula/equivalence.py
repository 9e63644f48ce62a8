"""Whether two formula texts spell the same formula, with the freedoms that a spelling has.

Compares trees, so that spaces never count. Never evaluates: formulas that give the same
number are not the same for that.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from xlconv.errors import FormulaError
from xlconv.spreadsheet.formula.nodes import Node, Ref, mapped
from xlconv.spreadsheet.formula.parse import parse


class Equivalence(Struct, frozen=True):
    """Which differences from the expected text, besides spaces, leave a formula the same."""

    dollars: bool = False  # $A$1 for A1
    small_letters: bool = False  # sum(a1) for SUM(A1)
    newer_names: bool = False  # STDEV.S for STDEV

    def holds(self, text: str, expected: str) -> bool:
        """Whether a text spells the expected formula; one that cannot be read does not."""
        if text == expected:
            return True
        text = text.upper() if self.small_letters else text
        if self.newer_names:
            text = text.replace("_xlfn.", "").replace("STDEV.S(", "STDEV(")
        try:
            found, wanted = parse(text), parse(expected)
        except FormulaError:
            return False
        return _undollared(found) == _undollared(wanted) if self.dollars else found == wanted

    def refers(self, text: str, cell: str) -> bool:
        """Whether a text is nothing but a reference to a cell, such as `A1`; it is not parsed."""
        text = text.replace("$", "") if self.dollars else text
        return (text.upper() if self.small_letters else text) == cell


RETYPED = Equivalence(dollars=True, small_letters=True)  # by somebody who means the same cells
RESAVED = Equivalence(newer_names=True)  # by another program: Gnumeric knows STDEV.S


def _undollared(tree: Node) -> Node:
    def plain(ref: Ref) -> Ref:
        row, column = (replace(axis, absolute=False) for axis in (ref.row, ref.column))
        return replace(ref, row=row, column=column)

    return mapped(tree, plain)
