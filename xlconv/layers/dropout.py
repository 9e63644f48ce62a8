"""Dropout: nothing at inference; in training, random cells decide what is let through."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Self

import numpy as np

from xlconv.arrays import Array, Shape
from xlconv.layers.base.answers import HelperKind, Setting, Tables
from xlconv.layers.base.geometry import WindowGeometry
from xlconv.layers.base.layer import OUTPUT, Layer, Written
from xlconv.layers.base.match import IsActivation, Match, is_zero, number_of
from xlconv.layers.base.options import Options
from xlconv.layers.base.place import Place, Spelling, helper_of_plane
from xlconv.layers.base.plane_by_plane import EntryByEntry
from xlconv.spreadsheet.blocks.block import Block
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import Binary, Call, Node, Number, Ref

MASK = "mask"
_MOST = 0.99  # what is kept is divided by 1 - p


@dataclass(frozen=True, eq=False)
class Dropout(EntryByEntry):
    """x at inference; x * mask / (1 - p) in training; torch.nn.Dropout.

    `mask`, of the input's shape, has 0 where a number is dropped and 1 elsewhere; None
    at inference. On a sheet it stands as RAND() cells that are drawn anew with every
    calculation. Not `scaled`, as some sheets have it, the numbers let through stay as
    they are.
    """

    p: float = 0.5
    mask: Array | None = None
    scaled: bool = True

    short = "drop"
    meaning = "times its mask, 0 or 1, and over the share that is kept"
    scalars = ("p",)
    helper_cells = MappingProxyType({MASK: HelperKind.PLANE})
    EXAMPLES = (((2, 3, 4), {}), ((5,), {"p": 0.25}))

    @classmethod
    def build(cls, options: Options, shape: Shape) -> Self:
        return cls(options.number("p", 0.5, least=0, most=_MOST))

    def options(self) -> dict[str, Any]:
        return {"p": self.p}

    def describe(self) -> str:
        return f"p = {self.p:g}" + (", in training" if self.mask is not None else "")

    def setting(self, parameter: str) -> Setting:
        return Setting(
            _MOST, f"The share that is dropped, from 0 to {_MOST}: at 1, nothing is left"
        )

    @property
    def remark(self) -> str:
        if self.mask is None:
            return ""
        return "Press F9 to draw the masks again; with p = 0 nothing is dropped, as at inference."

    @property
    def is_view(self) -> bool:
        return self.mask is None

    def in_training(self, shape: Shape, generator: np.random.Generator) -> Self:
        return replace(self, mask=(generator.uniform(size=shape) >= self.p).astype(np.float64))

    def drawn(self, generator: np.random.Generator) -> Self:
        if self.mask is None:
            return self
        other = replace(self, p=float(generator.uniform(0.2, 0.8)))
        return other.in_training(self.mask.shape, generator)

    def forward(self, x: Array) -> Array:
        if self.mask is None:
            return x
        return x * self.mask / (1 - self.p) if self.scaled else x * self.mask

    def helpers(self, x: Array, y: Array, names: Collection[str] = ()) -> dict[str, Array]:
        if self.mask is None:
            return {}
        planes = self.mask if self.mask.ndim == 3 else self.mask[None, :, None]
        return {helper_of_plane(MASK, index): plane for index, plane in enumerate(planes)}

    def tables(self, shape: Shape) -> Tables:
        return {} if self.mask is None else {"p": [[np.full((1, 1), self.p)]]}

    def blocks(
        self, sources: tuple[Place, ...], place: Place, spelling: Spelling
    ) -> Iterator[Written]:
        falls = Binary("<", Call("RAND", ()), place.tables["p"][0][0].fixed())
        for output in super().blocks(sources, place, spelling):
            name = helper_of_plane(MASK, output.index)
            mask = place.helpers[name]
            yield Written(name, 0, Block(mask, Call("IF", (falls, Number(0), Number(1)))))
            yield output

    def plane_formula(self, planes: tuple[Plane, ...], place: Place, index: int) -> Node:
        (before,) = planes
        kept = Binary("*", before.entry(), place.helpers[helper_of_plane(MASK, index)].entry())
        return Binary("/", kept, Binary("-", Number(1), place.tables["p"][0][0].fixed()))

    @classmethod
    def match(cls, tree: Node, is_activation: IsActivation) -> Match | None:
        """Recognise x*mask/(1-p), x*mask, and IF(random<p,0,x) with x scaled or not."""
        match tree:
            case Binary("/", Binary("*", Ref() as one, Ref() as other), scale) if _kept(scale):
                return _masked(one, other, _kept(scale), is_activation)
            case Binary("*", Ref() as one, Ref() as other):
                return _masked(one, other, None, is_activation)
            case Call("IF", (Binary("<" | "<=", Ref() as drawn, p), zero, x)) if is_zero(zero):
                return _compared(x, drawn, p, is_activation)
            case Call("IF", (Binary(">" | ">=", Ref() as drawn, p), x, zero)) if is_zero(zero):
                return _compared(x, drawn, p, is_activation)
        return None

    @classmethod
    def from_geometry(cls, geometry: WindowGeometry) -> Layer | None:
        if not geometry.is_entry_by_entry or geometry.masks is None:
            return None
        how, scaled = geometry.facts
        scalars = geometry.scalars
        shares = set(np.unique(scalars["p"]).tolist()) if "p" in scalars else {0.0}
        if len(shares) != 1:
            return None
        (p,) = shares
        mask = geometry.masks if how == MASK else (geometry.masks >= p).astype(np.float64)
        if not np.isin(mask, (0, 1)).all() or not 0 <= p < 1:
            return None
        return cls(p, mask.reshape(geometry.shape), bool(scaled))


def _masked(one: Ref, other: Ref, p: Node | None, is_activation: IsActivation) -> Match | None:
    if is_activation.is_random(one) == is_activation.is_random(other):
        return None
    x, mask = (other, one) if is_activation.is_random(one) else (one, other)
    scalars = () if p is None else (("p", p),)
    return Match(OUTPUT, (x,), masks=((MASK, mask),), scalars=scalars, facts=(MASK, p is not None))


def _compared(x: Node, drawn: Ref, p: Node, is_activation: IsActivation) -> Match | None:
    if not is_activation.is_random(drawn) or not (isinstance(p, Ref) or number_of(p) is not None):
        return None
    match x:
        case Ref():
            return Match(
                OUTPUT, (x,), masks=(("", drawn),), scalars=(("p", p),), facts=("draw", False)
            )
        case Binary("/", Ref() as inner, scale) if _kept(scale) == p:
            return Match(
                OUTPUT, (inner,), masks=(("", drawn),), scalars=(("p", p),), facts=("draw", True)
            )
    return None


def _kept(scale: Node) -> Node | None:
    """Return p of 1-p, None of anything else."""
    match scale:
        case Binary("-", Number(1), p) if isinstance(p, Ref) or number_of(p) is not None:
            return p
    return None
