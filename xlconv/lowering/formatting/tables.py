"""How parameters look, and the cells beside them: menus, checks, measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from xlconv.arrays import Array
from xlconv.layout.layout import Layout
from xlconv.layout.links import KernelMenu, PlaneComparison, TiedCell
from xlconv.layout.metric import Metric
from xlconv.layout.naming_convention import STATISTICS
from xlconv.lowering.formatting.colours import (
    ANY_NUMBER,
    FAINT,
    INPUT,
    LABELS,
    PREDICTED,
    TABLE_WIDTH,
    TITLE_LETTER,
    TITLE_ROW,
    YELLOW,
    ZERO,
    diverging,
    number_format,
    weight_format,
)
from xlconv.spreadsheet.addresses import Cell, Range, a1_name
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.xlsx.formatting import (
    THIN,
    Borders,
    CellStyle,
    ConditionalFormat,
    DataValidation,
    Formatting,
)

_CHOICE = CellStyle(size=10, bold=True, align="left", fill=YELLOW)
_CHOSEN = CellStyle(bold=True, borders=Borders(THIN, THIN, THIN, THIN, "#B91C1C"))
_SAME = "0.000000001"
_AGREED = CellStyle(
    number_format=f'[<{_SAME}]"both agree";0.00" apart"', size=10, bold=True, color="#15803D",
    fill="#DCFCE7", borders=Borders(THIN, THIN, THIN, THIN, "#15803D"),
)  # fmt: skip
_DIFFERS = CellStyle(
    bold=True, color="#B91C1C", fill="#FEE2E2", borders=Borders(THIN, THIN, THIN, THIN, "#B91C1C")
)
_CHECK_WIDTH = 96

# Of tied weights, a colour for each number that they share.
_SHARED = (
    "#F9B4AB", "#A9CBF5", "#B5E0A8", "#F7DC8B", "#D5BCF2", "#A5E0DC", "#F6BFDD", "#D9D2BE",
    "#C5D0DE",
)  # fmt: skip


def dress_tables(
    look: Formatting, planes: Sequence[Plane], values: Array, layout: Layout | None = None
) -> None:
    wide = max(plane.shape[1] for plane in planes) <= 5
    style = CellStyle(weight_format(values, wide=wide), shrink=True)
    borrowed = layout.links if layout is not None else ()
    if any(isinstance(one, KernelMenu) and one.plane in planes for one in borrowed):
        style = replace(style, number_format=ANY_NUMBER)
    for plane in planes:
        look.canvas.frame(plane.range, style)
        if wide and (layout is None or layout.scale is None):
            area = plane.range
            look.widths |= dict.fromkeys(range(area.left, area.right + 1), TABLE_WIDTH)
    shared = _shared_styles(borrowed)
    cells = [cell for plane in planes for cell in zip(*map(list, plane.cells()), strict=True)]
    if shared.keys() & set(cells):
        # Fills instead of a scale, which would lie above them.
        for plane in planes:
            look.canvas.frame(plane.range, replace(style, color=FAINT))
        for cell in shared.keys() & set(cells):
            look.canvas.fill(Range(*cell, *cell), shared[cell])
        return
    look.scales.append(diverging(tuple(plane.range for plane in planes), values))


def dress_sums(look: Formatting, planes: list[Plane], values: list[Array]) -> None:
    """Dress partial sums: numbers in grey, as they are only on the way to the plane."""
    style = CellStyle(number_format(np.concatenate(values)), color="#6B7280", shrink=True)
    for plane, matrix in zip(planes, values, strict=True):
        look.canvas.frame(plane.range, style)
        look.scales.append(diverging((plane.range,), matrix))


def _shared_styles(borrowed: Sequence[TiedCell | KernelMenu]) -> dict[Cell, CellStyle]:
    """Return the style of tied weights and of the numbers they show: a colour per number."""
    ties = [one for one in borrowed if isinstance(one, TiedCell)]
    numbers = sorted({tie.number for tie in ties})
    line = Borders(THIN, THIN, THIN, THIN, ZERO)
    styles = {
        number: CellStyle(
            ANY_NUMBER, bold=True, fill=_SHARED[k % len(_SHARED)], shrink=True, borders=line
        )
        for k, number in enumerate(numbers)
    }
    return styles | {tie.cell: styles[tie.number] for tie in ties}


def dress_menu(look: Formatting, menu: KernelMenu) -> None:
    row, column = menu.key
    right = column + menu.plane.shape[1] - 1
    look.canvas.frame(Range(row, column, row, right), _CHOICE, THIN, "#A16207")
    right = menu.first[1] + menu.plane.shape[1] - 1
    band = replace(LABELS["title"], fill=INPUT.title)
    look.canvas.fill(Range(TITLE_ROW, menu.names.left, TITLE_ROW, right), band)
    chosen = a1_name(menu.key, absolute=True)
    names = tuple(option.name for option in menu.options)
    hint = "Which kernel of the table the picture is filtered with"
    look.validations.append(DataValidation(menu.key, 0, "Kernel", hint, names))
    for option in menu.options:
        area = option.plane.range
        dress_tables(look, [option.plane], np.array(option.numbers))
        named = Range(area.top, menu.names.left, area.top, menu.names.left)
        look.canvas.fill(named, replace(LABELS["class"], align="right"))
        widest = look.widths.get(menu.names.left, look.column_width)
        look.widths[menu.names.left] = max(widest, len(option.name) * TITLE_LETTER + 12)
        is_chosen = f"={chosen}={a1_name((area.top, menu.names.left), absolute=True)}"
        look.conditional_formats += [
            ConditionalFormat(named, is_chosen, PREDICTED),
            ConditionalFormat(area, is_chosen, _CHOSEN),
        ]


def dress_check(look: Formatting, check: PlaneComparison) -> None:
    area = Range(*check.cell, *check.cell)
    look.canvas.fill(area, _AGREED)
    look.conditional_formats.append(
        ConditionalFormat(area, f"={a1_name(check.cell, absolute=True)}>={_SAME}", _DIFFERS)
    )
    look.widths[area.left] = _CHECK_WIDTH


def dress_measure(look: Formatting, measure: Metric) -> None:
    for area in measure.number_ranges():
        digits = "0.00" if measure.kind == STATISTICS else "0"
        fill = YELLOW if measure.sentence else ""  # to be played with, as the probe is
        look.canvas.frame(area, CellStyle(digits, fill=fill, shrink=True))
    style = (
        CellStyle("0%", shrink=True) if measure.kind == STATISTICS else CellStyle("0", bold=True)
    )
    look.canvas.frame(measure.result, style)
