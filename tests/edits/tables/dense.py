"""Dense layers that compute something else."""

from __future__ import annotations

from collections.abc import Callable

from tests.edits.edit import Edit, Step, column, fill_array, wrong
from tests.edits.tables.places import BIAS3, CLASSES, DENSE, FLAT, WEIGHTS


def dense(formula: Callable[[int], str]) -> Step:
    """Write all classes."""
    return column(DENSE, *(f"={formula(number)}" for number in CLASSES))


def total(number: int, flat: tuple[str, str] = FLAT) -> str:
    """Return the products of a class, without its bias."""
    one, other = WEIGHTS[number]
    return f"SUMPRODUCT({one},{flat[0]})+SUMPRODUCT({other},{flat[1]})"


def _shorter(square: str) -> str:
    first, last = square.split(":")
    return f"{first}:{last[:2]}{int(last[2:]) - 1}"


def _next(number: int) -> int:
    return (number + 1) % len(CLASSES)


def _sliding(number: int) -> str:
    top, below = 4 + number, 33 + number
    return total(number, (f"CL{top}:CW{top + 11}", f"CL{below}:CW{below + 11}"))


_WORDS = ("D7|S2", "fc1")
EDITS: tuple[Edit, ...] = (
    wrong("dense_reads_one_plane",
          dense(lambda k: f"SUMPRODUCT({WEIGHTS[k][0]},{FLAT[0]})+{BIAS3[k]}"),
          words=(*_WORDS, "plane|CL33")),
    wrong("dense_without_bias", dense(total), words=(*_WORDS, "bias")),
    wrong("dense_with_one_bias", dense(lambda k: f"{total(k)}+$FM$4"), words=(*_WORDS, "bias|FM4|FM$4")),
    wrong("dense_with_all_biases", dense(lambda k: f"{total(k)}+SUM($FM$4:$FM$13)"), words=(*_WORDS, "bias|SUM($FM$4:$FM$13)")),
    wrong("dense_bias_twice", dense(lambda k: f"{total(k)}+2*{BIAS3[k]}"), words=(*_WORDS, "bias")),
    wrong("dense_with_weights_of_next_class", dense(lambda k: f"{total(_next(k))}+{BIAS3[k]}"),
          words=(*_WORDS, "weight|DL4|class")),
    wrong("dense_classes_backwards", dense(lambda k: f"{total(9 - k)}+{BIAS3[9 - k]}"), words=_WORDS),
    wrong("dense_with_weights_of_one_class", dense(lambda k: f"{total(0)}+{BIAS3[k]}"),
          words=(*_WORDS, "weight|class|CY4|DL4")),
    wrong("dense_planes_swapped", dense(lambda k: f"{total(k, (FLAT[1], FLAT[0]))}+{BIAS3[k]}"),
          words=(*_WORDS, "plane|swapped|CL33|CL4|CL$4|CL$33")),
    wrong("dense_weights_transposed",
          *(fill_array(f"FN{4 + k}", f"=SUM(TRANSPOSE({WEIGHTS[k][0]})*{FLAT[0]})+SUM(TRANSPOSE({WEIGHTS[k][1]})*{FLAT[1]})+{BIAS3[k]}")
            for k in CLASSES), words=(*_WORDS, "transposed|TRANSPOSE")),
    wrong("dense_plane_slides", dense(lambda k: f"{_sliding(k)}+{BIAS3[k]}"), words=(*_WORDS, "$")),
    wrong("dense_reads_relu2", dense(lambda k: f"{total(k, ('$BM$4:$BX$15', '$BM$33:$BX$44'))}+{BIAS3[k]}"),
          words=(*_WORDS, "relu2|BM")),
    wrong("dense_with_relu", dense(lambda k: f"MAX(0,{total(k)}+{BIAS3[k]})"), words=(*_WORDS, "ReLU|MAX(0")),
    wrong("dense_averaged", dense(lambda k: f"({total(k)})/288+{BIAS3[k]}"), words=(*_WORDS, "288|factor|times|scaled")),
    wrong("dense_one_row_of_window_short",
          dense(lambda k: f"SUMPRODUCT({_shorter(WEIGHTS[k][0])},$CL$4:$CW$14)+SUMPRODUCT({WEIGHTS[k][1]},{FLAT[1]})+{BIAS3[k]}"),
          words=(*_WORDS, "row|CW15|CW$14|weight")),
    wrong("dense_operands_of_other_sizes",
          dense(lambda k: f"SUMPRODUCT({WEIGHTS[k][0]},$CL$4:$CW$14)+SUMPRODUCT({WEIGHTS[k][1]},{FLAT[1]})+{BIAS3[k]}"),
          words=("D7|S2|G403|V1", "fc1|FN4")),
    wrong("dense_of_one_class_wrong", column("FN9:FN9", f"={total(4)}+{BIAS3[5]}"), words=("D7|S2", "fc1|FN9")),
)  # fmt: skip
