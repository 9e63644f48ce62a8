"""Edits of other networks: average pools, normalisations, skips, strides, colours, two heads."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.edits.edit import Edit, Step, clear, fill, fill_array, paste_values, put, right, wrong
from tests.edits.tables.places import by_two, products

_CODES = "D7|S2|G4"


def _each(
    planes: tuple[str, ...], formula: Callable[..., str], *values: tuple[str, ...]
) -> list[Step]:
    """Write every plane, its formula made from its value of each row of values."""
    return [fill(plane, "=" + formula(*held)) for plane, *held in zip(planes, *values, strict=True)]


def _pool(formula: Callable[..., str], windows: tuple[object, ...]) -> list[Step]:
    planes = zip(("AC3:AG7", "AC16:AG20"), windows, strict=True)
    return [by_two(plane, "=" + formula(window)) for plane, window in planes]


_averages_wrong = partial(wrong, base="averages")
_averages_right = partial(right, base="averages")
_SQUARES = ("R3:S4", "R16:S17")
_FOURS = (("R3", "S3", "R4", "S4"), ("R16", "S16", "R17", "S17"))
_tanh = partial(_each, ("R3:AA12", "R16:AA25"))
_SUMS = ("SUMPRODUCT(A2:C4,$N$6:$P$8)+$N$10", "SUMPRODUCT(A2:C4,$N$19:$P$21)+$N$23")
_AVERAGES = (
    _averages_wrong("maximum_for_average", *_pool("MAX({})".format, _SQUARES), words=(_CODES, "avgpool1", "MAX|MaxPool|maximum")),
    _averages_wrong("sum_for_average", *_pool("SUM({})".format, _SQUARES), words=(_CODES, "avgpool1")),
    _averages_wrong("average_of_three", *_pool(lambda c: f"AVERAGE({c[0]},{c[1]},{c[2]})", _FOURS), words=(_CODES, "avgpool1")),
    _averages_wrong("a_third_of_the_sum", *_pool("SUM({})/3".format, _SQUARES), words=(_CODES, "avgpool1", "3")),
    _averages_wrong("average_of_what_is_positive", *_pool('IFERROR(AVERAGEIF({},">0"),0)'.format, _SQUARES), words=(_CODES, "avgpool1")),
    _averages_wrong("median_for_average", *_pool("MEDIAN({})".format, _SQUARES), words=(_CODES, "avgpool1", "MEDIAN|median")),
    _averages_wrong("average_windows_one_column_right", *_pool("AVERAGE({})".format, ("S3:T4", "S16:T17")), words=(_CODES, "avgpool1", "right|column")),
    _averages_wrong("relu_for_tanh", *_tanh("MAX(0,{})".format, _SUMS), words=(_CODES, "tanh1", "Tanh|TANH", "ReLU|MAX(0")),
    _averages_wrong("tanh_forgotten", *_tanh("{}".format, _SUMS), words=(_CODES, "tanh1", "Tanh|TANH")),
    _averages_wrong("sigmoid_for_tanh", *_tanh("1/(1+EXP(-({})))".format, _SUMS), words=(_CODES, "tanh1", "Tanh|TANH")),
    _averages_right("average_by_sum", *_pool("SUM({})/4".format, _SQUARES)),
    _averages_right("average_of_four_cells", *_pool(lambda c: f"({'+'.join(c)})/4", _FOURS)),
    _averages_right("average_of_listed_cells", *_pool(lambda c: f"AVERAGE({','.join(c)})", _FOURS)),
    _averages_right("average_by_count", *_pool("SUM({0})/COUNT({0})".format, _SQUARES)),
    _averages_right("average_by_quarters", *_pool("0.25*SUM({})".format, _SQUARES)),
    _averages_right("average_of_averages", *_pool(lambda c: f"AVERAGE(AVERAGE({c[0]}:{c[1]}),AVERAGE({c[2]}:{c[3]}))", _FOURS)),
    _averages_right("average_by_sumproduct", *_pool("SUMPRODUCT({},{{0.25,0.25;0.25,0.25}})".format, _SQUARES)),
    _averages_right("tanh_by_exp", *_tanh("1-2/(EXP(2*({}))+1)".format, _SUMS)),
    _averages_right("tanh_expanded", *_tanh("TANH({})".format, tuple(
        f"{products('A2:C4', kernel)}+{bias}" for kernel, bias in (("$N$6:$P$8", "$N$10"), ("$N$19:$P$21", "$N$23"))))),
)  # fmt: skip
_norm_wrong, _norm_right = partial(wrong, base="batchnorm"), partial(right, base="batchnorm")
_BN = (("BI10", "BI12", "BI14", "BI16"), ("BI39", "BI41", "BI43", "BI45"))
_CONV = ("AH3", "AH32")
_PLANES = ("AH3:BG28", "AH32:BG57")


def _bn(formula: str, *, turned: bool = False) -> list[Step]:
    """Write bn1 with its ReLU; x, g, b, m, v stand for the plane's cell and parameters."""
    steps = []
    held = tuple(reversed(_BN)) if turned else _BN
    for plane, cell, whole, parameters in zip(
        ("BK3:CJ28", "BK32:CJ57"), _CONV, _PLANES, held, strict=True
    ):
        gamma, beta, mean, variance = (f"${one[:2]}${one[2:]}" for one in parameters)
        (first, last) = whole.split(":")
        fixed = f"${first[:2]}${first[2:]}:${last[:2]}${last[2:]}"
        names = {"x": cell, "g": gamma, "b": beta, "m": mean, "v": variance, "plane": fixed}
        steps.append(fill(plane, f"=MAX(0,{formula.format(**names)})"))
    return steps


_NORMALISATIONS = (
    _norm_wrong("epsilon_forgotten", *_bn("({x}-{m})/SQRT({v})*{g}+{b}"), words=(_CODES, "bn1|relu1", "eps|1E-05|1e-05|0.00001")),
    _norm_wrong("epsilon_of_another_size", *_bn("({x}-{m})/SQRT({v}+0.001)*{g}+{b}"), words=(_CODES, "bn1|relu1", "eps|1E-05|1e-05|0.001")),
    _norm_wrong("root_forgotten", *_bn("({x}-{m})/({v}+0.00001)*{g}+{b}"), words=(_CODES, "bn1|relu1", "SQRT|root")),
    _norm_wrong("mean_added", *_bn("({x}+{m})/SQRT({v}+0.00001)*{g}+{b}"), words=(_CODES, "bn1|relu1", "mean|BI14|BI$14")),
    _norm_wrong("scale_forgotten", *_bn("({x}-{m})/SQRT({v}+0.00001)+{b}"), words=(_CODES, "bn1|relu1", "weight|scale|gamma|BI10|BI$10")),
    _norm_wrong("shift_forgotten", *_bn("({x}-{m})/SQRT({v}+0.00001)*{g}"), words=(_CODES, "bn1|relu1", "bias|shift|beta|BI12|BI$12")),
    _norm_wrong("channels_swapped", *_bn("({x}-{m})/SQRT({v}+0.00001)*{g}+{b}", turned=True), words=(_CODES, "bn1|relu1", "swapped|channel|BI39|BI$39|BI43|BI$43|plane")),
    _norm_wrong("statistics_of_the_picture", *_bn("({x}-AVERAGE({plane}))/SQRT(VARP({plane})+0.00001)*{g}+{b}"), words=(_CODES, "bn1|relu1")),
    _norm_wrong("normalisation_forgotten", *_bn("{x}"), words=(_CODES, "bn1|relu1")),
    _norm_right("root_by_power", *_bn("({x}-{m})/({v}+0.00001)^0.5*{g}+{b}")),
    _norm_right("scale_first", *_bn("{g}*({x}-{m})/SQRT({v}+0.00001)+{b}")),
    _norm_right("shift_first", *_bn("{b}+{g}*(({x}-{m})/SQRT({v}+0.00001))")),
    _norm_right("one_scale_in_a_cell", *(put(f"HZ{k}", f"={bn[0]}/SQRT({bn[3]}+0.00001)") for k, bn in enumerate(_BN, 1)),
                *(fill(plane, f"=MAX(0,({cell}-${bn[2][:2]}${bn[2][2:]})*$HZ${k}+${bn[1][:2]}${bn[1][2:]})")
                  for k, (plane, cell, bn) in enumerate(zip(("BK3:CJ28", "BK32:CJ57"), _CONV, _BN, strict=True), 1))),
)  # fmt: skip
_skip_wrong, _skip_right = partial(wrong, base="residual"), partial(right, base="residual")
_add = partial(_each, ("DW4:EJ17", "DW33:EJ46"))
_BRANCH, _SKIP = ("DH4", "DH33"), ("AK4", "AK33")
_stem = partial(_each, ("AK4:AX17", "AK33:AX46"))
_STEMS = ("$AF$8:$AH$10", "$AF$37:$AH$39")
_SKIPS = (
    _skip_wrong("skip_forgotten", *_add("MAX(0,{})".format, _BRANCH), words=(_CODES, "add1|relu3")),
    _skip_wrong("branch_forgotten", *_add("MAX(0,{})".format, _SKIP), words=(_CODES, "add1|relu3")),
    _skip_wrong("skip_added_twice", *_add("MAX(0,{}+2*{})".format, _BRANCH, _SKIP), words=(_CODES, "add1|relu3")),
    _skip_wrong("skip_subtracted", *_add("MAX(0,{}-{})".format, _BRANCH, _SKIP), words=(_CODES, "add1|relu3")),
    _skip_wrong("skip_multiplied", *_add("MAX(0,{}*{})".format, _BRANCH, _SKIP), words=(_CODES, "add1|relu3")),
    _skip_wrong("skip_averaged", *_add("MAX(0,({}+{})/2)".format, _BRANCH, _SKIP), words=(_CODES, "add1|relu3")),
    _skip_wrong("skip_after_relu", *_add("MAX(0,{})+{}".format, _BRANCH, _SKIP), words=(_CODES, "add1|relu3", "ReLU|MAX(0|relu3")),
    _skip_wrong("skip_of_other_plane", *_add("MAX(0,{}+{})".format, _BRANCH, _SKIP[::-1]), words=(_CODES, "add1|relu3", "AK33|plane|swapped")),
    _skip_wrong("skip_from_relu2", *_add("MAX(0,{}+{})".format, _BRANCH, ("BW4", "BW33")), words=(_CODES, "add1|relu3", "BW4|relu2")),
    _skip_wrong("skip_one_column_right", *_add("MAX(0,{}+{})".format, _BRANCH, ("AL4", "AL33")), words=(_CODES, "add1|relu3", "right|column")),
    _skip_wrong("stride_of_one", *_stem("MAX(0,SUMPRODUCT(A2:C4,{}))".format, _STEMS), words=(_CODES, "stem|relu1", "stride|window")),
    _skip_wrong("padding_forgotten", *_each(("BE4:BR17",), lambda: "SUMPRODUCT(AK4:AM6,$BA$7:$BC$9)+SUMPRODUCT(AK33:AM35,$BA$11:$BC$13)"),
                words=(_CODES, "conv2", "padding|right|down|window")),
    _skip_wrong("second_branch_pasted", paste_values("DH4:DU17"), paste_values("DH33:DU46"), words=("D7|S202", "bn2", "pasted|number|value|constant")),
    _skip_wrong("stem_cleared", clear("AK4:AX17"), clear("AK33:AX46"), words=("D7|S2|T3", "stem|relu1")),
    _skip_right("skip_first", *_add("MAX(0,{1}+{0})".format, _BRANCH, _SKIP)),
    _skip_right("skip_by_sum", *_add("MAX(0,SUM({},{}))".format, _BRANCH, _SKIP)),
    _skip_right("skip_with_relu_by_if", *_add("IF({0}+{1}>0,{0}+{1},0)".format, _BRANCH, _SKIP)),
    _skip_right("stem_by_offset", *(fill(plane, f"=MAX(0,SUMPRODUCT(OFFSET($A$2,2*(ROW()-{top}),2*(COLUMN()-37),3,3),{kernel}))")
                for plane, top, kernel in zip(("AK4:AX17", "AK33:AX46"), (4, 33), _STEMS, strict=True))),
    _skip_right("padded_convolution_expanded", fill("BE4:BR17", f"={products('AJ3:AL5', '$BA$7:$BC$9')}+{products('AJ32:AL34', '$BA$11:$BC$13')}")),
)  # fmt: skip
_rgb_wrong, _rgb_right = partial(wrong, base="rgb"), partial(right, base="rgb")
_colours = partial(_each, ("AM4:AZ17", "AM21:AZ34", "BF4:BS17", "BF21:BS34"))
_COLOURS = ("A21:C23", "R3:T5", "R21:T23")
_KERNELS = tuple(
    tuple(f"${left}${top + 4 * colour}:${right_}${top + 2 + 4 * colour}" for colour in range(3))
    for left, right_ in (("AI", "AK"), ("BB", "BD"))
    for top in (4, 21)
)
_BIASES = ("$AI$16", "$AI$33", "$BB$16", "$BB$33")


def _sum_of(windows: tuple[str, ...], order: tuple[int, ...] = (0, 1, 2)) -> Callable[..., str]:
    def formula(kernels: tuple[str, ...], bias: str) -> str:
        pairs = zip(windows, (kernels[k] for k in order), strict=False)
        total = "+".join(f"SUMPRODUCT({window},{kernel})" for window, kernel in pairs)
        return f"MAX(0,{total}+{bias})"

    return formula


_RGB = (
    _rgb_wrong("only_red_read", *_colours(_sum_of(_COLOURS[:1]), _KERNELS, _BIASES), words=(_CODES, "conv1|relu1", "plane|channel|R3")),
    _rgb_wrong("blue_not_read", *_colours(_sum_of(_COLOURS[:2]), _KERNELS, _BIASES), words=(_CODES, "conv1|relu1", "plane|channel|R21")),
    _rgb_wrong("red_and_green_swapped", *_colours(_sum_of(_COLOURS, (1, 0, 2)), _KERNELS, _BIASES), words=(_CODES, "conv1|relu1", "plane|channel|swapped|AI8|AI$8")),
    _rgb_wrong("one_kernel_for_all_colours", *_colours(_sum_of(_COLOURS, (0, 0, 0)), _KERNELS, _BIASES), words=(_CODES, "conv1|relu1", "kernel|weight|AI8|AI$8")),
    _rgb_wrong("green_read_twice", *_colours(_sum_of((_COLOURS[1], *_COLOURS[1:])), _KERNELS, _BIASES), words=(_CODES, "conv1|relu1", "plane|channel|R3|A21")),
    _rgb_right("colours_expanded", *_colours(lambda kernels, bias: "MAX(0," + "+".join(map(products, _COLOURS, kernels)) + f"+{bias})", _KERNELS, _BIASES)),
    _rgb_right("blue_first", *_colours(_sum_of(_COLOURS[::-1], (2, 1, 0)), _KERNELS, _BIASES)),
    _rgb_right("colours_in_one_product", *_colours(lambda kernels, bias: "MAX(0,SUMPRODUCT(" + "+".join(
        f"{window}*{kernel}" for window, kernel in zip(_COLOURS, kernels, strict=True)) + f")+{bias})", _KERNELS, _BIASES)),
    _rgb_right("colours_as_arrays", *(fill_array(plane, "=MAX(0," + "+".join(
        f"SUM({window}*{kernel})" for window, kernel in zip(_COLOURS, kernels, strict=True)) + f"+{bias})")
        for plane, kernels, bias in zip(("AM4:AZ17", "AM21:AZ34", "BF4:BS17", "BF21:BS34"), _KERNELS, _BIASES, strict=True))),
)  # fmt: skip
_two_wrong, _two_right = partial(wrong, base="multi-label"), partial(right, base="multi-label")
_HEADS = (
    _two_wrong("sigmoid_without_minus", fill("KP4:KP13", "=1/(1+EXP(KI4))"), words=(_CODES, "sigmoid1")),
    _two_wrong("sigmoid_of_softmax", fill("KP4:KP13", "=1/(1+EXP(-KM4))"), words=(_CODES, "sigmoid1", "KM4|softmax")),
    _two_wrong("softmax_for_sigmoid", fill("KP4:KP13", "=KL4/SUM($KL$4:$KL$13)"), words=(_CODES, "sigmoid1", "softmax|Softmax|SUM")),
    _two_wrong("one_pool_of_four_wrong", by_two("ET32:FE43", "=AVERAGE(DU4:DV5)"), words=(_CODES, "pool1", "AVERAGE|average|AvgPool")),
    _two_right("sigmoid_by_ratio", fill("KP4:KP13", "=EXP(KI4)/(1+EXP(KI4))")),
    _two_right("sigmoid_by_tanh", fill("KP4:KP13", "=(1+TANH(KI4/2))/2")),
)  # fmt: skip
EDITS: tuple[Edit, ...] = (*_AVERAGES, *_NORMALISATIONS, *_SKIPS, *_RGB, *_HEADS)
