"""A network and the names of cells -> the intention: which stages stand where, and which nowhere.

Never looks at a formula. What names do not say of a layer is kept with its reason, and the
others are placed all the same.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xlconv.errors import XlconvError
from xlconv.layout.defined_names import LostPlace, NamedPlaces, places_of_names
from xlconv.layout.naming_convention import table_name
from xlconv.layout.stages import fusible, stages_of
from xlconv.lifting.description import in_training_by_names
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.network.network import Network
from xlconv.spreadsheet.addresses import a1_name
from xlconv.spreadsheet.workbook import Sheet, Workbook
from xlconv.verification.intended.intention import Intention, Origin, Unplaced

# Names may claim so many cells more than a sheet has.
_SPARE = 10_000


def placed_by_names(network: Network, workbook: Workbook, origin: Origin) -> Intention | None:
    """Return a network where the names of a workbook say that it stands; None if they do not."""
    network = in_training_by_names(network, {name for name, _ in workbook.names})
    try:
        found = places_of_names(network, workbook.names)
    except XlconvError:
        return None  # readers that want different halos: it was never written so
    sheets = [sheet.name for sheet in workbook.sheets]
    if found is None or found.layout.sheet not in sheets:
        return None
    number = sheets.index(found.layout.sheet)
    if not _fits(found, workbook.sheets[number]):
        return None
    unplaced = tuple(_unplaced(network, found))
    gone = {k for one in unplaced for k in range(one.first, one.last + 1)}
    stages = tuple(
        one for one in stages_of(network, found.layout)
        if gone.isdisjoint(range(one.first, one.last + 1))
        and all(found.layout.places[k].planes for k in one.sources)
    )  # fmt: skip
    return Intention(network, found.layout, number, origin, stages, unplaced)


def has_named_weights(network: Network, book: LiftedWorkbook) -> bool:
    """Whether weights that formulas read are the numbers of the cells with their names.

    On whatever sheet those are; what has no name, or not in that shape, may be anywhere.
    """
    grids = dict(
        zip([one.name for one in book.workbook.sheets], book.calculation.grids, strict=True)
    )
    named = dict(book.workbook.names)
    for k, layer in enumerate(network.layers):
        source = network.sources[k][0]
        for key, groups in layer.tables(network.shapes[source]).items():
            for index, matrices in enumerate(groups):
                ranges = named.get(table_name(network.names[k], key, index, len(groups)), ())
                for (home, area), matrix in zip(ranges, matrices, strict=False):
                    if home in grids and area.size == matrix.shape:
                        held, _ = grids[home].region(area)
                        if not np.array_equal(held, matrix):
                            return False
    return True


def _fits(found: NamedPlaces, sheet: Sheet) -> bool:
    planes = [plane for place in found.layout.places for plane in place.planes]
    size = sum(plane.shape[0] * plane.shape[1] for plane in planes)
    return size <= len(sheet) + _SPARE


def _unplaced(network: Network, found: NamedPlaces) -> Iterator[Unplaced]:
    """Yield layers that have no cells, though they are no view and fused to none."""
    if not found.layout.places[0].planes:
        yield Unplaced(0, 0, "no cells are known as its input")
    first = 0
    for k, layer in enumerate(network.layers):
        has_cells = bool(found.layout.places[k + 1].planes)
        lost = found.lost.get(k + 1)
        if lost is not None:
            yield _lost(first, k, lost)
        elif not has_cells and not layer.is_view and not fusible(network, k):
            yield Unplaced(first, k, "no cells have its name")
        if has_cells or lost is not None or layer.is_view or not fusible(network, k):
            first = k + 1


def _lost(first: int, last: int, lost: LostPlace) -> Unplaced:
    cell = "" if lost.area is None else a1_name((lost.area.top, lost.area.left))
    return Unplaced(first, last, lost.reason, cell)
