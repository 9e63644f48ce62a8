"""Add: two tensors entry by entry, as a skip connection ends."""

from __future__ import annotations

from xlconv.arrays import Array, Shape, by_shape
from xlconv.errors import ShapeError
from xlconv.layers.base.geometry import ENTRY, ReceptiveField, WindowGeometry
from xlconv.layers.base.layer import OUTPUT, Layer
from xlconv.layers.base.match import Grouping, IsActivation, Match
from xlconv.layers.base.place import Place
from xlconv.layers.base.plane_by_plane import PlaneByPlane
from xlconv.layers.base.products import is_still
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import Binary, Call, Node, Ref, plus


class Add(PlaneByPlane, frozen=True):
    """The sum of two tensors of one shape; torch.add, ONNX's Add without broadcasting."""

    short = "add"
    meaning = "the sum of the entries at the same place"
    inputs = range(2, 3)
    EXAMPLES = (((2, 4, 5), {}), ((6,), {}))

    @property
    def receptive_field(self) -> ReceptiveField:
        return ENTRY

    def output_shape(self, shape: Shape, other: Shape) -> Shape:
        if shape != other:
            raise ShapeError(f"adds {by_shape(shape)} and {by_shape(other)}: expected one shape")
        return shape

    def forward(self, x: Array, other: Array) -> Array:
        return x + other

    def plane_formula(self, planes: tuple[Plane, ...], place: Place, index: int) -> Node:
        return plus([plane.entry() for plane in planes])

    @classmethod
    def match(cls, tree: Node, is_activation: IsActivation) -> Match | None:
        windows = _terms(tree)
        # Of a plane of one number nothing moves, but no dollar says so.
        if len(windows) != 2 or any(is_still(one) and _is_fixed(one) for one in windows):
            return None
        if not all(map(is_activation, windows)):
            return None
        return Match(OUTPUT, windows, grouping=Grouping.JOINED)

    @classmethod
    def from_geometry(cls, geometry: WindowGeometry) -> Layer | None:
        return cls()


def _is_fixed(one: Ref) -> bool:
    return one.row.absolute or one.column.absolute


def _terms(tree: Node) -> tuple[Ref, ...]:
    match tree:
        case Binary("+", Ref() as one, Ref() as other):
            return one, other
        case Call("SUM", (Ref() as one, Ref() as other)):
            return one, other
    return ()
