"""Windows that move by other steps than they should, in words; nothing where more is wrong."""

from __future__ import annotations

import pytest

from tests.mutations import Fault, Subject, rebuilt
from tests.mutations.subjects import preset
from xlconv.spreadsheet.addresses import a1_name, parse_a1
from xlconv.spreadsheet.workbook import Kind
from xlconv.verification.causes.formula_difference import Texts
from xlconv.verification.causes.window_steps import other_steps
from xlconv.verification.verify import verify_workbook


def window(i: int, j: int, *, size: int = 2, at: tuple[int, int] = (0, 0)) -> str:
    return (
        f"{a1_name((at[0] + i, at[1] + j))}:{a1_name((at[0] + i + size - 1, at[1] + j + size - 1))}"
    )


def moving(formula: str, by: tuple[int, int], **more: int):
    def at(i: int, j: int) -> str:
        return formula.replace("W", window(by[0] * i, by[1] * j, **more))

    return at


CASES = [
    ("MAX(W)", (1, 1), (2, 2), 2, "its windows of 2×2 move by 1×1, not by 2×2: they overlap"),
    ("MAX(W)", (2, 1), (2, 2), 2, "its windows of 2×2 move by 2×1, not by 2×2: they overlap"),
    ("MAX(W)", (3, 3), (2, 2), 2, "its windows of 2×2 move by 3×3, not by 2×2: they leave gaps"),
    ("SUM(W)", (1, 1), (2, 2), 3, "its windows of 3×3 move by 1×1, not by 2×2"),
    ("SUMPRODUCT(W,$Z$1:$AA$2)", (1, 1), (2, 2), 2,
     "its windows of 2×2 move by 1×1, not by 2×2: they overlap"),
    ("MAX(W)", (2, 2), (2, 2), 2, ""),
    ("MAX(W)", (0, 0), (2, 2), 2, ""),  # a `$` too many
    ("MAX(W)", (1, 1), (0, 0), 2, ""),  # a `$` that is missing
]  # fmt: skip


@pytest.mark.parametrize(("formula", "found", "wanted", "size", "words"), CASES)
def test_other_steps_are_told(formula, found, wanted, size, words) -> None:
    own, other = (moving(formula, by, size=size) for by in (found, wanted))
    assert other_steps(lambda i, j: Texts(own(i, j), other(i, j)), (5, 5)) == words


def test_one_cell_has_no_windows() -> None:
    own, other = (moving("W*2", by, size=1) for by in ((1, 2), (1, 1)))

    def at(i: int, j: int) -> Texts:
        return Texts(*(one(i, j).split(":")[0] for one in (own, other)))

    assert other_steps(at, (3, 3)) == "what it reads moves by 1×2, not by 1×1"


def test_nothing_is_told_where_the_first_formula_is_wrong_too() -> None:
    own, other = moving("MIN(W)", (1, 1)), moving("MAX(W)", (2, 2))
    assert other_steps(lambda i, j: Texts(own(i, j), other(i, j)), (5, 5)) == ""
    own = moving("MAX(W)", (1, 1), at=(0, 1))
    assert other_steps(lambda i, j: Texts(own(i, j), other(i, j)), (5, 5)) == ""


def dragged(subject: Subject) -> Fault:
    """Both planes of the pool filled from their first cells, as dragging does."""
    cells = {}
    for first, read in (("CL4", "BM4"), ("CL33", "BM33")):
        (row, column), at = parse_a1(first), parse_a1(read)
        for i in range(12):
            for j in range(12):
                text = f"MAX({window(i, j, at=at)})"
                cells[row + i, column + j] = (Kind.FORMULA, 0.0, text)
    return Fault(cells, (3, 89), ())


def test_verify_says_that_windows_overlap() -> None:
    subject = preset("conv-example")
    report = verify_workbook(rebuilt(subject, dragged(subject)))
    (message,) = [one.message for one in report.findings if one.code == "D702"]
    assert "its windows of 2×2 move by 1×1, not by 2×2: they overlap" in message
