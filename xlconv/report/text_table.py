"""A table as lines of text: titles, a rule, rows.

For the command that should answer at once: rich would take longer to import than the
workbook takes to read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence


def table_lines(
    titles: Sequence[str], rows: Sequence[Sequence[str]], *, right: Collection[int] = ()
) -> Iterator[str]:
    """Yield the lines of a table, each column as wide as its widest text.

    Columns whose numbers are in `right` are set to the right, the others to the left.
    """
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]

    def line(texts: Sequence[str]) -> str:
        cells = (
            text.rjust(width) if number in right else text.ljust(width)
            for number, (text, width) in enumerate(zip(texts, widths, strict=True))
        )
        return f" {'   '.join(cells)}".rstrip()

    yield line(titles)
    yield " " + "─" * (sum(widths) + 3 * (len(widths) - 1))
    yield from map(line, rows)
