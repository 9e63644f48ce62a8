"""Rows, columns and cells that are inserted, deleted, cleared, moved and copied."""

from __future__ import annotations

from tests.edits.edit import (
    Edit,
    clear,
    copy,
    copy_values,
    delete_cells,
    delete_columns,
    delete_rows,
    fill,
    insert_cells,
    insert_columns,
    insert_rows,
    move,
    right,
    wrong,
)
from tests.edits.tables.places import ALL, CONV1, CONV2, DENSE, EXP, INPUT, POOL, SOFTMAX, SUMS1

_CODES = "D7|S2|G4|T3|V1"
_INSERTED = "inserted|row|4×3|4x3|window"
_GONE = "#REF!|deleted|missing|blank|not there|no formula|cleared"
_INSERTING = (
    wrong("row_inserted_in_everything", insert_rows("A15"), words=(_CODES, _INSERTED)),
    wrong("row_inserted_in_input", insert_cells("A15:AB15", "DOWN"), words=(_CODES, "input|conv1|relu1", _INSERTED)),
    wrong("column_inserted_in_input", insert_columns("K1"), words=(_CODES, "input|conv1|relu1", "inserted|column|3×4|3x4|window")),
    wrong("row_inserted_in_conv1", insert_cells("AH15:BG15", "DOWN"), words=(_CODES, "conv1|relu1|conv2|relu2", _INSERTED)),
    wrong("column_inserted_in_conv1", insert_columns("AT1"), words=(_CODES, "conv1|relu1|conv2|relu2", "inserted|column|3×4|3x4|window")),
    wrong("row_inserted_in_kernel", insert_cells("AD12:AF12", "DOWN"), words=(_CODES, "conv1|AD12", "inserted|row|blank|size")),
    wrong("row_inserted_in_pool", insert_cells("CL10:CW10", "DOWN"), words=(_CODES, "pool1|fc1", "inserted|row|blank|size")),
    wrong("row_inserted_in_classes", insert_cells("FM9:FR9", "DOWN"), words=(_CODES, "fc1|softmax", "inserted|row|blank")),
    wrong("weights_pushed_right", insert_cells("AD11:AD13", "RIGHT"), words=(_CODES, "conv1|AD11|relu1")),
    right("row_inserted_above", insert_rows("A1", 3)),
    right("row_inserted_between_planes", insert_rows("A31", 2)),
    right("row_inserted_below", insert_rows("A70", 5)),
    right("column_inserted_before_input", insert_columns("A1", 2)),
    right("column_inserted_before_conv1", insert_columns("AG1")),
    right("column_inserted_before_pool", insert_columns("CK1", 4)),
    right("columns_inserted_everywhere_between", *map(insert_columns, ("FR1", "FL1", "CX1", "CK1", "BL1", "BH1", "AG1", "AC1"))),
    right("column_inserted_among_weights", insert_columns("DK1")),
)  # fmt: skip
_DELETING = (
    wrong("column_of_input_deleted", delete_columns("K1"), words=(_CODES, "input|conv1|relu1", _GONE)),
    wrong("row_of_everything_deleted", delete_rows("A15"), words=(_CODES, "input|conv1|relu1", _GONE + "|row")),
    wrong("column_of_conv1_deleted", delete_columns("AT1"), words=(_CODES, "conv1|conv2|relu1|relu2", _GONE + "|column")),
    wrong("columns_of_conv1_deleted", delete_columns("AC1", 32), words=("D7", "conv1|relu1", _GONE)),
    wrong("columns_of_pool_deleted", delete_columns("CL1", 13), words=("D7", "pool1", _GONE)),
    wrong("column_of_kernel_deleted", delete_cells("AE11:AE13", "LEFT"), words=(_CODES, "conv1|AE11|AD11|relu1")),
    wrong("row_of_kernel_deleted", delete_cells("AD12:AF12", "UP"), words=(_CODES, "conv1|AD11|relu1")),
    wrong("row_of_pool_deleted", delete_cells("CL10:CW10", "UP"), words=(_CODES, "pool1|fc1|CL")),
    wrong("class_deleted", delete_cells("FL9:FR9", "UP"), words=(_CODES, "fc1|softmax", _GONE + "|nine|9|class")),
    wrong("bias_deleted", delete_cells("AD15", "UP"), words=(_CODES, "conv1|relu1", "#REF!|bias")),
    wrong("softmax_columns_deleted", delete_columns("FP1", 3), words=("D7", "softmax", _GONE)),
    wrong("conv1_cleared", *map(clear, CONV1), words=("D7|S2|T3", "conv1|relu1", _GONE)),
    wrong("conv2_cleared", *map(clear, CONV2), words=("D7|S2|T3", "conv2|relu2", _GONE)),
    wrong("one_plane_cleared", clear(CONV1[1]), words=("D7|S2|T3", "conv1|relu1", _GONE)),
    wrong("pools_cleared", *map(clear, POOL), words=("D7|S2|T3", "pool1", _GONE)),
    wrong("dense_cleared", clear(DENSE), words=("D7|S2|T3", "fc1", _GONE)),
    wrong("softmax_cleared", clear(SOFTMAX), words=("D7|S2|T3", "softmax", _GONE)),
    wrong("exp_cleared", clear(EXP), words=("D7|S2|T3", "softmax", _GONE)),
    wrong("one_row_cleared", clear("AH28:BG28"), words=("D7|S203", "conv1|relu1|AH28", _GONE)),
    wrong("one_column_cleared", clear("CJ4:CJ27"), words=("D7|S203", "conv2|relu2|CJ4", _GONE)),
    wrong("one_cell_cleared", clear("CA15"), words=("D7|S203", "conv2|relu2|CA15", _GONE)),
    wrong("half_a_plane_cleared", clear("AH16:BG28"), words=("D7|S203", "conv1|relu1|AH16", _GONE)),
    wrong("network_cleared", *map(clear, ALL), words=("D7", "conv1|network", _GONE)),
    wrong("all_but_input_cleared", clear("AC1:FZ60"), clear("A31"), words=("D7", "conv1|network", _GONE)),
    wrong("whole_sheet_cleared", clear("A1:FZ60"), words=("D7", "conv1|network", _GONE)),
    wrong("sheet_deleted", ("add_sheet", "empty"), ("delete_sheet",), words=("D7", "conv1|network", _GONE)),
)  # fmt: skip
_FILLED = (
    wrong("column_filled_past_the_edge", fill("BH3:BH28", f"=MAX(0,{SUMS1[0].replace('A2:C4', 'AA2:AC4')})"),
          changes="beside", words=("D7|S2|G4|L6", "BH3|conv1|relu1")),
    wrong("row_filled_past_the_edge", fill("AH29:BG29", f"=MAX(0,{SUMS1[0].replace('A2:C4', 'A28:C30')})"),
          changes="beside", words=("D7|S2|G4|L6", "AH29|conv1|relu1")),
    wrong("pool_filled_past_the_edge", fill("CX4:CX15", "=MAX(CK4:CL5)"),
          changes="beside", words=("D7|S2|G4|L6", "CX4|pool1")),
    wrong("class_added", *(fill(one, formula) for one, formula in (
        ("FN14", "=FM14"), ("FQ14", "=EXP(FN14-MAX($FN$4:$FN$14))"), ("FR4:FR14", "=FQ4/SUM($FQ$4:$FQ$14)"))),
        words=("D7|S2|G4", "fc1|softmax")),
)  # fmt: skip
_MOVING = (
    wrong("conv1_copied_and_cleared", copy(CONV1[0], "HA3"), copy(CONV1[1], "HA32"), *map(clear, CONV1),
          words=("D7|S2|T3", "conv1|relu1", _GONE)),
    wrong("conv1_copied_as_values_and_cleared", copy_values(CONV1[0], "HA3"), copy_values(CONV1[1], "HA32"), *map(clear, CONV1),
          words=("D7|S2|T3", "conv1|relu1", _GONE)),
    wrong("pool_dragged_over_the_other", move(POOL[0], "CL33"), words=(_CODES, "pool1|fc1", "#REF!|missing|moved|blank|deleted|plane")),
    wrong("plane_copied_over_the_other", copy(CONV1[0], "AH32"), words=(_CODES, "conv1|relu1")),
    wrong("kernel_dragged_over_the_other", move("AD11:AF13", "AD40"), words=(_CODES, "conv1|relu1", "#REF!|kernel|weight")),
    right("plane_moved_one_column_right", move(CONV1[1], "AI32")),
    wrong("half_of_input_moved_down", move("A16:AB29", "A61"), words=(_CODES, "input|conv1|relu1")),
    wrong("last_row_of_conv1_moved", move("AH28:BG28", "AH60"), words=(_CODES, "conv1|conv2|relu1|relu2|AH28")),
    right("kernel_moved", move("AD11:AF13", "AD5")),
    right("kernels_moved_far", move("AD11:AF13", "HA5"), move("AD40:AF42", "HA40")),
    right("bias_moved", move("AD15", "AF16")),
    right("input_moved", move(INPUT, "HA5")),
    right("plane_of_conv1_moved", move(CONV1[1], "HA5")),
    right("conv1_moved", move(CONV1[0], "HA3"), move(CONV1[1], "HA32")),
    right("pools_moved", move(POOL[0], "HA4"), move(POOL[1], "HA33")),
    right("pool_planes_exchanged", move(POOL[0], "HA4"), move(POOL[1], "CL4"), move("HA4:HL15", "CL33")),
    right("dense_moved", move(DENSE, "HA4")),
    right("softmax_moved", move("FP3:FR13", "HA3")),
    right("weights_of_a_class_moved", move("CY4:DJ15", "HA4")),
    right("conv1_copied_as_values_beside", copy_values(CONV1[0], "HA3")),
)  # fmt: skip
EDITS: tuple[Edit, ...] = (*_INSERTING, *_DELETING, *_FILLED, *_MOVING)
