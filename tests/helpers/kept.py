"""Workbooks that many tests read and calculate: each is read, calculated and lifted once.

What a workbook is does not change, and neither does what follows from it; arrays that are
kept cannot be written to. Errors are not kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from xlconv.lifting import lifted_workbook
from xlconv.spreadsheet.workbook import Workbook
from xlconv.spreadsheet.xlsx import read
from xlconv.spreadsheet.xlsx.package import Package

_MOST = 12  # that were asked for last


def keep(patch: pytest.MonkeyPatch) -> None:
    """Let `read_xlsx` and `lift_workbook` give again what they gave for the same content."""
    patch.setattr(read, "_read", _last(read._read, _content))
    patch.setattr(lifted_workbook, "calculate", _last(lifted_workbook.calculate, id))
    patch.setattr(lifted_workbook, "lift", _last(lifted_workbook.lift, id))


def _content(package: Package) -> object:
    package._file.seek(0)
    return package._file.read(), package.budget


def _last(function: Callable[[Any], Any], key_of: Callable[[Any], object]) -> Callable[[Any], Any]:
    """Return the function with a memory; `key_of` is the same for arguments that are."""
    given: dict[object, tuple[Any, Any]] = {}

    def kept(argument: Any) -> Any:
        key = key_of(argument)
        # The argument is held as well, so that no other one gets its identity.
        both = given[key] = given.pop(key, None) or (argument, function(argument))
        if len(given) > _MOST:
            del given[next(iter(given))]
        _freeze(both)
        return both[1]

    return kept


def _freeze(kept: tuple[object, object]) -> None:
    books = [one for one in kept if isinstance(one, Workbook)]
    for sheet in (sheet for book in books for sheet in book.sheets):
        for name in sheet.__slots__:
            if isinstance(array := getattr(sheet, name), np.ndarray):
                array.flags.writeable = False
