"""Does the grader grade this exercise as it should? The solution, the exercise, and made mistakes.

Tried before a class does: the solution has all points, what is handed out none, another spelling
all, and a made mistake is found where it was made. Works in memory, and writes no file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from xlconv.classroom.exercise_file import Answer, Task
from xlconv.classroom.grading.answer_key import AnswerKey
from xlconv.classroom.grading.points import StudentResult, rounded, student_result
from xlconv.classroom.grading.sheets import sheet_like
from xlconv.classroom.grading.standard import grading_standard
from xlconv.classroom.grading.submissions import Submission
from xlconv.spreadsheet.addresses import Cell, a1_name
from xlconv.spreadsheet.workbook import Kind, Sheet, SheetBuilder, Workbook
from xlconv.spreadsheet.xlsx.read import read_xlsx

_FORMULAS = ("formulas", "fill")
Content = tuple[Kind, float, str] | None  # of a cell: kind, number and text, or nothing


class Trial(Struct, frozen=True):
    """One made submission: what it is, what it should be worth, and what it was given."""

    what: str
    expected: float
    given: float
    cause: str = ""
    remark: str = ""

    @property
    def is_right(self) -> bool:
        """Whether it was graded as it should be."""
        return abs(self.expected - self.given) < 1e-9 and not self.remark


def self_check(key: AnswerKey) -> Iterator[Trial]:
    """Yield made submissions with what they were given. Raises ReadError for an unreadable one."""
    exercise, standard = key.exercise, grading_standard(key, with_copies=False)
    solution = read_xlsx(exercise.solution_path)

    def result(workbook: Workbook) -> StudentResult:
        report = standard.graded(workbook, str(exercise.solution_path))
        return student_result(exercise, Submission("check"), "check", report)

    whole = result(_with_answers(solution, key))
    yield _trial("the solution", exercise.points, whole)
    handed_out = result(read_xlsx(exercise.exercise_path))
    # Nothing is filled in, so that "no such exercise" would not be told of it.
    yield _trial("the exercise as it is handed out", 0.0, handed_out)
    for turn, task in enumerate(exercise.tasks):
        for what, workbook, share in _made(solution, key, task):
            found = result(_with_answers(workbook, key, but=task))
            yield _of_task(f"{task.id}: {what}", task, turn, share, found, key)


def _trial(what: str, expected: float, found: StudentResult) -> Trial:
    return Trial(what, expected, found.points, found.first_cause, found.error)


def _of_task(
    what: str, task: Task, turn: int, wrong: int, found: StudentResult, key: AnswerKey
) -> Trial:
    """Return the trial of a mistake in so many cells of one task."""
    result = found.tasks[turn]
    share = (result.total - wrong) / result.total if result.total else 0.0
    expected = task.points * (share if key.exercise.rubric.partial else float(wrong == 0))
    expected = min(rounded(expected), task.points if not wrong else max(0.0, task.points - 0.01))
    others = [one.task.id for one in found.tasks if one is not result and not one.is_full]
    remark = found.error or (f"{', '.join(others)} marked down as well" if others else "")
    return Trial(what, expected, result.points, result.marks.cause, remark)


# -- made submissions ------------------------------------------------------------------------


def _made(solution: Workbook, key: AnswerKey, task: Task) -> Iterator[tuple[str, Workbook, int]]:
    """Yield what is done to the cells of a task, and to how many."""
    if task.answers:
        return
    home = next(k for k, sheet in enumerate(solution.sheets) if sheet.name == task.sheet)
    sheet = solution.sheets[home]
    held = {cell: _content(sheet, cell) for cell in task.places}
    middle = task.places[len(task.places) // 2]

    def changed(changes: Mapping[Cell, Content]) -> Workbook:
        sheets = list(solution.sheets)
        sheets[home] = with_cells(sheet, changes)
        return replace(solution, sheets=tuple(sheets))

    name, content = a1_name(middle), held[middle]
    if task.kind == "parameters" and content is not None:
        other = (Kind.NUMBER, 2 * content[1] + 1.0, "")
        yield f"another number in {name}", changed({middle: other}), 1
    if task.kind not in _FORMULAS or content is None or content[0] != Kind.FORMULA:
        return
    spelled = {
        cell: (one[0], one[1], f"({one[2]})*1") for cell, one in held.items()
        if one is not None and one[0] == Kind.FORMULA
    }  # fmt: skip
    yield "every formula in another spelling", changed(spelled), 0
    yield f"one more in {name}", changed({middle: (content[0], content[1], f"{content[2]}+1")}), 1
    yield f"a value pasted over {name}", changed({middle: (Kind.NUMBER, content[1], "")}), 1
    yield f"nothing in {name}", changed({middle: None}), 1
    values = {cell: (Kind.NUMBER, one[1], "") for cell, one in held.items() if one is not None}
    yield "values pasted over all of it", changed(values), len(values)


def _with_answers(workbook: Workbook, key: AnswerKey, but: Task | None = None) -> Workbook:
    """Return a solution with the answers filled in, which its own sheet of tasks may not have."""
    sheets = {sheet.name: sheet for sheet in workbook.sheets}
    for task in key.exercise.tasks:
        sheet = sheet_like(workbook, key, task.sheet) if task.answers else None
        if task.answers and task is not but:
            held = sheets.get(task.sheet) if sheet is None else sheets[sheet.name]
            bare = SheetBuilder().finish(task.sheet) if held is None else held
            typed = {cell: _typed(answer) for cell, answer in task.answers.items()}
            sheets[bare.name] = with_cells(bare, typed)
    return replace(workbook, sheets=tuple(sheets.values()))


def _typed(answer: Answer) -> Content:
    if isinstance(answer, str):
        return Kind.TEXT, 0.0, answer
    return Kind.NUMBER, float(answer), ""


def _content(sheet: Sheet, cell: Cell) -> Content:
    index = sheet.find(cell)
    if index is None:
        return None
    return Kind(sheet.kinds[index]), float(sheet.numbers[index]), sheet.texts[index]


def with_cells(sheet: Sheet, changes: Mapping[Cell, Content]) -> Sheet:
    """Return a sheet with other contents of some cells; the stored values of others stay."""
    builder = SheetBuilder()
    for (row, column), content in changes.items():
        if content is not None:
            kind, number, text = content
            texts = [text] if text else []
            builder.add(kind, [row], [column], numbers=number, texts=texts)
    gone = {sheet.find(cell) for cell in changes}
    left = [k for k in range(len(sheet)) if k not in gone]
    for k in left:
        kind = Kind(sheet.kinds[k])
        texts = [sheet.texts[k]] if kind >= Kind.FORMULA or kind == Kind.TEXT else []
        builder.add(kind, [sheet.rows[k]], [sheet.columns[k]], numbers=sheet.numbers[k],
                    texts=texts)  # fmt: skip
    made = builder.finish(sheet.name)
    arrays = {made.find((area.top, area.left)): area for area in sheet.arrays.values()}
    return replace(made, arrays={k: area for k, area in arrays.items() if k is not None})
