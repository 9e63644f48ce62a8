"""A network and its layout -> stages: layers that share cells, and the halos their readers need.

Order and shapes only; names no layer, writes no formula.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from xlconv.errors import LayoutError
from xlconv.layers import Elementwise
from xlconv.layers.base.layer import Written
from xlconv.layout.layout import Layout
from xlconv.layout.metric_names import tensor_name
from xlconv.network.network import Network
from xlconv.spreadsheet.blocks.halo import Halo


class Lowered(Struct, frozen=True):
    """The blocks of one stage, each with what it computes."""

    stage: Stage
    blocks: tuple[Written, ...]


class Stage(Struct, frozen=True):
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
    return isinstance(after, Elementwise) and after.is_fusible and alone and layer.takes_fused


def readers_of(network: Network, tensor: int) -> Iterator[int]:
    """Yield the layers that read a tensor, or what a view of the same shape makes of it."""
    for index in network.readers(tensor):
        if network.passes_on(index):
            yield from readers_of(network, index + 1)
        else:
            yield index


def halo_of(network: Network, tensor: int) -> Halo:
    """Return the halo that the readers of a tensor need around its planes.

    Raises LayoutError where they want different ones: one halo holds one.
    """
    shape = network.shapes[tensor]
    if len(shape) != 3:
        return Halo()
    halos = [network.layers[index].halo(shape) for index in readers_of(network, tensor)]
    halos = [halo for halo in halos if not halo.is_empty]
    if not halos:
        return Halo()
    if len({halo.fill for halo in halos}) > 1:
        name = tensor_name(network, tensor)
        raise LayoutError(f"{name}: its readers want different padding; one halo holds one")
    top, bottom, left, right = (
        max(side) for side in zip(*(halo[:4] for halo in halos), strict=True)
    )
    return Halo(top, bottom, left, right, halos[0].fill)
