"""A trace as a picture: the sheet's planes as heatmaps to scale, boxes and tracer arrows.

Self-contained SVG without scripts. It has a pale card of its own to stand on, so
that it reads the same on light and on dark pages.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xlconv.analysis.cell_owners import Owner
from xlconv.analysis.cell_values import cell_formula, cell_value, value_text
from xlconv.analysis.trace import Trace
from xlconv.plurals import counted
from xlconv.report.trace.graph_formats import flows
from xlconv.report.trace.sheet_view import LETTER, plain, text_line, view_of
from xlconv.report.trace.svg_planes import Shade, heatmap, path_of, shades
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.precedents.region import region_of_range, union

_INK, _FAINT, _BLUE = "#1F2937", "#6B7280", "#1D4ED8"
_FONT = 'font-family="Helvetica, Arial, sans-serif"'

# Beside the last plane there is room for its name.
_MARGIN, _HEAD, _FOOT, _ASIDE = 16, 50, 8, 30

# The drawing's width and height in pixels, and how small and large a cell may be.
_WIDTH, _HEIGHT = 1500, 900
_SMALLEST, _LARGEST = 2.0, 18.0
_MOST_ARROWS = 120

# Planes that the trace does not touch are faint.
_ASLEEP = 0.7

# Kernels stand a cell apart: names between them need cells as high as that.
_READABLE, _CROWD = 7, 60


def trace_svg(trace: Trace) -> str:
    """Return the sheet of a trace as SVG: every plane to scale, what is traced boxed in blue.

    Arrows go from a precedent (a dot) to its dependent (a head), as those of a
    spreadsheet's own tracer do. Only the cell's own sheet is drawn.
    """
    return "\n".join(_Picture(trace).lines()) + "\n"


class _Picture:
    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        own = [one for one in trace.owners.planes if one.sheet == trace.sheet]
        self.view = view_of(trace, own)
        self.planes = [one for one in own if self.view.overlaps(one.plane.range)]
        height, width = self.view.size
        self.cell = max(_SMALLEST, min(_LARGEST, _WIDTH / width, _HEIGHT / height))
        self.font = min(11.0, max(6.0, self.cell * 1.05))
        self.top = _MARGIN + _HEAD + 2 * self.font + 14
        self.size = (
            max(width * self.cell + _ASIDE, 420) + 2 * _MARGIN,
            self.top + height * self.cell + _FOOT + _MARGIN
        )  # fmt: skip
        self.shades = shades(trace.opened, trace.sheet)
        self.traced = {
            one.owner: one.region for one in trace.nodes[::-1] if one.owner.sheet == trace.sheet
        }

    def x(self, column: float) -> float:
        return round(_MARGIN + (column - self.view.left) * self.cell, 1)

    def y(self, row: float) -> float:
        return round(self.top + (row - self.view.top) * self.cell, 1)

    def lines(self) -> Iterator[str]:
        width, height = (round(one) for one in self.size)
        title = self._title()
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img" {_FONT}>'
        )
        yield f"<title>{plain(title)}</title>"
        yield (
            '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
            f'markerHeight="7" orient="auto"><path d="M0 0.5L8 4L0 7.5z" fill="{_BLUE}"/>'
            "</marker></defs>"
        )
        yield (
            f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8" '
            'fill="#FFFFFF" stroke="#D1D5DB"/>'
        )
        yield from self._heading(title)
        yield from self._bands()
        yield from self._loose()
        for owner in self.planes:
            yield from self._plane(owner)
        yield from self._boxes()
        yield from self._arrows()
        for owner in self.planes:
            yield from self._name(owner)
        yield "</svg>"

    # -- words ---------------------------------------------------------------------------

    def _title(self) -> str:
        trace = self.trace
        word = "dependents" if trace.is_dependents else "precedents"
        name = trace.opened.cell_name(trace.sheet, trace.cell)
        value = cell_value(trace.opened, trace.sheet, trace.cell)
        worth = f" = {value_text(value)}" if value is not None else ""
        levels = trace.nodes[-1].level
        reach = "all" if trace.is_whole else f"{counted(levels, 'level')} of"
        return f"{name} · {trace.nodes[0].label}{worth} · {reach} {word}"

    def _heading(self, title: str) -> Iterator[str]:
        y = _MARGIN + 14
        yield text_line(_MARGIN, y, title, 15, _INK, bold=True, most=self.size[0] - 2 * _MARGIN)
        formula = cell_formula(self.trace.opened, self.trace.sheet, self.trace.cell)
        if formula is not None:
            room = int((self.size[0] - 2 * _MARGIN) / (11 * LETTER))
            short = formula if len(formula) <= room else formula[: room - 1] + "…"
            yield text_line(_MARGIN, y + 19, short, 11, _FAINT)

    def _bands(self) -> Iterator[str]:
        """Yield a band over the columns of each tensor and its parameters, with its name."""
        names: dict[int, list[Range]] = {}
        for owner in self.planes:
            if owner.plane.range.size != (1, 1) or owner.kind != "helper":
                names.setdefault(owner.tensor, []).append(owner.plane.range)
        size = min(12.0, max(8.0, self.font + 2))
        for tensor, areas in names.items():
            left, right = min(one.left for one in areas), max(one.right for one in areas)
            x, width = self.x(left), (right + 1 - left) * self.cell
            name = next(one.name for one in self.planes if one.tensor == tensor)
            shade = self.shades[tensor]
            y = self.top - 2 * self.font - 14
            yield (
                f'<rect x="{x}" y="{y:.1f}" width="{width:.1f}" height="{size + 4:.1f}" rx="2" '
                f'fill="{shade.title}"><title>{plain(name)}</title></rect>'
            )
            if len(name) * size * LETTER <= width - 4:
                yield text_line(x + 4, y + size, name, size, "#FFFFFF", bold=True)

    # -- cells ---------------------------------------------------------------------------

    def _loose(self) -> Iterator[str]:
        """Yield the cells of no tensor: numbers grey, formulas violet."""
        covered = union(region_of_range(one.plane.range) for one in self.planes)
        for is_formula, color in ((False, "#E5E7EB"), (True, "#DDD6FE")):
            held = self.trace.owners.held(self.trace.sheet, formulas=is_formula)
            cells = held.within(self.view) - covered
            if cells:
                yield f'<path transform="{self._transform()}" d="{path_of(cells)}" fill="{color}"/>'

    def _transform(self) -> str:
        x, y = self.x(0), self.y(0)
        return f"translate({x} {y}) scale({self.cell:.4g})"

    def _plane(self, owner: Owner) -> Iterator[str]:
        area = owner.plane.range
        shade: Shade = self.shades[owner.tensor]
        values = self.trace.opened.matrix(owner.sheet, owner.plane)
        parameter = owner.kind in ("weight", "bias")
        yield "<g>" if owner in self.traced else f'<g opacity="{_ASLEEP}">'
        yield f"<title>{plain(owner.title)} {area.name}</title>"
        yield (
            f'<rect x="{self.x(area.left)}" y="{self.y(area.top)}" '
            f'width="{area.size[1] * self.cell:.1f}" height="{area.size[0] * self.cell:.1f}" '
            'fill="#FFFFFF" stroke="#9CA3AF" stroke-width="0.6"/>'
        )
        paths = heatmap(owner.plane, values, shade.of_weights if parameter else shade.of_values)
        if paths:
            yield f'<g transform="{self._transform()}" shape-rendering="crispEdges">'
            for color, path in paths:
                yield f'<path fill="{color}" d="{path}"/>'
            yield "</g>"
        yield "</g>"

    def _name(self, owner: Owner) -> Iterator[str]:
        """Yield a plane's name above it, as long as there is room."""
        area, traced = owner.plane.range, owner in self.traced
        crowded = not traced or len(self.traced) > _CROWD
        if owner.kind in ("weight", "bias") and self.cell < _READABLE and crowded:
            return
        right = min(
            (one.plane.range.left for one in self.planes
             if one.plane.range.left > area.right
             and one.plane.range.top - 2 <= area.top <= one.plane.range.bottom + 1),
            default=None,
        )  # fmt: skip
        end = self.size[0] - _MARGIN if right is None else self.x(right)
        room = end - self.x(area.left) - 2
        index = f"[{', '.join(map(str, owner.index))}]"
        for words in (
            (owner.title, f"{owner.kind} {index}", index) if owner.index else (owner.title,)
        ):
            if len(words) * self.font * LETTER <= room:
                x, y = self.x(area.left), self.y(area.top) - 3
                yield text_line(x, y, words, self.font, _BLUE if traced else _FAINT, bold=traced)
                return

    # -- the trace -----------------------------------------------------------------------

    def _boxes(self) -> Iterator[str]:
        for k, node in reversed(list(enumerate(self.trace.nodes))):
            region = node.region.within(self.view)
            if node.owner.sheet != self.trace.sheet or not region:
                continue
            width, opacity = (2.5, 0.0) if k == 0 else (1.5, 0.1)
            if k and len(self.traced) > _CROWD:
                width, opacity = 0.7, 0.05
            yield (
                f'<path transform="{self._transform()}" d="{path_of(region)}" '
                f'fill="{_BLUE}" fill-opacity="{opacity}" stroke="{_BLUE}" '
                f'stroke-width="{width / self.cell:.3g}" stroke-linejoin="round">'
                f"<title>{plain(node.label)}</title></path>"
            )
            area, whole = region.bounds, node.owner.plane.range
            if k and node.owner.kind in ("input", "activation") and area.size != whole.size:
                y = self.y(area.bottom + 1) + self.font + 1
                size = "×".join(map(str, area.size))
                yield text_line(self.x(area.left), y, size, self.font, _BLUE)

    def _arrows(self) -> Iterator[str]:
        drawn: list[tuple[Owner, Owner, Range, Range]] = []
        for start, end, _ in flows(self.trace):
            nodes = [self.trace.nodes[k] for k in (start, end)]
            regions = [one.region.within(self.view) for one in nodes]
            here = all(one.owner.sheet == self.trace.sheet for one in nodes)
            if start != end and here and all(regions):
                owners = (nodes[0].owner, nodes[1].owner)
                drawn.append((*owners, regions[0].bounds, regions[1].bounds))
        for *_, before, after in drawn if len(drawn) <= _MOST_ARROWS else self._shortest(drawn):
            yield from self._arrow(before, after)

    def _shortest(
        self, drawn: list[tuple[Owner, Owner, Range, Range]]
    ) -> list[tuple[Owner, Owner, Range, Range]]:
        """Return one arrow, the shortest, from tensor to tensor: all would hide the sheet."""

        def length(arrow: tuple[Owner, Owner, Range, Range]) -> float:
            (x, y), (to_x, to_y) = self._middle(arrow[2]), self._middle(arrow[3])
            return (to_x - x) ** 2 + (to_y - y) ** 2

        drawn = [one for one in drawn if one[0].kind != "padding"]
        kept: dict[tuple[str, str], tuple[Owner, Owner, Range, Range]] = {}
        for one in sorted(drawn, key=length):
            kept.setdefault((one[0].name, one[1].name), one)
        return list(kept.values())[:_MOST_ARROWS]

    def _arrow(self, before: Range, after: Range) -> Iterator[str]:
        (x, y), (to_x, to_y) = self._middle(before), self._middle(after)
        half = np.array(after.size[::-1]) * self.cell / 2
        way = np.array([to_x - x, to_y - y])
        # The head touches the box, wherever the line comes from.
        reach = min(
            (h / abs(d) for h, d in zip(half.tolist(), way.tolist(), strict=True) if d), default=0.0
        )
        if reach >= 1 or not way.any():
            return
        end_x, end_y = to_x - way[0] * reach, to_y - way[1] * reach
        yield (
            f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{end_x:.1f}" y2="{end_y:.1f}" stroke="{_BLUE}" '
            'stroke-width="1.2" stroke-opacity="0.8" marker-end="url(#head)"/>'
        )
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="{_BLUE}"/>'

    def _middle(self, area: Range) -> tuple[float, float]:
        return self.x((area.left + area.right + 1) / 2), self.y((area.top + area.bottom + 1) / 2)
