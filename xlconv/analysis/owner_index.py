"""Region -> its parts by owner: planes first, then padding, annotations, blocks, loose cells.

Every cell of a region is in exactly one part. Follows no reference and never writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np

from xlconv.analysis.cell_owners import NO_PLANE, Owner, padding_owners, plane_owners
from xlconv.layers.base.padding_modes import MODES
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.plurals import counted
from xlconv.spreadsheet.blocks.area_index import AreaIndex
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.precedents.precedents import near
from xlconv.spreadsheet.precedents.region import Region, region_of, region_of_cells, union
from xlconv.spreadsheet.workbook import Kind


class OwnerIndex:
    """What the cells of a workbook belong to; `planes` are the owners with a plane."""

    def __init__(self, book: LiftedWorkbook) -> None:
        self.book = book
        self.planes = list(dict.fromkeys(plane_owners(book)))
        self._areas = _areas_of(self.planes)
        # A block has no cells left where lifting made others of it.
        blocks = [one for one in book.lifted.blocks if one.mask.any()]
        self._blocks = [one for one in blocks if one.lattice.shape != (1, 1)]
        self._block_areas = AreaIndex((one.sheet, one.lattice.range) for one in self._blocks)
        alone = [one for one in blocks if one.lattice.shape == (1, 1)]
        self._singles = AreaIndex((one.sheet, one.lattice.range) for one in alone)
        self._annotations = [
            Owner("annotation", one.what, number, Plane(cell, (1, 1)))
            for (number, cell), one in book.annotations.items()
        ]
        self._annotation_areas = _areas_of(self._annotations)
        paddings = list(dict.fromkeys(padding_owners(book, self.planes)))
        # Cells that repeat a plane are formulas, but of no block; others are constants or blank.
        self._repeated = [owner for owner, fill in paddings if fill in MODES]
        self._filled = [owner for owner, fill in paddings if fill not in MODES]
        self._of_kind = cache(self._cells_of_kind)

    def split(self, sheet: int, region: Region) -> dict[Owner, Region]:
        """Return the parts of a region by what they belong to, in the order of `Owner.rank`."""
        parts: dict[Owner, Region] = {}
        for cut in (
            self._by_plane,
            self._by_repeated_padding,
            self._by_annotation,
            self._by_block,
            self._by_filled_padding,
        ):
            if region:
                found = dict(cut(sheet, region))
                parts |= found
                region = region - union(found.values())
        if region:
            parts[Owner("cells", "cells", sheet, NO_PLANE)] = region
        return dict(sorted(parts.items(), key=lambda part: part[0].rank))

    def label(self, owner: Owner, region: Region) -> str:
        """Return in words what a region of an owner is."""
        if owner.kind == "formulas":
            return counted(len(region), "formula")
        if owner.kind == "padding":
            return f"{owner.title}, {self._role(owner, region) or counted(len(region), 'cell')}"
        if owner.kind != "cells":
            role = self._role(owner, region)
            return role if role.startswith(owner.name) else owner.label(region)
        numbers = len(region & self._of_kind(owner.sheet, Kind.NUMBER))
        texts = len(region & self._of_kind(owner.sheet, Kind.TEXT))
        rest = len(region) - numbers - texts
        counts = ((numbers, "number"), (texts, "text"), (rest, "blank"))
        return ", ".join(counted(count, word) for count, word in counts if count)

    def held(self, sheet: int, *, formulas: bool) -> Region:
        """Return the cells of a sheet that hold formulas, or else those that hold numbers."""
        return self._of_kind(sheet, Kind.FORMULA if formulas else Kind.NUMBER)

    def _role(self, owner: Owner, region: Region) -> str:
        """Return the name of the one cell of a region, as it is called everywhere, or ""."""
        if len(region) != 1:
            return ""
        area = region.bounds
        role = self.book.role(owner.sheet, (area.top, area.left))
        return "" if role is None else str(role)

    def _by_plane(self, sheet: int, region: Region) -> Iterator[tuple[Owner, Region]]:
        for k in near(self._areas, sheet, region).tolist():
            owner = self.planes[k]
            found = self._of_plane(owner, region)
            if found:
                yield owner, found

    def _of_plane(self, owner: Owner, region: Region) -> Region:
        plane = owner.plane
        if plane.step == (1, 1):
            return region.within(plane.range)
        found = region_of_cells(plane, *region.entries(plane))
        if not found:
            return found
        # Blanks between the entries are read with them.
        between = region.within(plane.range) - found
        held = self._of_kind(owner.sheet, None)
        return found | (between - held)

    def _by_block(self, sheet: int, region: Region) -> Iterator[tuple[Owner, Region]]:
        for k in near(self._block_areas, sheet, region).tolist():
            block = self._blocks[k]
            i, j = region.entries(block.lattice)
            own = block.mask[i, j]
            if own.any():
                found = region_of_cells(block.lattice, i[own], j[own])
                yield Owner("formulas", "formulas", sheet, block.lattice), found
        # Formulas of a kind of their own are one family: there may be thousands.
        boxes = self._singles.boxes[near(self._singles, sheet, region)]
        singles = boxes[region.meets(boxes)]
        if len(singles):
            yield Owner("formulas", "formulas", sheet, NO_PLANE), region_of(singles)

    def _by_annotation(self, sheet: int, region: Region) -> Iterator[tuple[Owner, Region]]:
        for k in near(self._annotation_areas, sheet, region).tolist():
            owner = self._annotations[k]
            found = region.within(owner.plane.range)
            if found:
                yield owner, found

    def _by_repeated_padding(self, sheet: int, region: Region) -> Iterator[tuple[Owner, Region]]:
        return _by_range(self._repeated, sheet, region)

    def _by_filled_padding(self, sheet: int, region: Region) -> Iterator[tuple[Owner, Region]]:
        return _by_range(self._filled, sheet, region)

    def _cells_of_kind(self, number: int, kind: Kind | None) -> Region:
        """Return all cells with numbers, formulas, (TEXT) other constants, or (None) anything."""
        sheet = self.book.workbook.sheets[number]
        held = sheet.kinds != Kind.BLANK
        constants = held & ~sheet.is_formula
        chosen = {
            None: held,
            Kind.FORMULA: sheet.is_formula,
            Kind.NUMBER: constants & (sheet.kinds == Kind.NUMBER),
            Kind.TEXT: constants & (sheet.kinds != Kind.NUMBER),
        }[kind]
        rows, columns = sheet.rows[chosen].astype(np.int64), sheet.columns[chosen].astype(np.int64)
        return region_of_cells(NO_PLANE, rows, columns)


def _areas_of(owners: list[Owner]) -> AreaIndex:
    return AreaIndex((one.sheet, one.plane.range) for one in owners)


def _by_range(owners: list[Owner], sheet: int, region: Region) -> Iterator[tuple[Owner, Region]]:
    """Yield what each owner's range has of a region; of ranges that overlap, the first has it."""
    for owner in owners:
        found = region.within(owner.plane.range) if owner.sheet == sheet else None
        if found:
            region = region - found
            yield owner, found
