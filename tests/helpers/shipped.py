"""The shipped workbooks, each opened once for all tests: none may change what it gets."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tests.helpers.paths import WORKBOOKS
from tests.mutations import Subject
from xlconv.lifting.lifted_workbook import LiftedWorkbook, open_workbook
from xlconv.spreadsheet.xlsx.read import read_xlsx


def shipped(name: str) -> Path:
    return WORKBOOKS / f"{name}.xlsx"


@cache
def opened(name: str) -> LiftedWorkbook:
    """Return a shipped workbook with its values and networks."""
    return open_workbook(shipped(name))


@cache
def shipped_subject(name: str) -> Subject:
    """Return a shipped workbook to put faults into."""
    return Subject(name, read_xlsx(shipped(name)))
