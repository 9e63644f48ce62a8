"""What is to be emptied: `conv2`, `relu1[0]`, `conv1.weight[1]` -> cells, and what they compute.

A layer that shares its cells with others stands for all of them. Names no kind of layer.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from msgspec import Struct

from xlconv.classroom.exercise_file import Task, cells_of
from xlconv.classroom.exercises.veil import areas_read
from xlconv.errors import XlconvError
from xlconv.layers.base.layer import OUTPUT, Written
from xlconv.layers.base.place import Groups
from xlconv.layout.placed_network import PlacedNetwork
from xlconv.layout.stages import Lowered
from xlconv.lowering.lower import lower
from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import references

Group = TypeVar("Group")

_ASKED = re.compile(r"(?P<name>[^\[\].]+)(?:\.(?P<parameter>\w+))?(?:\[(?P<plane>\d+)\])?")


class Target(Struct, frozen=True):
    """Cells to be emptied: formulas of a stage (`blocks`), or the numbers of a parameter.

    Where only some numbers of a parameter are asked for, `whole` are all of its planes.
    `name` is how it was asked for; `lowered` has all formulas of the stage that the layer is
    in, those that read a `parameter` included.
    """

    name: str
    placed: PlacedNetwork
    lowered: Lowered
    blocks: tuple[Written, ...]
    parameter: tuple[Plane, ...] = ()
    whole: tuple[Plane, ...] = ()

    @property
    def planes(self) -> tuple[Plane, ...]:
        """The cells, plane by plane."""
        return self.parameter or tuple(one.block.lattice for one in self.blocks)


def target_of(asked: str, networks: Sequence[PlacedNetwork]) -> Target:
    """Return the cells that `asked` names.

    Raises XlconvError where there is no such layer, plane or parameter.
    """
    match = _ASKED.fullmatch(asked.strip())
    if match is None:
        raise XlconvError(f"{asked!r}: expected a layer, a plane or a parameter, as in conv2, "
                          "relu1[0] or conv1.weight")  # fmt: skip
    placed, lowered, index = _stage(match["name"], asked, networks)
    blocks, number = lowered.blocks, match["plane"]
    if match["parameter"]:
        groups: Sequence[tuple[Plane, ...]] = _parameter(placed, index, match["parameter"], asked)
        whole = tuple(plane for group in groups for plane in group)
        if number is not None:
            groups = _one_of(groups, int(number), asked)
        planes = tuple(plane for group in groups for plane in group)
        return Target(asked, placed, lowered, _reading(blocks, planes), planes, whole)
    if number is not None:
        outputs = [one for one in blocks if one.name == OUTPUT]
        _one_of(sorted({one.index for one in outputs}), int(number), asked)
        blocks = tuple(one for one in outputs if one.index == int(number))
    return Target(asked, placed, lowered, blocks)


class Between(Struct, frozen=True):
    """What is computed from cells that are asked for, and is not asked for itself.

    `cells` are all of those, `needed` the ones that another task reads in the end, and `names`
    the layers of these.
    """

    cells: tuple[Cell, ...] = ()
    needed: tuple[Cell, ...] = ()
    names: tuple[str, ...] = ()


def between(networks: Sequence[PlacedNetwork], tasks: Sequence[Task]) -> Between:
    """Return what lies behind the cells of tasks, and between them."""
    asked = {cell for task in tasks for cell in task.places}
    every = [
        (placed.network.names[lowered.stage.last], one)
        for placed, lowered in stages_in(networks) for one in lowered.blocks
    ]  # fmt: skip
    behind: list[tuple[str, Written]] = []
    known = [plane for _, one in every if one.block.lattice.origin in asked
             for plane in (one.block.lattice,)]  # fmt: skip
    for name, one in every:
        if one.block.lattice.origin not in asked and _reading((one,), known):
            behind.append((name, one))
            known.append(one.block.lattice)
    needed: list[tuple[str, Written]] = []
    wanted = [one for _, one in every if one.block.lattice.origin in asked]
    for name, one in reversed(behind):
        if _reading(wanted, (one.block.lattice,)):
            needed.append((name, one))
            wanted.append(one)
    return Between(
        _cells(one for _, one in behind), _cells(one for _, one in needed),
        tuple(dict.fromkeys(name for name, _ in reversed(needed))),
    )  # fmt: skip


def _cells(blocks: Iterable[Written]) -> tuple[Cell, ...]:
    return tuple(cell for one in blocks for cell in cells_of(one.block.lattice.range))


def stages_in(networks: Sequence[PlacedNetwork]) -> Iterator[tuple[PlacedNetwork, Lowered]]:
    """Yield every stage of all networks once: they may share their first ones."""
    seen = set[Plane]()
    for placed in networks:
        for lowered in lower(placed.network, placed.layout):
            first = lowered.blocks[0].block.lattice if lowered.blocks else None
            if first is not None and first not in seen:
                seen.add(first)
                yield placed, lowered


def _stage(
    name: str, asked: str, networks: Sequence[PlacedNetwork]
) -> tuple[PlacedNetwork, Lowered, int]:
    """Return the stage that computes a layer, and the layer's number."""
    known: dict[str, None] = {}
    for placed, lowered in stages_in(networks):
        stage = lowered.stage
        for index in range(stage.first, stage.last + 1):
            if placed.network.names[index] == name:
                return placed, lowered, index
            known[placed.network.names[index]] = None
    near = difflib.get_close_matches(name, known, 1)
    meant = f"did you mean {near[0]}? " if near else ""
    raise XlconvError(f"{asked}: no layer {name!r} has cells; {meant}"
                      f"expected one of {', '.join(known)}")  # fmt: skip


def _one_of(groups: Sequence[Group], number: int, asked: str) -> Sequence[Group]:
    if number >= len(groups):
        raise XlconvError(f"{asked}: expected a number from 0 to {len(groups) - 1}")
    return groups[number : number + 1]


def _reading(blocks: Sequence[Written], planes: Sequence[Plane]) -> tuple[Written, ...]:
    """Return the formulas that read any of these cells."""
    areas = [plane.range for plane in planes]
    return tuple(
        one for one in blocks
        if any(
            area.overlaps(read)
            for reference in references(one.block.tree)
            for read in areas_read(reference, one.block.lattice.shape)
            for area in areas
        )
    )  # fmt: skip


def _parameter(placed: PlacedNetwork, index: int, name: str, asked: str) -> Groups:
    tables = placed.layout.places[index + 1].tables
    if name not in tables:
        has = f"one of {', '.join(tables)}" if tables else "a layer that has parameters"
        raise XlconvError(f"{asked}: no parameter {name!r}; expected {has}")
    return tables[name]
