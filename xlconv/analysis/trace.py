"""Cell -> its precedents or dependents, level by level, as regions of cells by owner.

Each cell is followed once, so that circular workbooks come to an end. Never writes.
"""

from __future__ import annotations

from collections import defaultdict

from msgspec import Struct, field

from xlconv.analysis.cell_owners import Owner
from xlconv.analysis.owner_index import OwnerIndex
from xlconv.lifting.cell_addresses import Located
from xlconv.lifting.lifted_workbook import LiftedWorkbook, Source, open_workbook
from xlconv.network.shown import Shown
from xlconv.spreadsheet.addresses import Cell, Range
from xlconv.spreadsheet.precedents.precedents import Readings
from xlconv.spreadsheet.precedents.region import NOTHING, Region, region_of_range, union


class Node(Struct, frozen=True):
    """Cells of one owner that are reached at a level: the root is level 0."""

    level: int
    owner: Owner
    region: Region
    label: str


class Edge(Struct, frozen=True):
    """A step of the trace: `region` of node `to` are direct precedents (or dependents) of `of`."""

    of: int
    to: int
    region: Region


class Trace(Shown, Struct):
    """The precedents or dependents of a cell: nodes by level, the root first, and the steps.

    `is_whole` says that there is nothing beyond the last level. `not_followed` has the
    operands in the formulas followed that could not be: names of nothing, other workbooks.
    """

    book: LiftedWorkbook
    owners: OwnerIndex
    sheet: int
    cell: Cell
    is_dependents: bool
    nodes: list[Node]
    edges: list[Edge] = field(default_factory=list)
    is_whole: bool = True
    not_followed: list[str] = field(default_factory=list)

    def cells(self, sheet: int | None = None) -> Region:
        """Return all precedents or dependents on a sheet (by default the cell's own).

        The cell itself is among them only where it depends on itself.
        """
        number = self.sheet if sheet is None else sheet
        return union(one.region for one in self.nodes[1:] if one.owner.sheet == number) | union(
            edge.region for edge in self.edges if edge.to == 0 and number == self.sheet
        )

    def label(self, owner: Owner, region: Region) -> str:
        """Return in words what a part of a node's cells is."""
        return self.owners.label(owner, region)


def trace(
    source: Source,
    cell: str | Located,
    *,
    dependents: bool = False,
    depth: int | None = 1,
) -> Trace:
    """Return a cell's precedents, or its dependents, to a depth; None follows them to the end.

    The cell is `AP9`, `sheet!AP9`, `conv2[1, 5, 7]` or a defined name.

    Direct precedents are the cells that a formula refers to, as in Excel: blanks and
    whole columns too, names by what they stand for; not what INDIRECT or OFFSET computes.
    Raises ReadError for what is no workbook, CellError for what is no cell.
    """
    book = open_workbook(source)
    return Tracer(book).trace(*book.find(cell), dependents=dependents, depth=depth)


class Tracer:
    """Traces cells of one workbook; what its formulas read is found once for all."""

    def __init__(self, book: LiftedWorkbook) -> None:
        self.book = book
        self.readings = Readings(book.calculation)
        self.owners = OwnerIndex(book)

    def trace(
        self, sheet: int, cell: Cell, *, dependents: bool = False, depth: int | None = 1
    ) -> Trace:
        """Return the trace of a cell, as the function `trace` does."""
        return _Walk(self, sheet, cell, dependents).to(depth)


class _Walk:
    def __init__(self, tracer: Tracer, sheet: int, cell: Cell, dependents: bool) -> None:
        self.tracer, self.owners = tracer, tracer.owners
        readings = tracer.readings
        self.follow = readings.dependents if dependents else readings.precedents
        root = region_of_range(Range(*cell, *cell))
        ((owner, region),) = self.owners.split(sheet, root).items()
        start = Node(0, owner, region, self.owners.label(owner, region))
        self.found = Trace(tracer.book, tracer.owners, sheet, cell, dependents, [start])
        self.by_owner: dict[Owner, list[int]] = defaultdict(list, {owner: [0]})
        self.reached: dict[Owner, Region] = defaultdict(lambda: NOTHING, {owner: region})
        self.followed: dict[int, Region] = defaultdict(lambda: NOTHING)

    def to(self, depth: int | None) -> Trace:
        front, level = [0], 0
        while front and (depth is None or level < depth):
            level += 1
            front = self._level(front, level)
        nodes = [self.found.nodes[k] for k in front]
        self.found.is_whole = not any(self.follow(one.owner.sheet, one.region) for one in nodes)
        if not self.found.is_dependents:
            self.found.not_followed = list(self.tracer.readings.unfollowed_in(self.followed))
        return self.found

    def _level(self, front: list[int], level: int) -> list[int]:
        """Follow the nodes of one level; return those of the next that are new."""
        steps = [(k, owner, region) for k in front for owner, region in self._steps(k).items()]
        parts: dict[Owner, list[Region]] = defaultdict(list)
        places: dict[tuple[int, Owner], int] = {}
        for k, owner, region in steps:
            known = self._known(owner, region)
            if known is None:
                parts[owner].append(region)
            else:
                places[k, owner] = known
        new = {owner: self._added(level, owner, union(some)) for owner, some in parts.items()}
        for k, owner, region in steps:
            to = places.get((k, owner), new.get(owner, -1))
            self.found.edges.append(Edge(k, to, region))
        return list(new.values())

    def _steps(self, k: int) -> dict[Owner, Region]:
        """Return what the cells of a node lead to that were not followed before, by owner."""
        node = self.found.nodes[k]
        sheet = node.owner.sheet
        fresh = node.region - self.followed[sheet]
        self.followed[sheet] |= fresh
        parts: dict[Owner, Region] = {}
        for target, region in self.follow(sheet, fresh).items() if fresh else ():
            parts |= self.owners.split(target, region)
        return dict(sorted(parts.items(), key=lambda part: part[0].rank))

    def _known(self, owner: Owner, region: Region) -> int | None:
        if not region <= self.reached[owner]:
            return None  # at once: a long recurrence has as many nodes as cells
        for k in self.by_owner[owner]:
            if region <= self.found.nodes[k].region:
                return k
        return None

    def _added(self, level: int, owner: Owner, region: Region) -> int:
        label = self.owners.label(owner, region)
        self.found.nodes.append(Node(level, owner, region, label))
        self.by_owner[owner].append(len(self.found.nodes) - 1)
        self.reached[owner] |= region
        return len(self.found.nodes) - 1
