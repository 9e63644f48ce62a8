"""The part of a sheet that a picture shows, and words in it."""

from __future__ import annotations

from html import escape

from xlconv.analysis.cell_owners import Owner
from xlconv.analysis.trace import Trace
from xlconv.spreadsheet.addresses import MAX_COLUMNS, MAX_ROWS, Range

# Of larger sheets the part around the cell is drawn.
_MOST_LINES = 1400
LETTER = 0.56  # a letter's width, of the font's size


def view_of(trace: Trace, owners: list[Owner]) -> Range:
    """Return the part of the sheet that is drawn: all planes and what is traced, within reason."""
    row, column = trace.cell
    near = Range(
        max(0, row - _MOST_LINES // 2), max(0, column - _MOST_LINES // 2),
        min(MAX_ROWS - 1, row + _MOST_LINES // 2), min(MAX_COLUMNS - 1, column + _MOST_LINES // 2),
    )  # fmt: skip
    used = trace.opened.calculation.grids[trace.sheet].used
    traced = [one.region for one in trace.nodes if one.owner.sheet == trace.sheet]
    # A whole column is drawn as far as the sheet is used.
    frame = used.union(Range(row, column, row, column))
    regions = [one.within(frame) for one in traced]
    areas = [one.plane.range for one in owners] + [one.bounds for one in regions if one]
    if not owners:
        areas.append(frame)
    whole = areas[0]
    for area in areas[1:]:
        whole = whole.union(area)
    if max(whole.size) <= _MOST_LINES:
        return whole
    return Range(
        max(whole.top, near.top), max(whole.left, near.left),
        min(whole.bottom, near.bottom), min(whole.right, near.right),
    )  # fmt: skip


def plain(words: str) -> str:
    """Return words as XML takes them; control characters, which it does not, are left out."""
    return escape("".join(one for one in words if one >= " " or one in "\t\n"))


def text_line(
    x: float, y: float, words: str, size: float, color: str, *, bold: bool = False, most: float = 0
) -> str:
    """Return a line of text, squeezed to `most` pixels where it is longer."""
    weight = ' font-weight="bold"' if bold else ""
    # A long title is squeezed rather than cut.
    squeeze = ""
    if most and len(words) * size * LETTER > most:
        squeeze = f' textLength="{most:.0f}" lengthAdjust="spacingAndGlyphs"'
    halo = ' stroke="#FFFFFF" stroke-width="2" paint-order="stroke"' if color != "#FFFFFF" else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:.1f}" fill="{color}"{weight}{squeeze}'
        f"{halo}>{plain(words)}</text>"
    )
