"""Right edits: the same functions in other words, layer by layer."""

from __future__ import annotations

from tests.edits.edit import (
    Edit,
    Step,
    array,
    column,
    fill,
    fill_array,
    put,
    right,
    unproven,
    write,
)
from tests.edits.tables.activations import conv1 as activated
from tests.edits.tables.activations import conv2 as activated2
from tests.edits.tables.convolutions import both, conv1, conv2
from tests.edits.tables.dense import dense, total
from tests.edits.tables.places import (
    BIAS1,
    BIAS2,
    BIAS3,
    CLASSES,
    CONV1,
    EXP,
    FLAT,
    KERNEL1,
    KERNEL2,
    LOGITS,
    POOL,
    PREDICTION,
    SOFTMAX,
    SUMS1,
    WEIGHTS,
    WINDOWS2,
    WINDOWS_POOL,
    arrays_by_two,
    by_two,
    cells,
    products,
)
from tests.edits.tables.pools import pools, windows
from xlconv.spreadsheet.addresses import a1_name, column_name


def _row_by_row(window: str, kernel: str) -> str:
    """Return a sum of three SUMPRODUCTs, a row of the window each."""
    read, weights = cells(window), cells(kernel, absolute=True)
    return "+".join(
        f"SUMPRODUCT({read[k]}:{read[k + 2]},{weights[k]}:{weights[k + 2]})" for k in (0, 3, 6)
    )


def _plain(plane: int) -> Step:
    """Write a plane of conv1 without a dollar, every cell by itself: it names the same cells."""
    top, kernel, bias = (3, 32)[plane], KERNEL1[plane].replace("$", ""), BIAS1[plane][1:]
    bias = bias.replace("$", "")
    rows: list[list[str | float]] = [
        [
            f"=MAX(0,SUMPRODUCT({a1_name((1 + row, left))}:{a1_name((3 + row, left + 2))},{kernel})+{bias})"
            for left in range(26)
        ]
        for row in range(26)
    ]
    return write(f"AH{top}:BG{top + 25}", rows)


def _mixed_dollars() -> tuple[Step, Step]:
    """Write the rows of each plane with their own row fixed, as one who drags rightwards does."""
    planes = []
    for plane, kernel, bias in zip(CONV1, KERNEL1, BIAS1, strict=True):
        rows: list[list[str | float]] = [
            [
                f"=MAX(0,SUMPRODUCT({column_name(left)}${2 + row}:{column_name(left + 2)}${4 + row},{kernel})+{bias})"
                for left in range(26)
            ]
            for row in range(26)
        ]
        planes.append(write(plane, rows))
    return planes[0], planes[1]


_FIRST = "A2:C4"
_EXPANDED1 = tuple(
    f"{products(_FIRST, kernel)}+{bias}" for kernel, bias in zip(KERNEL1, BIAS1, strict=True)
)
_EXPANDED2 = tuple(
    f"{products(WINDOWS2[0], one)}+{products(WINDOWS2[1], other)}+{bias}"
    for (one, other), bias in zip(KERNEL2, BIAS2, strict=True)
)
_OFFSET = "OFFSET($A$2,ROW()-{top},COLUMN()-34,3,3)"
_INDEX = "INDEX($A$2:$AB$29,ROW()-{top},COLUMN()-33):INDEX($A$2:$AB$29,ROW()-{top}+2,COLUMN()-31)"


def _looked_up(window: str) -> tuple[Step, Step]:
    return conv1(
        f"SUMPRODUCT({window.format(top=3 if 'OFFSET' in window else 2)},{KERNEL1[0]})+{BIAS1[0]}",
        f"SUMPRODUCT({window.format(top=32 if 'OFFSET' in window else 31)},{KERNEL1[1]})+{BIAS1[1]}",
    )


_CONVOLUTIONS = (
    right("one_cell_expanded", put("AT20", f"=MAX(0,{products('M19:O21', KERNEL1[0])}+$AD$15)")),
    right("one_plane_expanded", conv1(*_EXPANDED1)[0]),
    right("conv1_expanded", *conv1(*_EXPANDED1)),
    right("conv2_expanded", *conv2(*_EXPANDED2)),
    right("conv1_row_by_row", *conv1(*(f"{_row_by_row(_FIRST, kernel)}+{bias}" for kernel, bias in zip(KERNEL1, BIAS1, strict=True)))),
    right("conv2_row_by_row", *conv2(*(
        f"{_row_by_row(WINDOWS2[0], one)}+{_row_by_row(WINDOWS2[1], other)}+{bias}"
        for (one, other), bias in zip(KERNEL2, BIAS2, strict=True)))),
    right("bias_within_sum", *conv1(*both("SUM(SUMPRODUCT(A2:C4,K),B!)"))),
    right("bias_first", *conv1(*both("B!+SUMPRODUCT(A2:C4,K)"))),
    right("kernel_first", *conv1(*both("SUMPRODUCT(K,A2:C4)+B!"))),
    right("one_product_of_ranges", *conv1(*both("SUMPRODUCT(A2:C4*K)+B!"))),
    right("windows_by_offset", *conv1(*both("SUMPRODUCT(OFFSET(A2,0,0,3,3),K)+B!"))),
    right("windows_by_offset_of_row", *_looked_up(_OFFSET)),
    right("windows_by_index", *_looked_up(_INDEX)),
    right("array_formulas", *(fill_array(plane, f"=MAX(0,SUM(A2:C4*{kernel})+{bias})")
          for plane, kernel, bias in zip(CONV1, KERNEL1, BIAS1, strict=True))),
    right("array_formulas_in_one_plane", fill_array(CONV1[0], f"=MAX(0,SUM(A2:C4*{KERNEL1[0]})+{BIAS1[0]})")),
    right("conv1_by_mmult", *(fill_array(plane, "=MAX(0," + "+".join(
        f"SUM(MMULT(A{2 + k}:C{2 + k},TRANSPOSE($AD${top + k}:$AF${top + k})))" for k in range(3)) + f"+{bias})")
          for plane, top, bias in zip(CONV1, (11, 40), BIAS1, strict=True))),
    right("conv1_by_names", *conv1(*(f"SUMPRODUCT(A2:C4,conv1_weight_{k})+conv1_bias_{k}" for k in (0, 1)))),
    right("no_dollars_but_the_same_cells", _plain(0), _plain(1)),
    right("no_dollars_in_one_plane", _plain(1)),
    right("dollars_at_rows", *_mixed_dollars()),
    right("dollars_in_one_row", fill("AH10:BG10", f"=MAX(0,SUMPRODUCT(A$9:C$11,{KERNEL1[0]})+{BIAS1[0]})")),
    right("planes_of_conv2_added_the_other_way", *conv2(*(
        f"SUMPRODUCT({WINDOWS2[1]},{other})+SUMPRODUCT({WINDOWS2[0]},{one})+{bias}"
        for (one, other), bias in zip(KERNEL2, BIAS2, strict=True)))),
    right("halved_and_doubled", *conv1(*both("(SUMPRODUCT(A2:C4,K)+B!)*2/2"))),
    right("sum_with_a_zero", *conv1(*both("0+1*SUMPRODUCT(A2:C4,K)+B!-0"))),
)  # fmt: skip
_ACTIVATIONS = (
    right("relu_by_if", *activated("IF(X>0,X,0)")),
    right("relu_by_if_below", *activated("IF(X<0,0,X)")),
    right("relu_by_if_in_both_layers", *activated("IF(X>0,X,0)"), *activated2("IF(X>0,X,0)")),
    right("relu_by_comparison", *activated("(X>0)*X")),
    right("relu_by_absolute", *activated("(X+ABS(X))/2")),
    right("relu_zero_last", *activated("MAX(X,0)")),
    right("relu_twice", *activated("MAX(0,MAX(0,X))")),
    right("relu_by_minimum", *activated("-MIN(0,-X)")),
    right("relu_minus_minimum", *activated("X-MIN(0,X)")),
    right("relu_by_if_in_one_plane", activated("IF(X>0,X,0)")[0]),
)  # fmt: skip
_POOLS = (
    right("pool_of_four_cells", *windows("BM4,BN4,BM5,BN5", "BM33,BN33,BM34,BN34")),
    right("pool_of_two_maxima", *windows("MAX(BM4:BN4),MAX(BM5:BN5)", "MAX(BM33:BN33),MAX(BM34:BN34)")),
    right("pool_of_two_ranges", *windows("BM4:BN4,BM5:BN5", "BM33:BN33,BM34:BN34")),
    right("pool_by_large", *pools("LARGE(W,1)")),
    right("pool_by_small", *pools("SMALL(W,4)")),
    right("pool_by_negated_minimum", *(by_two(plane, f"=-MIN(-{w[0]},-{w[1]},-{w[2]},-{w[3]})") for plane, w in zip(
        POOL, (("BM4", "BN4", "BM5", "BN5"), ("BM33", "BN33", "BM34", "BN34")), strict=True))),
    right("pool_by_if", *(by_two(plane, f"=IF(MAX({a})>MAX({b}),MAX({a}),MAX({b}))") for plane, a, b in zip(
        POOL, ("BM4:BN4", "BM33:BN33"), ("BM5:BN5", "BM34:BN34"), strict=True))),
    right("pool_by_offset", *(by_two(plane, f"=MAX(OFFSET({window.split(':')[0]},0,0,2,2))")
          for plane, window in zip(POOL, WINDOWS_POOL, strict=True))),
    right("pool_by_index", *(fill(plane, f"=MAX(INDEX({whole},2*(ROW()-{top})+1,2*(COLUMN()-90)+1):INDEX({whole},2*(ROW()-{top})+2,2*(COLUMN()-90)+2))")
          for plane, whole, top in zip(POOL, ("$BM$4:$CJ$27", "$BM$33:$CJ$56"), (4, 33), strict=True))),
    right("pool_as_array", *arrays_by_two(POOL[0], f"=MAX({WINDOWS_POOL[0]})"), *arrays_by_two(POOL[1], f"=MAX({WINDOWS_POOL[1]})")),
)  # fmt: skip
_DENSE = (
    right("dense_bias_first", dense(lambda k: f"{BIAS3[k]}+{total(k)}")),
    right("dense_plane_first", dense(lambda k: f"SUMPRODUCT({FLAT[0]},{WEIGHTS[k][0]})+SUMPRODUCT({FLAT[1]},{WEIGHTS[k][1]})+{BIAS3[k]}")),
    right("dense_as_products", dense(lambda k: f"SUMPRODUCT({WEIGHTS[k][0]}*{FLAT[0]}+{WEIGHTS[k][1]}*{FLAT[1]})+{BIAS3[k]}")),
    right("dense_in_sum", dense(lambda k: f"SUM({total(k).replace('+', ',')},{BIAS3[k]})")),
    right("dense_as_arrays", *(fill_array(f"FN{4 + k}", f"=SUM({WEIGHTS[k][0]}*{FLAT[0]})+SUM({WEIGHTS[k][1]}*{FLAT[1]})+{BIAS3[k]}") for k in CLASSES)),
    right("dense_without_dollars", dense(lambda k: f"{total(k).replace('$', '')}+{BIAS3[k]}")),
    right("dense_with_planes_turned", dense(lambda k: f"{'+'.join(reversed(total(k).split('+')))}+{BIAS3[k]}")),
    right("one_class_spelled_otherwise", column("FN7:FN7", f"={BIAS3[3]}+{total(3)}")),
)  # fmt: skip
_SOFTMAX = (
    right("softmax_without_maximum", fill(EXP, "=EXP(FN4)")),
    right("softmax_less_first_logit", fill(EXP, "=EXP(FN4-$FN$4)")),
    right("softmax_in_one_formula", fill(SOFTMAX, f"=EXP(FN4)/SUMPRODUCT(EXP({LOGITS}))")),
    right("softmax_by_sumproduct", fill(SOFTMAX, f"=EXP(FN4-MAX({LOGITS}))/SUMPRODUCT(EXP({LOGITS}-MAX({LOGITS})))")),
    right("softmax_as_arrays", fill_array(SOFTMAX, f"=EXP(FN4-MAX({LOGITS}))/SUM(EXP({LOGITS}-MAX({LOGITS})))")),
    right("softmax_as_one_array", array(SOFTMAX, f"=EXP(FN4:FN13-MAX({LOGITS}))/SUM(EXP({LOGITS}-MAX({LOGITS})))")),
    right("softmax_by_differences", fill(SOFTMAX, f"=1/SUMPRODUCT(EXP({LOGITS}-FN4))")),
    right("softmax_of_power", fill(EXP, f"=EXP(1)^(FN4-MAX({LOGITS}))")),
    right("softmax_of_its_own_helpers", fill("FU4:FU13", "=EXP(FN4)"), put("FU15", "=SUM(FU4:FU13)"), fill(SOFTMAX, "=FU4/$FU$15")),
    right("softmax_total_in_a_cell", put("FQ15", "=SUM(FQ4:FQ13)"), fill(SOFTMAX, "=FQ4/$FQ$15")),
    right("softmax_maximum_in_a_cell", put("FN15", "=MAX(FN4:FN13)"), fill(EXP, "=EXP(FN4-$FN$15)")),
    right("softmax_by_names", fill(EXP, "=EXP(FN4-MAX(fc1_0))"), fill(SOFTMAX, "=FQ4/SUM(softmax_exp)")),
    right("softmax_times_inverse", fill(SOFTMAX, "=FQ4*(1/SUM($FQ$4:$FQ$13))")),
)  # fmt: skip
_PREDICTIONS = (
    right("prediction_of_exp", put(PREDICTION, "=MATCH(MAX($FQ$4:$FQ$13),$FQ$4:$FQ$13,0)-1")),
    right("prediction_of_logits", put(PREDICTION, f"=MATCH(MAX({LOGITS}),{LOGITS},0)-1")),
    right("prediction_by_label", put(PREDICTION, "=INDEX($FP$4:$FP$13,MATCH(MAX($FR$4:$FR$13),$FR$4:$FR$13,0))")),
    right("prediction_by_large", put(PREDICTION, "=MATCH(LARGE($FR$4:$FR$13,1),$FR$4:$FR$13,0)-1")),
    unproven("prediction_by_lookup", put(PREDICTION, "=LOOKUP(2,1/($FR$4:$FR$13=MAX($FR$4:$FR$13)),$FP$4:$FP$13)")),
    right("prediction_by_sumproduct", put(PREDICTION, "=SUMPRODUCT(($FR$4:$FR$13=MAX($FR$4:$FR$13))*(ROW($FR$4:$FR$13)-4))")),
)  # fmt: skip
_SEPARATE = (
    # What a ReLU is given stands in cells of its own, right of everything.
    right("sums_beside_conv1", *(fill(f"GA{top}:GZ{top + 25}", f"={total_}") for top, total_ in zip((3, 32), SUMS1, strict=True)),
          fill(CONV1[0], "=MAX(0,GA3)"), fill(CONV1[1], "=MAX(0,GA32)")),
    right("sums_beside_conv1_without_bias",
          *(fill(f"GA{top}:GZ{top + 25}", f"=SUMPRODUCT(A2:C4,{kernel})") for top, kernel in zip((3, 32), KERNEL1, strict=True)),
          fill(CONV1[0], "=MAX(0,GA3+$AD$15)"), fill(CONV1[1], "=MAX(0,GA32+$AD$44)")),
    right("parts_beside_conv2",
          *(fill(f"{left}{top}:{end}{top + 23}", f"=SUMPRODUCT({window},{kernel})")
            for top, kernels in zip((3, 32), KERNEL2, strict=True)
            for (left, end), window, kernel in zip((("GA", "GX"), ("HA", "HX")), WINDOWS2, kernels, strict=True)),
          fill("BM4:CJ27", f"=MAX(0,GA3+HA3+{BIAS2[0]})"), fill("BM33:CJ56", f"=MAX(0,GA32+HA32+{BIAS2[1]})")),
    right("row_maxima_beside_the_pool",
          *(fill(f"GA{top}:GX{top + 11}", f"=MAX(INDEX($BM${top}:$CJ${top + 23},2*(ROW()-{top})+1,COLUMN()-182),INDEX($BM${top}:$CJ${top + 23},2*(ROW()-{top})+2,COLUMN()-182))") for top in (4, 33)),
          *(fill(plane, f"=MAX(INDEX($GA${top}:$GX${top + 11},ROW()-{top - 1},2*(COLUMN()-90)+1),INDEX($GA${top}:$GX${top + 11},ROW()-{top - 1},2*(COLUMN()-90)+2))")
            for plane, top in zip(POOL, (4, 33), strict=True))),
)  # fmt: skip
_INDIRECT = 'INDIRECT(ADDRESS(ROW()-{top},COLUMN()-33)&":"&ADDRESS(ROW()-{top}+2,COLUMN()-31))'
_UNPROVEN = (
    unproven("windows_by_indirect", *conv1(*(
        f"SUMPRODUCT({_INDIRECT.format(top=top)},{kernel})+{bias}"
        for top, kernel, bias in zip((1, 30), KERNEL1, BIAS1, strict=True))), words=("V103", "INDIRECT", "AH3")),
    unproven("one_window_by_indirect", put("AT20", f'=MAX(0,SUMPRODUCT(INDIRECT("M19:O21"),{KERNEL1[0]})+$AD$15)'), words=("V103", "INDIRECT", "AT20")),
    # It goes through a text of 15 digits: the same function, as far as numbers can tell.
    right("logits_through_text", dense(lambda k: f'VALUE(""&({total(k)}+{BIAS3[k]}))*0+{total(k)}+{BIAS3[k]}')),
)  # fmt: skip
EDITS: tuple[Edit, ...] = (
    *_CONVOLUTIONS, *_ACTIVATIONS, *_POOLS, *_DENSE, *_SOFTMAX, *_PREDICTIONS, *_SEPARATE, *_UNPROVEN,
)  # fmt: skip
