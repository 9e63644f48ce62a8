"""Tracer arrows: a line with a dot at the precedent and a head at the dependent."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from msgspec import Struct

from xlconv.analysis.cell_owners import Owner
from xlconv.report.trace.graph_formats import flows
from xlconv.report.trace.picture import Picture
from xlconv.report.trace.sheet_view import SheetView
from xlconv.report.trace.svg_text import BLUE
from xlconv.spreadsheet.addresses import Range

_MOST_ARROWS = 120


class _Arrow(Struct, frozen=True):
    precedent: Owner
    dependent: Owner
    before: Range
    after: Range


def arrow_lines(picture: Picture) -> Iterator[str]:
    """Yield the arrows between the boxes of a picture; of very many the shortest."""
    arrows = list(_arrows(picture))
    if len(arrows) > _MOST_ARROWS:
        arrows = _shortest(arrows, picture.view)
    for one in arrows:
        yield from _drawn(one, picture.view)


def _arrows(picture: Picture) -> Iterator[_Arrow]:
    trace = picture.trace
    for start, end, _ in flows(trace):
        one, other = trace.nodes[start], trace.nodes[end]
        before, after = (node.region.within(picture.view.area) for node in (one, other))
        here = one.owner.sheet == other.owner.sheet == trace.sheet
        if start != end and here and before and after:
            yield _Arrow(one.owner, other.owner, before.bounds, after.bounds)


def _shortest(arrows: list[_Arrow], view: SheetView) -> list[_Arrow]:
    """Return one arrow, the shortest, from tensor to tensor: all would hide the sheet."""

    def length(arrow: _Arrow) -> float:
        (x, y), (to_x, to_y) = view.middle(arrow.before), view.middle(arrow.after)
        return (to_x - x) ** 2 + (to_y - y) ** 2

    kept: dict[tuple[str, str], _Arrow] = {}
    for one in sorted((one for one in arrows if one.precedent.kind != "padding"), key=length):
        kept.setdefault((one.precedent.name, one.dependent.name), one)
    return list(kept.values())[:_MOST_ARROWS]


def _drawn(arrow: _Arrow, view: SheetView) -> Iterator[str]:
    (x, y), (to_x, to_y) = view.middle(arrow.before), view.middle(arrow.after)
    half = np.array(arrow.after.size[::-1]) * view.cell / 2
    way = np.array([to_x - x, to_y - y])
    # The head touches the box, wherever the line comes from.
    part = min(
        (h / abs(d) for h, d in zip(half.tolist(), way.tolist(), strict=True) if d), default=0.0
    )
    if part >= 1 or not way.any():
        return
    end_x, end_y = to_x - way[0] * part, to_y - way[1] * part
    yield (
        f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{end_x:.1f}" y2="{end_y:.1f}" stroke="{BLUE}" '
        'stroke-width="1.2" stroke-opacity="0.8" marker-end="url(#head)"/>'
    )
    yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="{BLUE}"/>'
