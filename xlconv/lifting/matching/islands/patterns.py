"""The patterns that the cells of an island may follow, with few cells that do not.

Three cells of four follow some pattern nearly always; so only those count that copying a
formula makes: down the rows of what it reads move, to the right the columns, and nothing
after a dollar. Only trees: what makes a layer is not decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import product
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from xlconv.spreadsheet.formula import Axis, Node, Ref, corners, mapped, references

Place = tuple[int, int]
Moves = tuple[int, ...]

# Of so few cells, what one formula reads tells where the other should.
_FEW = 2
# So many cells are odd whose formulas changed places.
_SWAPPED = 2
# A cell has so many coordinates, a range twice as many.
_CELL = 2
# Ranges of parameters stand as far from each other as this.
_WIDEST_GAP = 4
_NOWHERE = (0, (0, 0), 0)


class IslandPattern(Struct, frozen=True):
    """A formula for all cells of an island, affine in the place, and the places that hold it."""

    tree: Node
    regular: frozenset[Place]


class _Formula(NamedTuple):
    """A formula without its coordinates, and those: rows and columns of references in turn.

    `ends` has the coordinates of each reference: two of a cell, four of a range.
    """

    skeleton: Node
    at: Moves
    fixed: tuple[bool, ...]
    ends: tuple[slice, ...]


def island_patterns(
    shape: tuple[int, int], cells: Mapping[Place, Node], jumps: Sequence[int] = ()
) -> list[IslandPattern]:
    """Return the patterns that most of an island follows: of most cells first.

    One cell may be odd, or one of four, or two that changed places; of two it is said nowhere
    which one. `jumps` are
    steps by which what stands elsewhere on the sheet repeats itself.
    """
    most_odd = max(1, shape[0] * shape[1] // 4)
    formulas = {place: _taken_apart(tree) for place, tree in cells.items()}
    found = _found(shape, cells, formulas, jumps, most_odd)
    return sorted(found, key=lambda one: -len(one.regular))


def whole_pattern(shape: tuple[int, int], cells: Mapping[Place, Node]) -> Node | None:
    """Return the formula that all cells of a lattice follow, None where there is none."""
    formulas = {place: _taken_apart(tree) for place, tree in cells.items()}
    if len(cells) < shape[0] * shape[1] or len({one.skeleton for one in formulas.values()}) != 1:
        return None
    return next((one.tree for one in _found(shape, cells, formulas, (), 0)), None)


def _found(
    shape: tuple[int, int], cells: Mapping[Place, Node], formulas: Mapping[Place, _Formula],
    jumps: Sequence[int], most_odd: int,
) -> list[IslandPattern]:  # fmt: skip
    """Return the patterns that all cells follow but so many."""
    found: dict[tuple[object, ...], IslandPattern] = {}
    # What all follow, the first one does.
    first = formulas.items() if most_odd else [next(iter(formulas.items()))]
    for place, one in first:
        alike = {at: other for at, other in formulas.items() if other.skeleton == one.skeleton}
        ways = (list(_moves(shape, formulas, place, axis, jumps)) for axis in (0, 1))
        for down, right in product(*ways):
            start = _moved(one.at, down, right, (-place[0], -place[1]))
            key = (one.skeleton, start, down, right)
            last = _moved(start, down, right, (shape[0] - 1, shape[1] - 1))
            if key in found or min((*start, *last), default=0) < 0:
                continue
            regular = frozenset(
                at for at, other in alike.items() if other.at == _moved(start, down, right, at)
            )
            left = shape[0] * shape[1] - len(regular)
            swapped = (
                most_odd
                and left == _SWAPPED <= len(regular)
                and _are_swapped(alike, regular, partial(_moved, start, down, right))
            )
            if left <= most_odd or swapped:
                found[key] = IslandPattern(_tree(cells[place], start, down, right), regular)
    return list(found.values())


def _are_swapped(
    alike: Mapping[Place, _Formula], regular: frozenset[Place], at: Callable[[Place], Moves]
) -> bool:
    """Whether each of two odd cells holds what the other should."""
    odd = [place for place in alike if place not in regular]
    return len(odd) == _SWAPPED and all(
        alike[one].at == at(other) for one, other in (odd, odd[::-1])
    )


def _taken_apart(tree: Node) -> _Formula:
    axes: list[Axis] = []
    ends = []
    for one in references(tree):
        first = len(axes)
        for end in [one] if isinstance(one, Ref) else corners(one):
            axes += [end.row, end.column]
        ends.append(slice(first, len(axes)))
    zero = Axis(0)
    skeleton = mapped(tree, lambda one: replace(one, row=zero, column=zero))
    at = tuple(axis.offset for axis in axes)
    return _Formula(skeleton, at, tuple(axis.absolute for axis in axes), tuple(ends))


def _moves(
    shape: tuple[int, int], formulas: Mapping[Place, _Formula], place: Place, axis: int,
    jumps: Sequence[int],
) -> Iterator[Moves]:  # fmt: skip
    """Yield how coordinates may move along an axis, as seen from a cell on."""
    one = formulas[place]
    if shape[axis] == 1:
        yield (0,) * len(one.at)
        return
    alike = {at: other for at, other in formulas.items() if other.skeleton == one.skeleton}
    found = dict.fromkeys(_seen(alike, axis))
    for step in dict.fromkeys((1, *_sizes(one, axis))):
        found[tuple(
            step if k % 2 == axis and not fixed else 0 for k, fixed in enumerate(one.fixed)
        )] = None  # fmt: skip
    if shape[0] * shape[1] == _FEW:
        found |= dict.fromkeys(_beside(formulas, place, axis, jumps))
    for moves in found:
        if any(move and fixed for move, fixed in zip(moves, one.fixed, strict=True)):
            continue
        if 1 in shape or not any(moves[1 - axis :: 2]):
            yield moves


def _seen(alike: Mapping[Place, _Formula], axis: int) -> Iterator[Moves]:
    for place, one in alike.items():
        for at, other in alike.items():
            far = at[axis] - place[axis]
            moves = [b - a for a, b in zip(one.at, other.at, strict=True)]
            if far > 0 and at[1 - axis] == place[1 - axis] and not any(m % far for m in moves):
                yield tuple(move // far for move in moves)


def _sizes(one: _Formula, axis: int) -> Iterator[int]:
    """Yield how far windows move that lie side by side: the size of the first range."""
    ends = list(zip(one.at[axis::2], one.at[axis + 2 :: 2], strict=False))
    if ends and ends[0][1] > ends[0][0]:
        yield ends[0][1] - ends[0][0] + 1


# -- of two cells --------------------------------------------------------------------------


def _beside(
    formulas: Mapping[Place, _Formula], place: Place, axis: int, jumps: Sequence[int]
) -> Iterator[Moves]:
    """Yield how the references of one of two cells may move to the other.

    As far as the other's formula has the like, so; of the rest all ranges move alike, by
    their size or with a line between, down or to the right, and cells as copying moves them.
    """
    one = formulas[place]
    still: list[Moves | None] = [
        (0,) * len(one.at[ends]) if all(one.fixed[ends]) else None for ends in one.ends
    ]
    yield from _completed(one, still, axis, jumps)
    for at, other in formulas.items():
        if at == place:
            continue
        known = _as_in(one, still, other, at[axis] - place[axis])
        yield from _completed(one, known, axis, jumps)
        for k, moves in enumerate(still):  # what is like it may be what is odd
            if moves is None and known[k] is not None:
                yield from _completed(one, [*known[:k], None, *known[k + 1 :]], axis, jumps)


def _completed(
    one: _Formula, known: Sequence[Moves | None], axis: int, jumps: Sequence[int]
) -> Iterator[Moves]:
    """Yield how all references may move, where it is known of some.

    Those of which it is not as the others of their kind, or by what is usual.
    """
    for like in dict.fromkeys(moves for moves in known if moves is not None and any(moves)):
        alike = [like if moves is None else moves for moves in known]
        same = all(len(m) == len(one.at[ends]) for m, ends in zip(alike, one.ends, strict=True))
        if same and not any(
            move and fixed
            for moves, ends in zip(alike, one.ends, strict=True)
            for move, fixed in zip(moves, one.fixed[ends], strict=True)
        ):
            yield tuple(move for moves in alike for move in moves)
    for along, far, jump in _steps(one, axis, jumps) if None in known else (_NOWHERE,):
        yield tuple(
            move
            for ends, moves in zip(one.ends, known, strict=True)
            for move in (moves or _guessed(one, ends, axis, along, far, jump))
        )


def _steps(
    one: _Formula, axis: int, jumps: Sequence[int]
) -> Iterator[tuple[int, tuple[int, int], int]]:
    """Yield an axis, how often and how far besides ranges move by their size, a jump of cells."""
    for along in (axis, 1 - axis):
        for far in ((0, 0), (0, 1), *((1, gap) for gap in range(_WIDEST_GAP + 1))):
            yield along, far, 0
    if all(len(one.at[ends]) == _CELL for ends in one.ends):
        for jump in jumps:
            yield 0, (0, 0), jump
            yield 1, (0, 0), jump


def _guessed(
    one: _Formula, ends: slice, axis: int, along: int, far: tuple[int, int], jump: int
) -> Moves:
    """Return how a reference moves: a range along an axis, a cell as copying has it or far."""
    at, fixed = one.at[ends], one.fixed[ends]
    if len(at) > _CELL:
        step = far[0] * (at[along + 2] - at[along] + 1) + far[1]
    else:
        along, step = (along, jump) if jump else (axis, 1)
    return tuple(step if k % 2 == along and not fixed[k] else 0 for k in range(len(at)))


def _as_in(
    one: _Formula, known: Sequence[Moves | None], other: _Formula, far: int
) -> list[Moves | None]:
    """Return how references move to those of another formula that are like them."""
    left = list(other.ends)
    found: list[Moves | None] = []
    for ends, moves in zip(one.ends, known, strict=True):
        like = (
            None
            if moves is not None
            else next((each for each in left if _is_like(one, ends, other, each)), None)
        )
        if like is None:
            found.append(moves)
            continue
        left.remove(like)
        by = [b - a for a, b in zip(one.at[ends], other.at[like], strict=True)]
        found.append(None if any(move % far for move in by) else tuple(m // far for m in by))
    return found


def _is_like(one: _Formula, ends: slice, other: _Formula, others: slice) -> bool:
    at, like = one.at[ends], other.at[others]
    if one.fixed[ends] != other.fixed[others] or len(at) != len(like):
        return False
    sizes = [[b - a for a, b in zip(each, each[2:], strict=False)] for each in (at, like)]
    return sizes[0] == sizes[1]


# -- trees ---------------------------------------------------------------------------------


def _moved(start: Moves, down: Moves, right: Moves, by: Place) -> Moves:
    every = zip(start, down, right, strict=True)
    return tuple(at + by[0] * d + by[1] * r for at, d, r in every)


def _tree(tree: Node, start: Moves, down: Moves, right: Moves) -> Node:
    axes = iter(zip(start, down, right, strict=True))

    def affine(one: Ref) -> Ref:
        row, column = next(axes), next(axes)
        return replace(
            one,
            row=Axis(*row, absolute=one.row.absolute),
            column=Axis(*column, absolute=one.column.absolute),
        )

    return mapped(tree, affine)
