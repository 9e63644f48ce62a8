"""Linear: every output is a weighted sum of the whole input, plus a bias."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

import numpy as np
from msgspec.structs import replace

from xlconv.arrays import Array, Shape
from xlconv.errors import ShapeError
from xlconv.layers.base.answers import Tables
from xlconv.layers.base.geometry import WindowGeometry
from xlconv.layers.base.layer import OUTPUT, Layer, Written
from xlconv.layers.base.match import Grouping, IsActivation, Match
from xlconv.layers.base.options import Options
from xlconv.layers.base.place import Place, Spelling
from xlconv.layers.base.products import is_still, products, tables
from xlconv.layers.base.shapes import (
    check_given,
    rescaled_parameters,
    vector_shape,
    weight_and_bias,
    zero_weights,
)
from xlconv.layers.base.strided_runs import Run, runs
from xlconv.layers.flatten import Flatten
from xlconv.spreadsheet.blocks.block import Block
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import Axis, Call, Node, Ref, plus


class Linear(Layer, frozen=True):
    """y = weight @ x + bias. (N,) -> (M,); torch.nn.Linear.

    `weight` is (M, N), `bias` (M,) or None. On the sheet the input may still stand
    as planes: the weights of a unit then have the same planes.
    """

    weight: Array
    bias: Array | None = None

    short = "fc"
    meaning = "all inputs times the weights of the unit, summed, plus its bias"
    EXAMPLES = (
        ((6,), {"out_features": 3}),
        ((4,), {"out_features": 1, "bias": False}),
    )

    @classmethod
    def build(cls, options: Options, shape: Shape) -> Self:
        features = vector_shape(shape, "Linear")
        check_given(options, "in_features", features)
        outputs = options.count("out_features")
        weight = zero_weights(outputs, features)
        return cls(weight, np.zeros(outputs) if options.flag("bias", True) else None)

    def options(self) -> dict[str, Any]:
        options: dict[str, Any] = {"out_features": len(self.weight)}
        return options if self.bias is not None else options | {"bias": False}

    def parameters(self) -> dict[str, Array]:
        return weight_and_bias(self.weight, self.bias)

    def rescaled(self, centre: Array, scale: Array, shift: Array) -> Layer | None:
        given = rescaled_parameters(self.weight, self.bias, centre, scale, shift)
        return self.with_parameters(given)

    def output_shape(self, shape: Shape) -> Shape:
        features = vector_shape(shape, "Linear")
        if features != self.weight.shape[1]:
            raise ShapeError(f"{self.weight.shape[1]} input features, but the input has {features}")
        return (len(self.weight),)

    def forward(self, x: Array) -> Array:
        # Not a matrix product, whose last bit is the processor's library's to choose.
        y: Array = (self.weight * x).sum(axis=1)
        return y if self.bias is None else y + self.bias

    def view_before(self, shape: Shape) -> Layer | None:
        return Flatten() if len(shape) == 3 else None

    def multiplications(self, shape: Shape) -> int:
        return self.weight.size

    def tables(self, shape: Shape) -> Tables:
        planes = shape if len(shape) == 3 else (1, *shape, 1)
        # (M, N) -> (M, C, H, W)
        weights = self.weight.reshape(-1, *planes)
        tables: Tables = {"weight": [list(unit) for unit in weights]}
        if self.bias is not None:
            tables["bias"] = [[self.bias[:, None]]]
        return tables

    def blocks(
        self, sources: tuple[Place, ...], place: Place, spelling: Spelling
    ) -> Iterator[Written]:
        (source,), (column,) = sources, place.planes
        units = place.tables["weight"]
        for run in runs([tuple(plane.origin for plane in unit) for unit in units]):
            lattice = replace(column, origin=column.cell(run.start, 0), shape=(run.count, 1))
            terms = self._products(source, units[run.start], run, anchored=len(units) > 1)
            if "bias" in place.tables:
                terms.append(_beside(place.tables["bias"][0][0], run.start))
            yield Written(OUTPUT, 0, Block(lattice, plus(terms)))

    @classmethod
    def match(cls, tree: Node, is_activation: IsActivation) -> Match | None:
        found = products(tree)
        if found is None or len(found.others) > 1:
            return None
        pairs = []
        for one in found.pairs:
            # The input is the same for all units; a lone unit's is what is computed.
            is_input = is_still(one.other) and (not is_still(one.one) or is_activation(one.other))
            pairs.append(one.swapped if is_input else one)
        if any(is_activation(one.other) and not is_activation(one.one) for one in pairs):
            return None  # windows side by side over a plane, and the kernel they share
        inputs, weights = tables(pairs)
        if not all(map(is_still, inputs)) or any(table.overlaps_itself for table in weights):
            return None
        bias = found.others[0] if found.others else None
        if bias is not None and not isinstance(bias, Ref):
            return None
        return Match(OUTPUT, tuple(inputs), tuple(weights), bias, grouping=Grouping.UNITS)

    @classmethod
    def from_geometry(cls, geometry: WindowGeometry) -> Layer | None:
        weights = geometry.weights
        if weights is None or not geometry.is_whole or geometry.table_step != (1, 1):
            return None
        return cls(weights.reshape(len(weights), -1), geometry.biases)

    @staticmethod
    def _products(
        source: Place, unit: tuple[Plane, ...], run: Run, *, anchored: bool
    ) -> list[Node]:
        return [
            Call(
                # A row of weights and a column of inputs: a row of a matrix times a vector.
                "MMULT" if _is_row_beside(weights, before) else "SUMPRODUCT",
                (
                    weights.fixed(absolute=False, by_row=run.step),
                    # The input is the same for every unit; a lone one has nothing to anchor.
                    before.fixed(absolute=anchored),
                ),
            )
            for before, weights in zip(source.planes, unit, strict=True)
        ]


def _is_row_beside(weights: Plane, before: Plane) -> bool:
    return before.shape[1] == 1 < before.shape[0] and weights.shape == before.shape[::-1]


def _beside(column: Plane, index: int) -> Ref:
    row, left = column.cell(index, 0)
    return Ref(Axis(row, by_row=column.step[0]), Axis(left))
