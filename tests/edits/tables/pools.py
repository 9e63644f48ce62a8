"""Pools that are something else than the maximum of 2x2 windows side by side."""

from __future__ import annotations

from tests.edits.edit import Edit, Step, fill, wrong
from tests.edits.tables.places import POOL, WINDOWS_POOL, by_two


def pools(formula: str) -> tuple[Step, ...]:
    """Write both planes of the pool, W standing for the window of the first cell."""
    return tuple(
        by_two(plane, "=" + formula.replace("W", window))
        for plane, window in zip(POOL, WINDOWS_POOL, strict=True)
    )


def windows(first: str, second: str) -> tuple[Step, Step]:
    """Write both planes of the pool, each with its first window."""
    return by_two(POOL[0], f"=MAX({first})"), by_two(POOL[1], f"=MAX({second})")


_WORDS = ("D7|S2|G4", "pool1")
EDITS: tuple[Edit, ...] = (
    wrong("average_for_maximum", *pools("AVERAGE(W)"), words=(*_WORDS, "AVERAGE|average|AvgPool")),
    wrong("average_for_maximum_in_one_plane", pools("AVERAGE(W)")[0],
          words=(*_WORDS, "AVERAGE|average|AvgPool")),
    wrong("minimum_pool", *pools("MIN(W)"), words=(*_WORDS, "MIN|minimum")),
    wrong("sum_pool", *pools("SUM(W)"), words=(*_WORDS, "SUM|sum")),
    wrong("second_largest", *pools("LARGE(W,2)"), words=(*_WORDS, "LARGE")),
    wrong("median_pool", *pools("MEDIAN(W)"), words=(*_WORDS, "MEDIAN|median")),
    wrong("pool_windows_one_column_right", *windows("BN4:BO5", "BN33:BO34"),
          words=(*_WORDS, "right|column")),
    wrong("pool_windows_one_row_down", *windows("BM5:BN6", "BM34:BN35"),
          words=(*_WORDS, "down|row|lower")),
    wrong("pool_windows_overlap", *(fill(plane, f"=MAX({window})") for plane, window in zip(POOL, WINDOWS_POOL, strict=True)), words=(*_WORDS, "overlap|stride|move|something else")),
    wrong("pool_windows_of_one_column", *windows("BM4:BM5", "BM33:BM34"),
          words=(*_WORDS, "2×1|2x1|BN|column")),
    wrong("pool_windows_of_three_rows", *windows("BM4:BO6", "BM33:BO35"),
          words=(*_WORDS, "3×3|3x3|overlap")),
    wrong("pool_of_other_plane", by_two(POOL[0], "=MAX(BM33:BN34)"), words=(*_WORDS, "plane|BM33|relu2")),
    wrong("pools_swapped", *windows("BM33:BN34", "BM4:BN5"), words=(*_WORDS, "plane|swapped|BM33|BM4")),
    wrong("pool_reads_first_plane_twice", by_two(POOL[1], "=MAX(BM4:BN5)"), words=(*_WORDS, "plane|BM4|relu2")),
    wrong("pool_reads_relu1", *windows("AH3:AI4", "AH32:AI33"), words=(*_WORDS, "relu1|AH")),
    wrong("pool_without_a_cell", *windows("BM4,BN4,BM5", "BM33,BN33,BM34"), words=(*_WORDS, "BN5|window|cell")),
    wrong("pool_at_least_a_tenth", *windows("0.1,BM4:BN5", "0.1,BM33:BN34"), words=(*_WORDS, "0.1")),
    wrong("pool_and_something_more", *pools("MAX(W)+0.01"), words=(*_WORDS, "0.01")),
    wrong("pool_of_one_corner", *pools("MAX(BM4)"), words=_WORDS),
    wrong("average_in_upper_half", by_two("CL4:CW9", "=AVERAGE(BM4:BN5)"), words=(*_WORDS, "AVERAGE|average|AvgPool")),
    wrong("pool_window_fixed", *windows("$BM$4:BN5", "$BM$33:BN34"), words=(*_WORDS, "$")),
)  # fmt: skip
