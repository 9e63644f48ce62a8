"""Numbers that cells take from others: tied weights, kernels that are chosen, checks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from msgspec.structs import replace

from tests.helpers import oracles
from tests.helpers.command import run
from tests.helpers.documents import TEXT
from tests.helpers.oracles import agree, each_oracle
from tests.helpers.shipped import opened, shipped
from tests.helpers.workbooks import changed, renumbered, sheet
from xlconv.analysis.reproduction import reproduce
from xlconv.layers import Conv2d, Linear
from xlconv.layout.links import KernelMenu, PlaneComparison, TiedCell
from xlconv.lifting.layouts import layouts_of
from xlconv.lifting.lifted_workbook import LiftedWorkbook, lift_workbook, open_workbook
from xlconv.lowering.book import book_of
from xlconv.lowering.lower import lower
from xlconv.lowering.sheet_cells import as_planes
from xlconv.network.unrolling import matrix_of, unrolled
from xlconv.presets import PRESETS
from xlconv.presets.image_kernels import CHOSEN, KERNELS
from xlconv.spreadsheet.addresses import Range, a1_name, parse_a1
from xlconv.spreadsheet.blocks.grouping.group import group
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.calculation.calculate import calculate
from xlconv.spreadsheet.formula import Axis, Ref, mapped
from xlconv.spreadsheet.workbook import Kind
from xlconv.spreadsheet.xlsx.read import read_xlsx
from xlconv.verification.verify import Report, verify, verify_workbook

NAMES = ("rgb", "image-kernels", "matmul")

KERNEL, KEY = "AH13", "AH11"  # of image-kernels


def errors(report: Report) -> dict[str, tuple[str, str]]:
    return {
        one.cell: (one.code, one.message)
        for one in report.findings
        if one.severity == "error" and one.root
    }


@pytest.mark.parametrize("name", NAMES)
def test_what_was_written_is_read_back(name: str) -> None:
    preset = PRESETS[name]
    network = preset.network()
    layout = preset.layout(network)
    heads = preset.heads_of(network, layout)
    book = book_of(network, layout, preset.sample(), heads).workbook
    found = lift_workbook(book)
    assert not found.lifted.unlifted
    relaid = layouts_of(found)
    assert [one.network.layers for one in relaid] == [
        network.layers, *(head.network.layers for head in heads)
    ]  # fmt: skip
    assert relaid[0].network == network
    for one, (own, place) in zip(
        relaid, [(network, layout), *((head.network, head.layout) for head in heads)], strict=True
    ):
        assert one.layout.places == place.places
        assert set(one.layout.links) == set(place.links)
        assert one.layout.picture == layout.picture if one is relaid[0] else True
        assert lower(one.network, one.layout) == lower(own, place)
    report = verify_workbook(book)
    assert (report.coverage, report.findings) == (1.0, [])
    assert reproduce(found).is_whole


TIE = TiedCell((4, 7), (2, 3))

MENU = KernelMenu(Plane((9, 9), (3, 2)), (1, 1), Range(3, 5, 12, 5), (3, 6))

CHECK = PlaneComparison((0, 0), Plane((2, 2), (3, 1)), Plane((2, 5), (3, 1)))


def test_every_noun_reads_the_formula_that_it_writes() -> None:
    assert TiedCell.match(TIE.block().tree, TIE.block().lattice) == TIE
    assert KernelMenu.match(MENU.block().tree, MENU.plane) == MENU
    assert PlaneComparison.match(CHECK.block().tree, CHECK.cell) == CHECK


def test_near_misses_are_no_menu() -> None:
    tree = MENU.block().tree

    def turned(ref: Ref) -> Ref:
        row, column = ref.row, ref.column
        return replace(
            ref,
            row=replace(row, by_row=row.by_column, by_column=row.by_row),
            column=replace(column, by_row=column.by_column, by_column=column.by_row),
        )

    def wider(ref: Ref) -> Ref:
        return replace(ref, row=Axis(ref.row.offset, 2 * ref.row.by_row))

    swapped = mapped(tree, lambda ref: replace(
        ref, row=replace(ref.row, by_row=0, by_column=ref.row.by_row),
        column=replace(ref.column, by_row=ref.column.by_column, by_column=0),
    ))  # fmt: skip
    assert mapped(tree, turned) != tree
    for other in (swapped, mapped(tree, wider)):
        assert KernelMenu.match(other, MENU.plane) is None


def test_a_convolution_is_a_matrix_of_its_weights() -> None:
    generator = np.random.default_rng(3)
    conv = Conv2d(generator.normal(size=(2, 3, 2, 3)), None, (2, 1))
    x = generator.normal(size=(3, 6, 5))
    matrix, index = matrix_of(conv, x.shape), unrolled(conv, x.shape)
    assert index is not None and index.max() == conv.weight.size - 1
    np.testing.assert_allclose(matrix @ x.ravel(), conv.forward(x).ravel(), atol=1e-12)
    np.testing.assert_array_equal(matrix, np.where(index < 0, 0, conv.weight.ravel()[index]))


@each_oracle
@pytest.mark.parametrize("name", NAMES)
def test_recalculation_agrees_after_poisoning(name: str, oracle: Callable, tmp_path: Path) -> None:
    (made,) = PRESETS[name].book().workbook.sheets
    count = oracles.poison(shipped(name), tmp_path / "poisoned.xlsx")
    assert count == made.is_formula.sum()
    agree(made, oracle(tmp_path / "poisoned.xlsx", tmp_path))


@each_oracle
@pytest.mark.parametrize("name", ["blur", "left Sobel", "custom"])
def test_another_choice_filters_with_that_kernel(
    name: str, oracle: Callable, tmp_path: Path
) -> None:
    book = openpyxl.load_workbook(shipped("image-kernels"))
    assert book.active[KEY].value == CHOSEN
    book.active[KEY] = name
    book.save(tmp_path / "other.xlsx")
    preset = PRESETS["image-kernels"]
    network = preset.network()
    weight = {"conv1.weight": np.array(KERNELS[name], np.float64)[None, None]}
    other = network.with_state(weight)
    expected = book_of(other, preset.layout(network), preset.sample()).workbook.sheets[0]
    agree(expected, oracle(tmp_path / "other.xlsx", tmp_path))


@each_oracle
def test_an_edited_kernel_moves_the_whole_matrix(oracle: Callable, tmp_path: Path) -> None:
    assert oracles.edit(shipped("matmul"), tmp_path / "edited.xlsx", {"G4": "7.5"}) == 1
    preset = PRESETS["matmul"]
    network = preset.network()
    kernel = network.state()["conv1.weight"].copy()
    kernel[0, 0, 0, 1] = 7.5
    (expected,) = preset.book(network.with_state({"conv1.weight": kernel})).workbook.sheets
    (before,) = preset.book().workbook.sheets
    assert (expected.numbers != before.numbers).sum() > 9 + 9
    oracles.poison(tmp_path / "edited.xlsx", tmp_path / "poisoned.xlsx")
    agree(expected, oracle(tmp_path / "poisoned.xlsx", tmp_path))


@pytest.mark.many
@pytest.mark.parametrize("name", KERNELS)
def test_every_choice_is_verified_and_lifted_as_its_kernel(name: str) -> None:
    book = changed("image-kernels", {KEY: (Kind.TEXT, 0.0, name.upper())})
    report = verify_workbook(book)
    assert (report.coverage, report.findings) == (1.0, [])
    assert report.network is not None
    (weight,) = report.network.state().values()
    np.testing.assert_array_equal(weight[0, 0], KERNELS[name])
    assert reproduce(lift_workbook(book)).is_whole


def test_a_name_that_no_kernel_has_is_named() -> None:
    report = verify_workbook(changed("image-kernels", {KEY: (Kind.TEXT, 0.0, "sharp")}))
    code, message = errors(report)[KEY]
    assert code == "T302"
    assert message.startswith("the text 'sharp'; expected one of identity, blur, sharpen")
    assert report.coverage < 0.5


@pytest.mark.slow
def test_faults_in_the_chooser_are_named_at_their_cell() -> None:
    text = read_xlsx(shipped("image-kernels")).sheets[0].formula(parse_a1("AI14"))
    assert text is not None
    faults = {
        "S202": (Kind.NUMBER, 1.0, ""),
        "S201": (Kind.FORMULA, 0.0, text.replace(",MATCH", ",1+MATCH")),
    }
    for code, held in faults.items():
        report = verify_workbook(changed("image-kernels", {"AI14": held}))
        found, message = errors(report)["AI14"]
        assert found == code
        assert message.endswith(f"expected ={text}")
    # What is found among names that are not sorted, programs do not agree on.
    unsorted = (Kind.FORMULA, 0.0, text.replace(",0)", ",1)"))
    report = verify_workbook(changed("image-kernels", {"AI14": unsorted}))
    assert report.verdict == "partly"
    assert "V103" in {one.code for one in report.findings if one.cell == "AI14"}


def test_a_hole_in_any_kernel_of_the_table_is_named() -> None:
    (menu,) = [one.what for one in opened("image-kernels").lifted.links]
    assert isinstance(menu, KernelMenu)
    for option in (menu.options[1], menu.options[4]):
        cell = a1_name(option.plane.cell(1, 1))
        text = {cell: (Kind.TEXT, 0.0, "0.5")}
        report = verify_workbook(changed("image-kernels", text))
        assert errors(report)[cell] == (
            "T302", f"the text '0.5'; expected a number of the kernel {option.name!r}"
        )  # fmt: skip


def test_a_stored_kernel_that_is_not_the_chosen_one_is_stale() -> None:
    book = read_xlsx(shipped("image-kernels"))
    (one,) = book.sheets
    stale = renumbered(book, {KERNEL: one.numbers[one.find(parse_a1(KERNEL))] + 1})
    assert errors(verify_workbook(stale))[KERNEL][0] == "V101"


def test_chosen_cells_are_checked_against_the_table_not_against_their_formula() -> None:
    """All nine cells one kernel too far: consistent, and evaluated, but not what is chosen."""
    book = read_xlsx(shipped("image-kernels"))
    (one,) = book.sheets
    cells: dict[str, tuple[Kind, float, str]] = {}
    (menu,) = [one.what for one in opened("image-kernels").lifted.links]
    assert isinstance(menu, KernelMenu)
    for (row, column), text in formulas(replace(menu, first=(menu.first[0] + 4, menu.first[1]))):
        cells[a1_name((row, column))] = (Kind.FORMULA, 0.0, text)
    report = verify_workbook(changed("image-kernels", cells))
    assert one.formula(parse_a1(KERNEL)) != cells[KERNEL][2]
    # "custom" would now lie below the table, where nothing stands.
    assert {code for code, _ in errors(report).values()} == {"T301"}


def formulas(menu: KernelMenu) -> list[tuple[tuple[int, int], str]]:
    from xlconv.layout.links import formulas_of

    return list(formulas_of([menu]).items())


def test_weights_of_ones_own_become_the_custom_kernel(tmp_path: Path) -> None:
    weight = np.arange(9.0).reshape(1, 1, 3, 3) / 8
    np.savez(tmp_path / "own.npz", **{"conv1.weight": weight})
    out = tmp_path / "own.xlsx"
    result = run("generate", out, "--preset", "image-kernels", "--weights", tmp_path / "own.npz")
    assert result.exit_code == 0, result.output
    assert openpyxl.load_workbook(out).active[KEY].value == "custom"
    report = verify(out)
    assert report.coverage == 1.0
    np.testing.assert_array_equal(report.network.state()["conv1.weight"], weight)


def test_the_drop_down_offers_every_kernel() -> None:
    book = openpyxl.load_workbook(shipped("image-kernels")).active
    lists = [one for one in book.data_validations.dataValidation if one.type == "list"]
    assert [(str(one.sqref), one.formula1) for one in lists] == [(KEY, f'"{",".join(KERNELS)}"')]


TIED = {
    "Q5": ((Kind.FORMULA, 0.0, "$F$4"), "S201", "=$F$4; expected =$G$4"),
    "P5": ((Kind.NUMBER, 1.0, ""), "S202", "the number 1; expected =$F$4"),
    "R5": ((Kind.FORMULA, 0.0, "$F$4"), "S201", "=$F$4; expected 0"),
    "O5": ((Kind.NUMBER, 5.0, ""), "S202", "the number 5; expected 0"),
}


@pytest.mark.slow
@pytest.mark.parametrize("cell", TIED)
def test_a_weight_that_is_tied_wrongly_is_named_with_what_it_should_be(cell: str) -> None:
    held, code, message = TIED[cell]
    report = verify_workbook(changed("matmul", {cell: held}))
    assert errors(report)[cell] == (code, message)
    assert report.verdict == "findings"
    assert set(errors(report)) == {cell}


@pytest.mark.slow
def test_a_wrong_verdict_is_not_verified() -> None:
    book = renumbered(read_xlsx(shipped("matmul")), {"AJ4": 0.25})
    assert errors(verify_workbook(book))["AJ4"][0] == "V101"
    other = changed("matmul", {"AJ4": (Kind.FORMULA, 0.0, "SUMXMY2(AH4:AH11,AL4:AL11)")})
    report = verify_workbook(other)
    assert {one.cell for one in report.findings} == {"AJ4"}
    assert report.coverage < 1.0


def test_roles_say_where_a_number_comes_from() -> None:
    seen: LiftedWorkbook = opened("matmul")
    tied = seen.role(0, parse_a1("P5"))
    assert tied is not None and str(tied) == "fc1.weight[1, 1]"
    assert tied.origin == TiedCell(parse_a1("P5"), parse_a1("F4"))
    assert seen.role(0, parse_a1("O5")).origin is None
    assert seen.role(0, parse_a1("F4")).origin is None
    chosen = opened("image-kernels").role(0, parse_a1(KERNEL))
    assert isinstance(chosen.origin, KernelMenu)


def test_verify_tells_what_is_tied_and_what_is_chosen() -> None:
    assert "fc1: 36 weights tied to 4 numbers" in run("verify", shipped("matmul")).output
    output = run("verify", shipped("image-kernels")).output
    assert "conv1: kernel chosen in AH11, emboss of 10" in output


def test_ties_of_any_pattern_are_checked() -> None:
    """A kernel and a bias that show other cells' numbers, in no pattern at all."""
    cells: dict[str, object] = {"A1": 1.5, "A2": -2.0, "A3": 0.25}
    cells |= {"C1": "=$A$1", "D1": "=$A$2", "C2": "=$A$2", "D2": 3.0, "C4": "=$A$3"}
    cells |= {f"{c}{r}": float(r * k % 5) for r in range(1, 6) for k, c in enumerate("FGHIJ", 2)}
    for row in range(1, 5):
        for k, column in enumerate("LMNO"):
            a, b = "FGHI"[k], "GHIJ"[k]
            text = f"=SUMPRODUCT({a}{row}:{b}{row + 1},$C$1:$D$2)+$C$4"
            cells[f"{column}{row}"] = text
    report = verify_workbook(sheet(cells))
    assert (report.coverage, report.findings) == (1.0, [])
    assert {one.what for one in report.lifted.links} == {
        TiedCell(parse_a1(at), parse_a1(to))
        for at, to in {"C1": "A1", "D1": "A2", "C2": "A2", "C4": "A3"}.items()
    }
    book = sheet(cells | {"A2": "=1+1"})  # a number that is given, however it comes about
    assert verify_workbook(book).coverage == 1.0


def test_absolute_references_stand_for_themselves() -> None:
    cells = {"A1": 1.0, "A2": 2.0, "C1": "=$A$1", "D1": "=$A$2", "E1": "=$A$1", "F1": "=$A$1"}
    cells |= {"E2": "=$A$1", "F2": "=$A$1", "E3": "=$A$1"}
    book = sheet(cells)
    found = {one.lattice.range.name for one in group(book.sheets[0])}
    assert found == {"C1", "D1", "E1:F2", "E3"}
    assert all(one.regular.all() for one in group(book.sheets[0]))
    assert calculate(book).grids[0].numbers.tolist() == [1, 1, 2, 1, 1, 2, 1, 1, 1]


def test_an_absolute_reference_inside_a_pattern_is_still_odd() -> None:
    report = verify_workbook(changed("rgb", {"AP9": (Kind.FORMULA, 0.0, "$A$21")}))
    assert errors(report)["AP9"][0] == "S201"


def test_the_product_is_the_convolution() -> None:
    seen = opened("matmul")
    direct, product = (model.network for model in seen.networks)
    assert isinstance(product.layers[-1], Linear)
    assert product.layers[-1].weight.shape == (9, 16)
    assert np.count_nonzero(product.layers[-1].weight) == 36
    x = np.random.default_rng(1).normal(size=(1, 4, 4))
    np.testing.assert_allclose(product.forward(x), direct.forward(x), atol=1e-12)


def test_one_kernel_answers_to_green_alone() -> None:
    network = PRESETS["rgb"].network()

    def answers(*colour: float) -> list[float]:
        x = np.ones((3, 16, 16)) * np.array(colour)[:, None, None]
        return [round(float(plane.max()), 6) for plane in network.forward(x)]

    assert answers(0, 1, 0)[0] == 2.5
    others = [(1, 0, 0), (0, 0, 1), (1, 1, 0), (0, 1, 1), (1, 0, 1), (1, 1, 1), (0, 0, 0)]
    assert [answers(*one)[0] for one in others] == [0] * 7
    # Of one colour all over, there are no edges; yellow is red and green.
    assert all(answers(*one)[1] == 0 for one in others)
    assert [answers(*one)[3] > 0.5 for one in others] == [False, False, True, *[False] * 4]


def test_the_picture_shows_the_colours_of_its_planes() -> None:
    book = openpyxl.load_workbook(shipped("rgb"))
    values = PRESETS["rgb"].sample()
    (area,) = (area for _, area in book.defined_names["picture_of_input"].destinations)
    cells = book.active[area.replace("$", "")]
    for i, row in enumerate(cells):
        for j, cell in enumerate(row):
            assert cell.value is None
            rgb = [int(cell.fill.fgColor.rgb[k : k + 2], 16) for k in (2, 4, 6)]
            assert rgb == np.round(values[:, i, j] * 255).astype(int).tolist()


@pytest.mark.slow
@pytest.mark.parametrize(("name", "shape"), [("rgb", (3, 16, 16)), ("image-kernels", (1, 32, 32))])
def test_a_picture_of_ones_own_is_taken(name: str, shape: tuple[int, ...], tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    pixels = np.random.default_rng(2).integers(0, 256, (40, 60, 3), np.uint8)
    image.fromarray(pixels).save(tmp_path / "own.png")
    np.save(tmp_path / "own.npy", np.random.default_rng(3).uniform(size=shape))
    for source in ("own.png", "own.npy"):
        out = tmp_path / f"{source}.xlsx"
        result = run("generate", out, "--preset", name, "--input", tmp_path / source)
        assert result.exit_code == 0, result.output
        report = verify(out)
        assert (report.coverage, report.findings) == (1.0, [])
        seen = open_workbook(out)
        x = seen.values(seen.networks[0].tensors[0])
        assert x.shape == shape
        if source == "own.npy":
            np.testing.assert_array_equal(x, np.load(tmp_path / source))
        assert np.ptp(as_planes(x)) > 0.1


def test_the_readme_shows_what_verify_says_of_a_broken_tie() -> None:
    text = TEXT
    report = verify_workbook(changed("matmul", {"P5": (Kind.NUMBER, 7.0, "")}))
    (one,) = [one for one in report.findings if one.severity == "error"]
    assert f"  {one.code} {one.place}: {one.message}\n" in text
    formula = read_xlsx(shipped("image-kernels")).sheets[0].formula(parse_a1(KERNEL))
    assert f"`={formula}`" in text
