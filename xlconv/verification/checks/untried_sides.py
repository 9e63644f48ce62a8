"""Sides of an IF, CHOOSE, MAX, MIN or ABS that no draw entered: what they give is proven by nobody.

Says so of formulas that are right wherever they were tried; the others are told by what they give.
"""

from __future__ import annotations

from collections.abc import Iterator

from xlconv.spreadsheet.formula import corners, references, render
from xlconv.verification.facts import Facts
from xlconv.verification.findings import Finding
from xlconv.verification.trials.sides import UnseenSide

_LONGEST = 60


def untried_sides(facts: Facts) -> Iterator[Finding]:
    """Yield a note for every hinge of a proven block with a side that was not tried."""
    told: set[tuple[int, int, str]] = set()
    for one in facts.trials.unseen:
        index = facts.workbook.sheets[one.sheet].find(one.cell)
        if index is None or not (
            facts.trials.proven[one.sheet][index] or facts.same[one.sheet][index]
        ):
            continue
        k = int(facts.calculation.block_numbers[one.sheet][index])
        message = _message(one)
        if k >= 0 and (one.sheet, k, message) not in told:
            told.add((one.sheet, k, message))
            block = facts.blocks[k]
            yield facts.finding_at(block, index, "S206", message, int(block.mask.sum()))


def _message(one: UnseenSide) -> str:
    shown = one.hinge.arguments[0] if one.hinge.name == "IF" else one.hinge
    elsewhere = any(corners(each)[0].sheet is not None for each in references(shown))
    text = "" if elsewhere else render(shown)
    if not text or len(text) > _LONGEST:
        return f"no draw entered every side of its {one.hinge.name}"
    left = frozenset(range(one.sides)) - one.seen
    few = "too few draws" if left <= one.rare else "no draw"
    if one.hinge.name == "IF":
        return f"{few} made {text} {'false' if left == {0} else 'true'}"
    return f"{few} entered {len(left)} of the {one.sides} sides of {text}"
