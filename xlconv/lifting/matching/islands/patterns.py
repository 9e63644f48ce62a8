"""The patterns that the cells of an island may follow, with few cells that do not.

Three cells of four follow some pattern nearly always; so only those count that copying a
formula makes: down the rows of what it reads move, to the right the columns, and nothing
after a dollar. Only trees: what makes a layer is not decided here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import NamedTuple

from xlconv.spreadsheet.formula import Axis, Node, Ref, corners, mapped, references

Place = tuple[int, int]
Moves = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class IslandPattern:
    """A formula for all cells of an island, affine in the place, and the places that hold it."""

    tree: Node
    regular: frozenset[Place]


class _Formula(NamedTuple):
    """A formula without its coordinates, and those: rows and columns of references in turn."""

    skeleton: Node
    at: Moves
    fixed: tuple[bool, ...]


def island_patterns(shape: tuple[int, int], cells: Mapping[Place, Node]) -> list[IslandPattern]:
    """Return the patterns that most of an island follows: of most cells first.

    One cell may be odd, or one of four; of two it is said nowhere which one.
    """
    most_odd = max(1, shape[0] * shape[1] // 4)
    formulas = {place: _taken_apart(tree) for place, tree in cells.items()}
    found: dict[tuple[object, ...], IslandPattern] = {}
    for place, one in formulas.items():
        alike = {at: other for at, other in formulas.items() if other.skeleton == one.skeleton}
        for down, right in product(*(list(_moves(shape, alike, place, axis)) for axis in (0, 1))):
            start = _moved(one.at, down, right, (-place[0], -place[1]))
            key = (one.skeleton, start, down, right)
            if key in found or min(start, default=0) < 0:
                continue
            regular = frozenset(
                at for at, other in alike.items() if other.at == _moved(start, down, right, at)
            )
            if shape[0] * shape[1] - len(regular) <= most_odd:
                found[key] = IslandPattern(_tree(cells[place], start, down, right), regular)
    return sorted(found.values(), key=lambda one: -len(one.regular))


def _taken_apart(tree: Node) -> _Formula:
    ends = [
        end for one in references(tree) for end in ([one] if isinstance(one, Ref) else corners(one))
    ]
    axes = [axis for end in ends for axis in (end.row, end.column)]
    zero = Axis(0)
    skeleton = mapped(tree, lambda one: replace(one, row=zero, column=zero))
    return _Formula(
        skeleton, tuple(axis.offset for axis in axes), tuple(axis.absolute for axis in axes)
    )


def _moves(
    shape: tuple[int, int], alike: Mapping[Place, _Formula], place: Place, axis: int
) -> Iterator[Moves]:
    """Yield how coordinates may move along an axis, as seen from a cell on."""
    one = alike[place]
    still = (0,) * len(one.at)
    if shape[axis] == 1:
        yield still
        return
    found = dict.fromkeys(_seen(alike, axis))
    for step in dict.fromkeys((1, *_sizes(one, axis))):
        found[tuple(
            step if k % 2 == axis and not fixed else 0 for k, fixed in enumerate(one.fixed)
        )] = None  # fmt: skip
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
