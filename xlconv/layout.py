"""Where every tensor of a network lives on the sheet, and how formulas are spelled.

Pure geometry and labels; `lower` turns it into blocks together with the network.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xlconv.errors import LayoutError
from xlconv.layers import Elementwise
from xlconv.network import Network
from xlconv.plane import Label, Place, Spelling
from xlconv.refs import MAX_COLUMNS, MAX_ROWS, Cell, Range


@dataclass(frozen=True, slots=True)
class Probe:
    """Two cells that choose a unit (row, column) of a tensor, to see its receptive field."""

    row: Cell
    column: Cell
    tensor: int
    name: str  # the layer with the kernels, where the tensor's own is only fused to it
    unit: tuple[float, float] | None = None  # that is chosen; None for the middle one


STATISTICS, SIZE = "statistics", "size"


@dataclass(frozen=True, slots=True)
class Measure:
    """A row of cells that tell the statistics of a tensor, or the output size of a layer.

    `index` is the tensor's or the layer's; `axis` is that of a size, None where both
    axes have the same.
    """

    kind: str
    index: int
    cell: Cell  # the first one
    axis: int | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """Places of the input (the first) and of every layer, on one sheet.

    Raises LayoutError where a place lies outside the sheet.
    """

    sheet: str
    places: tuple[Place, ...]
    spelling: Spelling = Spelling()
    labels: tuple[Label, ...] = ()
    probe: Probe | None = None
    measures: tuple[Measure, ...] = ()

    def __post_init__(self) -> None:
        bottom = max(area.bottom for area in self.ranges()) + 1
        right = max(area.right for area in self.ranges()) + 1
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


@dataclass(frozen=True, slots=True)
class Stage:
    """Layers that share the cells of the last of them, and the tensor they start from.

    `first` to `last` are layer indices; `source` is the tensor (0 is the input) whose
    planes the first one reads, which may lie before a view without cells.
    """

    first: int
    last: int
    source: int

    @property
    def tensor(self) -> int:
        """The tensor that the stage's cells hold."""
        return self.last + 1


def stages_of(network: Network, layout: Layout) -> list[Stage]:
    """Return the stages in order; a view without cells belongs to none."""
    stages: list[Stage] = []
    source, first = 0, None
    for index, layer in enumerate(network.layers):
        first = index if first is None else first
        if layout.places[index + 1].planes:
            stages.append(Stage(first, index, source))
            source, first = index + 1, None
        elif layer.is_view:
            first = None
    return stages


def fusible(network: Network, index: int) -> bool:
    """Whether layer `index` may share the cells of the elementwise layer after it."""
    if index + 1 == len(network.layers):
        return False
    layer, after = network.layers[index : index + 2]
    takes = isinstance(after, Elementwise) and not after.repeats
    return takes and layer.fuses and not layer.is_view
