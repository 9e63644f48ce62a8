"""Labels that say something else than the cells: other sizes, and layers that are not there.

Reads texts beside planes, and what a sheet lists; names no layer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from xlconv.layers.base.shapes import by_size
from xlconv.lifting.labelled_planes import listed_layers
from xlconv.spreadsheet.addresses import a1_name
from xlconv.spreadsheet.workbook import Kind, text_at
from xlconv.verification.facts import Facts
from xlconv.verification.findings import Finding
from xlconv.verification.intended.intention import Origin

# Labels that state a size stand at most so many rows above their plane.
_LABEL_ROWS = 3
_LABELLED_SIZE = re.compile(r"\b([0-9]{1,5}) ?[x×] ?([0-9]{1,5})\)?\s*$")


def wrong_labels(facts: Facts) -> Iterator[Finding]:
    """Yield labels above a plane that end in another size than the plane and its windows have."""
    for tensor in facts.lifted.tensors:
        window = None if tensor.geometry is None else tensor.geometry.size  # "max pool 2x2"
        sheet = facts.workbook.sheets[tensor.sheet]
        for plane in tensor.planes:
            area, wanted = plane.range, by_size(plane.shape)
            above = (sheet.rows < area.top) & (sheet.rows >= area.top - _LABEL_ROWS)
            above &= (sheet.columns >= area.left) & (sheet.columns <= area.right)
            for index in np.flatnonzero(above & (sheet.kinds == Kind.TEXT)).tolist():
                stated = _LABELLED_SIZE.search(sheet.texts[index])
                size = None if stated is None else (int(stated[1]), int(stated[2]))
                if stated is not None and size not in (plane.shape, window):
                    cell = a1_name((int(sheet.rows[index]), int(sheet.columns[index])))
                    message = f"says {stated[1]}×{stated[2]}; the plane {area.name} is {wanted}"
                    found = sheet.texts[index]
                    yield Finding("G404", sheet.name, cell, message, found, wanted)


def unseen_layers(facts: Facts) -> Iterator[Finding]:
    """Yield the layers that a sheet lists and no formulas compute, where all is known of these.

    Where names or a description say more, they count.
    """
    is_said = any(one.origin is not Origin.FORMULAS for one in facts.intentions)
    is_known = all((~one.connected | one.verified).all() for one in facts.standing)
    if is_said or not is_known or not facts.networks:
        return
    # Layers of one shape may be called otherwise: of some, nothing tells but what they compute.
    seen = {shape for one in facts.networks for shape in one.network.shapes}
    for sheet in facts.workbook.sheets:
        for one in listed_layers(sheet):
            if one.kind is None or one.shape in seen:
                continue
            text = text_at(sheet, one.cell)
            message = f"lists {text}, which no formulas compute: the list is old, or they are wrong"
            yield Finding("G407", sheet.name, a1_name(one.cell), message, "no such layer", text)
