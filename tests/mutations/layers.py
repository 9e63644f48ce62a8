"""Faults in the formulas of layers: each of them wrong in a way of its own."""

from __future__ import annotations

import random
import re

from tests.mutations.cells import pasted
from tests.mutations.choosing import (
    REFERENCE,
    WINDOW,
    Change,
    any_cell,
    cell_in,
    helper_cell,
    in_helper,
    in_layer,
    kind,
    named,
    place_in,
    pointing_beside,
    replacing,
    shifted,
    shorter,
)
from tests.mutations.subject import Fault, Subject
from xlconv.spreadsheet.addresses import a1_name

_FIXED_CELL = r"\$[A-Z]{1,3}\$\d+"
_CELL = r"\$?[A-Z]{1,3}\$?\d+"

# -- batch normalisation: (x-mean)/SQRT(var+eps)*weight+bias ------------------------------


def _with_swapped_vectors(text: str, rng: random.Random) -> str | None:
    fixed = re.findall(_FIXED_CELL, text)
    if len(fixed) < 2:
        return None
    one, other = rng.sample(fixed, 2)
    swap = {one: other, other: one}
    return re.sub(_FIXED_CELL, lambda m: swap.get(m[0], m[0]), text)


in_layer("bn_eps_missing", replacing(r"\+1E-05\)", ")"), "BatchNorm2d")
in_layer("bn_eps_other", replacing(r"1E-05", "0.001"), "BatchNorm2d")
in_layer("bn_eps_on_the_outside", replacing(r"\+1E-05\)", ")+1E-05"), "BatchNorm2d")
in_layer("bn_root_missing", replacing(r"SQRT\(", "("), "BatchNorm2d")
in_layer("bn_vectors_swapped", _with_swapped_vectors, "BatchNorm2d")
in_layer("bn_mean_added", replacing(r"-(?=\$)", "+"), "BatchNorm2d")
in_layer("bn_mean_missing", replacing(rf"-{_FIXED_CELL}", ""), "BatchNorm2d")
in_layer("bn_bias_missing", replacing(rf"\+{_FIXED_CELL}(?=\)?$)", ""), "BatchNorm2d")
in_layer("bn_weight_divides", replacing(r"\*(?=\$)", "/"), "BatchNorm2d")


@kind
def bn_vector_of_another_channel(s: Subject, rng: random.Random) -> Fault | None:
    found = any_cell(s, rng, "BatchNorm2d")
    if found is None or len(found[2].planes) < 2:
        return None
    cell, text, tensor = found
    k, i, j = place_in(tensor, cell)
    other = s.text(tensor.planes[(k + 1) % len(tensor.planes)].cell(i, j))
    one, another = re.findall(_FIXED_CELL, text), re.findall(_FIXED_CELL, other)
    at = rng.randrange(len(one))
    return s.rewritten(cell, text.replace(one[at], another[at]))


# -- dropout: x*mask/(1-p), masks IF(RAND()<p,0,1) ----------------------------------------

in_helper("mask_inverted", replacing(r",0,1\)", ",1,0)"), "mask")
in_helper("mask_of_other_numbers", replacing(r",0,1\)", ",0,2)"), "mask")
in_helper("mask_turned", replacing("<", ">"), "mask")
in_helper("mask_with_another_p", pointing_beside, "mask")
in_layer("dropout_unscaled", replacing(r"/\(1-.*\)$", ""), "Dropout")
in_layer("dropout_over_p", replacing(rf"\(1-({_FIXED_CELL})\)", r"\1"), "Dropout")
in_layer("dropout_times_the_share", replacing(r"/(?=\()", "*"), "Dropout")
in_layer("dropout_without_mask", replacing(rf"\*{_CELL}(?=/)", ""), "Dropout")
in_layer("dropout_with_another_p", replacing(r"\$(\d+)\)$", r"$1\1)"), "Dropout")


@kind
def mask_pasted(s: Subject, rng: random.Random) -> Fault | None:
    cell = helper_cell(s, rng, "mask")
    return None if cell is None else pasted(s, cell)


@kind
def mask_with_p_pasted(s: Subject, rng: random.Random) -> Fault | None:
    cell = helper_cell(s, rng, "mask")
    return None if cell is None else s.rewritten(cell, re.sub(_FIXED_CELL, "0.5", s.text(cell)))


in_layer("dropout_with_p_pasted", replacing(_FIXED_CELL, "0.5"), "Dropout")


@kind
def mask_of_a_neighbour(s: Subject, rng: random.Random) -> Fault | None:
    found = any_cell(s, rng, "Dropout")
    if found is None:
        return None
    cell, text, _ = found
    match = list(REFERENCE.finditer(text))[1]
    new = shifted(match, *rng.choice([(1, 0), (-1, 0), (0, 1), (0, -1)]))
    return s.rewritten(cell, None if new is None else text[: match.start()] + new
                       + text[match.end() :])  # fmt: skip


# -- skip connections ----------------------------------------------------------------------

in_layer("operand_missing", replacing(rf"({_CELL})\+{_CELL}", r"\1"), "Add")
in_layer("operand_twice", replacing(rf"({_CELL})\+{_CELL}", r"\1+\1"), "Add")
in_layer("operand_subtracted", replacing(r"\+", "-"), "Add")
in_layer("operand_beside", pointing_beside, "Add")


@kind
def operand_of_another_plane(s: Subject, rng: random.Random) -> Fault | None:
    found = any_cell(s, rng, "Add")
    if found is None or len(found[2].planes) < 2:
        return None
    cell, text, tensor = found
    k, i, j = place_in(tensor, cell)
    other = s.text(tensor.planes[(k + 1) % len(tensor.planes)].cell(i, j))
    at = rng.randrange(2)
    own, theirs = re.findall(_CELL, text)[at], re.findall(_CELL, other)[at]
    return s.rewritten(cell, text.replace(own, theirs))


# -- pools ---------------------------------------------------------------------------------

in_layer("average_for_max", replacing(r"MAX\((?!0,)", "AVERAGE("), "MaxPool2d")
in_layer("min_for_max", replacing(r"MAX\((?!0,)", "MIN("), "MaxPool2d")
in_layer("sum_for_average", replacing(r"AVERAGE\(", "SUM("), "AvgPool2d")
in_layer("max_for_average", replacing(r"AVERAGE\(", "MAX("), "AvgPool2d")
in_layer(
    "other_divisor", replacing(r"AVERAGE\((.*?)\)", r"SUM(\1)/(1+COUNT(\1))"), "AvgPool2d"
)  # fmt: skip
in_layer("plane_mean_short", shorter, "AdaptiveAvgPool2d", least=1)
in_layer(
    "plane_mean_summed", replacing(r"AVERAGE\(", "SUM("), "AdaptiveAvgPool2d", least=1
)  # fmt: skip
in_layer("plane_mean_beside", pointing_beside, "AdaptiveAvgPool2d", least=1)


@kind
def edge_counted_the_other_way(s: Subject, rng: random.Random) -> Fault | None:
    tensors = [t for t in s.tensors if s.kind(t) == "AvgPool2d"
               and any(t.layers[0].padding)]  # type: ignore[attr-defined] # fmt: skip
    if not tensors:
        return None
    tensor = rng.choice(tensors)
    cell = rng.choice(tensor.planes).cell(0, 0)
    match = WINDOW.search(s.text(cell))
    assert match is not None
    if not tensor.layers[0].count_include_pad:  # type: ignore[attr-defined]
        height, width = tensor.layers[0].kernel_size  # type: ignore[attr-defined]
        return s.rewritten(cell, f"SUM({match[0]})/{height * width}")
    source = s.report.lifted.tensors[tensor.source]
    first = a1_name(source.planes[place_in(tensor, cell)[0]].origin)
    return s.rewritten(cell, f"AVERAGE({first}:{match[3]}{match[4]})")


# -- activations ---------------------------------------------------------------------------

in_layer("relu_missing", replacing(r"^MAX\(0,(.*)\)$", r"\1"), "ReLU")
in_layer("relu_from_one", replacing(r"^MAX\(0,", "MAX(1,"), "ReLU")
in_layer("relu_negative", replacing(r"^MAX\(", "MIN("), "ReLU")
in_layer("sigmoid_of_the_opposite", replacing(r"EXP\(-", "EXP("), "Sigmoid")
in_layer("sigmoid_without_one", replacing(r"\(1\+(EXP.*)\)$", r"(\1)"), "Sigmoid")
in_layer("sigmoid_missing", replacing(r"^1/\(1\+EXP\(-(.*)\)\)$", r"\1"), "Sigmoid")
in_layer("tanh_missing", replacing(r"^TANH\((.*)\)$", r"\1"), "Tanh")
in_layer("tanh_of_the_opposite", replacing(r"TANH\((.*)\)$", r"TANH(-(\1))"), "Tanh")
in_layer("sinh_for_tanh", replacing(r"TANH\(", "SINH("), "Tanh")
in_layer("other_slope", replacing(r"(\d\.\d+)\*", r"\g<1>1*"), "LeakyReLU")
in_layer("slope_of_the_opposite", replacing(r"(\d\.\d+)\*", r"-\1*"), "LeakyReLU")
in_layer("slope_missing", replacing(r"(\d\.\d+)\*", ""), "LeakyReLU")
in_layer("relu_for_leaky", replacing(r"^MAX\((.*),\d\.\d+\*.*\)$", r"MAX(0,\1)"), "LeakyReLU")

# -- softmax: EXP(x-MAX(all)), its share of the sum, and which is the largest --------------

in_helper("shift_missing", replacing(r"EXP\((.*?)-MAX.*", r"EXP(\1)"), "exp")
in_helper("maximum_of_less", shorter, "exp")
in_helper("maximum_of_others", pointing_beside, "exp")
in_helper("minimum_for_maximum", replacing("MAX", "MIN"), "exp")
in_helper("prediction_from_one", replacing("-1$", ""), "prediction")
in_helper("prediction_of_less", shorter, "prediction")
in_helper("prediction_of_the_smallest", replacing("MAX", "MIN"), "prediction")
in_helper("prediction_by_bisection", replacing(r",0\)", ",1)"), "prediction")
in_helper("prediction_of_others", pointing_beside, "prediction")
in_layer("share_of_less", shorter, "Softmax")
in_layer("share_of_others", pointing_beside, "Softmax")
in_layer("share_of_the_largest", replacing(r"SUM\(", "MAX("), "Softmax")


@kind
def prediction_pasted(s: Subject, rng: random.Random) -> Fault | None:
    cell = helper_cell(s, rng, "prediction")
    return None if cell is None else pasted(s, cell)


# -- sums in parts, and what is laid out as a vector ---------------------------------------

_TERM = r"SUM\w*\([A-Z\d:]*[,*]\$[A-Z\d$:]*\)"


def _in_split(name: str, change: Change) -> None:
    """Add a kind: a change in a cell that adds partial sums up."""

    def fault(s: Subject, rng: random.Random) -> Fault | None:
        tensors = [t for t in s.tensors if any(name.startswith("sum_") for name in t.helpers)]
        if not tensors:
            return None
        cell = cell_in(rng.choice(rng.choice(tensors).planes), rng)
        return s.rewritten(cell, change(s.text(cell), rng))

    named(name, fault)


_PART = r"(?<![$A-Z:\d])([A-Z]{1,3}\d+)"
_in_split("partial_missing", replacing(rf"{_PART}\+", ""))
_in_split("partial_twice", replacing(rf"{_PART}(?=\+)", r"\1+\1"))
_in_split("partial_subtracted", replacing(r"\+(?!\$)", "-"))
_in_split("partial_beside", pointing_beside)
in_helper("partial_with_a_term_less", replacing(rf"{_TERM}\+", ""), "sum_")
in_helper("partial_with_a_term_twice", replacing(rf"({_TERM})\+", r"\1+\1+"), "sum_")
in_helper("partial_of_others", pointing_beside, "sum_")


@kind
def partial_pasted(s: Subject, rng: random.Random) -> Fault | None:
    cell = helper_cell(s, rng, "sum_")
    return None if cell is None else pasted(s, cell)


in_layer("flattened_from_beside", pointing_beside, "Flatten")
in_layer("flattened_twice", replacing("^", "2*"), "Flatten")
