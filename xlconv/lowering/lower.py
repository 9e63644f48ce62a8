"""Network + layout -> blocks of formulas, stage by stage.

Every layer writes its own; elementwise layers are fused into the trees before them. Names no
layer, and never needs a value or a sheet.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from xlconv.errors import LayoutError
from xlconv.layers import Elementwise
from xlconv.layers.base.layer import OUTPUT, Written
from xlconv.layers.base.place import Place
from xlconv.layout.layout import Layout
from xlconv.layout.stages import Lowered, Stage, stages_of
from xlconv.network.network import Network


def lower(network: Network, layout: Layout) -> list[Lowered]:
    """Return the formulas of every stage of the network, placed as the layout says."""
    return [lowered(network, layout, one) for one in stages_of(network, layout)]


def lowered(network: Network, layout: Layout, stage: Stage) -> Lowered:
    """Return the formulas of one stage."""
    return Lowered(stage, tuple(_written(network, layout, stage)))


def merged_place(layout: Layout, stage: Stage) -> Place:
    """Return the cells of a stage as its first layer sees them: its tables, the last's planes."""
    last = layout.places[stage.tensor]
    tables = layout.places[stage.first + 1].tables
    return replace(last, tables=tables)


def _written(network: Network, layout: Layout, stage: Stage) -> Iterator[Written]:
    first, *fused = network.layers[stage.first : stage.last + 1]
    sources = tuple(layout.places[one] for one in stage.sources)
    place = merged_place(layout, stage)
    for one in first.blocks(sources, place, layout.spelling):
        tree = one.block.tree
        for layer in fused if one.name == OUTPUT else ():
            if not isinstance(layer, Elementwise):
                raise LayoutError(f"{type(layer).__name__} has no cells, and cannot be fused")
            tree = layer.formula(tree)
        yield replace(one, block=replace(one.block, tree=tree))
