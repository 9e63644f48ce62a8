"""The table of a network's layers: what each is, its output, its costs and its cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xlconv.arrays import by_shape
from xlconv.network.summary import Line, Row
from xlconv.report.text_table import table_lines

TITLES = ("name", "type", "output", "parameters", "multiplications", "cells")
NUMBERS = (3, 4)  # those of the columns that are


def row_of(line: Line | Row) -> tuple[str, ...]:
    """Return the texts of a layer's columns."""
    kind = f"{line.type} {line.describe}".strip() if line.type != "Input" else ""
    return (
        line.name, kind, by_shape(line.output_shape), count_text(line.parameters),
        count_text(line.multiplications), line.where or cells_text(line.ranges),
    )  # fmt: skip


def layer_lines(
    lines: Iterable[Line | Row], width: int | None = None, *, tight: bool = False
) -> Iterator[str]:
    """Yield a table with every layer's name, type, output shape, costs and cells."""
    rows = [row_of(line) for line in lines]
    return table_lines(TITLES, rows, right=NUMBERS, width=width, tight=tight)


def count_text(count: int) -> str:
    """Return a count with its thousands apart; nothing for none."""
    return f"{count:,}" if count else ""


def cells_text(ranges: tuple[str, ...]) -> str:
    """Return up to two ranges, or else the first and the last."""
    if len(ranges) <= 2:
        return ", ".join(ranges)
    return f"{ranges[0]} … {ranges[-1]} ({len(ranges)} planes)"
