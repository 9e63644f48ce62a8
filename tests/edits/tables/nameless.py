"""The same edits in files that lost names and description: held to the original, or on their own."""

from __future__ import annotations

from msgspec.structs import replace

from tests.edits.edit import Edit
from tests.edits.tables import (
    activations,
    beside,
    convolutions,
    dense,
    other_networks,
    parameters,
    pasted,
    pools,
    shifts,
    softmax,
    spelled_otherwise,
)

_KNOWN = {
    edit.name: edit
    for table in (
        activations, beside, convolutions, dense, other_networks, parameters, pasted, pools, shifts, softmax, spelled_otherwise,
    )
    for edit in table.EDITS
}  # fmt: skip
# Held to the original, all of these are found, and none of those below.
_WRONG_AGAINST = (
    "relu_forgotten", "relu_forgotten_in_one_plane", "relu_leaks", "tanh_for_relu", "bias_forgotten", "bias_of_other_plane",
    "windows_one_column_right", "kernels_swapped", "kernel_turned", "kernel_slides", "one_plane_of_two_read",
    "input_read_by_conv2", "average_for_maximum", "pool_windows_one_column_right", "pool_reads_first_plane_twice",
    "dense_without_bias", "dense_with_weights_of_next_class", "dense_planes_swapped", "softmax_total_slides",
    "softmax_of_base_two", "softmax_deleted", "prediction_counts_from_one", "pools_pasted", "conv1_pasted", "everything_pasted",
    "conv1_cleared", "network_cleared", "row_inserted_in_input",
)  # fmt: skip
_RIGHT_AGAINST = (
    "saved_as_it_is", "conv1_expanded", "relu_by_if", "array_formulas", "pool_of_four_cells", "dense_bias_first",
    "softmax_in_one_formula", "row_inserted_above", "columns_inserted_everywhere_between", "kernel_moved", "conv1_moved",
    "pixel_changed", "kernel_changed", "sheet_renamed", "sum_of_a_plane",
)  # fmt: skip
# Nothing says what was intended: what has no pattern is open, and never praised.
_OPEN = "findings|partly|unverified"
# On its own such a file is a network of another kind, and right as that one, or wrong in itself.
_ALONE = {
    "saved_as_it_is": "verified", "relu_forgotten": "verified", "bias_forgotten": "verified", "average_for_maximum": "verified",
    "kernels_swapped": "verified", "conv1_row_by_row": "verified|partly|unverified", "conv1_expanded": "verified", "relu_by_comparison": "verified",
    "pool_by_large": "verified|partly|unverified", "windows_by_offset": "verified", "softmax_in_one_formula": "verified|partly|unverified",
    "row_inserted_above": "verified", "pixel_changed": "verified", "notes_typed": "verified",
    "relu_forgotten_in_one_plane": _OPEN, "average_for_maximum_in_one_plane": _OPEN,
    "bias_forgotten_in_half_a_plane": _OPEN, "one_row_pasted": "findings", "half_a_plane_pasted": _OPEN,
    "one_row_cleared": _OPEN, "kernel_slides": _OPEN, "row_inserted_in_input": "findings",
    "column_of_input_deleted": "findings", "weight_divided_by_zero": "findings", "weight_with_comma": "findings",
    "average_in_upper_half": _OPEN,
    # No layer is spelled this way, and nobody says which one it should be.
    "relu_squared": "partly|unverified", "second_largest": "partly|unverified", "softmax_by_largest": "partly|unverified",
    "sums_multiplied": "partly|unverified", "statistics_of_the_picture": "partly|unverified",
}  # fmt: skip


def _against(name: str) -> Edit:
    return replace(_KNOWN[name], name=f"{name}_against", nameless=True, against=True)


def _alone(name: str, verdict: str) -> Edit:
    edit = _KNOWN[name]
    # Layers have names of other files' making: what counts is that it is not praised.
    return replace(edit, name=f"{name}_alone", nameless=True, verdict=verdict, words=())


EDITS: tuple[Edit, ...] = (
    *map(_against, (*_WRONG_AGAINST, *_RIGHT_AGAINST)),
    *(_alone(name, verdict) for name, verdict in _ALONE.items()),
)
