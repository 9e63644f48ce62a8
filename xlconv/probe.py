"""The probe: rules that box the receptive field of a chosen unit, live, without macros.

Each plane gets one rule whose formula compares the cell's place in the plane with
the window that the unit sees there. Uses only ROW, COLUMN and AND.
"""

from __future__ import annotations

from collections.abc import Iterator

from xlconv.layers import Reach
from xlconv.layout import Layout
from xlconv.network import Network
from xlconv.plane import Plane
from xlconv.refs import Cell, name_of
from xlconv.xlsx.look import THIN, Borders, CellStyle, Rule

_MARK = "#1D4ED8"
_SEEN = CellStyle(bold=True, color=_MARK, borders=Borders(THIN, THIN, THIN, THIN, _MARK))


def probe_rules(network: Network, layout: Layout) -> Iterator[Rule]:
    """Yield the rule of every plane that the probed tensor depends on, and of its own."""
    probe = layout.probe
    if probe is None:
        return
    for tensor, reach in network.receptive_fields(probe.tensor).items():
        place = layout.places[tensor]
        for plane in place.planes:
            formula = _inside(plane, reach, probe.row, probe.column)
            yield Rule(plane.halo_range(place.halo), formula, _SEEN)


def _inside(plane: Plane, reach: Reach, row: Cell, column: Cell) -> str:
    conditions = [
        condition
        for axis, (function, chosen) in enumerate((("ROW()", row), ("COLUMN()", column)))
        for condition in _between(
            function,
            name_of(chosen, absolute=True),
            plane.origin[axis] + 1,  # ROW() and COLUMN() count from 1
            plane.step[axis],
            (reach.size[axis], reach.stride[axis], reach.start[axis]),
        )
    ]
    return f"=AND({','.join(conditions)})"


def _between(
    function: str, chosen: str, origin: int, step: int, reach: tuple[int, int, int]
) -> tuple[str, str]:
    """Return both ends of `origin + step * (start + stride * chosen)` and `size` entries on."""
    size, stride, start = reach
    moving = _times(chosen, step * stride)
    first = origin + step * start
    return (
        f"{function}>={first}+{moving}",
        f"{function}<={first + step * (size - 1)}+{moving}",
    )


def _times(chosen: str, factor: int) -> str:
    return chosen if factor == 1 else f"{factor}*{chosen}"
