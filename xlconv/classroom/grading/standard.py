"""What a submission is held against, and how: the standard of a grader, for any crew of `runs`.

One file in, its marks out, in whatever process. Raises for what is no workbook only; never
looks at another file than the one it is given.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import asdict, replace

from xlconv.classroom.exercises.language import Language, language_of
from xlconv.classroom.grading.answer_key import AnswerKey, only_sheets
from xlconv.classroom.grading.answers import answered
from xlconv.classroom.grading.causes import outside_tasks, with_causes
from xlconv.classroom.grading.graded_file import GradedFile, State, TaskMarks
from xlconv.classroom.grading.marking import MarkedTask, marked_tasks, share_of_given
from xlconv.classroom.grading.output.wording import comment_on, remark_words
from xlconv.classroom.grading.outside import outside_of, people_of
from xlconv.classroom.grading.sheets import graded_sheets, readers_aside
from xlconv.errors import FileError
from xlconv.lifting.lifted_workbook import LiftedWorkbook, lift_workbook
from xlconv.plurals import counted
from xlconv.report.annotate import annotate
from xlconv.report.causes import by_cause
from xlconv.runs.file_report import FileReport, file_report_of
from xlconv.runs.standard import Standard
from xlconv.spreadsheet.addresses import Cell, parse_a1
from xlconv.spreadsheet.workbook import Workbook
from xlconv.spreadsheet.xlsx.read import read_xlsx
from xlconv.verification.check import run_checks
from xlconv.verification.facts import Facts, facts_of
from xlconv.verification.findings import Finding, Severity
from xlconv.verification.report import report_of
from xlconv.verification.tolerance import Tolerance
from xlconv.verification.verify import CHECKS

_OF_ANSWERS = ("answer",)  # codes of marks on a sheet that is not the network's
_OTHER = 0.5  # of the cells that nobody was asked for must be right: else it is another network


class GradingStandard(Standard, frozen=True):
    """An answer key, and whether files come back with their causes marked (`with_copies`)."""

    key: AnswerKey | None = None
    with_copies: bool = False

    def report(self, path: str) -> FileReport:
        """Return a file's marks. Raises ReadError for what is no workbook."""
        return self.graded(read_xlsx(path, self.budget), path)

    def graded(self, whole: Workbook, path: str) -> GradedFile:
        """Return the marks of a workbook that was read from a file."""
        assert self.key is not None
        home = graded_sheets(whole, self.key)
        book = lift_workbook(only_sheets(whole, set(home)), path)
        facts = facts_of(book, Tolerance(self.rtol, self.atol), None, self.wanted)
        report = report_of(facts, run_checks(facts, CHECKS).values())
        marked = marked_tasks(facts, self.key)
        caused = with_causes(facts, report.findings, self.key.tasks, marked)
        marks = answered(whole, self.key, caused)
        problem = _problem(book, self.key, share_of_given(facts, marked), marks)
        beside = outside_tasks(facts, report.findings, marked)
        people = people_of(Path(path))
        light = file_report_of(report)
        graded = GradedFile(
            **asdict(light),
            marks=marks, problem=problem,
            notes=(
                *_aside(readers_aside(whole, self.key, _asked(facts, marked))),
                *outside_of(Path(path), whole), *_notes(facts, beside),
            ),
            author=people[0], changed_by=people[1],
        )  # fmt: skip
        is_right = all(one.count(State.RIGHT) == len(one.states) for one in marks)
        if problem or not self.with_copies or (is_right and not beside):
            return graded
        language = language_of(self.key.exercise.language)
        return _with_copy(graded, whole, report.findings, _tinted(facts, marked), language)


def grading_standard(key: AnswerKey, *, with_copies: bool) -> GradingStandard:
    """Return the standard of a key."""
    return GradingStandard(wanted=key.wanted, key=key, with_copies=with_copies)


def _problem(
    book: LiftedWorkbook, key: AnswerKey, given: float | None, marks: tuple[TaskMarks, ...]
) -> str:
    """Return why nothing of a file counts, "" where it does."""
    right = sum(one.count(State.RIGHT) for one in marks)
    is_other = given is not None and given < _OTHER
    shapes = {network.shapes for network, _ in key.wanted.networks}
    described = book.description.networks
    if described and not any(one.shapes in shapes for one in described):
        names = ", ".join(one.name for one in described)
        return f"another network than the exercise's: {names}"
    if is_other and not right:
        return "not the exercise: hardly a cell of its network is here"
    if not any(state != State.LOST for one in marks for state in one.states):
        return "not the exercise: none of the cells that were asked for is here"
    return ""


def _asked(facts: Facts, marked: list[MarkedTask]) -> set[tuple[str, Cell]]:
    names = [sheet.name for sheet in facts.workbook.sheets]
    return {(names[home], cell) for one in marked for home, cell in filter(None, one.places)}


def _aside(readers: list[str]) -> tuple[str, ...]:
    if not readers:
        return ()
    said = "that read another sheet of the exercise, and so are not right"
    return (f"{counted(len(readers), 'formula')} {said}: {readers[0]} is the first",)


def _notes(facts: Facts, beside: list[Finding]) -> tuple[str, ...]:
    stale = sum(int(one.stale.sum()) for one in facts.answers)
    notes = []
    if stale:
        number = counted(stale, "cell")
        notes.append(f"{number} with old values: saved by a program that did not calculate them")
    if beside:
        first = f"{beside[0].place}: {beside[0].message}"
        more = f" (and {len(beside) - 1} more)" if len(beside) > 1 else ""
        notes.append(f"something else was changed that nobody asked for: {first}{more}")
    return tuple(notes)


def _tinted(facts: Facts, marked: list[MarkedTask]) -> dict[str, dict[Cell, Severity]]:
    """Return the cells that are not right, in the colours of a copy: empty ones in a light one."""
    found: dict[str, dict[Cell, Severity]] = {}
    for one in marked:
        for state, place in zip(one.states, one.places, strict=True):
            if place is not None and state is not State.RIGHT:
                sheet = facts.workbook.sheets[place[0]].name
                color = Severity.UNVERIFIED if state is State.BLANK else Severity.ERROR
                found.setdefault(sheet, {})[place[1]] = color
    return found


def _unsaid(graded: GradedFile, said: Sequence[Finding], language: Language) -> list[Finding]:
    """Return the remarks on formulas at whose cells nothing is said: one cause may be of many."""
    places = {one.place for one in said}
    found = []
    for marks in graded.marks:
        for remark in marks.remarks if marks.code not in _OF_ANSWERS else ():
            sheet, _, cell = remark.at.rpartition("!")
            if sheet and remark.at not in places:
                places.add(remark.at)
                found.append(Finding("S201", sheet, cell, remark_words(remark, language)))
    return found


def _with_copy(
    graded: GradedFile,
    whole: Workbook,
    findings: list[Finding],
    tinted: dict[str, dict[Cell, Severity]],
    language: Language,
) -> GradedFile:
    """Return a file with its marked copy: a comment for each cause, and colours for its cells."""
    # The exercise's own counters read what is not graded: that nothing is known of them is no news.
    weighty = (
        one for one in findings
        if one.severity in (Severity.ERROR, Severity.WARNING)
        or parse_a1(one.first_cell) in tinted.get(one.sheet, {})
    )  # fmt: skip
    said = [replace(some[0], message=comment_on(some, language)) for some in by_cause(weighty)]
    said += _unsaid(graded, said, language)
    with tempfile.TemporaryDirectory(prefix="xlconv-") as folder:
        # By this name macros stay behind: a copy that is handed back carries none.
        source, target = Path(folder, "handed-in.xlsx"), Path(folder, "copy.xlsx")
        source.write_bytes(Path(graded.path).read_bytes())
        try:
            annotate(source, target, said, whole, tinted=tinted, bare=True)
        except FileError:
            return graded
        except Exception:  # openpyxl has its own view of what a workbook is
            note = "no marked copy: openpyxl cannot load the file"
            return replace(graded, notes=(*graded.notes, note))
        return replace(graded, copy=target.read_bytes())
