"""The tables of edits, a module for each noun that is edited: first those that are wrong."""

from __future__ import annotations

from tests.edits.edit import Edit
from tests.edits.tables import (
    activations,
    convolutions,
    dense,
    pools,
    softmax,
)

TABLE: tuple[Edit, ...] = (
    *convolutions.EDITS,
    *activations.EDITS,
    *pools.EDITS,
    *dense.EDITS,
    *softmax.EDITS,
)
