"""Planes as pictures in the terminal: half blocks in colours, or characters.

A line of text is about twice as high as a character is wide, so that two rows of a plane
share a line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from msgspec import Struct
from rich.console import Console
from rich.style import Style
from rich.text import Text

from xlconv.arrays import Array

_RAMP = " .:-=+*#%@"
_GAP = 2

# Small planes are enlarged to about so many columns.
_SMALL = 8
_ENTRY = 4
SEQUENTIAL = np.array([(24, 24, 32), (120, 40, 90), (235, 110, 60), (255, 240, 190)])
DIVERGING = np.array([(33, 90, 200), (250, 250, 250), (200, 40, 40)])


class Picture(Struct, frozen=True):
    """One plane with its captions, above it."""

    captions: tuple[str, ...]
    values: Array


class Scale(Struct, frozen=True):
    """What the lightest and the darkest shade stand for; symmetric where numbers are signed."""

    low: float
    high: float

    @classmethod
    def of(cls, values: Array) -> Scale:
        """Return the scale for all numbers of a tensor, so that its planes compare."""
        least, largest = float(values.min()), float(values.max())
        if least < 0:
            largest = max(-least, largest)
            return cls(-largest, largest)
        return cls(0.0, largest)

    def __call__(self, values: Array) -> Array:
        """Return the values from 0 to 1."""
        size = self.high - self.low
        return (values - self.low) / size if size else np.zeros_like(values)

    @property
    def is_signed(self) -> bool:
        """Whether there are negative numbers."""
        return self.low < 0


def print_pictures(console: Console, pictures: Sequence[Picture], scale: Scale) -> None:
    """Print planes side by side, as many as fit, averaged down where one alone does not."""
    in_color = console.color_system is not None and not console.no_color
    drawn = [
        (one.captions, _lines(_fitted(one.values, console.width), scale, in_color=in_color))
        for one in pictures
    ]
    for row in _rows(drawn, console.width):
        console.print(Text("\n").join(_joined(row)), soft_wrap=True)


def legend(scale: Scale, console: Console) -> Text:
    """Return what the shades stand for."""
    ends = [scale.low, 0.0, scale.high] if scale.is_signed else [0.0, scale.high]
    in_color = console.color_system is not None and not console.no_color
    text = Text("")
    for number, value in enumerate(ends):
        share = float(scale(np.array(value)))
        if in_color:
            text.append("  ", Style(bgcolor=_color(share, signed=scale.is_signed)))
        else:
            text.append(f"'{_RAMP[round(share * (len(_RAMP) - 1))]}'")
        text.append(f" {value:.3g}" + ("  " if number < len(ends) - 1 else ""))
    return text


def _fitted(values: Array, width: int) -> Array:
    """Return a plane enlarged if it is small, and averaged down to the width if it is large."""
    larger = max(1, _SMALL // max(values.shape))
    height = larger
    if len(values) == 1:  # a vector: one line, a few columns each
        larger, height = max(1, min(_ENTRY, width // values.shape[1])), 2
    drawn: Array = np.repeat(np.repeat(values, height, axis=0), larger, axis=1)
    by = -(-drawn.shape[1] // width)
    if by == 1:
        return drawn
    return np.array([[block.mean() for block in row] for row in _blocks(drawn, by)])


def _blocks(values: Array, by: int) -> Iterator[list[Array]]:
    height, width = values.shape
    for top in range(0, height, by):
        yield [values[top : top + by, left : left + by] for left in range(0, width, by)]


def _lines(values: Array, scale: Scale, *, in_color: bool) -> list[Text]:
    lines = []
    for top in range(0, len(values), 2):
        pair = scale(values[top : top + 2])
        if not in_color:
            shades = np.rint(pair.mean(axis=0) * (len(_RAMP) - 1)).astype(int)
            lines.append(Text("".join(_RAMP[shade] for shade in shades)))
            continue
        line = Text()
        for shares in pair.T.tolist():
            colors = [_color(share, signed=scale.is_signed) for share in shares]
            line.append("▀", Style(color=colors[0], bgcolor=colors[1] if colors[1:] else None))
        lines.append(line)
    return lines


def _color(share: float, *, signed: bool) -> str:
    """Return the colour of a share of the scale, between the stops of its palette."""
    stops = DIVERGING if signed else SEQUENTIAL
    place = min(max(share, 0.0), 1.0) * (len(stops) - 1)
    first = min(int(place), len(stops) - 2)
    mixed = stops[first] + (stops[first + 1] - stops[first]) * (place - first)
    return "#" + "".join(f"{round(part):02x}" for part in mixed)


Drawn = tuple[tuple[str, ...], list[Text]]


def _width(drawn: Drawn) -> int:
    captions, lines = drawn
    return max([lines[0].cell_len, *map(len, captions)])


def _rows(drawn: list[Drawn], width: int) -> Iterator[list[Drawn]]:
    row: list[Drawn] = []
    used = 0
    for one in drawn:
        need = _width(one) + (_GAP if row else 0)
        if row and used + need > width:
            yield row
            row, used, need = [], 0, _width(one)
        row.append(one)
        used += need
    yield row


def _joined(row: list[Drawn]) -> Iterator[Text]:
    """Yield the lines of pictures side by side, captions first."""
    columns = [([Text(one, "bold") for one in captions] + lines) for captions, lines in row]
    for k in range(max(map(len, columns))):
        line = Text()
        for number, (column, one) in enumerate(zip(columns, row, strict=True)):
            part = column[k].copy() if k < len(column) else Text()
            if number < len(row) - 1:
                part.append(" " * (_width(one) + _GAP - part.cell_len))
            line.append_text(part)
        yield line
