"""Single formulas in a line, as people write a perceptron by hand: none is accused for another."""

import numpy as np
import pytest

from tests.helpers.workbooks import sheet
from xlconv.spreadsheet.addresses import a1_name
from xlconv.verification.verify import Report, verify_workbook

Cells = dict[str, object]
Lines = list[tuple[str, object]]
NUMBERS = np.round(np.random.default_rng(5).uniform(0.1, 1, 100), 2).tolist()


def numbers(top: int, left: int, height: int, width: int) -> Cells:
    places = [a1_name((top + i, left + j)) for i in range(height) for j in range(width)]
    return dict(zip(places, NUMBERS[left:], strict=False))


def convolved(top: int, kernel: str, size: int = 4) -> Cells:
    """A plane over the picture that begins in A1, in the columns from L and the rows from one."""
    return {
        f"{'LMNOP'[j]}{top + i}": (
            f"=MAX(0,SUMPRODUCT({'ABCDE'[j]}{i + 1}:{'CDEFG'[j]}{i + 3},{kernel}))"
        )
        for i in range(size) for j in range(size)
    }  # fmt: skip


CONVOLUTION = numbers(0, 0, 6, 6) | numbers(0, 7, 3, 3) | convolved(1, "$H$1:$J$3")


def errors(report: Report) -> list[str]:
    found = (one for one in report.findings if one.severity == "error")
    return [f"{one.code} {one.cell}: {one.message}" for one in found]


def by_hand(lines: Lines, *, down: bool = True) -> Cells:
    """The lines below or beside each other, from R1 on; `{z}` is the cell of line z."""
    at = {name: a1_name((k, 17) if down else (0, 17 + k)) for k, (name, _) in enumerate(lines)}
    return CONVOLUTION | {
        at[name]: "=" + held.format(**at) if isinstance(held, str) else held for name, held in lines
    }


UNIT: Lines = [("x", "AVERAGE(L1:O4)"), ("w", 0.7), ("b", -0.2), ("z", "{x}*{w}+{b}")]
SIGMOID: Lines = [*UNIT, ("a", "EXP({z})/(1+EXP({z}))")]
LOGISTIC: Lines = [*UNIT, ("a", "1/(1+EXP(-{z}))")]
TAILS: dict[str, Lines] = {
    "the other class": [*SIGMOID, ("n", "1-{a}")],
    "an answer": [*SIGMOID, ("c", 'IF({a}>=0.5,"cat","dog")'), ("p", 'TEXT({a},"0%")')],
    "an error and a loss": [*UNIT, ("t", 1.0), ("l", "({z}-{t})^2"), ("e", "ABS({z}-{t})")],
    "half a loss": [*UNIT, ("t", 1.0), ("l", "({z}-{t})^2"), ("h", "{l}/2")],
    "what errors are": [
        *LOGISTIC, ("t", 1.0), ("e", "{a}-{t}"), ("m", "MAX(0,{e})"), ("h", "{e}/{t}"),
    ],
}  # fmt: skip


@pytest.mark.many
@pytest.mark.parametrize("down", [True, False], ids=["in a column", "in a row"])
@pytest.mark.parametrize("name", TAILS)
def test_what_follows_a_unit_by_hand_is_no_odd_unit(name: str, *, down: bool) -> None:
    report = verify_workbook(sheet(by_hand(TAILS[name], down=down)))
    assert errors(report) == []
    assert not report.lifted.strays


@pytest.mark.slow
def test_gradients_by_hand_are_no_weights_of_a_unit() -> None:
    cells: Cells = CONVOLUTION | numbers(0, 16, 4, 4)
    cells |= {"X2": "=SUMPRODUCT(L1:O4,Q1:T4)+T6", "T6": 0.1, "X3": "=1/(1+EXP(-X2))", "X4": 1.0}
    cells |= {"X5": "=-(X4*LN(X3)+(1-X4)*LN(1-X3))", "X6": "=X3-X4"}
    for plane, weight, new in zip("LMNO", "QRST", "VWXY", strict=True):
        for i in range(1, 5):
            cells[f"{weight}{i + 7}"] = f"=$X$6*{plane}{i}"
            cells[f"{new}{i + 7}"] = f"={weight}{i}-0.1*{weight}{i + 7}"
    assert errors(verify_workbook(sheet(cells))) == []


def test_a_slip_in_a_unit_that_reads_another_is_still_named() -> None:
    lines: Lines = [
        *UNIT, ("w2", 0.3), ("b2", 0.5), ("z2", "{z}*{w2}-{b2}"), ("a", "1/(1+EXP(-{z2}))"),
    ]  # fmt: skip
    cells = by_hand(lines)
    assert [one.split(":")[0] for one in errors(verify_workbook(sheet(cells)))] == ["S201 R7"]


# -- other formulas that stand alone -------------------------------------------------------

CLASSES: Cells = {
    **{f"R{i}": f"=SUMPRODUCT($L$1:$O$4,T{4 * i - 3}:W{4 * i})+Q{i}" for i in (1, 2, 3)},
    **{f"Q{i}": 0.1 * i for i in (1, 2, 3)},
    **numbers(0, 19, 12, 4),
    **{f"Y{i}": f"=EXP(R{i}-MAX($R$1:$R$3))" for i in (1, 2, 3)},
    **{f"Z{i}": f"=Y{i}/SUM($Y$1:$Y$3)" for i in (1, 2, 3)},
    "A21": "=MATCH(MAX($Z$1:$Z$3),$Z$1:$Z$3,0)-1",
}


def test_a_mean_of_the_classes_is_no_odd_prediction() -> None:
    stats: Cells = {"A43": "=AVERAGE(A1:F6)", "B43": "=STDEV(A1:F6)", "B47": "=STDEV(Z1:Z3)"}
    stats |= {"A44": "=MEDIAN(L1:O4)", "A47": "=AVERAGE(Z1:Z3)", "A50": "=G51", "G51": "=G50"}
    report = verify_workbook(sheet(CONVOLUTION | CLASSES | stats))
    assert not [one for one in errors(report) if "S201" in one]


def test_the_statistics_of_one_plane_are_no_mean_of_another() -> None:
    """Batch norm by the numbers of the batch in one of two planes: no layer, and nothing wrong."""
    cells = numbers(0, 0, 7, 7) | numbers(0, 7, 3, 3) | numbers(10, 7, 3, 3)
    cells |= convolved(1, "$H$1:$J$3", 5) | convolved(11, "$H$11:$J$13", 5)
    cells |= {"R1": 1.5, "R2": 0.2, "R3": "=AVERAGE(L1:P5)", "R5": "=VAR(L1:P5)"}
    cells |= {"R11": 1.5, "R12": 0.2, "R13": 0.3, "R15": 1.1}
    for top in (1, 11):
        gamma, beta, mean, var = (f"$R${top + k}" for k in (0, 1, 2, 4))
        cells |= {
            f"{'TUVWX'[j]}{top + i}": (
                f"=({'LMNOP'[j]}{top + i}-{mean})/SQRT({var}+0.00001)*{gamma}+{beta}"
            )
            for i in range(5) for j in range(5)
        }  # fmt: skip
    report = verify_workbook(sheet(cells))
    assert errors(report) == []
    assert report.verdict == "partly"


# -- what a network takes its numbers from -------------------------------------------------

SOFTMAX: Cells = {
    **{f"R{i}": f"=L{i}" for i in (1, 2, 3)},
    **{f"Y{i}": f"=EXP(R{i}-MAX($R$1:$R$3))" for i in (1, 2, 3)},
    **{f"Z{i}": f"=Y{i}/SUM($Y$1:$Y$3)" for i in (1, 2, 3)},
}


@pytest.mark.parametrize("shown", [False, True])
def test_a_plane_that_no_layer_explains_is_no_input_that_is_right_as_it_is(*, shown: bool) -> None:
    """A softmax over references to a convolution that is squared: none of that is proven."""
    plane = "AL" if shown else "L"
    cells = numbers(0, 0, 6, 6) | numbers(0, 7, 3, 3) | SOFTMAX
    cells |= {f"{plane}{i}": f"=SUMPRODUCT(A{i}:C{i + 2},$H$1:$J$3)^2" for i in (1, 2, 3)}
    if shown:
        cells |= {f"L{i}": f"=AL{i}" for i in (1, 2, 3)}
    assert verify_workbook(sheet(cells)).verdict == "partly"


def test_references_to_numbers_are_an_input_as_before() -> None:
    cells = numbers(0, 11, 3, 1) | SOFTMAX
    assert verify_workbook(sheet(cells)).verdict == "verified"
