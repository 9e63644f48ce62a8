"""Where intentions come from: what the user names, or else what the file says of itself.

The first that says anything is the one that cells are held against.
"""

from __future__ import annotations

from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.verification.intended.intention import Intention, Origin
from xlconv.verification.intended.placement import placed_by_names


def intentions_of(book: LiftedWorkbook) -> tuple[Intention, ...]:
    """Return what a workbook should compute, by its own description and names."""
    described = (
        placed_by_names(network, book.workbook, Origin.DESCRIPTION)
        for network in book.description.networks
    )
    return tuple(one for one in described if one is not None)
