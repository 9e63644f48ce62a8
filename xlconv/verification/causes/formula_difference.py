"""The one difference between the formula that stands in a cell and the one that should.

Both trees in, words out: a reference without its `$`, a window that is moved, a term left
out, another function. Where they differ in several ways, or in none that is known, nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from xlconv.errors import FormulaError
from xlconv.layers.base.shapes import by_size
from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.formula import (
    Area,
    Binary,
    Call,
    Node,
    Number,
    Ref,
    Unary,
    areas_of,
    corners,
    references,
    render,
)
from xlconv.spreadsheet.formula.nodes import Error, children, every
from xlconv.spreadsheet.formula.parse import parse
from xlconv.verification.causes.cell_ranges import PLANE, WEIGHT, named_range
from xlconv.verification.intended.intention import Intention

Reference = Ref | Area
_MOST_SAID = 2
_SIDES = (("down", "up"), ("right", "left"))


class Texts(Struct, frozen=True):
    """A formula as it stands, and as it should, both without `=` and braces."""

    found: str
    wanted: str


def difference(texts: Texts, intention: Intention) -> str:
    """Return in words how a formula differs from the one that should stand; "" if unclear."""
    try:
        found, wanted = parse(texts.found), parse(texts.wanted)
    except FormulaError:
        return ""
    if any(isinstance(one, Error) and one.code == "#REF!" for one in every(found)):
        return "it reads a row, column or cell that was deleted (#REF!)"
    differences = list(_differences(found, wanted, intention))
    distinct = list(dict.fromkeys(differences))
    return " and ".join(distinct) if len(distinct) <= _MOST_SAID and "" not in differences else ""


def _differences(found: Node, wanted: Node, intention: Intention) -> Iterator[str]:
    """Yield what differs; "" stands for a difference without words."""
    if _same(found, wanted):
        return
    around = _around(found, wanted, intention) or _without(found, wanted)
    if around:
        yield around
        return
    match found, wanted:
        case ((Ref() | Area()), (Ref() | Area())):
            yield _other_reference(found, wanted, intention)
        case Call(name, some), Call(other, others) if name == other and len(some) == len(others):
            for one, two in _paired(some, others):
                yield from _differences(one, two, intention)
        case Call(name, some), Call(other, others) if name != other and _alike(some, others):
            yield f"{name} stands where {other} should"
        case Number(value), Number(other):
            yield f"{value:.10g} stands where {other:.10g} should"
        case Binary(one, left, right), Binary(two, left2, right2) if (
            one != two and _same(left, left2) and _same(right, right2)
        ):
            yield f"{one} stands where {two} should"
        case _ if len(_terms(found)) > 1 or len(_terms(wanted)) > 1:
            yield from _other_terms(_terms(found), _terms(wanted), intention)
        case Binary(one, left, right), Binary(two, left2, right2):
            if one == two:
                yield from _differences(left, left2, intention)
                yield from _differences(right, right2, intention)
            else:
                yield ""
        case _:
            yield ""


def _same(one: Node, other: Node) -> bool:
    """Whether trees name the same cells in the same way, dollars left out."""
    match one, other:
        case ((Ref() | Area()), (Ref() | Area())):
            return list(areas_of(one)) == list(areas_of(other)) and (
                corners(one)[0].sheet == corners(other)[0].sheet
            )
    if type(one) is not type(other):
        return False
    mine, others = children(one), children(other)
    if not mine and not others:
        return one == other
    head = (getattr(one, "name", None), getattr(one, "operator", None))
    if head != (getattr(other, "name", None), getattr(other, "operator", None)):
        return False
    return len(mine) == len(others) and all(map(_same, mine, others))


def _alike(some: tuple[Node, ...], others: tuple[Node, ...]) -> bool:
    """Whether one has every argument of the other, but for constants."""
    bare = [
        [one for one in every if not isinstance(one, Number)] for every in (some, others)
    ]  # fmt: skip
    return len(bare[0]) == len(bare[1]) > 0 and all(map(_same, *bare))


def _paired(some: tuple[Node, ...], others: tuple[Node, ...]) -> Iterator[tuple[Node, Node]]:
    """Yield arguments with their counterparts: those that are the same in any order first."""
    left, free = list(others), []
    for one in some:
        twin = next((k for k, other in enumerate(left) if _same(one, other)), None)
        if twin is None:
            free.append(one)
        else:
            left.pop(twin)
    yield from zip(free, left, strict=True)


# -- what stands around ----------------------------------------------------------------------


def _around(found: Node, wanted: Node, intention: Intention) -> str:
    """Return what is done to the right formula, where it is a part of what stands there."""
    for parent in every(found):
        is_more = isinstance(parent, Area) or (
            isinstance(parent, Binary) and parent.operator == "+"
        )
        if not is_more and any(_same(child, wanted) for child in children(parent)):
            right = "the right formula"
            if isinstance(wanted, Ref | Area):
                right = _called(wanted, intention)
            return f"{right}, but {_done(parent, wanted)}"
    return ""


def _done(parent: Node, wanted: Node) -> str:
    match parent:
        case Call(name, _):
            return f"{name} is taken of it"
        case Binary(operator, left, other) if _same(left, wanted):
            return f"then {operator}{render(other)}"
        case Binary(operator, other, _):
            return f"with {render(other)}{operator} before it"
        case Unary(operator, _):
            return f"with {operator} before it"
    return "something is done to it"


def _without(found: Node, wanted: Node) -> str:
    """Return what is left out around a formula that is a part of the wanted one."""
    for parent in every(wanted):
        if isinstance(parent, Call) and any(_same(child, found) for child in children(parent)):
            return f"{parent.name} is missing around it"
        if isinstance(parent, Binary) and parent.operator == "/" and _same(parent.left, found):
            return f"/{render(parent.right)} is missing behind it"
    return ""


# -- sums ------------------------------------------------------------------------------------


def _terms(tree: Node) -> list[Node]:
    match tree:
        case Binary("+", left, right):
            return [*_terms(left), *_terms(right)]
    return [tree]


def _other_terms(found: list[Node], wanted: list[Node], intention: Intention) -> Iterator[str]:
    left, extra = list(wanted), []
    for one in found:
        twin = next((k for k, other in enumerate(left) if _same(one, other)), None)
        if twin is None:
            extra.append(one)
        else:
            left.pop(twin)
    if len(left) == len(extra):
        for one, other in zip(extra, left, strict=True):
            yield from _differences(one, other, intention)
        return
    for one in left:
        yield "" if extra else f"{_term(one, intention)} is not added"
    for one in extra:
        again = any(_same(one, other) for other in wanted)
        yield "" if left else f"{_term(one, intention)} is added {'twice' if again else 'besides'}"


def _term(tree: Node, intention: Intention) -> str:
    """Return what a term of a sum is called."""
    match tree:
        case Ref() | Area():
            return _called(tree, intention)
    planes = [_plane_of(one, intention) for one in references(tree)]
    own = [one for one in planes if one]
    return f"what comes from {own[0]}" if own else f"the term {render(tree)}"


def _plane_of(reference: Reference, intention: Intention) -> str:
    named = named_range(intention, next(areas_of(reference)))
    return f"the plane {named.name}" if named is not None and named.kind == PLANE else ""


def _called(reference: Reference, intention: Intention) -> str:
    named = named_range(intention, next(areas_of(reference)))
    text = render(reference).replace("$", "")
    if named is None:
        return text
    what = {PLANE: "the plane", WEIGHT: "the kernel"}.get(named.kind, "")
    is_bias = named.name.partition(".")[2].startswith("bias")
    what = what or ("the bias" if is_bias else "the parameter")
    return f"{what} {named.name} ({text})"


# -- references ------------------------------------------------------------------------------


def _other_reference(found: Reference, wanted: Reference, intention: Intention) -> str:
    own, other = next(areas_of(found)), next(areas_of(wanted))
    if own.size != other.size:
        return _other_size(found, wanted, own, other)
    slides = _slides(found, wanted, intention)
    if slides:
        return slides
    here, there = named_range(intention, own), named_range(intention, other)
    if here is not None and there is not None and here.name != there.name:
        return f"it reads {_called(found, intention)}, not {_called(wanted, intention)}"
    return _moved(own, other, found, intention)


def _other_size(found: Reference, wanted: Reference, own: Range, other: Range) -> str:
    sizes = f"{render(found)} is {by_size(own.size)}, not {by_size(other.size)}"
    axes = [k for k in (0, 1) if own.size[k] != other.size[k]]
    if len(axes) == 1 and abs(own.size[axes[0]] - other.size[axes[0]]) == 1:
        line = ("row", "column")[axes[0]]
        more = own.size[axes[0]] > other.size[axes[0]]
        return f"{sizes}: one {line} {'too many' if more else 'is missing'}"
    return sizes


def _slides(found: Reference, wanted: Reference, intention: Intention) -> str:
    """Return that a reference moves where it should stand still, or the other way round."""
    for one, other in zip(corners(found), corners(wanted), strict=True):
        for mine, right in ((one.row, other.row), (one.column, other.column)):
            if mine.offset == right.offset:
                continue
            if right.absolute and not mine.absolute:
                named = named_range(intention, next(areas_of(wanted)))
                text = render(wanted) if named is None else f"{named.name}, {render(wanted)}"
                return f"{render(found)} slides: its `$` is missing ({text})"
            if mine.absolute and not right.absolute:
                return f"{render(found)} stands still: a `$` too many ({render(wanted)})"
    return ""


def _moved(own: Range, other: Range, found: Reference, intention: Intention) -> str:
    moves = (own.top - other.top, own.left - other.left)
    words = [
        f"{counted(abs(move), line)} {side[move < 0]}"
        for move, line, side in zip(moves, ("row", "column"), _SIDES, strict=True)
        if move
    ]
    near = all(abs(move) <= 2 * max(own.size) for move in moves)
    if near and words:
        text = render(found).replace("$", "")
        return f"its window {text} is {' and '.join(words)} of where it should be"
    return f"it reads {_called(found, intention)}"
