"""Colours and number formats of numbers.

Only styles, chosen by values; knows no layout.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from xlconv.arrays import Array
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.xlsx.formatting import THIN, Borders, CellStyle, ColorScale


class Palette(Struct, frozen=True):
    """The dark colour of a title and the palest dark of its numbers."""

    title: str
    high: str


class Tone(Struct, frozen=True):
    """The colours of 0 and of 1 in a plane that is a picture."""

    low: str
    high: str


FAINT = "#9CA3AF"
INPUT = Palette("#475569", "#9AA8BC")
NEGATIVE, ZERO, POSITIVE = "#8FB4EA", "#FFFFFF", "#F09A8E"
# Of layers, one after the other.
STAGES = (
    Palette("#B45309", "#F5B97A"),  # orange
    Palette("#15803D", "#93D5AB"),  # green
    Palette("#6D28D9", "#C6B0F2"),  # violet
    Palette("#0E7490", "#8CD3E3"),  # cyan
    Palette("#BE185D", "#F2A7C6"),  # rose
    Palette("#4D7C0F", "#C3DC8F"),  # lime
)
# Of red, green and blue in a picture.
CHANNELS = (Tone("#FFFFFF", "#F0857C"), Tone("#FFFFFF", "#7CCB86"), Tone("#FFFFFF", "#82ABF0"))
# Of tied weights, a colour for each number that they share.
SHARED = (
    "#F9B4AB", "#A9CBF5", "#B5E0A8", "#F7DC8B", "#D5BCF2", "#A5E0DC", "#F6BFDD", "#D9D2BE",
    "#C5D0DE",
)  # fmt: skip
YELLOW = "#FFF3A3"
PREDICTED = CellStyle(
    bold=True, color="#B91C1C", borders=Borders(THIN, THIN, THIN, THIN, "#B91C1C")
)

# As many decimals as a number has: where it may become any other.
ANY_NUMBER = 'General;-General;"·"'
LABELS = {
    "title": CellStyle(size=9, bold=True, align="left", color="#FFFFFF"),
    "caption": CellStyle(size=8, italic=True, align="left", color="#6B7280"),
    "header": CellStyle(size=8, italic=True, color="#6B7280", shrink=True),
    "choice": CellStyle(size=10, bold=True, align="left"),
    "class": CellStyle(size=8, bold=True, color="#374151", shrink=True),
    "heading": CellStyle(size=10, bold=True, align="left", color="#1F2937"),
    "remark": CellStyle(size=9, align="left", color="#374151"),
    "headline": CellStyle(size=14, bold=True, align="left", color="#1F2937"),
    "sign": CellStyle(size=9, color="#374151"),
}
PROBE = CellStyle(
    number_format="0", size=10, bold=True, fill=YELLOW,
    borders=Borders(THIN, THIN, THIN, THIN, "#A16207"),
)  # fmt: skip
TITLE_ROW = 0
TITLE_LETTER = 6  # pixels, about
TINY = 0.02  # below that, decimals show nothing

# Excel takes no longer formula in a conditional format.
RULE_LENGTH = 255
VECTOR_WIDTH, BAR_WIDTH, TABLE_WIDTH = 44, 72, 30


def live_maximum(ranges: tuple[Range, ...], values: Array) -> float | str:
    """Return the formula of the largest number of all planes, or the number where that is long."""
    formula = f"=MAX({','.join(area.absolute_name for area in ranges)})"
    if len(formula) <= RULE_LENGTH and values.max(initial=0) > 0:
        return formula
    return float(values.max(initial=0)) or 1.0


def diverging(ranges: tuple[Range, ...], values: Array) -> ColorScale:
    """Return blue below 0 and red above it, up to the largest of some numbers without its sign."""
    most = float(np.abs(values).max(initial=0)) or 1.0
    return ColorScale(ranges, ((-most, NEGATIVE), (0, ZERO), (most, POSITIVE)))


def number_format(values: Array) -> str:
    """Return the format of numbers in narrow cells: few digits, and a dot for a zero."""
    most = float(np.abs(values).max(initial=0))
    if 0 < most < TINY:
        return '0E+0;-0E+0;"·"'
    if most < 100:
        return '0.0;-0.0;"·"'
    return '0;-0;"·"' if most < 10_000 else '0E+0;-0E+0;"·"'


def weight_format(values: Array, *, wide: bool) -> str:
    """Return the format of parameters: more digits than others have, in `wide` cells most."""
    most = float(np.abs(values).max(initial=0))
    if np.array_equal(values, np.round(values)) and most < 100:
        return '0;-0;"·"'
    if most >= 10 or 0 < most < TINY / 10:  # two decimals show a tenth of what one does
        return number_format(values)
    if wide:
        return '0.00;-0.00;"·"'
    # LibreOffice shows -1.47 as 1-.47 by the plain one.
    return '.00;-.00;"·"' if most < 1 else '#.00;-#.00;"·"'
