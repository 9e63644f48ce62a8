"""Words in a picture, and the colours of words and lines."""

from __future__ import annotations

from html import escape

INK, FAINT, BLUE = "#1F2937", "#6B7280", "#1D4ED8"
LETTER = 0.56  # a letter's width, of the font's size


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
