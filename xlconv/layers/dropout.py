"""Dropout: nothing at inference; in training, random cells decide what is let through."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from types import MappingProxyType
from typing import Any, NamedTuple, Self

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from xlconv.arrays import Array, Draws, Shape
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
_MOST_ADDED = 0.01  # to p, in a formula, so that it says "at most"


class Dropout(EntryByEntry, frozen=True):
    """x at inference; x * mask / (1 - p) in training; torch.nn.Dropout.

    `mask`, of the input's shape, has 0 where a number is dropped and 1 elsewhere; None
    at inference. On a sheet it stands as RAND() cells that are drawn anew with every
    calculation. Not `scaled`, as some sheets have it, the numbers let through stay as
    they are. `drawn` is what stands in the cells of the mask where that is 1, if they
    show the random numbers themselves.
    """

    p: float = 0.5
    mask: Array | None = None
    scaled: bool = True
    drawn: Array | None = None

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

    def in_training(self, shape: Shape, generator: Draws) -> Self:
        return replace(self, mask=(generator.uniform(size=shape) >= self.p).astype(np.float64))

    def with_drawn(self, generator: Draws, low: float = -1.0, high: float = 1.0) -> Self:
        if self.mask is None:
            return self
        shown = None if self.drawn is None else generator.uniform(0.8, 1, self.mask.shape)
        other = replace(self, p=float(generator.uniform(0.2, 0.8)), drawn=shown)
        return other.in_training(self.mask.shape, generator)

    def forward(self, x: Array) -> Array:
        if self.mask is None:
            return x
        return x * self.mask / (1 - self.p) if self.scaled else x * self.mask

    def helpers(self, x: Array, y: Array, names: Collection[str] = ()) -> dict[str, Array]:
        if self.mask is None:
            return {}
        mask = self.mask if self.drawn is None else self.mask * self.drawn
        planes = mask if mask.ndim == 3 else mask[None, :, None]
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
        """Recognise x*mask/(1-p), x*mask, IF(mask=0,0,x), and IF(random<p,0,x), x scaled or not."""
        match tree:
            case Binary("/", Binary("*", Ref() as one, Ref() as other), scale) if _kept(scale):
                return _masked(one, other, _kept(scale), is_activation)
            case Binary("*", Ref() as one, Ref() as other):
                return _masked(one, other, None, is_activation)
        found = (
            _gated(gate, is_activation)
            if is_zero(gate.limit) and not gate.keeps_limit
            else _compared(gate, is_activation)
            for gate in _gates(tree)
        )
        return next((one for one in found if one is not None), None)

    @classmethod
    def from_geometry(cls, geometry: WindowGeometry) -> Layer | None:
        if not geometry.is_entry_by_entry or geometry.masks is None:
            return None
        (how,) = geometry.facts
        assert isinstance(how, _Letting)
        scalars = geometry.scalars
        shares = set(np.unique(scalars["p"]).tolist()) if "p" in scalars else {0.0}
        if len(shares) != 1:
            return None
        (p,) = shares
        mask = how.mask(geometry.masks, p)
        if not np.isin(mask, (0, 1)).all() or not 0 <= p < 1:
            return None
        drawn = geometry.masks.reshape(geometry.shape) if how.shows_drawn else None
        return cls(p, mask.reshape(geometry.shape), how.scaled, drawn)


class _Letting(Struct, frozen=True):
    """How cells let numbers through: as a mask of 0 and 1 says, or what is drawn beyond p.

    `more` is added to p; with `keeps_limit` what is just as large is let through too.
    `shows_drawn`: between what is drawn and x stand cells with what was drawn, or 0.
    """

    is_mask: bool
    scaled: bool
    more: float = 0.0
    keeps_limit: bool = True
    shows_drawn: bool = False
    of_nothing: bool = False  # what is let through is all but 0

    def mask(self, values: Array, p: float) -> Array:
        if self.is_mask:
            return values
        if self.of_nothing:
            return np.where(values != 0, 1.0, 0.0)
        limit = p + self.more
        kept: Array = np.where(values >= limit if self.keeps_limit else values > limit, 1.0, 0.0)
        return kept


class _Gate(NamedTuple):
    """IF(drawn<limit,0,x), however it is turned round."""

    drawn: Ref
    limit: Node
    keeps_limit: bool
    x: Node


def _gates(tree: Node) -> Iterator[_Gate]:
    """Yield what a tree may be as a gate: either end of the comparison may be what is drawn."""
    match tree:
        case Call("IF", (Binary(operator, one, other), then, otherwise)):
            pass
        case _:
            return
    for sign, drawn, limit in (
        (operator, one, other), (_TURNED.get(operator, ""), other, one),
    ):  # fmt: skip
        if isinstance(drawn, Ref) and sign in _DROPS and is_zero(then):
            yield _Gate(drawn, limit, _DROPS[sign], otherwise)
        if isinstance(drawn, Ref) and sign in _KEEPS and is_zero(otherwise):
            yield _Gate(drawn, limit, _KEEPS[sign], then)


_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}
# Which comparisons drop what is drawn, or keep it, and whether the limit itself is kept.
_DROPS, _KEEPS = {"<": True, "<=": False, "=": False}, {">": False, ">=": True, "<>": False}


def _masked(one: Ref, other: Ref, p: Node | None, is_activation: IsActivation) -> Match | None:
    chain = [_Gated.of(ref, is_activation) for ref in (one, other)]
    known = [is_activation.is_random(ref) for ref in (one, other)]
    if sum(map(bool, known)) + sum(found is not None for found in chain) != 1:
        return None
    first = known[0] or chain[0] is not None
    x, mask, found = (other, one, chain[0]) if first else (one, other, chain[1])
    if found is not None:
        if found.shows_drawn or (p is not None and p != found.p):
            return None
        return found.match(x, mask, scaled=p is not None)
    scalars = () if p is None else (("p", p),)
    how = _Letting(is_mask=True, scaled=p is not None)
    return Match(OUTPUT, (x,), masks=((MASK, mask),), scalars=scalars, facts=(how,))


def _compared(gate: _Gate, is_activation: IsActivation) -> Match | None:
    p, more = _share(gate.limit)
    if p is None or not is_activation.is_random(gate.drawn):
        return None
    x, scaled = _scaled(gate.x, p)
    if x is None:
        return None
    how = _Letting(is_mask=False, scaled=scaled, more=more, keeps_limit=gate.keeps_limit)
    masks = (("", gate.drawn),)
    return Match(OUTPUT, (x,), masks=masks, scalars=(("p", p),), facts=(how,))


def _gated(gate: _Gate, is_activation: IsActivation) -> Match | None:
    """Recognise IF(mask=0,0,x): a mask of what was drawn, or of 0 where that was too little."""
    found = _Gated.of(gate.drawn, is_activation)
    if found is not None:
        x, scaled = _scaled(gate.x, found.p)
        return None if x is None else found.match(x, gate.drawn, scaled=scaled)
    if not is_activation.is_random(gate.drawn):
        return None
    p = _drawn_inside(is_activation.formula_at(gate.drawn))
    x, scaled = _scaled(gate.x, p)
    if x is None:
        return None
    how = _Letting(is_mask=False, scaled=scaled, of_nothing=True)
    return Match(OUTPUT, (x,), masks=(("", gate.drawn),), scalars=(("p", p),), facts=(how,))


class _Gated(NamedTuple):
    """A mask that another cell's random number decides: IF(random<=p,0,random), or 1 at the end."""

    drawn: Ref
    p: Node
    more: float
    keeps_limit: bool
    shows_drawn: bool

    @classmethod
    def of(cls, mask: Ref, is_activation: IsActivation) -> _Gated | None:
        tree = is_activation.formula_at(mask)
        gates = () if tree is None else _gates(tree)
        gate = next((one for one in gates if is_activation.is_random(one.drawn)), None)
        if gate is None:
            return None
        p, more = _share(gate.limit)
        shows_drawn = gate.x == gate.drawn
        if p is None or not (shows_drawn or gate.x == Number(1)):
            return None
        return cls(gate.drawn, p, more, gate.keeps_limit, shows_drawn)

    def match(self, x: Ref, mask: Ref, *, scaled: bool) -> Match:
        """Return the match of a formula that lets x through by such a mask."""
        how = _Letting(False, scaled, self.more, self.keeps_limit, self.shows_drawn)
        masks = (("", self.drawn), (MASK, mask))
        return Match(OUTPUT, (x,), masks=masks, scalars=(("p", self.p),), facts=(how,))


def _drawn_inside(tree: Node | None) -> Node:
    """Return p of IF(RAND()<=p,0,...); 0 of any other random number."""
    match tree:
        case Call("IF", (Binary("<" | "<=", Call("RAND", ()), limit), zero, _)) if is_zero(zero):
            return _share(limit)[0] or Number(0)
        case Call("IF", (Binary(">" | ">=", Call("RAND", ()), limit), _, zero)) if is_zero(zero):
            return _share(limit)[0] or Number(0)
    return Number(0)


def _share(limit: Node) -> tuple[Node | None, float]:
    """Return p, where a limit is that, and the small number that is added to it."""
    more = 0.0
    match limit:
        case Binary("+", inner, Number(value)) if 0 <= value <= _MOST_ADDED:
            limit, more = inner, value
        case Binary("+", Number(value), inner) if 0 <= value <= _MOST_ADDED:
            limit, more = inner, value
    is_share = isinstance(limit, Ref) or number_of(limit) is not None
    return (limit if is_share else None), more


def _scaled(x: Node, p: Node) -> tuple[Ref | None, bool]:
    """Return what is let through, and whether it is divided by what is kept; None if neither."""
    match x:
        case Ref():
            return x, False
        case Binary("/", Ref() as inner, scale) if _kept(scale) == p:
            return inner, True
    return None, False


def _kept(scale: Node) -> Node | None:
    """Return p of 1-p, None of anything else."""
    match scale:
        case Binary("-", Number(1), p) if isinstance(p, Ref) or number_of(p) is not None:
            return p
    return None
