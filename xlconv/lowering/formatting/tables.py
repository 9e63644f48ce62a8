"""Formatting of parameters, and of the cells beside them: kernel menus, comparisons, metrics.

Never reads a formula, and changes no number.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec.structs import replace

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
    SHARED,
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
_COMPARISON_WIDTH = 96


def format_tables(
    formatting: Formatting, planes: Sequence[Plane], values: Array, layout: Layout | None = None
) -> None:
    """Format parameters: colours by value, or by the number that tied ones share."""
    wide = max(plane.shape[1] for plane in planes) <= 5
    style = CellStyle(weight_format(values, wide=wide), shrink=True)
    links = layout.links if layout is not None else ()
    if any(isinstance(one, KernelMenu) and one.plane in planes for one in links):
        style = replace(style, number_format=ANY_NUMBER)
    for plane in planes:
        formatting.canvas.frame(plane.range, style)
        if wide and (layout is None or layout.scale is None):
            area = plane.range
            formatting.widths |= dict.fromkeys(range(area.left, area.right + 1), TABLE_WIDTH)
    shared = _shared_styles(links)
    cells = [cell for plane in planes for cell in zip(*map(list, plane.cells()), strict=True)]
    if shared.keys() & set(cells):
        # Fills instead of a scale, which would lie above them.
        for plane in planes:
            formatting.canvas.frame(plane.range, replace(style, color=FAINT))
        for cell in shared.keys() & set(cells):
            formatting.canvas.fill(Range(*cell, *cell), shared[cell])
        return
    formatting.scales.append(diverging(tuple(plane.range for plane in planes), values))


def format_sums(formatting: Formatting, planes: list[Plane], values: list[Array]) -> None:
    """Format partial sums: numbers in grey, as they are only on the way to the plane."""
    style = CellStyle(number_format(np.concatenate(values)), color="#6B7280", shrink=True)
    for plane, matrix in zip(planes, values, strict=True):
        formatting.canvas.frame(plane.range, style)
        formatting.scales.append(diverging((plane.range,), matrix))


def _shared_styles(links: Sequence[TiedCell | KernelMenu]) -> dict[Cell, CellStyle]:
    """Return the style of tied weights and of the numbers they show: a colour per number."""
    tied = [one for one in links if isinstance(one, TiedCell)]
    numbers = sorted({one.number for one in tied})
    line = Borders(THIN, THIN, THIN, THIN, ZERO)
    styles = {
        number: CellStyle(
            ANY_NUMBER, bold=True, fill=SHARED[k % len(SHARED)], shrink=True, borders=line
        )
        for k, number in enumerate(numbers)
    }
    return styles | {one.cell: styles[one.number] for one in tied}


def format_kernel_menu(formatting: Formatting, menu: KernelMenu) -> None:
    """Format the cell of the choice and the kernels it is from, the chosen one marked."""
    row, column = menu.key
    right = column + menu.plane.shape[1] - 1
    formatting.canvas.frame(Range(row, column, row, right), _CHOICE, THIN, "#A16207")
    right = menu.first[1] + menu.plane.shape[1] - 1
    band = replace(LABELS["title"], fill=INPUT.title)
    formatting.canvas.fill(Range(TITLE_ROW, menu.names.left, TITLE_ROW, right), band)
    chosen = a1_name(menu.key, absolute=True)
    names = tuple(option.name for option in menu.options)
    hint = "Which kernel of the table the picture is filtered with"
    formatting.validations.append(DataValidation(menu.key, 0, "Kernel", hint, names))
    for option in menu.options:
        area = option.plane.range
        format_tables(formatting, [option.plane], np.array(option.numbers))
        named = Range(area.top, menu.names.left, area.top, menu.names.left)
        formatting.canvas.fill(named, replace(LABELS["class"], align="right"))
        widest = formatting.widths.get(menu.names.left, formatting.column_width)
        formatting.widths[menu.names.left] = max(widest, len(option.name) * TITLE_LETTER + 12)
        is_chosen = f"={chosen}={a1_name((area.top, menu.names.left), absolute=True)}"
        formatting.conditional_formats += [
            ConditionalFormat(named, is_chosen, PREDICTED),
            ConditionalFormat(area, is_chosen, _CHOSEN),
        ]


def format_comparison(formatting: Formatting, comparison: PlaneComparison) -> None:
    """Format the cell that compares two planes: green where they agree, red elsewhere."""
    area = Range(*comparison.cell, *comparison.cell)
    formatting.canvas.fill(area, _AGREED)
    formatting.conditional_formats.append(
        ConditionalFormat(area, f"={a1_name(comparison.cell, absolute=True)}>={_SAME}", _DIFFERS)
    )
    formatting.widths[area.left] = _COMPARISON_WIDTH


def format_metric(formatting: Formatting, metric: Metric) -> None:
    """Format the numbers of a metric and its result."""
    for area in metric.number_ranges():
        digits = "0.00" if metric.kind == STATISTICS else "0"
        fill = YELLOW if metric.sentence else ""  # to be played with, as the probe is
        formatting.canvas.frame(area, CellStyle(digits, fill=fill, shrink=True))
    style = CellStyle("0%", shrink=True) if metric.kind == STATISTICS else CellStyle("0", bold=True)
    formatting.canvas.frame(metric.result, style)
