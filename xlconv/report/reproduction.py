"""A reproduction as text: how much is at its address again, and what is not."""

from __future__ import annotations

from collections.abc import Iterator

import click

from xlconv.analysis.reproduction import Reproduction
from xlconv.plurals import counted

_SHOWN = 60  # characters of a cell's content


def print_reproduction(made: Reproduction, path: str) -> None:
    """Print the counts, beginning with the path, and a line for every difference."""
    first, *others = reproduction_lines(made)
    click.echo(f"{path}: {first}")
    for line in others:
        click.echo(line)


def reproduction_lines(made: Reproduction) -> Iterator[str]:
    """Yield the counts, and then a line for every difference."""
    counts = (
        f"{made.same_formulas:,} of {counted(made.formulas, 'formula')}, "
        f"{made.same_numbers:,} of {counted(made.numbers, 'number')} and "
        f"{made.same_texts:,} of {counted(made.texts, 'text')} are at their addresses again"
    )
    # Rounded down: 100 % is said of all cells, and of nothing less.
    share = int(made.share * 1000) / 10
    yield f"{counts} ({share:g} % of formulas and numbers)"
    for one in made.differences:
        cells = one.cells if len(one.cells) <= _SHOWN else f"{one.cells[:_SHOWN]}…"
        was, now = _short(one.was), _short(one.now)
        yield f"  {one.count:,} × {one.what}: {one.sheet}!{cells}; {was} is now {now}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"
