"""What is left open: connected formulas that are not proven, by the block that is in the way.

And those that are right though no layer is spelled that way, and the sides of proven ones that no
draw entered: what they give there is proven by nobody. Never finds anything wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xlconv.arrays import Mask
from xlconv.plurals import counted
from xlconv.spreadsheet.blocks.area_index import AreaIndex
from xlconv.spreadsheet.calculation.calculate import Status
from xlconv.spreadsheet.formula import corners, references, render
from xlconv.spreadsheet.workbook import Kind
from xlconv.verification.check import CheckResult
from xlconv.verification.collector import listed
from xlconv.verification.facts import Facts
from xlconv.verification.findings import Finding
from xlconv.verification.trials.lowered_text import LoweredTexts
from xlconv.verification.trials.sides import UnseenSide

_LONGEST = 60  # of a formula that is shown whole


def open_blocks(facts: Facts, earlier: CheckResult) -> CheckResult:
    """Find the connected blocks that are not proven, one finding for each that is in the way."""
    return listed(facts, _open(facts, earlier))


def _open(facts: Facts, earlier: CheckResult) -> Iterator[Finding]:
    blocks = facts.calculation.blocks
    order = [k for knot in facts.calculation.order for k in knot]
    left = [k for k in order if _open_cells(facts, earlier, k).any()]
    index = AreaIndex((blocks[k].sheet, blocks[k].lattice.range) for k in left)
    roots: dict[int, list[int]] = {}
    root_of: dict[int, int] = {}
    for place, k in enumerate(left):
        before = {one for read in blocks[k].reads for one in index.touching(*read) if one < place}
        root_of[k] = root_of[left[min(before)]] if before else k
        roots.setdefault(root_of[k], []).append(k)
    for root, resting in roots.items():
        yield _finding(facts, earlier, root, resting[1:])


def _open_cells(facts: Facts, earlier: CheckResult, k: int) -> Mask:
    """Return which cells of a block are connected, known in value, and not proven."""
    block = facts.calculation.blocks[k]
    cells, standing = block.cells[block.mask], facts.standing[block.sheet]
    is_open = standing.connected[cells] & ~standing.verified[cells]
    is_open &= facts.calculation.statuses[block.sheet][cells] <= Status.TAINTED
    is_open &= ~facts.answers[block.sheet].stale[cells] & ~standing.errors[cells]
    wrong = earlier.wrong.get(block.sheet)
    if wrong is not None:
        is_open &= ~wrong[cells]
    return is_open


def _finding(facts: Facts, earlier: CheckResult, k: int, resting: list[int]) -> Finding:
    block = facts.calculation.blocks[k]
    cells = block.cells[block.mask][_open_cells(facts, earlier, k)]
    reason = facts.reason_of(k) or "no layer is spelled this way"
    sheet = facts.workbook.sheets[block.sheet]
    first = int(cells[0])
    asked = [one.read for one in facts.trials.foreign if first in one.cells]
    if asked:
        reason = (
            f"no draw entered a side of it that asks for {asked[0]}, which its layer does not read"
        )
    if facts.rivals[block.sheet][first]:
        reason = f"it is of another network than that of {facts.against}"
    text = f"={sheet.texts[first]}"
    if sheet.kinds[first] == Kind.ARRAY_FORMULA:
        text = f"{{{text}}}"
    message = f"not proven: {text}: {reason}"
    if resting:
        more = sum(int(_open_cells(facts, earlier, one).sum()) for one in resting)
        message += (
            f"; {counted(len(resting), 'block')} after it ({counted(more, 'cell')}) rest on it"
        )
    return facts.finding_at(block, first, "L601", message, len(cells))


def spelled_otherwise(facts: Facts) -> Iterator[Finding]:
    """Yield the blocks that are proven, though no layer is spelled this way."""
    texts = [LoweredTexts(stage) for stage in facts.trials.stages]
    for k, reason in facts.lifted.unlifted.items():
        block = facts.blocks[k]
        cells = block.cells[block.mask]
        proven = cells[facts.trials.proven[block.sheet][cells]] if len(cells) else cells
        text = facts.workbook.sheets[block.sheet].texts[int(proven[0])] if len(proven) else ""
        if not reason or not len(proven) or _is_in_wrong(facts, block.sheet, int(proven[0])):
            continue  # of a layer that is another one, some cells agree by chance
        if not _is_lowered(facts, texts, block.sheet, int(proven[0])):
            message = f"={text} is spelled as no layer lists it, and computes the right function"
            yield facts.finding_at(block, int(proven[0]), "S204", message, len(proven))


def _is_in_wrong(facts: Facts, number: int, index: int) -> bool:
    """Whether a cell belongs to a stage most of whose cells are wrong."""
    return any(
        2 * stage.wrong >= stage.size and any(index in one.cells for one in stage.planes)
        for stage in facts.trials.stages
        if stage.intention.sheet == number
    )


def _is_lowered(facts: Facts, texts: Sequence[LoweredTexts], number: int, index: int) -> bool:
    """Whether a cell holds just what lowering writes there; `texts` are those of all stages."""
    sheet = facts.workbook.sheets[number]
    cell = int(sheet.rows[index]), int(sheet.columns[index])
    return any(
        own.holds(sheet.texts[index], cell)
        for stage, own in zip(facts.trials.stages, texts, strict=True)
        if stage.intention.sheet == number and any(index in one.cells for one in stage.planes)
    )


# -- sides that no draw entered ------------------------------------------------------------


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
        message = _side_message(one)
        if k >= 0 and (one.sheet, k, message) not in told:
            told.add((one.sheet, k, message))
            block = facts.blocks[k]
            yield facts.finding_at(block, index, "S206", message, int(block.mask.sum()))


def _side_message(one: UnseenSide) -> str:
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
