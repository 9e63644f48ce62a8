"""What was answered in words and numbers on the sheet of tasks: shapes, and questions.

An answer may be typed or be a formula that gives it: its stored value counts, and where there
is none, the one that is calculated. Never looks at a network.
"""

from __future__ import annotations

from msgspec.structs import replace

from xlconv.classroom.exercise_file import Answer
from xlconv.classroom.grading.answer_key import AnswerKey, TaskKey
from xlconv.classroom.grading.graded_file import EMPTY, NOTHING, Remark, State, TaskMarks
from xlconv.classroom.grading.sheets import sheet_like
from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import Cell, a1_name
from xlconv.spreadsheet.calculation.calculate import calculate
from xlconv.spreadsheet.values import NUMBER, TEXT
from xlconv.spreadsheet.workbook import Kind, Sheet, Workbook

_SLIP = "another answer"


def answered(
    workbook: Workbook, key: AnswerKey, marks: tuple[TaskMarks, ...]
) -> tuple[TaskMarks, ...]:
    """Return the marks with those of the tasks that have answers."""
    return tuple(
        _marks(workbook, key, one) if one.task.answers else mark
        for one, mark in zip(key.tasks, marks, strict=True)
    )


def _marks(workbook: Workbook, key: AnswerKey, one: TaskKey) -> TaskMarks:
    task = one.task
    cells = list(task.answers)
    sheet = sheet_like(workbook, key, task.sheet)
    if sheet is None:
        return TaskMarks(
            State.LOST * len(cells),
            f"the sheet {task.sheet} is not there",
            "lost",
            "a sheet is missing",
        )
    numbers = [abs(wanted) for wanted in task.answers.values() if not isinstance(wanted, str)]
    near = key.exercise.rubric.tolerance * max(numbers, default=0.0)
    given = [_given(workbook, sheet, cell) for cell in cells]
    states = [
        _state(found, wanted, near)
        for found, wanted in zip(given, task.answers.values(), strict=True)
    ]
    wrong = [k for k, state in enumerate(states) if state is not State.RIGHT]
    marks = TaskMarks("".join(states))
    if not wrong:
        return marks
    place = f"{sheet.name}!{a1_name(cells[wrong[0]])}"
    if set(states) == {State.BLANK}:
        return replace(marks, cause=NOTHING, code=EMPTY, slip=NOTHING, at=place)
    cause = _cause(place, given[wrong[0]], task.answers[cells[wrong[0]]])
    more = f"; {len(wrong)} of {counted(len(cells), 'answer')} not right" if len(wrong) > 1 else ""
    remarks = [
        Remark(f"{sheet.name}!{a1_name(cells[k])}", _SLIP, *_both(given[k], task.answers[cells[k]]))
        for k in wrong if states[k] is not State.BLANK
    ]  # fmt: skip
    slip = _SLIP if remarks else "answers left out"
    return replace(
        marks, cause=f"{cause}{more}", code="answer", slip=slip, at=place,
        others=max(0, len(remarks) - 1), remarks=tuple(remarks),
    )  # fmt: skip


def _cause(place: str, found: Answer | None, wanted: Answer) -> str:
    stands = "nothing" if found is None else repr(found) if isinstance(found, str) else f"{found:g}"
    right = repr(wanted) if isinstance(wanted, str) else f"{wanted:g}"
    return f"{place}: {stands}; expected {right}"


def _both(found: Answer | None, wanted: Answer) -> tuple[str, str]:
    """Return what was answered and what is right, for people."""
    stands, right = (one if isinstance(one, str) else f"{one or 0.0:g}" for one in (found, wanted))
    return stands, right


def _given(workbook: Workbook, sheet: Sheet, cell: Cell) -> Answer | None:
    index = sheet.find(cell)
    if index is None:
        return None
    kind, cached = sheet.kinds[index], sheet.cached[index]
    if kind < Kind.FORMULA:
        return sheet.texts[index] if kind == Kind.TEXT else float(sheet.numbers[index])
    if cached == Kind.NUMBER:
        return float(sheet.numbers[index])
    if cached == Kind.TEXT:
        return sheet.results.get(index, "")
    return _calculated(workbook, sheet, index)


def _calculated(workbook: Workbook, sheet: Sheet, index: int) -> Answer | None:
    found = calculate(workbook)
    grid = found.grids[[one is sheet for one in workbook.sheets].index(True)]
    number = float(grid.numbers[index])
    if grid.kinds[index] == TEXT:
        return found.pool.texts[int(number)]
    return number if grid.kinds[index] == NUMBER else None


def _state(found: Answer | None, wanted: Answer, near: float) -> State:
    if found is None or (isinstance(found, str) and not found.strip()):
        return State.BLANK
    if isinstance(wanted, str):
        same = not isinstance(found, float) and _plain(str(found)) == _plain(wanted)
        return State.RIGHT if same else State.WRONG
    number = _number(found)
    is_right = number is not None and abs(number - wanted) <= near
    return State.RIGHT if is_right else State.WRONG


def _number(found: Answer) -> float | None:
    """Return a number, also one that is typed as a text: `26`, or with a comma, `0,5`."""
    try:
        return float(found.replace(",", ".")) if isinstance(found, str) else found
    except ValueError:
        return None


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".")
