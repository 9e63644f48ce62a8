"""Networks on other sheets than the one that is wanted, of the same input and output.

They agree with themselves, which proves nothing where somebody says what to compute: a reader
may take them for it. On its own sheet one may show its numbers in another way. Looks at where
networks stand and at their layers, never at a value.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xlconv.arrays import Mask
from xlconv.lifting.description import described
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.lifting.networks import LiftedNetwork
from xlconv.verification.connection import Connection
from xlconv.verification.intended.intention import Intention, Origin
from xlconv.verification.intended.sources import has_layers_of


def rivals_of(
    book: LiftedWorkbook, intentions: Sequence[Intention], connection: Connection
) -> tuple[Mask, ...]:
    """Return the cells, by sheet, of networks that stand for a wanted one and are another."""
    masks = tuple(np.zeros(len(sheet), np.bool_) for sheet in book.workbook.sheets)
    wanted = [one for one in intentions if one.origin in (Origin.AGAINST, Origin.SPEC)]
    homes = {one.sheet for one in wanted}
    for one in book.networks if wanted else ():
        if one.sheet not in homes and any(_is_rival(one, other) for other in wanted):
            for k in (k for sample in one.samples for k in sample if k >= 0):
                tensor = book.lifted.tensors[k]
                for plane in tensor.planes if tensor.source >= 0 else ():
                    cells = book.calculation.indices(tensor.sheet, plane)
                    masks[tensor.sheet][cells[cells >= 0]] = True
    for mask, declared in zip(masks, connection.declared, strict=True):
        mask &= ~declared  # noqa: PLW2901  in place
        mask.flags.writeable = False
    return masks


def _is_rival(one: LiftedNetwork, wanted: Intention) -> bool:
    own, other = one.network.shapes, wanted.network.shapes
    known = described(one, wanted.network).network
    return (own[0], own[-1]) == (other[0], other[-1]) and not has_layers_of(wanted.network, known)
