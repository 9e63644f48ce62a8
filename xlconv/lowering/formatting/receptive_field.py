"""The probe: rules that box the receptive field of a chosen unit, live, without macros.

Conditional formats compare a cell's place in its plane with the window that the
unit sees there. A box is drawn by a rule for each part of it, corners first: programs
that apply only the first true rule to a cell then draw the same box as those that
join several. Uses only ROW, COLUMN, AND, MIN and MAX.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from xlconv.arrays import Shape
from xlconv.layers import ReceptiveField
from xlconv.layout.layout import Layout
from xlconv.layout.probe import Probe
from xlconv.network.network import Network
from xlconv.spreadsheet.addresses import Cell, a1_name
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.xlsx.formatting import (
    NO_BORDER,
    THIN,
    Borders,
    CellStyle,
    ConditionalFormat,
)

_MARK = "#1D4ED8"


def probe_rules(network: Network, layout: Layout, shared: int = 0) -> Iterator[ConditionalFormat]:
    """Yield the rules of every plane that the probed tensor depends on, and of its own.

    The first `shared` tensors are another network's, which has rules for them.
    """
    probe = layout.probe
    if probe is None:
        return
    exists = _exists(probe, network.shapes[probe.tensor])
    for tensor, field in network.receptive_fields(probe.tensor).items():
        if tensor < shared:
            continue
        place = layout.places[tensor]
        for plane in place.planes:
            area = plane.halo_range(place.halo)
            rows = _parts("ROW()", probe.row, plane, field, 0, (area.top, area.bottom))
            columns = _parts("COLUMN()", probe.column, plane, field, 1, (area.left, area.right))
            for (top, bottom, row), (left, right, column) in product(rows, columns):
                borders = Borders(_line(top), _line(bottom), _line(left), _line(right), _MARK)
                style = CellStyle(bold=True, borders=borders)
                yield ConditionalFormat(area, f"=AND({exists}{row},{column})", style)


def _exists(probe: Probe, shape: Shape) -> str:
    """Return the condition that there is such a unit, where others may be chosen."""
    if probe.most is None:
        return ""
    chosen = zip((probe.row, probe.column), shape[1:], probe.most, strict=True)
    parts = [f"{a1_name(cell, absolute=True)}<{n}," for cell, n, most in chosen if n < most]
    return "".join(parts)


def _line(side: bool) -> int:
    return THIN if side else NO_BORDER


def _parts(
    function: str,
    chosen: Cell,
    plane: Plane,
    field: ReceptiveField,
    axis: int,
    drawn: tuple[int, int],
) -> list[tuple[bool, bool, str]]:
    """Return the first line of the box, the last, and those between, with their conditions.

    Line k of the window stands at `origin + step * (start + k + stride * chosen)`, as
    far as that is within the lines that are `drawn`: a field seen through several
    layers may reach farther than the halo around a plane.
    """
    step, last = plane.step[axis], field.size[axis] - 1
    moving = _times(a1_name(chosen, absolute=True), step * field.stride[axis])
    first = plane.origin[axis] + 1 + step * field.start[axis]  # ROW() and COLUMN() count from 1
    if last == 0:
        return [(True, True, f"{function}={first}+{moving}")]
    top, bottom = drawn[0] + 1, drawn[1] + 1
    start, stop = f"{first}+{moving}", f"{first + step * last}+{moving}"
    begin, end = f"MAX({top},{start})", f"MIN({bottom},{stop})"
    # The second condition is for fields that lie wholly in the padding.
    parts = [
        (True, False, f"{function}={begin},{function}<={stop}"),
        (False, True, f"{function}={end},{function}>={start}"),
    ]
    if step * last > 1:
        parts.append((False, False, f"{function}>{begin},{function}<{end}"))
    return parts


def _times(chosen: str, factor: int) -> str:
    return chosen if factor == 1 else f"{factor}*{chosen}"
