"""The table of a network's layers: what each is, its output, its costs and its cells."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from xlconv.arrays import Shape
from xlconv.network.summary import Line, Row

if TYPE_CHECKING:
    from rich.table import Table

TITLES = ("name", "type", "output", "parameters", "multiplications", "cells")
NUMBERS = (3, 4)  # those of the columns that are


def row_of(line: Line | Row) -> tuple[str, ...]:
    """Return the texts of a layer's columns."""
    kind = f"{line.type} {line.describe}".strip() if line.type != "Input" else ""
    return (
        line.name, kind, by_shape(line.output_shape), count_text(line.parameters),
        count_text(line.multiplications), line.where or cells_text(line.ranges),
    )  # fmt: skip


def layer_table(lines: Iterable[Line], *, tight: bool = False) -> Table:
    """Return name, type, output shape, parameters, multiplications and cells of every layer."""
    table = plain_table(tight=tight)
    for number, title in enumerate(TITLES[:-1]):
        right = number in NUMBERS
        table.add_column(title, justify="right" if right else "left", no_wrap=title != "type")
    table.add_column(TITLES[-1], overflow="fold")
    for line in lines:
        table.add_row(*row_of(line))
    return table


def plain_table(*, tight: bool = False) -> Table:
    """Return an empty table as all reports have it; a tight one has less between columns."""
    from rich import box  # noqa: PLC0415  slow, and not for all that use the texts
    from rich.table import Table  # noqa: PLC0415

    return Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0 if tight else 1))


def by_shape(shape: Shape) -> str:
    """Return a shape for people: `2×26×26`."""
    return "×".join(map(str, shape))


def count_text(count: int) -> str:
    """Return a count with its thousands apart; nothing for none."""
    return f"{count:,}" if count else ""


def cells_text(ranges: tuple[str, ...]) -> str:
    """Return up to two ranges, or else the first and the last."""
    if len(ranges) <= 2:
        return ", ".join(ranges)
    return f"{ranges[0]} … {ranges[-1]} ({len(ranges)} planes)"
