"""Numbers drawn for everything that the stages of an intention read: tensors and parameters.

Each tensor is drawn, not computed through the layers before it, so that each layer is judged
by itself: a wrong one blames none after it, and no number grows with the depth.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from xlconv.arrays import Array
from xlconv.layers import Layer
from xlconv.layers.base.answers import HelperKind
from xlconv.layout.stages import Stage
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.verification.intended.intention import Intention
from xlconv.verification.trials.draw import Draw

_Key = tuple[int, tuple[Plane, ...]]


class DrawnStage(Struct, frozen=True):
    """A stage with drawn parameters, the drawn tensors that it reads, and what it then gives."""

    intention: Intention
    stage: Stage
    layers: tuple[Layer, ...]
    read: tuple[Array, ...]
    own: Array | None = None  # what is drawn for its own cells, where others read them

    def output(self) -> Array:
        """Return what the layers give, in the shape of the tensor."""
        y = self.before_fused()
        for layer in self.layers[1:]:
            y = layer.forward(y)
        return y

    def before_fused(self) -> Array:
        """Return what the first layer gives, before those that share its cells."""
        first = self.layers[0]
        views = (first.view_before(x.shape) for x in self.read)
        seen = (
            x if view is None else view.forward(x)
            for x, view in zip(self.read, views, strict=True)
        )  # fmt: skip
        y: Array = first.forward(*seen)
        return y


def drawn_stages(intentions: Iterable[Intention], draw: Draw) -> list[DrawnStage]:
    """Return every stage with drawn numbers; what stages share is drawn once."""
    tensors: dict[_Key, Array] = {}
    layers: dict[_Key, tuple[Layer, ...]] = {}
    drawn = []
    for one in intentions:
        for stage in one.stages:
            read = tuple(_tensor(one, k, tensors, draw) for k in stage.sources)
            key = (one.sheet, _planes_of_parameters(one, stage) or one.planes_of(stage.tensor))
            if key not in layers:
                layers[key] = tuple(
                    layer.with_drawn(draw.generator, *draw.kind.parameters)
                    for layer in one.layers_of(stage)
                )
            drawn.append(DrawnStage(one, stage, layers[key], read))
    return [_with_own(one, tensors) for one in drawn]


def _with_own(one: DrawnStage, tensors: dict[_Key, Array]) -> DrawnStage:
    """Return a stage with the numbers in its own cells: drawn for those that read them.

    Readouts may read the output, or what it is made from: so it holds what the layer gives.
    """
    tensor, layer = one.stage.tensor, one.intention.network.layers[one.stage.first]
    known = tensors.get((one.intention.sheet, one.intention.planes_of(tensor)))
    if known is None and layer.helper_names(HelperKind.READOUT):
        known = one.output()
    return replace(one, own=known)


def _planes_of_parameters(intention: Intention, stage: Stage) -> tuple[Plane, ...]:
    tables = intention.tables_of(stage).tables.values()
    return tuple(plane for groups in tables for planes in groups for plane in planes)


def _tensor(
    intention: Intention,
    tensor: int,
    known: dict[_Key, Array],
    draw: Draw,
) -> Array:
    key = intention.sheet, intention.planes_of(tensor)
    if key not in known:
        known[key] = draw.entries(intention.network.shapes[tensor])
    return known[key].reshape(intention.network.shapes[tensor])


def cells_drawn(one: DrawnStage) -> Iterator[tuple[Plane, Array]]:
    """Yield the planes of cells that a stage reads, with the numbers drawn for them."""
    intention, stage = one.intention, one.stage
    for k, x in zip(stage.sources, one.read, strict=True):
        yield from planes_with(intention.planes_of(k), x)
    if one.own is not None:
        yield from planes_with(intention.planes_of(stage.tensor), one.own)
    places = intention.tables_of(stage).tables
    tables = one.layers[0].tables(intention.network.shapes[stage.source])
    for name, groups in tables.items():
        for planes, matrices in zip(places.get(name, ()), groups, strict=False):
            yield from zip(planes, matrices, strict=True)


def planes_with(planes: tuple[Plane, ...], values: Array) -> Iterator[tuple[Plane, Array]]:
    """Yield the planes of a tensor with their numbers, each in the plane's shape."""
    matrices = values.reshape(len(planes), *planes[0].shape) if planes else ()
    yield from zip(planes, matrices, strict=True)
