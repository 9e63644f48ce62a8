"""The table of a network's layers: what each is, its output, its costs and its cells."""

from __future__ import annotations

from collections.abc import Iterable

from rich import box
from rich.table import Table

from xlconv.layers import Shape
from xlconv.summary import Line


def layer_table(lines: Iterable[Line], *, tight: bool = False) -> Table:
    """Return name, type, output shape, parameters, multiplications and cells of every layer."""
    table = plain_table(tight=tight)
    for title in ("name", "type", "output"):
        table.add_column(title, no_wrap=title != "type")
    for title in ("parameters", "multiplications"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("cells", overflow="fold")
    for line in lines:
        kind = f"{line.type} {line.describe}".strip() if line.layer else ""
        table.add_row(
            line.name, kind, by_shape(line.output_shape), count_text(line.parameters),
            count_text(line.multiplications), line.where or cells_text(line.ranges),
        )  # fmt: skip
    return table


def plain_table(*, tight: bool = False) -> Table:
    """Return an empty table as all reports have it; a tight one has less between columns."""
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
