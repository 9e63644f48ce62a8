"""Where every tensor of a network stands on a sheet, and how formulas are spelled.

Pure geometry and labels; with the network, `lower` makes blocks of it. Never looks at values.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from xlconv.errors import LayoutError
from xlconv.layers.base.place import Place, Spelling
from xlconv.layout.labels import Label
from xlconv.layout.links import KernelMenu, PlaneComparison, TiedCell
from xlconv.layout.metric import Metric
from xlconv.layout.probe import Probe
from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import MAX_COLUMNS, MAX_ROWS, Range
from xlconv.spreadsheet.blocks.plane import Plane


class Layout(Struct, frozen=True):
    """Places of the input (the first) and of every layer, on one sheet.

    Raises LayoutError where a place lies outside the sheet.
    """

    sheet: str
    places: tuple[Place, ...]
    spelling: Spelling = Spelling()
    labels: tuple[Label, ...] = ()
    probe: Probe | None = None
    links: tuple[TiedCell | KernelMenu, ...] = ()  # parameters that show other cells' numbers
    comparisons: tuple[PlaneComparison, ...] = ()
    picture: Plane | None = None  # cells in the colours that a tensor of three channels makes
    metrics: tuple[Metric, ...] = ()
    bands: tuple[Range, ...] = ()  # in the network's colour, instead of those over each tensor
    # Numbers are shown as they are, and computed ones in colours from -scale to scale.
    scale: float | None = None

    def __repr__(self) -> str:
        return f"Layout({self.sheet!r}, {counted(len(self.places), 'place')})"

    def __post_init__(self) -> None:
        bottom = max((area.bottom for area in self.ranges()), default=0) + 1
        right = max((area.right for area in self.ranges()), default=0) + 1
        if bottom > MAX_ROWS or right > MAX_COLUMNS:
            raise LayoutError(
                f"the network needs {bottom:,} rows and {right:,} columns; "
                f"a sheet has {MAX_ROWS:,} and {MAX_COLUMNS:,}"
            )

    def ranges(self) -> Iterator[Range]:
        """Yield the rectangle of every plane with its halo, of every table and helper."""
        for place in self.places:
            for plane in place.planes:
                yield plane.halo_range(place.halo)
            for groups in place.tables.values():
                for group in groups:
                    yield from (plane.range for plane in group)
            yield from (plane.range for plane in place.helpers.values())
        for one in self.links:
            yield from (option.plane.range for option in one.options)
        if self.picture is not None:
            yield self.picture.range


def shared_tensors(one: Layout, other: Layout) -> int:
    """Return how many tensors, counted from the input, two networks on one sheet share.

    A tensor without cells of its own is shared where the one after it is.
    """
    count = 0
    for k, (a, b) in enumerate(zip(one.places, other.places, strict=False), 1):
        if one.sheet != other.sheet or a != b:
            break
        if a.planes:
            count = k
    return count
