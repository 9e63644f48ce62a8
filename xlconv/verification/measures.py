"""Formulas that measure a network and are no part of it: aggregates, an argmax, differences.

Told by their trees: what is taken over whole planes or lines of them, compared, or looked up
by such a number. A window that moves over a plane is none. Never computes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.area_index import AreaIndex
from xlconv.spreadsheet.blocks.reach import range_reached, sheet_of
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.formula import Area, Binary, Call, Node, Number, Ref, Unary, references
from xlconv.spreadsheet.formula.nodes import Boolean, Missing, Percent, Text

# What is taken over a whole range, and over the difference of two.
_AGGREGATES = {
    "SUM", "AVERAGE", "MIN", "MAX", "COUNT", "COUNTA", "COUNTBLANK", "COUNTIF", "COUNTIFS",
    "SUMIF", "AVERAGEIF", "MEDIAN", "STDEV", "STDEVP", "STDEV.S", "STDEV.P", "VAR", "VARP",
    "VAR.S", "VAR.P", "SUMSQ", "LARGE", "SMALL", "ROWS", "COLUMNS", "SUMXMY2",
    "SUMPRODUCT", "MODE", "PERCENTILE", "QUARTILE",
}  # fmt: skip
_LOOKUPS = {"MATCH", "INDEX", "LOOKUP", "VLOOKUP", "HLOOKUP", "CHOOSE", "XMATCH", "XLOOKUP"}
_OF_NUMBERS = {
    "ABS", "ROUND", "ROUNDUP", "ROUNDDOWN", "INT", "SQRT", "IF", "IFERROR", "AND", "OR", "NOT",
    "LN", "LOG", "LOG10", "EXP",
    "TEXT", "CONCAT", "CONCATENATE", "N", "VALUE", "ISNUMBER", "ISERROR", "ISBLANK", "EXACT",
}  # fmt: skip
_ONE_BY_ONE = {"ABS", "SIGN", "ROUND", "SQRT", "INT", "N"}


class _Planes(Struct, frozen=True):
    """Where the planes of networks and the measures found so far stand."""

    planes: AreaIndex
    outputs: AreaIndex  # where declared networks end
    ends: AreaIndex  # where any network ends, by its formulas
    areas: Sequence[tuple[int, Range]]
    outside: Callable[[int, Range], bool]  # whether no formula that is no measure is there
    scores: Sequence[tuple[int, Range]] = ()  # the vectors that networks end in

    def is_measure(self, sheet: int, area: Range) -> bool:
        """Whether a range has measures and numbers only, and no cell of a network."""
        return not len(self.planes.find(sheet, area)) and self.outside(sheet, area)

    def covers(self, sheet: int, area: Range) -> bool:
        """Whether a range takes whole planes, or whole lines of them."""
        touched = [self.areas[k][1] for k in self.planes.touching(sheet, area)]
        return bool(touched) and all(
            (area.top <= one.top and area.bottom >= one.bottom)
            or (area.left <= one.left and area.right >= one.right)
            for one in touched
        )


def measures_among(
    blocks: Sequence[FormulaBlock],
    candidates: Iterable[int],
    planes: Sequence[tuple[int, Range]],
    outputs: Sequence[tuple[int, Range]],
    lifted_ends: Sequence[tuple[int, Range]] = (),
) -> frozenset[int]:
    """Return the blocks that are measures; candidates come after those that they read."""
    waiting = list(candidates)
    found: set[int] = set()
    others = AreaIndex((one.sheet, one.lattice.range) for one in blocks)
    index, ends = AreaIndex(planes), AreaIndex(outputs)
    every_end = AreaIndex((*outputs, *lifted_ends))
    scores = [(sheet, area) for sheet, area in (*outputs, *lifted_ends) if 1 in area.size]

    def outside(sheet: int, area: Range) -> bool:
        return all(k in found for k in others.touching(sheet, area))

    for k in waiting:
        known = _Planes(index, ends, every_end, planes, outside, scores)
        tree = blocks[k].tree
        if tree is None:
            continue
        is_copy = isinstance(tree, Ref)  # shows a number once more
        if is_copy or _is_measure(tree, blocks[k], known):
            found.add(k)
    return frozenset(found)


def _is_measure(tree: Node, block: FormulaBlock, known: _Planes) -> bool:
    """Whether a tree measures something, as a single number."""
    if _is_no_argmax(tree, block, known):
        return False
    match tree:
        case Number() | Text() | Boolean() | Missing():
            return True
        case Ref() | Area():
            sheet, area = sheet_of(tree, block.sheet), range_reached(tree, block.lattice.shape)
            is_output = isinstance(tree, Ref) and bool(len(known.outputs.find(sheet, area)))
            return is_output or known.is_measure(sheet, area)
        case Unary(_, operand) | Percent(operand):
            return _is_measure(operand, block, known)
        case Binary("-", Ref() as one, Ref() as other) if _both_planes(one, other, block, known):
            return True  # the difference of two tensors, entry by entry
        case (
            Binary("^", Binary("-", Ref() as one, Ref() as other), Number(2))
            | Call("POWER", (Binary("-", Ref() as one, Ref() as other), Number(2)))
            | Call("ABS", (Binary("-", Ref() as one, Ref() as other),))
        ):
            return _is_error(one, other, block, known)
        case Binary(_, left, right):
            return _is_measure(left, block, known) and _is_measure(right, block, known)
        case Call(name, arguments) if name in _AGGREGATES:
            return all(_is_taken_over(one, block, known) for one in arguments) and (
                name != "SUMPRODUCT" or len(arguments) == 1
            )
        case Call("RANK" | "RANK.EQ" | "RANK.AVG", (Ref(), *others)):
            return all(_is_taken_over(one, block, known) for one in others)
        case Call(name, arguments) if name in _LOOKUPS:
            return all(_is_taken_over(one, block, known) for one in arguments)
        case Call(name, arguments) if name in _OF_NUMBERS:
            return all(_is_measure(one, block, known) for one in arguments)
    return False


def _is_no_argmax(tree: Node, block: FormulaBlock, known: _Planes) -> bool:
    """Whether a tree looks for the best of some of a network's outputs only, or for the worst.

    It may tell something; but what is called a prediction is the largest of all of them.
    """
    match tree:
        case Call("MATCH" | "XMATCH", (Call("MIN" | "SMALL"), *others)):
            return any(_scores_in(one, block, known) for one in others)
        case Call("MATCH" | "XMATCH" | "MAX" | "LARGE" | "INDEX" | "LOOKUP" | "XLOOKUP"):
            return any(not area.holds(scores) for area, scores in _scores_in(tree, block, known))
    return False


def _scores_in(tree: Node, block: FormulaBlock, known: _Planes) -> list[tuple[Range, Range]]:
    """Return the ranges of a tree that have outputs of a network, each with where these are."""
    ranges = [
        (sheet_of(one, block.sheet), range_reached(one, block.lattice.shape))
        for one in references(tree) if isinstance(one, Area)
    ]  # fmt: skip
    return [
        (area, scores)
        for sheet, area in ranges for home, scores in known.scores
        if sheet == home and area.overlaps(scores)
    ]  # fmt: skip


def _is_taken_over(tree: Node, block: FormulaBlock, known: _Planes) -> bool:
    """Whether an argument of an aggregate is whole planes, their differences, or a measure."""
    match tree:
        case Area():
            sheet, area = sheet_of(tree, block.sheet), range_reached(tree, (1, 1))
            return known.is_measure(sheet, area) or known.covers(sheet, area)
        case Binary("-" | "=" | "<>" | ">" | "<" | ">=" | "<=", left, right):
            return _is_taken_over(left, block, known) and _is_taken_over(right, block, known)
        case Binary("^", inner, Number()) | Unary(_, inner):
            return _is_taken_over(inner, block, known)
        case Binary("*", left, Number()) | Binary("*", Number(), left):
            return _is_taken_over(left, block, known)
        case Call(name, arguments) if name in _ONE_BY_ONE:
            return all(_is_taken_over(one, block, known) for one in arguments)
    return _is_measure(tree, block, known)


def _is_error(one: Ref, other: Ref, block: FormulaBlock, known: _Planes) -> bool:
    """Whether two references are to the output of a network, and to a number it should be."""
    places = [
        (sheet_of(x, block.sheet), range_reached(x, block.lattice.shape)) for x in (one, other)
    ]
    return any(
        len(known.ends.find(*output)) > 0 and known.is_measure(*target)
        for output, target in (places, places[::-1])
    )


def _both_planes(one: Ref, other: Ref, block: FormulaBlock, known: _Planes) -> bool:
    """Whether two references are to cells of networks."""
    places = (
        (sheet_of(x, block.sheet), range_reached(x, block.lattice.shape)) for x in (one, other)
    )
    return all(len(known.planes.find(*place)) for place in places)
