"""A trace's picture before it is drawn: the part of the sheet, its planes, their colours."""

from __future__ import annotations

from msgspec import Struct

from xlconv.analysis.cell_owners import Owner
from xlconv.analysis.trace import Trace
from xlconv.report.trace.sheet_view import SheetView, view_of
from xlconv.report.trace.svg_planes import TensorColors, tensor_colors

# Where more is traced than this, names and boxes of small things would hide the sheet.
_CROWD = 60


class Picture(Struct, frozen=True):
    """What is drawn of a trace: planes of the cell's own sheet, and which are traced."""

    trace: Trace
    view: SheetView
    planes: tuple[Owner, ...]
    colors: dict[int, TensorColors]  # by tensor
    traced: frozenset[Owner]

    @property
    def is_crowded(self) -> bool:
        """Whether more is traced than can be named."""
        return len(self.traced) > _CROWD


def picture_of(trace: Trace) -> Picture:
    """Return the picture of a trace."""
    own = [one for one in trace.owners.planes if one.sheet == trace.sheet]
    view = view_of(trace, own)
    planes = tuple(one for one in own if view.area.overlaps(one.plane.range))
    traced = frozenset(one.owner for one in trace.nodes if one.owner.sheet == trace.sheet)
    return Picture(trace, view, planes, tensor_colors(trace.book, trace.sheet), traced)
