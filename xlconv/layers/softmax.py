"""Softmax: logits to probabilities, shifted by their maximum so that EXP cannot overflow."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from math import exp, inf
from types import MappingProxyType
from typing import Self

import numpy as np

from xlconv.arrays import Array, Shape
from xlconv.layers.base.answers import HelperKind, Probabilities
from xlconv.layers.base.geometry import WindowGeometry
from xlconv.layers.base.layer import OUTPUT, Layer, Written
from xlconv.layers.base.match import Grouping, IsActivation, Match, is_zero
from xlconv.layers.base.options import Options
from xlconv.layers.base.place import Place, Spelling
from xlconv.layers.base.shapes import vector_shape
from xlconv.spreadsheet.blocks.block import Block
from xlconv.spreadsheet.formula import Area, Binary, Call, Node, Number, Ref

EXP = "exp"
PLAIN_EXP = "plain exp"  # as others write it, not shifted by the maximum
PREDICTION = "prediction"


class Softmax(Layer, frozen=True):
    """exp(x - max x) / sum of the same. (N,) -> (N,); torch.nn.Softmax(dim=1).

    Two helpers stand beside it on the sheet: the column of exponentials, and one
    cell with the predicted class, the index of the largest probability.
    """

    short = "softmax"
    meaning = "the exponential over the sum of all of them: probabilities"
    helper_cells = MappingProxyType({EXP: HelperKind.COLUMN, PREDICTION: HelperKind.READOUT})
    EXAMPLES = (((4,), {}), ((1,), {}), ((10,), {"dim": 1}))

    @classmethod
    def build(cls, options: Options, shape: Shape) -> Self:
        options.choice("dim", 1, (1, -1))
        return cls()

    @classmethod
    def default_name(cls, number: int) -> str:
        return cls.short if number == 1 else super().default_name(number)

    @property
    def probabilities(self) -> Probabilities:
        return Probabilities.OF_ONE_CLASS

    def output_shape(self, shape: Shape) -> Shape:
        return (vector_shape(shape, "Softmax"),)

    def forward(self, x: Array) -> Array:
        exponentials = _exponentials(x)
        y: Array = exponentials / exponentials.sum()
        return y

    def helpers(self, x: Array, y: Array, names: Collection[str] = ()) -> dict[str, Array]:
        return {
            EXP: _exponentials(x)[:, None],
            PLAIN_EXP: np.array([_exp(one) for one in x.tolist()])[:, None],
            PREDICTION: np.full((1, 1), float(y.argmax())),
        }

    @classmethod
    def match(cls, tree: Node, is_activation: IsActivation) -> Match | None:
        match tree:
            case Call("EXP", (Binary("-", Ref() as x, Call("MAX", (Area() | Ref() as every,))),)):
                return Match(EXP, (x,), whole=every)
            case Call("EXP", (Ref() as x,)):
                return Match(PLAIN_EXP, (x,))
            case Binary("/", Ref() as x, Call("SUM", (Area() | Ref() as every,))):
                return Match(OUTPUT, (x,), whole=every, grouping=Grouping.COLUMN, of_helper=True)
            case Binary(
                "/", Call("EXP", (one,)), Call("SUM" | "SUMPRODUCT", (Call("EXP", (all_,)),))
            ):
                return _in_one(one, all_)
            case Binary("-", Call("MATCH", (Call("MAX", (one,)), every, zero)), Number(1)):
                if one == every and is_zero(zero) and isinstance(every, Area | Ref):
                    return Match(PREDICTION, (every,), whole=every)
        return None

    @classmethod
    def from_geometry(cls, geometry: WindowGeometry) -> Layer | None:
        return cls()

    def blocks(
        self, sources: tuple[Place, ...], place: Place, spelling: Spelling
    ) -> Iterator[Written]:
        (source,) = sources
        (logits,), (column,) = source.planes, place.planes
        exps, prediction = place.helpers[EXP], place.helpers[PREDICTION]
        shifted = Binary("-", logits.entry(), Call("MAX", (logits.fixed(),)))
        yield Written(EXP, 0, Block(exps, Call("EXP", (shifted,))))
        share = Binary("/", exps.entry(), Call("SUM", (exps.fixed(),)))
        yield Written(OUTPUT, 0, Block(column, share))
        largest = Call("MAX", (column.fixed(),))
        position = Call("MATCH", (largest, column.fixed(), Number(0)))
        yield Written(PREDICTION, 0, Block(prediction, Binary("-", position, Number(1))))


def _in_one(one: Node, every: Node) -> Match | None:
    """Return the match of EXP(x)/SUM(EXP(range)), with or without the maximum taken off."""
    match one, every:
        case Binary("-", Ref() as x, Call("MAX", (most,))), Binary("-", Area() as whole, shift):
            if most == whole and shift == Call("MAX", (whole,)):
                return Match(OUTPUT, (x,), whole=whole, grouping=Grouping.COLUMN)
        case Ref() as x, Area() as whole:
            return Match(OUTPUT, (x,), whole=whole, grouping=Grouping.COLUMN)
    return None


def _exponentials(x: Array) -> Array:
    # By the C library: NumPy's own has another last bit on other processors.
    return np.array([exp(one) for one in (x - x.max()).tolist()])


def _exp(x: float) -> float:
    try:
        return exp(x)
    except OverflowError:
        return inf
