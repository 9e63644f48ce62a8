"""A network that cells are held against: its stages, where each stands, and who says so.

Only nouns: nothing is looked up, and no cell is read.
"""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from xlconv.layers import Layer
from xlconv.layers.base.place import Place
from xlconv.layout.layout import Layout
from xlconv.layout.stages import Stage
from xlconv.network.network import Network
from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.blocks.plane import Plane


class Origin(Enum):
    """Who says what a workbook should compute; the first that does is asked."""

    AGAINST = "the workbook it is held against"
    SPEC = "the description given"
    MODEL = "the model given"
    DESCRIPTION = "its own description"
    FORMULAS = "its own formulas"


class Unplaced(Struct, frozen=True):
    """Layers `first` to `last` that have no cells; `reason` says what is known of that."""

    first: int
    last: int
    reason: str
    cell: str = ""  # where there is a trace of them


class Readout(Struct, frozen=True):
    """A formula beside a network that reads its output: what the wanted workbook has in a cell.

    `outputs` are the planes that the network ends in there.
    """

    sheet: str
    cell: Cell
    text: str
    is_array: bool
    outputs: tuple[Plane, ...]


class Intention(Struct, frozen=True):
    """A network, where its tensors should stand on sheet number `sheet`, and who says so.

    `stages` are those whose cells are known, `unplaced` the layers whose cells are not.
    """

    network: Network
    layout: Layout
    sheet: int
    origin: Origin
    stages: tuple[Stage, ...]
    unplaced: tuple[Unplaced, ...] = ()

    def name_of(self, stage: Stage) -> str:
        """Return what a stage is called: by its layer with parameters, or else its last."""
        own = range(stage.first, stage.last + 1)
        named = [k for k in own if self.network.layers[k].parameters()]
        return self.network.names[named[0] if named else stage.last]

    def names_of(self, stage: Stage) -> str:
        """Return the names of all layers that share the cells of a stage: `conv1 and relu1`."""
        return " and ".join(self.network.names[stage.first : stage.last + 1])

    def title_of(self, stage: Stage) -> str:
        """Return what a stage is, for people: `Conv2d 3×3 and ReLU`."""
        return " and ".join(layer.title for layer in self.layers_of(stage))

    def layers_of(self, stage: Stage) -> tuple[Layer, ...]:
        """Return the layers that share the cells of a stage."""
        return self.network.layers[stage.first : stage.last + 1]

    def planes_of(self, tensor: int) -> tuple[Plane, ...]:
        """Return where a tensor stands."""
        return self.layout.places[tensor].planes

    def tables_of(self, stage: Stage) -> Place:
        """Return the place with the parameters of a stage."""
        return self.layout.places[stage.first + 1]
