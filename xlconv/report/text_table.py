"""A table as lines of text: titles, a rule, rows; where it is too wide, still every letter of it.

Texts fold at their spaces, then columns go on in a further table below, and at last words
break. For commands that should answer at once: rich would take longer to import than the
workbook takes to read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import zip_longest

from click import unstyle

_WIDE_GAP, _GAP = 3, 2  # columns between columns
_FURTHER = 4  # columns that a folded line is indented by
_LEAST = 12  # columns of a text that is folded; less is unreadable
_Row = Sequence[str]


def table_lines(
    titles: _Row,
    rows: Sequence[_Row],
    *,
    right: Collection[int] = (),
    width: int | None = None,
    tight: bool = False,
) -> Iterator[str]:
    """Yield the lines of a table, each column as wide as its widest text if there is room.

    Columns whose numbers are in `right` are set to the right, the others to the left.
    Where `width` is less than all columns take, each further table begins with the first
    column again, so that a row is known by its name. A `tight` table has less between
    columns, as has one that is wider otherwise.
    """
    table = [titles, *rows]
    whole = sum(_width(table, k) + _WIDE_GAP for k in range(len(titles))) - _WIDE_GAP + 1
    gap = _GAP if tight or (width is not None and whole > width) else _WIDE_GAP
    for number, columns in enumerate(_sharing(table, width)):
        if number:
            yield ""
        part = [[row[k] for k in columns] for row in table]
        at_right = {place for place, k in enumerate(columns) if k in right}
        widths = _widths(part, width)
        yield from _lines(part[:1], widths, at_right, gap)
        yield " " + "─" * (sum(widths) + gap * (len(widths) - 1))
        yield from _lines(part[1:], widths, at_right, gap)


def row_lines(rows: Sequence[_Row], width: int | None = None) -> Iterator[str]:
    """Yield the lines of a table without titles.

    Where it is too wide, its last column folds, or stands below the others.
    """
    table = [list(row) for row in rows]
    last = len(table[0]) - 1
    others = sum(_width(table, k) + _GAP for k in range(last))
    if width is None or others + _LEAST < width:
        yield from _lines(table, _widths(table, width), (), _GAP)
        return
    for row in table:
        yield from _lines([row[:last]], _widths([row[:last]], width), (), _GAP)
        below = ["", *row[last:]]
        yield from _lines([below], [_LEAST, max(width - _LEAST - _GAP - 1, 1)], (), _GAP)


def line_lines(text: str, width: int | None = None) -> Iterator[str]:
    """Yield a line as lines of a width, those after the first indented further; colours stay."""
    if width is None or len(unstyle(text)) <= width:
        yield text
        return
    words = text.lstrip(" ")
    indent = " " * min(len(text) - len(words), width // 4)
    further = " " * min(len(indent) + _FURTHER, width // 2)
    # The further lines are as wide as their own indent leaves; so is the first, to be simple.
    for number, line in enumerate(_fold(words, width - len(further))):
        yield f"{further if number else indent}{line}"


def _lines(
    table: list[list[str]], widths: list[int], right: Collection[int], gap: int
) -> Iterator[str]:
    for row in table:
        folded = [_fold(text, width) for text, width in zip(row, widths, strict=True)]
        for texts in zip_longest(*folded, fillvalue=""):
            cells = (
                text.rjust(width) if place in right else text.ljust(width)
                for place, (text, width) in enumerate(zip(texts, widths, strict=True))
            )
            yield f" {(' ' * gap).join(cells)}".rstrip()


def _sharing(table: list[_Row], width: int | None) -> Iterator[list[int]]:
    """Yield the columns of each table, as many as fit; all of them where they do."""
    every = range(len(table[0]))
    least = [_width(table, k) for k in every]
    # The last column holds lists, and folds well; the others only where even that is not enough.
    least[-1] = min(least[-1], max(_LEAST, _longest_word(table, len(least) - 1)))
    columns = [0]
    for k in every[1:]:
        together = [*columns, k]
        room = sum(least[one] for one in together) + _GAP * (len(together) - 1) + 1
        if width is not None and room > width and len(columns) > 1:
            yield columns
            together = [0, k]
        columns = together
    yield columns


def _widths(table: list[list[str]], width: int | None) -> list[int]:
    """Return the widths of columns that share a line: the last, then the widest, are folded."""
    widths = [_width(table, k) for k in range(len(table[0]))]
    if width is None:
        return widths
    room = width - 1 - _GAP * (len(widths) - 1)
    excess = sum(widths) - room
    if excess > 0:
        last = len(widths) - 1
        widths[last] = max(widths[last] - excess, min(widths[last], _LEAST))
    while sum(widths) > room and max(widths) > 1:
        widths[widths.index(max(widths))] -= 1
    return widths


def _width(table: Sequence[_Row], column: int) -> int:
    return max(len(line) for row in table for line in row[column].split("\n"))


def _longest_word(table: Sequence[_Row], column: int) -> int:
    return max((len(word) for row in table for word in row[column].split()), default=0)


def _fold(text: str, width: int) -> list[str]:
    """Return a text as lines of a width, broken at spaces where there are some."""
    return [line for one in text.split("\n") for line in _fold_line(one, width)]


def _fold_line(text: str, width: int) -> Iterator[str]:
    line = ""
    for word in text.split(" ") if len(unstyle(text)) > width else [text]:
        if line and len(unstyle(f"{line} {word}")) > width:
            yield line
            line = ""
        line = f"{line} {word}" if line else word
        if len(unstyle(line)) > width:
            line = unstyle(line)  # a word that is broken loses its colour
            while len(line) > width:
                yield line[:width]
                line = line[width:]
    yield line
