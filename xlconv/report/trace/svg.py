"""A trace as a picture: the sheet's planes as heatmaps to scale, boxes and tracer arrows.

Self-contained SVG without scripts. It has a pale card of its own to stand on, so
that it reads the same on light and on dark pages.
"""

from __future__ import annotations

from collections.abc import Iterator

from xlconv.analysis.cell_owners import Owner
from xlconv.analysis.cell_values import cell_formula, cell_value, value_text
from xlconv.analysis.trace import Trace
from xlconv.arrays import by_shape
from xlconv.plurals import counted
from xlconv.report.trace.picture import Picture, picture_of
from xlconv.report.trace.sheet_view import MARGIN
from xlconv.report.trace.svg_arrows import arrow_lines
from xlconv.report.trace.svg_names import plane_titles, tensor_bands
from xlconv.report.trace.svg_planes import heatmap, path_of
from xlconv.report.trace.svg_text import BLUE, FAINT, INK, LETTER, plain, text_line
from xlconv.spreadsheet.precedents.region import region_of_range, union

_FONT = 'font-family="Helvetica, Arial, sans-serif"'

# Planes that the trace does not touch are faint.
_UNTRACED_OPACITY = 0.7


def trace_svg(trace: Trace) -> str:
    """Return the sheet of a trace as SVG: every plane to scale, what is traced boxed in blue.

    Arrows go from a precedent (a dot) to its dependent (a head), as those of a
    spreadsheet's own tracer do. Only the cell's own sheet is drawn.
    """
    return "\n".join(_lines(picture_of(trace))) + "\n"


def _lines(picture: Picture) -> Iterator[str]:
    title = _title(picture.trace)
    yield from _card(picture, title)
    yield from _heading(picture, title)
    yield from tensor_bands(picture)
    yield from _loose_cells(picture)
    for owner in picture.planes:
        yield from _plane(picture, owner)
    yield from _boxes(picture)
    yield from arrow_lines(picture)
    yield from plane_titles(picture)
    yield "</svg>"


def _title(trace: Trace) -> str:
    word = "dependents" if trace.is_dependents else "precedents"
    name = trace.book.cell_name(trace.sheet, trace.cell)
    value = cell_value(trace.book, trace.sheet, trace.cell)
    worth = f" = {value_text(value)}" if value is not None else ""
    levels = trace.nodes[-1].level
    depth = "all" if trace.is_whole else f"{counted(levels, 'level')} of"
    return f"{name} · {trace.nodes[0].label}{worth} · {depth} {word}"


def _card(picture: Picture, title: str) -> Iterator[str]:
    width, height = (round(one) for one in picture.view.size)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" {_FONT}>'
    )
    yield f"<title>{plain(title)}</title>"
    yield (
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        f'markerHeight="7" orient="auto"><path d="M0 0.5L8 4L0 7.5z" fill="{BLUE}"/>'
        "</marker></defs>"
    )
    yield (
        f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8" '
        'fill="#FFFFFF" stroke="#D1D5DB"/>'
    )


def _heading(picture: Picture, title: str) -> Iterator[str]:
    trace, most, y = picture.trace, picture.view.size[0] - 2 * MARGIN, MARGIN + 14
    yield text_line(MARGIN, y, title, 15, INK, bold=True, most=most)
    formula = cell_formula(trace.book, trace.sheet, trace.cell)
    if formula is not None:
        room = int(most / (11 * LETTER))
        short = formula if len(formula) <= room else formula[: room - 1] + "…"
        yield text_line(MARGIN, y + 19, short, 11, FAINT)


def _loose_cells(picture: Picture) -> Iterator[str]:
    """Yield the cells of no tensor: numbers grey, formulas violet."""
    trace, view = picture.trace, picture.view
    covered = union(region_of_range(one.plane.range) for one in picture.planes)
    for is_formula, color in ((False, "#E5E7EB"), (True, "#DDD6FE")):
        held = trace.owners.held(trace.sheet, formulas=is_formula)
        cells = held.within(view.area) - covered
        if cells:
            yield f'<path transform="{view.transform}" d="{path_of(cells)}" fill="{color}"/>'


def _plane(picture: Picture, owner: Owner) -> Iterator[str]:
    view, area, colors = picture.view, owner.plane.range, picture.colors[owner.tensor]
    is_traced = owner in picture.traced
    yield "<g>" if is_traced else f'<g opacity="{_UNTRACED_OPACITY}">'
    yield f"<title>{plain(owner.title)} {area.name}</title>"
    height, width = (size * view.cell for size in area.size)
    yield (
        f'<rect x="{view.x(area.left)}" y="{view.y(area.top)}" '
        f'width="{width:.1f}" height="{height:.1f}" '
        'fill="#FFFFFF" stroke="#9CA3AF" stroke-width="0.6"/>'
    )
    values = picture.trace.book.matrix(owner.sheet, owner.plane)
    is_parameter = owner.kind in ("weight", "bias")
    paths = heatmap(owner.plane, values, colors.of_weights if is_parameter else colors.of_values)
    if paths:
        yield f'<g transform="{view.transform}" shape-rendering="crispEdges">'
        for color, path in paths:
            yield f'<path fill="{color}" d="{path}"/>'
        yield "</g>"
    yield "</g>"


def _boxes(picture: Picture) -> Iterator[str]:
    """Yield a box around what is traced, the cell's own last; parts of planes with their size."""
    trace, view = picture.trace, picture.view
    for k, node in reversed(list(enumerate(trace.nodes))):
        region = node.region.within(view.area)
        if node.owner.sheet != trace.sheet or not region:
            continue
        width, opacity = (2.5, 0.0) if k == 0 else (1.5, 0.1)
        if k and picture.is_crowded:
            width, opacity = 0.7, 0.05
        yield (
            f'<path transform="{view.transform}" d="{path_of(region)}" '
            f'fill="{BLUE}" fill-opacity="{opacity}" stroke="{BLUE}" '
            f'stroke-width="{width / view.cell:.3g}" stroke-linejoin="round">'
            f"<title>{plain(node.label)}</title></path>"
        )
        area, whole = region.bounds, node.owner.plane.range
        if k and node.owner.kind in ("input", "activation") and area.size != whole.size:
            y = view.y(area.bottom + 1) + view.font + 1
            yield text_line(view.x(area.left), y, by_shape(area.size), view.font, BLUE)
