"""The task of mistakes: so many formulas of the sheet are wrong, and to be found.

The counter knows only how many cells are not what they should be, not where.
"""

from __future__ import annotations

from xlconv.classroom.exercise_file import Mistake, Task
from xlconv.classroom.exercises.language import worded
from xlconv.classroom.exercises.marks import marks_of
from xlconv.classroom.exercises.sheets.papers import Papers
from xlconv.classroom.exercises.sheets.tasks_sheet import Counter, counted
from xlconv.classroom.exercises.targets import stages_in
from xlconv.classroom.exercises.tasks.mistakes import slips_in
from xlconv.errors import XlconvError
from xlconv.spreadsheet.addresses import Range

_POINTS = 2.0  # each


def put_mistakes(papers: Papers, count: int) -> None:
    """Make so many formulas wrong, in blocks of which nothing is to be filled in.

    Raises XlconvError where fewer can go wrong so that one sees it.
    """
    blocks = [
        one
        for _, lowered in stages_in(papers.networks)
        for one in lowered.blocks
        if one.block.lattice.origin not in papers.taken
    ]
    marks = marks_of(blocks, papers.sheet, papers.sheet)
    slips = slips_in([one.block for one in blocks], papers.as_seen(), count, papers.seed)
    if len(slips) < count:
        raise XlconvError(
            f"--mistake {count}: {len(slips)} formulas can go wrong so that one sees it; "
            "expected no more"
        )
    papers.mark(marks)
    total = sum(one.count for one in marks)
    wrong = f"{total}-{counted([one.range for one in marks])}"
    words = papers.language
    text = worded(words.tasks, "mistakes", count).format(total=count, sheet=papers.sheet.name)
    points = _POINTS * count
    mended = Counter(f"MAX(0,{count}-({wrong}))", count, what="mended")
    papers.page.head(worded(words.words, "mistakes", count), points, mended)
    papers.page.lines(text)
    papers.page.space()
    papers.changed |= {one.cell: one.held for one in slips}
    mistakes = tuple(Mistake((Range(*one.cell, *one.cell),), one.why) for one in slips)
    cells = tuple(area for one in mistakes for area in one.cells)
    task = Task("mistakes", "mistakes", points, papers.sheet.name, cells, text, mistakes=mistakes)
    papers.tasks.append(task)
