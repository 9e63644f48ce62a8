"""Formatting of activations: heat maps, pictures, probabilities.

Colours follow the numbers as they change; nothing here decides a number.
"""

from __future__ import annotations

import numpy as np

from xlconv.arrays import Array
from xlconv.layers.base.answers import Probabilities
from xlconv.layers.base.place import Place
from xlconv.layout.layout import Layout
from xlconv.layout.links import KernelMenu
from xlconv.lowering.formatting.colours import (
    ANY_NUMBER,
    BAR_WIDTH,
    CHANNELS,
    FAINT,
    INPUT,
    PREDICTED,
    VECTOR_WIDTH,
    ZERO,
    Palette,
    Tone,
    diverging,
    live_maximum,
    number_format,
)
from xlconv.spreadsheet.addresses import Range, column_name
from xlconv.spreadsheet.blocks.halo import Halo
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.xlsx.formatting import (
    DOTTED,
    HAIR,
    THIN,
    Borders,
    CellStyle,
    ColorScale,
    ConditionalFormat,
    DataBar,
    Formatting,
)

_GREY = Tone("#7E8894", "#FFFFFF")
_BAR = "#7FB3E6"


def format_tensor(
    formatting: Formatting, layout: Layout, tensor: int, values: Array, palette: Palette
) -> None:
    """Format the planes of a tensor and their halos, with colour scales that suit its values."""
    place, tones = layout.places[tensor], _tones(layout, tensor)
    exact = layout.scale is not None
    style = CellStyle(ANY_NUMBER if exact else number_format(values), shrink=True)
    # LibreOffice applies one conditional format to a cell: the scale has to be in that
    # of the probe, which stands for the plane with its halo.
    ranges = tuple(plane.halo_range(place.halo) for plane in place.planes)
    for plane in place.planes:
        if not place.halo.is_empty:
            faint = _faint(place.halo, style.number_format, exact=exact)
            formatting.canvas.frame(plane.halo_range(place.halo), faint, HAIR, "#D5D9E0")
        line, color = (THIN, "#374151") if exact else (DOTTED, Borders().color)
        formatting.canvas.frame(plane.range, style, line, color)
    if tones:
        formatting.scales += [
            ColorScale((area,), ((0, tone.low), (1, tone.high)))
            for area, tone in zip(ranges, tones, strict=True)
        ]
    elif layout.scale is not None and palette is not INPUT:
        formatting.scales += [diverging((area,), np.array(layout.scale)) for area in ranges]
    elif values.min(initial=0) < 0:
        formatting.scales += [diverging((area,), values) for area in ranges]
    else:
        most = live_maximum(ranges, values)
        formatting.scales += [
            ColorScale((area,), ((0, ZERO), (most, palette.high))) for area in ranges
        ]
    if len(place.planes) == 1 and place.planes[0].shape[1] == 1 and not exact:
        column = place.planes[0].origin[1]
        formatting.widths[column] = max(formatting.widths.get(column, 0), VECTOR_WIDTH)


def _tones(layout: Layout, tensor: int) -> tuple[Tone, ...]:
    """Return the colours of 0 and 1 for each plane of a tensor that is a picture, if it is.

    The kernels of a kernel menu make pictures of pictures; an input of three channels is one
    in red, green and blue.
    """
    count = len(layout.places[tensor].planes)
    if any(isinstance(one, KernelMenu) for one in layout.links):
        return (_GREY,) * count
    return CHANNELS if tensor == 0 and count == len(CHANNELS) else ()


def _faint(halo: Halo, number_format: str, *, exact: bool) -> CellStyle:
    """Return the style of padding; what repeats a picture lies on its colours."""
    shown = number_format if halo.repeats else "0"
    color = ("#4B5563" if halo.repeats else FAINT) if exact else "#B6BCC6"
    return CellStyle(shown, size=7, color=color, shrink=halo.repeats)


def format_picture(formatting: Formatting, picture: Plane, values: Array) -> None:
    """Paint cells in the colours that red, green and blue between 0 and 1 make."""
    shades = np.clip(np.round(values * 255), 0, 255).astype(int)
    for i in range(picture.shape[0]):
        for j in range(picture.shape[1]):
            color = "#{:02X}{:02X}{:02X}".format(*shades[:, i, j])
            cell = picture.cell(i, j)
            formatting.canvas.fill(Range(*cell, *cell), CellStyle(fill=color))


def format_probabilities(
    formatting: Formatting, layout: Layout, place: Place, probabilities: Probabilities
) -> None:
    """Format a column of probabilities: per cents, bars, and the chosen ones marked."""
    (column,) = place.planes
    area = column.range
    formatting.canvas.frame(area, CellStyle("0.0%", shrink=True))
    formatting.widths[area.left] = BAR_WIDTH
    formatting.bars.append(DataBar(area, _BAR))
    first = f"=${column_name(area.left)}{area.top + 1}"
    of_one = probabilities is Probabilities.OF_ONE_CLASS
    chosen = f"{first}=MAX({area.absolute_name})" if of_one else f"{first}>=0.5"
    names = [
        label.cell[1] for label in layout.labels
        if label.role == "class" and label.cell[0] == area.top and label.cell[1] < area.left
    ]  # fmt: skip
    if names:  # from there on
        beside = Range(area.top, max(names), area.bottom, area.left - 1)
        formatting.conditional_formats.append(ConditionalFormat(beside, chosen, PREDICTED))
    formatting.conditional_formats.append(
        ConditionalFormat(area, chosen, PREDICTED)
    )  # the bars need one in their own format
