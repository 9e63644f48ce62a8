"""The tables of edits, a module for each noun that is edited; most are made in conv-example."""

from __future__ import annotations

from tests.edits.edit import Edit
from tests.edits.tables import (
    activations,
    beside,
    convolutions,
    dense,
    lines,
    nameless,
    other_networks,
    parameters,
    pasted,
    pools,
    shifts,
    softmax,
    spelled_otherwise,
)

TABLE: tuple[Edit, ...] = (
    *convolutions.EDITS,
    *activations.EDITS,
    *pools.EDITS,
    *dense.EDITS,
    *softmax.EDITS,
    *pasted.EDITS,
    *shifts.EDITS,
    *lines.EDITS,
    *parameters.EDITS,
    *spelled_otherwise.EDITS,
    *beside.EDITS,
    *other_networks.EDITS,
    *nameless.EDITS,
)
