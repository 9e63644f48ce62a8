"""The formulas of a sheet in capitals, so that how somebody typed them makes no difference.

Only for comparing: the sheet that was read keeps its texts.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from xlconv.arrays import Integers
from xlconv.spreadsheet.formula import capitals
from xlconv.spreadsheet.workbook import Sheet, TextColumn

# Characters that are looked at together.
_AT_ONCE = 1 << 22


def in_capitals(sheet: Sheet) -> Sheet:
    """Return the sheet with references and functions in capitals; itself where they are."""
    texts, parts, end = sheet.texts, [], 0
    for index in _candidates(sheet).tolist():
        written = texts[index]
        shown = capitals(written)
        if shown != written:  # and as long: only letters of ASCII change
            parts += [texts.buffer[end : texts.starts[index]], shown]
            end = int(texts.ends[index])
    if not parts:
        return sheet
    buffer = "".join([*parts, texts.buffer[end:]])
    return replace(sheet, texts=TextColumn(buffer, texts.starts, texts.ends))


def _candidates(sheet: Sheet) -> Integers:
    """Return the formulas that may hold a small letter, in the order of their texts."""
    formulas = np.flatnonzero(sheet.is_formula & (sheet.texts.ends > sheet.texts.starts))
    if not len(formulas):
        return formulas
    starts = sheet.texts.starts[formulas]
    order = np.argsort(starts, kind="stable")
    formulas, starts = formulas[order], starts[order]
    found, first = [], 0
    while first < len(formulas):
        begin = int(starts[first])
        last = max(first + 1, int(np.searchsorted(starts, begin + _AT_ONCE)))
        end = int(sheet.texts.ends[formulas[last - 1]])
        letters = np.frombuffer(
            sheet.texts.buffer[begin:end].encode("latin-1", "replace"), np.uint8
        )
        small = (letters >= ord("a")) & (letters <= ord("z"))
        # Each from its start to the next formula's: a label between them does no harm.
        some = np.logical_or.reduceat(small, starts[first:last] - begin)
        found.append(formulas[first:last][some])
        first = last
    return np.concatenate(found)
