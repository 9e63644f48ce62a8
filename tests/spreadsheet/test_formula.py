from hypothesis import given
from hypothesis import strategies as st

from xlconv.spreadsheet.formula import (
    Area,
    Axis,
    Binary,
    Call,
    Node,
    Number,
    Ref,
    areas_of,
    number_text,
    plus,
    render,
    render_block,
)

A, B, C = Number(1), Number(2), Number(3)
TEXTS = [
    (Binary("-", A, Binary("-", B, C)), "1-(2-3)"),
    (Binary("-", Binary("-", A, B), C), "1-2-3"),
    (Binary("*", Binary("+", A, B), C), "(1+2)*3"),
    (Binary("+", A, Binary("*", B, C)), "1+2*3"),
    (Binary("^", Binary("^", A, B), C), "1^2^3"),
    (Binary("^", A, Binary("^", B, C)), "1^(2^3)"),
    (Binary("=", Binary("&", A, B), C), "1&2=3"),
    (Call("MAX", (Number(0), plus([A, B, C]))), "MAX(0,1+2+3)"),
    (Call("PI", ()), "PI()"),
    (Number(0.1), "0.1"),
    (Number(1e-7), "1E-07"),
]


def test_text_has_the_parentheses_that_the_tree_needs() -> None:
    for tree, text in TEXTS:
        assert render(tree) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_read_back_as_they_were(value: float) -> None:
    assert float(number_text(value)) == value


axes = st.builds(Axis, st.integers(0, 90), st.integers(0, 3), st.integers(0, 3), st.booleans())
refs = st.builds(Ref, axes, axes)
trees: st.SearchStrategy[Node] = st.recursive(
    st.one_of(refs, st.builds(Area, refs, refs), st.builds(Number, st.integers(0, 9))),
    lambda inner: st.one_of(
        st.builds(Binary, st.sampled_from(["+", "*", "-"]), inner, inner),
        st.builds(Call, st.just("SUM"), st.lists(inner, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)


@given(trees, st.integers(1, 4), st.integers(1, 4))
def test_a_block_renders_as_its_cells_do(tree: Node, rows: int, columns: int) -> None:
    one_by_one = [render(tree, i, j) for i in range(rows) for j in range(columns)]
    assert render_block(tree, (rows, columns)) == one_by_one


@given(refs, refs, st.integers(0, 4), st.integers(0, 4))
def test_the_areas_of_a_tree_are_the_ranges_in_its_text(
    first: Ref, last: Ref, i: int, j: int
) -> None:
    tree = Call("SUM", (Area(first, last), first))
    text = render(tree, i, j).replace("$", "")
    inside = [area.name for area in areas_of(tree, i, j)]
    corner = inside[1]
    assert text.startswith(f"SUM({corner}:")
    assert text.endswith(f",{corner})")


def test_a_percent_sign_survives_the_templates() -> None:
    tree = Call("A%s", (Ref(Axis(0, 1), Axis(0, 0, 1)),))
    assert render_block(tree, (1, 2)) == ["A%s(A1)", "A%s(B1)"]
