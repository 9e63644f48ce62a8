"""Which sheets of a submission are graded, and which are the exercise's own: texts and checks.

By their names, and where a student has renamed them by their place. What is left out cannot
lend its formulas: who refers to the hidden checks refers to nothing.
"""

from __future__ import annotations

from collections.abc import Container

import numpy as np

from xlconv.classroom.exercise_file import CHECK_SHEET, TASKS_SHEET
from xlconv.classroom.grading.answer_key import AnswerKey
from xlconv.spreadsheet.addresses import Cell, a1_name
from xlconv.spreadsheet.workbook import Kind, Sheet, Workbook


def graded_sheets(workbook: Workbook, key: AnswerKey) -> list[str]:
    """Return the names of the sheets that a network may stand on."""
    aside = {sheet.name for sheet in _aside(workbook, key)}
    left = [sheet.name for sheet in workbook.sheets if sheet.name not in aside]
    return left or [sheet.name for sheet in workbook.sheets]


def sheet_like(workbook: Workbook, key: AnswerKey, name: str) -> Sheet | None:
    """Return the sheet of the exercise by its name, or else the one at its place that is new."""
    by_name = {sheet.name.casefold(): sheet for sheet in workbook.sheets}
    if name.casefold() in by_name:
        return by_name[name.casefold()]
    known = {one.casefold() for one in key.order}
    new = [sheet for sheet in workbook.sheets if sheet.name.casefold() not in known]
    missing = [one for one in key.order if one.casefold() not in by_name]
    if name not in missing or not new:
        return None
    if len(workbook.sheets) == len(key.order):
        own = workbook.sheets[key.order.index(name)]
        return own if own in new else None
    return new[0] if len(new) == len(missing) == 1 else None


def readers_aside(
    workbook: Workbook, key: AnswerKey, asked: Container[tuple[str, Cell]]
) -> list[str]:
    """Return the formulas that were asked for and name a sheet which is not graded.

    The exercise's own counters, beside them, read the checks as well.
    """
    aside = _aside(workbook, key)
    names = [f"{name}!".casefold() for one in aside for name in (one.name, f"'{one.name}'")]
    found = []
    for sheet in workbook.sheets:
        text = (sheet.texts.buffer + sheet.texts.wide).casefold()
        if not any(name in text for name in names):
            continue
        for index in np.flatnonzero(sheet.kinds >= Kind.FORMULA).tolist():
            formula = sheet.texts[index].casefold()
            place = int(sheet.rows[index]), int(sheet.columns[index])
            if (sheet.name, place) in asked and any(name in formula for name in names):
                found.append(f"{sheet.name}!{a1_name(place)}")
    return found


def _aside(workbook: Workbook, key: AnswerKey) -> list[Sheet]:
    names = dict.fromkeys((*key.aside, TASKS_SHEET, CHECK_SHEET))
    found = (sheet_like(workbook, key, name) for name in names if name not in key.sheets)
    return [sheet for sheet in found if sheet is not None]
