"""The strip while it grows: every tensor takes the next columns, with its parameters.

What stands beside a plane is for `beside_planes`. Only geometry and labels, no number.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from msgspec import Struct, field
from msgspec.structs import replace

from xlconv.arrays import Array, Shape
from xlconv.layers import Layer
from xlconv.layers.base.answers import HelperKind
from xlconv.layers.base.place import Groups, Place, Spelling, helper_of_plane
from xlconv.layout.labels import Label
from xlconv.layout.layout import Layout
from xlconv.layout.stages import halo_of, readers_of
from xlconv.lowering.beside_planes import beside_planes, size_with_halo, slots_for
from xlconv.lowering.boxes import BoxGrid, Slot, Stack
from xlconv.lowering.panel import PANEL_COLUMNS, panel_of, tensor_title
from xlconv.network.network import Network
from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.blocks.halo import Halo
from xlconv.spreadsheet.blocks.plane import Plane

# Titles stand in row 1, captions above planes; the input begins in A2.
_TITLE_ROW = 0
_INPUT_ROW = 1
_CAPTIONED_ROW = 2

# A flattened tensor of more planes than that is written as a column of its own.
_MOST_FLAT_PLANES = 16
_COLOURS = 3  # channels of a picture

# Of a title, in bold, over columns of the usual width.
_LETTERS_PER_COLUMN = 4


class StripBuilder(Struct):
    """The strip while it grows to the right; `column` is the first free one."""

    network: Network
    height: int  # about so many rows a tensor may fill
    parts: dict[int, int] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    column: int = 0
    row: int = _INPUT_ROW  # of the first plane of the latest tensor
    picture: Plane | None = None  # that the input makes

    def layout(
        self, spelling: Spelling, sheet: str, remarks: Sequence[str], probed: str | None = None
    ) -> Layout:
        """Return the layout of all that was added, with the panel that explains it."""
        panel = panel_of(self.network, self.places, self._panel_origin(), remarks, probed)
        places = tuple(
            replace(place, helpers={**place.helpers, **panel.readouts.get(tensor, {})})
            for tensor, place in enumerate(self.places)
        )
        labels = (*self.labels, *panel.labels)
        return Layout(sheet, places, spelling, labels, panel.probe, picture=self.picture)

    def stays_planes(self, index: int) -> bool:
        """Whether a view needs no cells: its reader takes the planes as they are."""
        layers, shape = self.network.layers, self.network.shape_read(index)
        if self.network.passes_on(index):
            return True
        readers = [layers[one] for one in readers_of(self.network, index + 1)]
        small = shape[1] * shape[2] == 1 or shape[0] > _MOST_FLAT_PLANES
        through = all(one.view_before(shape) == layers[index] for one in readers)
        return bool(readers) and through and not small

    def add_input(self, *, picture: bool = False) -> None:
        """Add the input's planes, and on demand the picture that they make beside them."""
        shape = self.network.shapes[0]
        if len(shape) == 1:
            self.row = _CAPTIONED_ROW
            self.places.append(Place((self._cells_column(shape[0], "x"),)))
            self.column += 1
            self._title(0, "input", shape)
            return
        halo = halo_of(self.network, 0)
        self.row = (_INPUT_ROW if shape[0] == 1 else _CAPTIONED_ROW) + halo.top
        slot = Slot(size_with_halo(shape, halo))
        # The planes of a colour picture belong below each other.
        height = _COLOURS * (slot.height + 2) if shape[0] == _COLOURS else self.height
        if picture and shape[0] == _COLOURS:  # two by two, as if it were one more plane
            stack = Stack.fitting(slot, _COLOURS + 1, 2 * (slot.height + 2))
            (self.picture, *rest), _ = self._planes(slot, stack, (_COLOURS + 1, *shape[1:]), halo)
            self._caption_planes("picture", (self.picture,), halo)
            planes = tuple(rest)
        else:
            planes, _ = self._planes(slot, Stack.fitting(slot, shape[0], height), shape, halo)
        if len(planes) > 1:
            self._caption_planes("input", planes, halo)
        self.places.append(Place(planes, halo))
        self._title(0, "input", shape)

    def add_stage(self, first: int, last: int) -> None:
        """Add the layers `first` to `last`, which share one formula."""
        network = self.network
        layer, shape = network.layers[first], network.shapes[last + 1]
        start = self.column
        add = self._add_planes if len(shape) == 3 else self._add_vector
        place = add(first, last)
        if first == last:
            self.places.append(place)
        else:  # parameters belong to the layer that has them, cells to the last one
            between = [Place()] * (last - first - 1)
            self.places += [Place(tables=place.tables), *between, replace(place, tables={})]
        self._title(start, " + ".join(network.names[first : last + 1]), shape, layer)

    def _add_planes(self, first: int, last: int) -> Place:
        network = self.network
        layer, before = network.layers[first], network.shape_read(first)
        shape, halo = network.shapes[last + 1], halo_of(network, last + 1)
        tables = layer.tables(before)
        parts = self.parts.get(first, 1)
        slot, stack = slots_for(layer, tables, shape, halo, parts=parts, height=self.height)
        self._align(before, shape, halo)
        planes, corners = self._planes(slot, stack, shape, halo)
        self._caption_planes(network.names[last], planes, halo)
        beside = beside_planes(layer, slot, planes, corners, tables)
        self.labels += beside.labels
        return Place(planes, halo, beside.tables, beside.helpers)

    def _planes(
        self, slot: Slot, stack: Stack, shape: Shape, halo: Halo
    ) -> tuple[tuple[Plane, ...], list[Cell]]:
        at = (self.row - halo.top, self.column)
        corners = [stack.corner(index, at) for index in range(shape[0])]
        planes = tuple(
            Plane((row + halo.top, column + slot.table_width + halo.left), (shape[1], shape[2]))
            for row, column in corners
        )
        self.column += stack.columns
        return planes, corners

    def _add_vector(self, first: int, last: int) -> Place:
        network, layer = self.network, self.network.layers[first]
        (count,) = network.shapes[last + 1]
        self.row = max(self.row, _CAPTIONED_ROW)
        values = layer.tables(self._planes_shape(first))
        tables: dict[str, Groups] = {}
        if "weight" in values:
            tables["weight"] = self._units(values["weight"])
        if values or self.network.probabilities(last + 1):
            self._class_names(count)
        if "bias" in values:
            tables["bias"] = ((self._cells_column(count, "bias"),),)
        helpers = {
            name: self._cells_column(count, name) for name in layer.helper_names(HelperKind.COLUMN)
        }
        for name in layer.helper_names(HelperKind.PLANE):
            helpers[helper_of_plane(name, 0)] = plane = self._cells_column(count, name)
            below = (plane.origin[0] + count + 1, plane.origin[1])
            tables |= {key: ((Plane(below, (1, 1)),),) for key in values}
            self._caption((below[0], below[1] + 1), f"← {', '.join(values)}")
        column = self._cells_column(count, network.names[last])
        self.column += 1
        return Place((column,), tables=tables, helpers=helpers)

    def _units(self, units: list[list[Array]]) -> Groups:
        """Place the weights of a layer that gives a vector: a grid of boxes, one per unit."""
        size: tuple[int, int] = units[0][0].shape
        gap = 1 if size[1] > 1 else 0
        stacked = max(1, min(len(units[0]), self.height // (size[0] + 1)))
        box = BoxGrid(len(units[0]), size, rows=ceil(len(units[0]) / ceil(len(units[0]) / stacked)))
        fitting = Stack.fitting(Slot((box.height, box.width)), len(units), self.height)
        rows = fitting.rows if gap else 1  # columns of weights read best side by side
        columns = ceil(len(units) / rows)
        placed = []
        for unit in range(len(units)):
            row, column = divmod(unit, columns)
            at = (self.row + row * fitting.pitch, self.column + column * (box.width + gap))
            placed.append(tuple(box.planes(at)))
            name = self._class_name(unit, len(units))
            self._caption((at[0] - 1, at[1]), f"weights of {name}" if size[1] > 5 else name)
        self.column += columns * (box.width + gap) + 1 - gap
        return tuple(placed)

    def _cells_column(self, count: int, header: str) -> Plane:
        plane = Plane((self.row, self.column), (count, 1))
        self.labels.append(Label((self.row - 1, self.column), header, "header"))
        self.column += 1
        return plane

    def _class_names(self, count: int) -> None:
        for index in range(count):
            name = self._class_name(index, count)
            self.labels.append(Label((self.row + index, self.column), name, "class"))
        self.column += 1

    def _class_name(self, index: int, count: int) -> str:
        classes = self.network.classes
        return classes[index] if len(classes) == count else str(index)

    def _title(self, column: int, name: str, shape: Shape, layer: Layer | None = None) -> None:
        """Title the columns from `column` on, in as many words as they have room for."""
        room = (self.column - column - 1) * _LETTERS_PER_COLUMN
        titles = (tensor_title(name, shape, layer), tensor_title(name, shape), name)
        title = next((one for one in titles if len(one) <= room), name)
        self.labels.append(Label((_TITLE_ROW, column), title, "title"))

    def _caption(self, cell: Cell, text: str) -> None:
        self.labels.append(Label(cell, text))

    def _caption_planes(self, name: str, planes: tuple[Plane, ...], halo: Halo) -> None:
        for index, plane in enumerate(planes):
            row, column = plane.origin
            self._caption((row - halo.top - 1, column - halo.left), f"{name}[{index}]")

    def _align(self, before: Shape, shape: Shape, halo: Halo) -> None:
        """Move a plane down to stand opposite the middle of the windows it reads."""
        shrinks = before[1] - shape[1] if 2 * before[1] < 3 * shape[1] else 0
        self.row = max(_CAPTIONED_ROW + halo.top, self.row + max(0, shrinks) // 2)

    def _planes_shape(self, index: int) -> Shape:
        """Return the shape of layer `index`'s input as it stands on the sheet."""
        tensor = self.network.sources[index][0]
        while tensor and not self.places[tensor].planes and self.network.layers[tensor - 1].is_view:
            tensor = self.network.sources[tensor - 1][0]
        return self.network.shapes[tensor]

    def _panel_origin(self) -> Cell:
        """Under the input where that is wide enough to read, else under everything."""
        below = self.places[0].planes
        areas = [plane.halo_range(self.places[0].halo) for plane in below]
        one_column = len({area.left for area in areas}) == 1 or self.picture is not None
        if one_column and max(area.right for area in areas) >= PANEL_COLUMNS - 1:
            return max(area.bottom for area in areas) + 2, 0
        bottom = max(area.bottom for area in Layout("", tuple(self.places)).ranges())
        return bottom + 3, 0
