"""Values pasted over formulas: the same numbers today, and deaf to every change."""

from __future__ import annotations

from tests.edits.edit import Edit, copy_values, fill, paste_values, write, wrong
from tests.edits.tables.places import ALL, CONV1, CONV2, DENSE, EXP, POOL, PREDICTION, SOFTMAX

_CODES = "D7|S202"
_PASTED = "pasted|number|value|constant"
EDITS: tuple[Edit, ...] = (
    wrong("conv1_pasted", *map(paste_values, CONV1), words=(_CODES, "conv1|relu1", _PASTED)),
    wrong("conv2_pasted", *map(paste_values, CONV2), words=(_CODES, "conv2|relu2", _PASTED)),
    wrong("pools_pasted", *map(paste_values, POOL), words=(_CODES, "pool1", _PASTED)),
    wrong("dense_pasted", paste_values(DENSE), words=(_CODES, "fc1", _PASTED)),
    wrong("exp_pasted", paste_values(EXP), words=(_CODES, "softmax", _PASTED)),
    wrong("softmax_pasted", paste_values(SOFTMAX), words=(_CODES, "softmax", _PASTED)),
    wrong("softmax_and_exp_pasted", paste_values(EXP), paste_values(SOFTMAX),
          words=(_CODES, "softmax", _PASTED)),
    wrong("prediction_pasted", paste_values(PREDICTION),
          words=("D7|S2", "prediction", _PASTED)),
    wrong("one_plane_of_conv1_pasted", paste_values(CONV1[0]), words=(_CODES, "conv1|relu1", _PASTED)),
    wrong("one_plane_of_conv2_pasted", paste_values(CONV2[1]), words=(_CODES, "conv2|relu2", _PASTED)),
    wrong("one_pool_pasted", paste_values(POOL[1]), words=(_CODES, "pool1", _PASTED)),
    wrong("half_a_plane_pasted", paste_values("AH3:AT28"), words=(_CODES, "conv1|relu1|AH3", _PASTED)),
    wrong("lower_half_of_conv2_pasted", paste_values("BM16:CJ27"), words=(_CODES, "conv2|relu2|BM16", _PASTED)),
    wrong("most_of_a_plane_pasted", paste_values("AH3:BG26"), words=(_CODES, "conv1|relu1|AH3", _PASTED)),
    wrong("one_row_pasted", paste_values("AH15:BG15"), words=(_CODES, "conv1|relu1|AH15", _PASTED)),
    wrong("one_column_pasted", paste_values("BZ4:BZ27"), words=(_CODES, "conv2|relu2|BZ4", _PASTED)),
    wrong("last_row_pasted", paste_values("CL15:CW15"), words=(_CODES, "pool1|CL15", _PASTED)),
    wrong("one_cell_pasted", paste_values("AT15"), words=(_CODES, "conv1|relu1|AT15", _PASTED)),
    wrong("one_class_pasted", paste_values("FN7"), words=(_CODES, "fc1|FN7", _PASTED)),
    wrong("half_of_the_classes_pasted", paste_values("FN4:FN8"), words=(_CODES, "fc1|FN4", _PASTED)),
    wrong("everything_pasted", *map(paste_values, ALL), words=("D7|S202", "conv1|relu1|network", _PASTED)),
    wrong("everything_but_softmax_pasted", *map(paste_values, (*CONV1, *CONV2, *POOL, DENSE)),
          words=(_CODES, "fc1", _PASTED)),
    wrong("plane_pasted_over_the_other", copy_values(CONV1[0], "AH32"), words=(_CODES, "conv1|relu1", _PASTED)),
    wrong("zeros_typed_over_a_plane", write(CONV1[1], [[0.0] * 26] * 26), words=(_CODES, "conv1|relu1", _PASTED)),
    wrong("one_cell_for_the_whole_plane", fill(CONV1[1], "=0*A2"), words=("D7|S2", "conv1|relu1")),
)  # fmt: skip
