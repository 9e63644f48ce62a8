"""The probe: rules that box the receptive field of a chosen unit, live, without macros.

Conditional formats compare a cell's place in its plane with the window that the
unit sees there. A box is drawn by a rule for each part of it, corners first: programs
that apply only the first true rule to a cell then draw the same box as those that
join several. Uses only ROW, COLUMN and AND.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from xlconv.layers import Reach
from xlconv.layout import Layout
from xlconv.network import Network
from xlconv.plane import Plane
from xlconv.refs import Cell, name_of
from xlconv.xlsx.look import NO_BORDER, THIN, Borders, CellStyle, Rule

_MARK = "#1D4ED8"


def probe_rules(network: Network, layout: Layout) -> Iterator[Rule]:
    """Yield the rules of every plane that the probed tensor depends on, and of its own."""
    probe = layout.probe
    if probe is None:
        return
    for tensor, reach in network.receptive_fields(probe.tensor).items():
        place = layout.places[tensor]
        for plane in place.planes:
            area = plane.halo_range(place.halo)
            rows = _parts("ROW()", probe.row, plane, reach, axis=0)
            columns = _parts("COLUMN()", probe.column, plane, reach, axis=1)
            for (top, bottom, row), (left, right, column) in product(rows, columns):
                borders = Borders(_line(top), _line(bottom), _line(left), _line(right), _MARK)
                style = CellStyle(bold=True, color=_MARK, borders=borders)
                yield Rule(area, f"=AND({row},{column})", style)


def _line(side: bool) -> int:
    return THIN if side else NO_BORDER


def _parts(
    function: str, chosen: Cell, plane: Plane, reach: Reach, axis: int
) -> list[tuple[bool, bool, str]]:
    """Return the first line of the box, the last, and those between, with their conditions.

    Line k of the window stands at `origin + step * (start + k + stride * chosen)`.
    """
    step, last = plane.step[axis], reach.size[axis] - 1
    moving = _times(name_of(chosen, absolute=True), step * reach.stride[axis])
    first = plane.origin[axis] + 1 + step * reach.start[axis]  # ROW() and COLUMN() count from 1
    if last == 0:
        return [(True, True, f"{function}={first}+{moving}")]
    end = first + step * last
    parts = [
        (True, False, f"{function}={first}+{moving}"),
        (False, True, f"{function}={end}+{moving}"),
    ]
    if end - first > 1:
        between = f"{function}>{first}+{moving},{function}<{end}+{moving}"
        parts.append((False, False, between))
    return parts


def _times(chosen: str, factor: int) -> str:
    return chosen if factor == 1 else f"{factor}*{chosen}"
