"""Windows cut at the border, and their kernel with them: pieces of a plane, no siblings."""

import pytest

from tests.helpers.desk import checked, errors, name

ROWS, COLUMNS = 6, 7


def cut(i: int, j: int) -> str:
    """The window of 3x3 around (i, j) of the image, and the kernel in J1:L3, as far as both go."""
    (top, bottom), (left, right) = (
        (max(0, at - 1), min(count - 1, at + 1)) for at, count in ((i, ROWS), (j, COLUMNS))
    )
    window = f"{name(top, left)}:{name(bottom, right)}"
    corners = name(top - i + 1, left - j + 10), name(bottom - i + 1, right - j + 10)
    row = {text: f"${text[0]}${text[1:]}" for text in corners}
    return f"SUMPRODUCT({window},{row[corners[0]]}:{row[corners[1]]})"


PLANE = {name(10 + i, j): cut(i, j) for i in range(ROWS) for j in range(COLUMNS)}


def test_cut_windows_are_no_odd_planes() -> None:
    assert not errors(checked(PLANE))


WRONG = {
    "a window too far right": {"D11": "SUMPRODUCT(D1:F2,$J$2:$L$3)"},
    "a window too low": {"D11": "SUMPRODUCT(C2:E3,$J$2:$L$3)"},
    "the kernel cut at the other end": {"D11": "SUMPRODUCT(C1:E2,$J$1:$L$2)"},
    "a corner of the kernel": {"A11": "SUMPRODUCT(A1:B2,$J$1:$K$2)"},
    "a side of the kernel": {f"A{r}": f"SUMPRODUCT(A{r - 11}:B{r - 9},$J$1:$K$3)"
                             for r in range(12, 16)},
    "a side of windows": {f"A{r}": f"SUMPRODUCT(B{r - 11}:C{r - 9},$K$1:$L$3)"
                          for r in range(12, 16)},
    "a window that is cut too short": {"A11": "SUMPRODUCT(A1:A2,$K$2:$K$3)"},
    "one that moves by another step": {"A13": "SUMPRODUCT(A3:B5,$K$1:$L$3)"},
    "one in the middle": {"D13": "SUMPRODUCT(D2:F4,$J$1:$L$3)"},
}  # fmt: skip


@pytest.mark.parametrize("cells", WRONG.values(), ids=WRONG)
def test_pieces_that_do_not_fit_together_are_still_named(cells) -> None:
    report = checked(PLANE | cells)
    assert errors(report)
    assert report.verdict != "verified"
