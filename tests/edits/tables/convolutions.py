"""Convolutions that compute something else: bias, windows, kernels, planes."""

from __future__ import annotations

from tests.edits.edit import Edit, Step, fill, fill_array, wrong
from tests.edits.tables.places import (
    BIAS1,
    BIAS2,
    CONV1,
    CONV2,
    KERNEL1,
    KERNEL2,
    SUMS1,
    SUMS2,
    WINDOWS2,
    cells,
    products,
)


def relu(total: str) -> str:
    return f"=MAX(0,{total})"


def conv1(first: str, second: str) -> tuple[Step, Step]:
    """Write both planes of conv1, a ReLU around each sum."""
    return fill(CONV1[0], relu(first)), fill(CONV1[1], relu(second))


def conv2(first: str, second: str) -> tuple[Step, Step]:
    return fill(CONV2[0], relu(first)), fill(CONV2[1], relu(second))


def both(total: str) -> tuple[str, str]:
    """Return a sum for either plane of conv1, K and B standing for kernel and bias."""
    first, second = (
        total.replace("K", kernel).replace("B!", bias)
        for kernel, bias in zip(KERNEL1, BIAS1, strict=True)
    )
    return first, second


_CONV1, _CONV2 = "conv1|relu1", "conv2|relu2"
_CODES = "D7|S2"
_FLIPPED = tuple(
    "+".join(
        f"{cell}*{weight}"
        for cell, weight in zip(cells("A2:C4"), reversed(cells(kernel, absolute=True)), strict=True)
    )
    for kernel in KERNEL1
)
_BIAS_WRONG = (
    wrong("bias_forgotten", *conv1(*both("SUMPRODUCT(A2:C4,K)")), words=(_CODES, _CONV1, "bias")),
    wrong("bias_forgotten_in_one_plane", fill(CONV1[1], relu(f"SUMPRODUCT(A2:C4,{KERNEL1[1]})")),
          words=(_CODES, _CONV1, "bias")),
    wrong("bias_forgotten_in_conv2",
          *conv2(*(one.rpartition("+")[0] for one in SUMS2)), words=(_CODES, _CONV2, "bias")),
    wrong("bias_added_twice", *conv1(*both("SUMPRODUCT(A2:C4,K)+B!+B!")),
          words=(_CODES, _CONV1, "bias", "twice|2")),
    wrong("bias_added_ten_times", *conv1(*both("SUMPRODUCT(A2:C4,K)+10*B!")),
          words=(_CODES, _CONV1, "bias", "10")),
    wrong("bias_added_to_every_product", *conv1(*both("SUMPRODUCT(A2:C4*K+B!)")),
          words=(_CODES, _CONV1, "bias|$AD$15")),
    wrong("bias_of_other_plane",
          *conv1(SUMS1[0].replace(BIAS1[0], BIAS1[1]), SUMS1[1].replace(BIAS1[1], BIAS1[0])),
          words=(_CODES, _CONV1, "bias", "AD44|AD15|$AD$44|other|swapped")),
    wrong("bias_slides", *conv1(*(one.replace("$AD$15", "AD15").replace("$AD$44", "AD44") for one in SUMS1)),
          words=(_CODES, _CONV1, "bias|AD15", "$")),
    wrong("bias_subtracted", *conv1(*both("SUMPRODUCT(A2:C4,K)-B!")),
          words=(_CODES, _CONV1, "bias")),
    wrong("bias_outside_relu",
          fill(CONV1[0], f"=MAX(0,SUMPRODUCT(A2:C4,{KERNEL1[0]}))+{BIAS1[0]}"),
          fill(CONV1[1], f"=MAX(0,SUMPRODUCT(A2:C4,{KERNEL1[1]}))+{BIAS1[1]}"),
          words=(_CODES, _CONV1)),
)  # fmt: skip
_WINDOWS_WRONG = (
    wrong("windows_one_column_right", *conv1(*(one.replace("A2:C4", "B2:D4") for one in SUMS1)),
          words=(_CODES, _CONV1, "right|column")),
    wrong("windows_one_row_down", *conv1(*(one.replace("A2:C4", "A3:C5") for one in SUMS1)),
          words=(_CODES, _CONV1, "down|row|lower")),
    wrong("windows_one_column_left_in_conv2",
          *conv2(*(one.replace("AH", "AG").replace(":AJ", ":AI") for one in SUMS2)),
          words=(_CODES, _CONV2, "left|column")),
    wrong("windows_two_rows_down_in_one_plane",
          fill(CONV1[0], relu(SUMS1[0].replace("A2:C4", "A4:C6"))),
          words=(_CODES, _CONV1, "down|row|lower")),
    wrong("second_window_one_row_down",
          *conv2(*(one.replace("AH32:AJ34", "AH33:AJ35") for one in SUMS2)),
          words=(_CODES, _CONV2, "down|row|lower")),
    wrong("windows_of_two_columns",
          *conv1(f"SUMPRODUCT(A2:B4,$AD$11:$AE$13)+{BIAS1[0]}", f"SUMPRODUCT(A2:B4,$AD$40:$AE$42)+{BIAS1[1]}"),
          words=(_CODES, _CONV1, "3×2|3x2|AF|column")),
    wrong("windows_of_two_rows",
          *conv1(f"SUMPRODUCT(A2:C3,$AD$11:$AF$12)+{BIAS1[0]}", f"SUMPRODUCT(A2:C3,$AD$40:$AF$41)+{BIAS1[1]}"),
          words=(_CODES, _CONV1, "2×3|2x3|AD13|AF13|row")),
    wrong("one_product_forgotten",
          *conv1(*(f"{products('A2:C4', kernel).rpartition('+')[0]}+{bias}"
                   for kernel, bias in zip(KERNEL1, BIAS1, strict=True))),
          words=(_CODES, _CONV1, "AF13|weight|kernel")),
    wrong("every_second_window",
          *conv1(*(one.replace("A2:C4", "OFFSET($A$2,2*(ROW()-ROW($AH$3)),2*(COLUMN()-COLUMN($AH$3)),3,3)")
                   for one in SUMS1)),
          words=(_CODES, _CONV1, "stride|window|2")),
)  # fmt: skip
_KERNELS_WRONG = (
    wrong("kernel_slides",
          *conv1(*(one.replace("$AD$11:$AF$13", "AD11:AF13").replace("$AD$40:$AF$42", "AD40:AF42")
                   for one in SUMS1)),
          words=(_CODES, _CONV1, "$")),
    wrong("kernel_slides_down",
          *conv1(*(one.replace("$AD$11:$AF$13", "$AD11:$AF13").replace("$AD$40:$AF$42", "$AD40:$AF42")
                   for one in SUMS1)),
          words=(_CODES, _CONV1, "$")),
    wrong("kernel_slides_in_one_plane", fill(CONV1[1], relu(f"SUMPRODUCT(A2:C4,AD40:AF42)+{BIAS1[1]}")),
          words=(_CODES, _CONV1, "$")),
    wrong("second_kernel_slides_in_conv2",
          *conv2(SUMS2[0].replace("$BI$14:$BK$16", "BI14:BK16"), SUMS2[1].replace("$BI$43:$BK$45", "BI43:BK45")),
          words=(_CODES, _CONV2, "$")),
    wrong("kernel_of_other_plane", fill(CONV1[0], relu(SUMS1[0].replace(KERNEL1[0], KERNEL1[1]))),
          words=(_CODES, _CONV1, "kernel|weight", "AD40|other")),
    wrong("kernels_swapped",
          *conv1(SUMS1[0].replace(KERNEL1[0], KERNEL1[1]), SUMS1[1].replace(KERNEL1[1], KERNEL1[0])),
          words=(_CODES, _CONV1, "kernel|weight", "swapped|AD40|other")),
    wrong("planes_swapped", *conv1(SUMS1[1], SUMS1[0]),
          words=(_CODES, _CONV1, "swapped|AD40|other|plane")),
    wrong("kernel_turned", *conv1(*(f"{one}+{bias}" for one, bias in zip(_FLIPPED, BIAS1, strict=True))),
          words=(_CODES, _CONV1, "kernel|weight", "turned|flipped|rotated|180")),
    wrong("kernel_transposed",
          *(fill_array(plane, relu(f"SUM(A2:C4*TRANSPOSE({kernel}))+{bias}"))
            for plane, kernel, bias in zip(CONV1, KERNEL1, BIAS1, strict=True)),
          words=(_CODES, _CONV1, "kernel|weight", "transposed")),
    wrong("kernel_without_sign", *conv1(*both("SUMPRODUCT(A2:C4,ABS(K))+B!")),
          words=(_CODES, _CONV1)),
    wrong("kernels_swapped_in_conv2",
          *conv2(*(f"SUMPRODUCT({WINDOWS2[0]},{other})+SUMPRODUCT({WINDOWS2[1]},{one})+{bias}"
                   for (one, other), bias in zip(KERNEL2, BIAS2, strict=True))),
          words=(_CODES, _CONV2, "kernel|weight|plane", "swapped|BI14|BI10|other")),
    wrong("one_kernel_for_both_planes_of_conv2",
          *conv2(*(f"SUMPRODUCT({WINDOWS2[0]},{one})+SUMPRODUCT({WINDOWS2[1]},{one})+{bias}"
                   for (one, _), bias in zip(KERNEL2, BIAS2, strict=True))),
          words=(_CODES, _CONV2, "kernel|weight")),
)  # fmt: skip
_PLANES_WRONG = (
    wrong("one_plane_of_two_read",
          *conv2(*(f"SUMPRODUCT({WINDOWS2[0]},{one})+{bias}"
                   for (one, _), bias in zip(KERNEL2, BIAS2, strict=True))),
          words=(_CODES, _CONV2, "plane")),
    wrong("one_plane_read_twice",
          *conv2(*(one.replace("AH32:AJ34", "AH3:AJ5") for one in SUMS2)),
          words=(_CODES, _CONV2, "plane|AH32|AH3:AJ5", "twice|AH32|AH3:AJ5")),
    wrong("input_read_by_conv2",
          *conv2(*(one.replace("AH3:AJ5", "A2:C4").replace("AH32:AJ34", "A2:C4") for one in SUMS2)),
          words=(_CODES, _CONV2, "input|A2:C4")),
    wrong("input_read_for_one_plane_by_conv2",
          *conv2(*(one.replace("AH32:AJ34", "A2:C4") for one in SUMS2)),
          words=(_CODES, _CONV2, "input|A2:C4")),
)  # fmt: skip
_SUMS_WRONG = (
    wrong("sum_rounded", *conv1(*(f"ROUND({one},2)" for one in SUMS1)),
          words=(_CODES, _CONV1, "ROUND|round")),
    wrong("sum_without_fraction", *conv1(*(f"INT({one})" for one in SUMS1)),
          words=(_CODES, _CONV1, "INT|whole")),
    wrong("sum_scaled", *conv1(*(f"({one})/255" for one in SUMS1)),
          words=(_CODES, _CONV1, "255|times|factor|scaled")),
    wrong("sum_doubled_in_one_plane", fill(CONV2[1], relu(f"2*({SUMS2[1]})")),
          words=(_CODES, _CONV2, "2*|twice|times|factor|scaled")),
    wrong("average_of_products", *(fill_array(plane, relu(f"AVERAGE(A2:C4*{kernel})+{bias}"))
          for plane, kernel, bias in zip(CONV1, KERNEL1, BIAS1, strict=True)),
          words=(_CODES, _CONV1, "AVERAGE|average|mean|9")),
    wrong("sums_multiplied", *conv1(*both("SUM(A2:C4)*SUM(K)+B!")), words=(_CODES, _CONV1)),
    wrong("largest_product", *(fill_array(plane, relu(f"MAX(A2:C4*{kernel})+{bias}"))
          for plane, kernel, bias in zip(CONV1, KERNEL1, BIAS1, strict=True)),
          words=(_CODES, _CONV1)),
    wrong("kernel_subtracted", *conv1(*both("SUMPRODUCT(A2:C4-K)+B!")), words=(_CODES, _CONV1)),
    wrong("a_small_number_added", *conv1(*(f"{one}+0.001" for one in SUMS1)),
          words=(_CODES, _CONV1, "0.001")),
)  # fmt: skip
_PARTS_WRONG = (
    wrong("bias_forgotten_in_one_row", fill("AH12:BG12", relu(f"SUMPRODUCT(A11:C13,{KERNEL1[0]})")),
          words=("D7|S201", _CONV1 + "|AH12", "bias|$AD$15")),
    wrong("bias_forgotten_in_half_a_plane", fill("AH3:AT28", relu(f"SUMPRODUCT(A2:C4,{KERNEL1[0]})")),
          words=(_CODES, _CONV1, "bias|$AD$15")),
    wrong("other_kernel_in_half_a_plane", fill("AU3:BG28", relu(SUMS1[0].replace("A2:C4", "N2:P4").replace(KERNEL1[0], KERNEL1[1]))),
          words=(_CODES, _CONV1, "$AD$40|$AD$11|kernel")),
    wrong("windows_shifted_in_one_column", fill("AX3:AX28", relu(SUMS1[0].replace("A2:C4", "R2:T4"))),
          words=("D7|S201", "AX3|conv1|relu1")),
)  # fmt: skip
EDITS: tuple[Edit, ...] = (
    *_BIAS_WRONG, *_WINDOWS_WRONG, *_KERNELS_WRONG, *_PLANES_WRONG, *_SUMS_WRONG, *_PARTS_WRONG,
)  # fmt: skip
