"""Whole rows and columns inserted and deleted through everything: one cause, which is named."""

from __future__ import annotations

from msgspec.structs import replace

from tests.edits.edit import (
    Edit,
    Step,
    delete_columns,
    delete_rows,
    insert_columns,
    insert_rows,
    right,
    wrong,
)


def _inserted(base: str, line: str, words: str, *steps: Step) -> Edit:
    name = f"{base}_{line.replace(' ', '_')}_inserted"
    return wrong(name, *steps, base=base, words=("G405", f"{line} was inserted", words))


def _deleted(base: str, line: str, words: str, *steps: Step) -> Edit:
    name = f"{base}_{line.replace(' ', '_')}_deleted"
    return wrong(name, *steps, base=base, words=("G406", f"{line} was deleted", words))


_CONV = "conv-example"
_INSERTED = (
    _inserted(_CONV, "row 10", "100 windows became 4×3", insert_rows("A10")),
    _inserted(_CONV, "row 12", "102 windows became 4×3", insert_rows("A12")),
    _inserted(_CONV, "row 15", "101 windows became 4×3", insert_rows("A15")),
    _inserted(_CONV, "row 29", "26 windows became 4×3", insert_rows("A29")),
    _inserted(_CONV, "column K", "52 windows became 3×4", insert_columns("K1")),
    _inserted(_CONV, "column AE", "2 windows became 3×4", insert_columns("AE1")),
    _inserted(_CONV, "column AT", "96 windows became 3×4", insert_columns("AT1")),
    _inserted(_CONV, "column CZ", "4 windows became 12×13", insert_columns("CZ1")),
    _inserted("rgb", "row 12", "28 windows became 4×3", insert_rows("A12")),
    _inserted("rgb", "row 30", "58 windows became 4×3", insert_rows("A30")),
    _inserted("residual", "row 5", "70 windows became 4×3", insert_rows("A5")),
    _inserted("residual", "column AP", "56 windows became 3×4", insert_columns("AP1")),
    _inserted("batchnorm", "row 12", "101 windows became 4×3", insert_rows("A12")),
)  # fmt: skip
_DELETED = (
    _deleted(_CONV, "row 10", "became 2×3", delete_rows("A10")),
    _deleted(_CONV, "column AT", "144 windows became 3×2", delete_columns("AT1")),
    _deleted(_CONV, "column CS", "31 cells hold an error value", delete_columns("CS1")),
    _deleted("rgb", "row 8", "44 windows became 2×3", delete_rows("A8")),
    _deleted("residual", "row 12", "became 2×3", delete_rows("A12")),
    _deleted("batchnorm", "row 8", "150 windows became 2×3", delete_rows("A8")),
)  # fmt: skip
EDITS: tuple[Edit, ...] = (
    *_INSERTED,
    *_DELETED,
    *(replace(one, name=f"nameless_{one.name}", nameless=True, against=True) for one in _INSERTED),
    wrong("two_rows_inserted_at_once", insert_rows("A15", 2),
          words=("G405", "rows 15:16 were inserted", "101 windows became 5×3")),
    wrong("rows_inserted_in_both_planes", insert_rows("A40"), insert_rows("A15"),
          words=("G405", "row 15 was inserted", "row 41 was inserted")),
    right("column_through_the_output_inserted", insert_columns("AP1"), base="rgb"),
    right("column_through_what_is_normalised_inserted", insert_columns("AP1"), base="batchnorm"),
    right("row_between_planes_inserted", insert_rows("A30"), base="batchnorm"),
)  # fmt: skip
