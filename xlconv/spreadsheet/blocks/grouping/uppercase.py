"""The formulas of a sheet in capitals, so that how somebody typed them makes no difference.

Only for comparing: the sheet that was read keeps its texts.
"""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from xlconv.arrays import Integers
from xlconv.spreadsheet.formula import capitals
from xlconv.spreadsheet.workbook import Sheet

# Characters that are looked at together.
_AT_ONCE = 1 << 18


def in_capitals(sheet: Sheet) -> Sheet:
    """Return the sheet with references and functions in capitals; itself where they are."""
    texts, size = sheet.texts, len(sheet.texts.buffer)
    changed: list[tuple[int, str]] = []
    for index in _candidates(sheet).tolist():
        written = texts[index]
        shown = capitals(written)
        if shown != written:  # and as long: only letters of ASCII change
            changed.append((int(texts.starts[index]), shown))
    if not changed:
        return sheet
    buffer = _with(texts.buffer, [(start, text) for start, text in changed if start < size])
    wide = _with(texts.wide, [(start - size, text) for start, text in changed if start >= size])
    return replace(sheet, texts=replace(texts, buffer=buffer, wide=wide))


def _with(buffer: str, changed: list[tuple[int, str]]) -> str:
    """Return a buffer with texts put over what stands there, in the order of their places."""
    parts, end = [], 0
    for start, text in changed:
        parts += [buffer[end:start], text]
        end = start + len(text)
    return "".join([*parts, buffer[end:]])


def _candidates(sheet: Sheet) -> Integers:
    """Return the formulas that may hold a small letter, in the order of their texts."""
    formulas = np.flatnonzero(sheet.is_formula & (sheet.texts.ends > sheet.texts.starts))
    if not len(formulas):
        return formulas
    starts = sheet.texts.starts[formulas]
    order = np.argsort(starts, kind="stable")
    formulas, starts = formulas[order], starts[order]
    found, first = [], 0
    count = int(np.searchsorted(starts, len(sheet.texts.buffer)))
    while first < count:
        begin = int(starts[first])
        last = min(count, max(first + 1, int(np.searchsorted(starts, begin + _AT_ONCE))))
        end = int(sheet.texts.ends[formulas[last - 1]])
        written = sheet.texts.buffer[begin:end].encode("latin-1", "replace")
        if written != written.upper():
            letters = np.frombuffer(written, np.uint8)
            small = (letters >= ord("a")) & (letters <= ord("z"))
            # Each from its start to the next formula's: a label between them does no harm.
            some = np.logical_or.reduceat(small, starts[first:last] - begin)
            found.append(formulas[first:last][some])
        first = last
    return np.concatenate([*found, formulas[count:]])
