"""Windows, planes and labels that do not fit each other, and blocks that fit no layer."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from xlconv.lifting.matching.tensors import Tensor
from xlconv.lifting.networks import tensor_names
from xlconv.spreadsheet.addresses import a1_name
from xlconv.spreadsheet.calculation.calculate import Status
from xlconv.spreadsheet.workbook import Kind
from xlconv.verification.facts import Facts
from xlconv.verification.findings import Finding

# Labels that state a size stand at most so many rows above their plane.
_LABEL_ROWS = 3
_LABELLED_SIZE = re.compile(r"\b([0-9]{1,5}) ?[x×] ?([0-9]{1,5})\)?\s*$")


def overhangs(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for every plane whose windows reach past what they read."""
    names = tensor_names(facts.networks)
    for k, tensor in enumerate(facts.lifted.tensors):
        for plane in tensor.planes:
            own = [one for one in tensor.overhangs if one.reader in (None, plane)]
            for fill, code in (("blank", "G401"), ("mixed", "G403")):
                here = [
                    one for one in own
                    if one.fill == fill and not facts.has_reported(tensor.sheet, one.cells)
                ]  # fmt: skip
                if not here:
                    continue
                name = names.get(k, "the plane")
                past = " and ".join(
                    f"past {one.plane.range.name} into {one.cells.name}" for one in here
                )
                what = "which is blank" if fill == "blank" else "which holds something else"
                message = (
                    f"{name} is {plane.shape[0]}×{plane.shape[1]} because its windows "
                    f"reach {past}, {what}"
                )
                cells = ", ".join(one.cells.name for one in here)
                area = plane.range.name
                yield Finding(
                    code, facts.sheet_name(tensor.sheet), area, message, cells, block=area
                )


def siblings(facts: Facts) -> Iterator[Finding]:
    """Yield planes of one layer that are made from other windows than the rest of it."""
    tensors = [one for one in facts.lifted.tensors if one.kernels and one.geometry is not None]
    for one in tensors:
        for other in tensors:
            if one is other or not _odd_beside(one, other) or _is_said(facts, one):
                continue
            assert one.geometry is not None and other.geometry is not None
            for k, plane in zip(one.blocks, one.planes, strict=False):
                unit = facts.calculation.blocks[k]
                message = (
                    f"its windows begin at {_entry(one.geometry.start)} of what it reads and "
                    f"give {_by(one.geometry.count)}; those of the other planes of the layer "
                    f"({other.planes[0].range.name}) at {_entry(other.geometry.start)}, "
                    f"and give {_by(other.geometry.count)}"
                )
                cell, block = a1_name(plane.origin), unit.lattice.range.name
                yield Finding("G403", facts.sheet_name(one.sheet), cell, message, block=block)


def _is_said(facts: Facts, tensor: Tensor) -> bool:
    """Whether planes are as the file says of them."""
    sheet = facts.calculation.workbook.sheets[tensor.sheet]
    cells = [plane.origin for plane in tensor.planes]
    found = [(cell, sheet.find(cell)) for cell in cells]
    return all(k is not None and facts.is_declared(tensor.sheet, cell, k, k) for cell, k in found)


def pools(facts: Facts) -> Iterator[Finding]:
    names = tensor_names(facts.networks)
    for k, tensor in enumerate(facts.lifted.tensors):
        seen = tensor.geometry
        if seen is None or tensor.kernels:
            continue
        moving = [a for a in (0, 1) if seen.count[a] > 1 and seen.stride[a] != seen.size[a]]
        if moving:
            over = seen.stride[moving[0]] < seen.size[moving[0]]
            what = "overlap" if over else "leave gaps"
            message = (
                f"windows of {_by(seen.size)} of {names.get(k, 'the pool')} move by "
                f"{_by(seen.stride)}: they {what}"
            )
            cell = tensor.planes[0].range.name
            yield Finding("G402", facts.sheet_name(tensor.sheet), cell, message, block=cell)


def labels(facts: Facts) -> Iterator[Finding]:
    """Yield labels above a plane that end in another size than the plane has."""
    for tensor in facts.lifted.tensors:
        sheet = facts.calculation.workbook.sheets[tensor.sheet]
        for plane in tensor.planes:
            area, (n, m) = plane.range, plane.shape
            above = (sheet.rows < area.top) & (sheet.rows >= area.top - _LABEL_ROWS)
            above &= (sheet.columns >= area.left) & (sheet.columns <= area.right)
            for index in np.flatnonzero(above & (sheet.kinds == Kind.TEXT)).tolist():
                said = _LABELLED_SIZE.search(sheet.texts[index])
                if said is not None and (int(said[1]), int(said[2])) != (n, m):
                    cell = a1_name((int(sheet.rows[index]), int(sheet.columns[index])))
                    message = f"says {said[1]}×{said[2]}; the plane {area.name} is {n}×{m}"
                    found, wanted = sheet.texts[index], f"{n}×{m}"
                    yield Finding("G404", sheet.name, cell, message, found, wanted)


def unlifted(facts: Facts) -> Iterator[Finding]:
    for k, reason in facts.lifted.unlifted.items():
        unit = facts.calculation.blocks[k]
        index, count = int(unit.cells[unit.mask][0]), int(unit.mask.sum())
        known = facts.calculation.statuses[unit.sheet][index] <= Status.TAINTED
        if known and k not in facts.lifted.mismatches:
            yield facts.at(unit, index, "L601", reason, count)
    for k, mismatch in facts.lifted.mismatches.items():
        unit = facts.calculation.blocks[k]
        index, count = int(unit.cells[unit.mask][0]), int(unit.mask.sum())
        if not facts.is_declared(unit.sheet, unit.lattice.origin, index, index):
            yield facts.at(unit, index, "G403", mismatch, count)


def _odd_beside(one: Tensor, other: Tensor) -> bool:
    """Whether `one` should be planes of the same layer as `other`, but is made differently."""
    a, b = one.geometry, other.geometry
    if a is None or b is None or (one.source, one.sheet) != (other.source, other.sheet):
        return False
    if [type(x) for x in one.layers] != [type(x) for x in other.layers]:
        return False
    if (a.size, a.stride, one.is_vector) != (b.size, b.stride, False):
        return False
    far = max(abs(x - y) for x, y in zip((*a.start, *a.count), (*b.start, *b.count), strict=True))
    if far == 0 or far > max(a.size):
        return False
    # The odd one is the one with fewer planes, or else that does not begin at the corner.
    return (len(one.planes), a.start == (0, 0)) < (len(other.planes), b.start == (0, 0))


def _entry(place: tuple[int, int]) -> str:
    return f"row {place[0]}, column {place[1]}"


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]}×{size[1]}"
