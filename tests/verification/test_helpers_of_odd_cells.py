"""A cell of a plane may have its value from helper cells, if that is what the others compute."""

import pytest

from tests.helpers.desk import IMAGE, KERNEL, WINDOW, checked, errors, image_desk, name

CONV = {name(10 + i, j): WINDOW["sumproduct"](i, j) for i in range(4) for j in range(5)}
RELU = {name(15 + i, j): f"MAX(0,{name(10 + i, j)})" for i in range(4) for j in range(5)}
PRODUCTS = {
    name(30 + i, j): f"{name(i, j)}*{name(i, 9 + j)}" for i in range(3) for j in range(3)
}  # of the first window with the kernel, in A31:C33


RIGHT = {
    "a sum of products": CONV | PRODUCTS | {"A11": "SUM(A31:C33)"},
    "its sum elsewhere": CONV | PRODUCTS | {"A11": "E31", "E31": "SUM(A31:C33)"},
    "rows of products": CONV | PRODUCTS | {"A11": "SUM(E31:E33)"}
    | {f"E{row}": f"SUM(A{row}:C{row})" for row in (31, 32, 33)},
    "the whole window elsewhere": CONV | {"A11": "E31", "E31": WINDOW["sumproduct"](0, 0)},
    "a maximum elsewhere": CONV | RELU | {"A16": "E31", "E31": "MAX(0,A11)"},
    "in the middle": CONV | RELU | {"C18": "E31", "E31": "IF(E32>0,E32,0)", "E32": "C13"},
}  # fmt: skip


@pytest.mark.parametrize("cells", RIGHT.values(), ids=RIGHT)
def test_a_cell_may_have_its_value_from_helpers(cells) -> None:
    report = checked(cells)
    assert not [one for one in report.findings if one.code != "L601"]


SUM = {"A11": "SUM(A31:C33)"}
WRONG = {
    "one product of another pixel": CONV | PRODUCTS | SUM | {"B32": "B3*K2"},
    "one product of another weight": CONV | PRODUCTS | SUM | {"B32": "B2*K1"},
    "one product that is a number": CONV | PRODUCTS | SUM | {"B32": "0.5"},
    "a product is missing": CONV | PRODUCTS | {"A11": "SUM(A31:C32)"},
    "a product counts twice": CONV | PRODUCTS | {"A11": "SUM(A31:C33)+A31"},
    "another window": CONV | {"A11": "E31", "E31": WINDOW["sumproduct"](0, 1)},
    "another cell": CONV | {"A11": "B11"},
    "a maximum of another cell": CONV | RELU | {"A16": "E31", "E31": "MAX(0,B11)"},
    "a maximum with a limit": CONV | RELU | {"A16": "E31", "E31": "MIN(100000,MAX(0,A11))"},
    "another slope far out":
        CONV | RELU | {"A16": "E31", "E31": "IF(A11>100000,1,MAX(0,A11))"},
    "a number that is not fixed":
        CONV | PRODUCTS | {"A11": "SUM(A31:C33)+E31", "E31": "0*RAND()"},
    "one that a value chooses":
        CONV | PRODUCTS | SUM | {"B32": "OFFSET(B2,0,E31)*K2", "E31": "1*(A1>100000)"},
}  # fmt: skip


@pytest.mark.parametrize("cells", WRONG.values(), ids=WRONG)
def test_a_cell_with_wrong_helpers_is_named(cells) -> None:
    where = "A16" if "A16" in cells and cells["A16"] == "E31" else "A11"
    assert f"S201 {where}" in errors(checked(cells))


@pytest.mark.parametrize("place", [(i, j) for i in range(3) for j in range(3)])
def test_every_one_of_nine_products_counts(place: tuple[int, int]) -> None:
    i, j = place
    product = {name(30 + i, j): f"{name(i, j)}*{name(i, 9 + j)}*2"}
    assert "S201 A11" in errors(checked(CONV | PRODUCTS | SUM | product))


def test_a_number_typed_over_a_helper_is_no_product() -> None:
    typed = {where: text for where, text in PRODUCTS.items() if where != "B32"}
    desk = image_desk()
    desk.put("B32", IMAGE[1:2, 1:2] * KERNEL[1, 1])
    assert "S201 A11" in errors(checked(CONV | typed | SUM, desk))
