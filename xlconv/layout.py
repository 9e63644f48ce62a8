"""Where every tensor of a network lives on the sheet, and how formulas are spelled.

Pure geometry and labels; `lower` turns it into blocks together with the network.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xlconv.borrowing import Check, Menu, Tie
from xlconv.errors import LayoutError
from xlconv.layers import Elementwise
from xlconv.network import Network
from xlconv.plane import Halo, Label, Place, Plane, Spelling
from xlconv.refs import MAX_COLUMNS, MAX_ROWS, Cell, Range


@dataclass(frozen=True, slots=True)
class Probe:
    """Two cells that choose a unit (row, column) of a tensor, to see its receptive field."""

    row: Cell
    column: Cell
    tensor: int
    name: str  # the layer with the kernels, where the tensor's own is only fused to it
    unit: tuple[float, float] | None = None  # that is chosen; None for the middle one
    # How many rows and columns may be chosen, where networks that share the cells have more.
    most: tuple[int, int] | None = None


STATISTICS, SIZE = "statistics", "size"


@dataclass(frozen=True, slots=True)
class Measure:
    """A row of cells that tell the statistics of a tensor, or the output size of a layer.

    `index` is the tensor's or the layer's; `axis` is that of a size, None where both
    axes have the same. A size may be a `sentence`, its numbers between the signs of the
    rule. `stem` is the name by which the workbook knows the tensor or layer, where
    another network on the sheet has its own.
    """

    kind: str
    index: int
    cell: Cell  # the first one
    axis: int | None = None
    sentence: bool = False
    stem: str = ""


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
    borrowed: tuple[Tie | Menu, ...] = ()  # parameters that take their numbers from other cells
    checks: tuple[Check, ...] = ()
    picture: Plane | None = None  # cells in the colours that a tensor of three channels makes
    measures: tuple[Measure, ...] = ()
    bands: tuple[Range, ...] = ()  # in the network's colour, instead of those over each tensor
    # Numbers are shown as they are, and computed ones in colours from -scale to scale.
    scale: float | None = None

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
        for one in self.borrowed:
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


@dataclass(frozen=True, slots=True)
class Stage:
    """Layers that share the cells of the last of them, and the tensor they start from.

    `first` to `last` are layer indices; `sources` are the tensors (0 is the input) whose
    planes the first one reads, which may lie before a view without cells.
    """

    first: int
    last: int
    sources: tuple[int, ...]

    @property
    def source(self) -> int:
        """The tensor that is read, the first of several."""
        return self.sources[0]

    @property
    def tensor(self) -> int:
        """The tensor that the stage's cells hold."""
        return self.last + 1


def stages_of(network: Network, layout: Layout) -> list[Stage]:
    """Return the stages in order; a view without cells belongs to none."""
    stages: list[Stage] = []
    first = None
    standing = [0]  # where the numbers of each tensor stand
    for index, layer in enumerate(network.layers):
        first = index if first is None else first
        view = layer.is_view and not layout.places[index + 1].planes
        standing.append(standing[network.sources[index][0]] if view else index + 1)
        if layout.places[index + 1].planes:
            sources = tuple(standing[one] for one in network.sources[first])
            stages.append(Stage(first, index, sources))
            first = None
        elif view:
            first = None
    return stages


def fusible(network: Network, index: int) -> bool:
    """Whether layer `index` may share the cells of the elementwise layer after it."""
    if index + 1 == len(network.layers):
        return False
    layer, after = network.layers[index : index + 2]
    alone = network.readers(index + 1) == [index + 1]
    takes = isinstance(after, Elementwise) and not after.repeats and alone
    return takes and layer.fuses and not layer.is_view


def readers_of(network: Network, tensor: int) -> Iterator[int]:
    """Yield the layers that read a tensor, or what a view of the same shape makes of it."""
    for index in network.readers(tensor):
        layer = network.layers[index]
        if layer.is_view and not layer.flattens:
            yield from readers_of(network, index + 1)
        else:
            yield index


def halo_of(network: Network, tensor: int) -> Halo:
    """Return the halo that the readers of a tensor need around its planes.

    Raises LayoutError where they want different ones: one frame of cells holds one.
    """
    shape = network.shapes[tensor]
    if len(shape) != 3:
        return Halo()
    halos = [network.layers[index].halo(shape) for index in readers_of(network, tensor)]
    halos = [halo for halo in halos if not halo.is_empty]
    if not halos:
        return Halo()
    if len({halo.fill for halo in halos}) > 1:
        name = ("input", *network.names)[tensor]
        raise LayoutError(f"{name}: its readers want different padding; one frame holds one")
    top, bottom, left, right = (
        max(side) for side in zip(*(halo[:4] for halo in halos), strict=True)
    )
    return Halo(top, bottom, left, right, halos[0].fill)
