"""What a reader does with the page, in real Chromium: look, walk, paint, change, print."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.helpers import marks
from tests.helpers.browser import Shown, browser, shown
from tests.helpers.paths import ROOT
from tests.helpers.sheet_cells import edited
from tests.helpers.shipped import opened, shipped
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.page import part
from xlconv.page.document import document_of
from xlconv.page.html import page_of
from xlconv.spreadsheet.xlsx.read import read_xlsx
from xlconv.verification.verify import verify

STARTS = "(name) => document.getElementById('unit').innerText.startsWith(name)"

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as started:
        yield started


def page_of_shipped(name: str) -> str:
    return page_of(document_of(opened(name), verify(opened(name))))


def text(page: Shown, part: str) -> str:
    return " ".join(page.page.locator(f"#{part}").inner_text().split())


def where(page: Shown, cell: str) -> list[float]:
    found: list[float] = page.ask("(name) => window.xlconv.where(name)", cell)
    return found


def number(page: Shown, cell: str) -> float:
    script = """(name) => {
      const page = window.xlconv;
      const cell = page.places.find(name);
      return page.calculation.grids[cell.sheet].get(cell.row, cell.column);
    }"""
    return float(page.ask(script, cell))


@pytest.fixture
def default(chromium: Any, tmp_path: Path) -> Iterator[Shown]:
    with shown(chromium, page_of_shipped("conv-example"), tmp_path) as page:
        yield page
        assert page.complaints == []


def test_pointing_at_a_unit_writes_its_arithmetic_out(default: Shown) -> None:
    default.page.mouse.move(*where(default, "conv2[1, 5, 7]"))
    said = text(default, "unit")
    assert said.startswith("conv2[1, 5, 7] BT38 0.3558 =MAX(0,SUMPRODUCT(AO8:AQ10,$BI$39:$BK$41)+")
    assert "conv1[0, 5:8, 7:10] (AO8:AQ10) × conv2.weight[1, 0] (BI39:BK41)" in said
    assert "sum 0.890" in said
    assert "= 0.356" in said
    assert "is read by pool1[1, 2, 3] CO35" in said
    default.page.mouse.move(5, 400)
    assert text(default, "unit").startswith("Point at a cell")


def test_of_a_pool_the_winner_is_marked_and_of_many_products_the_largest(default: Shown) -> None:
    default.page.mouse.click(*where(default, "pool1[1, 5, 7]"))
    assert default.page.locator("#unit td.winner").inner_text().split() == ["0.47", "wins"]
    assert "the largest 0.474" in text(default, "unit")
    default.page.mouse.click(*where(default, "fc1[3]"))
    assert "138 others" in text(default, "unit")


def test_a_window_that_reaches_into_the_frame_counts_on(chromium: Any, tmp_path: Path) -> None:
    with shown(chromium, page_of_shipped("residual"), tmp_path, "#conv2[0,0,3]") as page:
        assert "stem[0, -1:2, 2:5]" in text(page, "unit")
    with shown(chromium, page_of_shipped("stride2"), tmp_path, "#conv4[3,0,1]") as page:
        assert "and 8 more such sums" in text(page, "unit")


def test_a_click_pins_keys_walk_and_escape_lets_go(default: Shown) -> None:
    page = default.page
    page.mouse.click(*where(default, "conv2[1, 5, 7]"))
    assert default.ask("() => location.hash") == "#conv2[1,5,7]"
    page.mouse.move(*where(default, "input[0, 3, 3]"))
    assert text(default, "unit").startswith("conv2[1, 5, 7]")
    for key, name in (
        ("ArrowDown", "conv2[1, 6, 7]"), ("ArrowRight", "conv2[1, 6, 8]"),
        ("PageUp", "conv2[0, 6, 8]"), ("]", "pool1[0, 6, 8]"), ("[", "conv2[0, 6, 8]"),
        ("ArrowLeft", "conv2[0, 6, 7]"), ("ArrowUp", "conv2[0, 5, 7]"),
    ):  # fmt: skip
        page.keyboard.press(key)
        assert text(default, "unit").startswith(name), key
        assert text(default, "said").startswith(f"{name}, ")
    page.keyboard.press("Escape")
    assert text(default, "unit").startswith("Point at a cell")
    assert default.ask("() => location.hash") == ""


def test_space_lets_the_window_slide_over_the_plane(default: Shown) -> None:
    page = default.page
    page.mouse.click(*where(default, "conv2[1, 5, 22]"))
    page.get_by_label("product by product").uncheck()
    page.get_by_role("button", name="Step").click()
    assert text(default, "unit").startswith("conv2[1, 5, 23]")
    page.get_by_label("speed").fill("20")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(STARTS, arg="conv2[1, 6, 2]")
    page.get_by_role("button", name="Pause").click()
    page.mouse.click(*where(default, "input[0, 5, 5]"))
    assert not page.get_by_role("button", name="Play").is_visible()


SUMS = """() => [...document.querySelectorAll('#unit .sum, #unit .line, #unit .value')]
  .filter((one) => getComputedStyle(one).visibility === 'visible').map((one) => one.textContent)"""
TAKEN = """() => window.xlconv.stage.marks.taken.map(
  (one) => [one.picture.group.name, one.entries[0], one.entries[2]])"""


def products(page: Shown) -> int:
    """Return how many products, of all windows that are shown, are there to be seen."""
    visible = """() => [...document.querySelectorAll('#unit table[aria-label=products] td span')]
      .filter((one) => getComputedStyle(one).visibility === 'visible').length"""
    return int(page.ask(visible))


def test_the_sum_builds_up_product_by_product(default: Shown) -> None:
    page = default.page
    page.mouse.click(*where(default, "conv2[1, 5, 7]"))
    assert products(default) == 18
    whole = default.ask(SUMS)
    expected = 0.0
    for k in range(1, 19):
        page.get_by_role("button", name="Step").click()
        plane, (i, j) = (k - 1) // 9, divmod((k - 1) % 9, 3)
        pixel = number(default, f"conv1[{plane}, {5 + i}, {7 + j}]")
        weight = number(default, f"conv2.weight[1, {plane}, {i}, {j}]")
        expected = pixel * weight + (0 if k == 10 else expected)
        assert products(default) == k
        assert default.ask(TAKEN) == [["conv1", 5 + i, 7 + j], ["conv2.weight", i, j]]
        running = default.ask(SUMS)[-1].rpartition("= ")[2].replace("\N{MINUS SIGN}", "-")
        assert float(running) == pytest.approx(expected, abs=6e-4)
        assert page.locator("#unit td.turn").count() == 3
    page.keyboard.press("s")
    assert default.ask(SUMS) == whole
    assert default.ask(TAKEN) == []
    page.keyboard.press("s")
    assert text(default, "unit").startswith("conv2[1, 5, 8]")
    assert products(default) == 1


def test_what_builds_up_goes_on_by_itself_and_can_be_held(default: Shown) -> None:
    page = default.page
    page.mouse.click(*where(default, "conv2[1, 5, 7]"))
    page.get_by_label("speed").fill("60")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(STARTS, arg="conv2[1, 5, 8]")
    page.get_by_role("button", name="Pause").click()
    held = products(default), default.ask(SUMS)
    page.wait_for_timeout(200)
    assert (products(default), default.ask(SUMS)) == held
    page.mouse.click(*where(default, "conv2[1, 9, 9]"))
    assert products(default) == 18


def test_of_a_pool_the_largest_so_far_is_told(default: Shown) -> None:
    page = default.page
    page.mouse.click(*where(default, "pool1[1, 5, 7]"))
    told = []
    for _ in range(4):
        page.keyboard.press("s")
        told.append(default.ask(SUMS)[-1])
    window = [number(default, f"conv2[1, {i}, {j}]") for i in (10, 11) for j in (14, 15)]
    assert [float(one.rpartition(" ")[2]) for one in told] == pytest.approx(
        [max(window[: k + 1]) for k in range(4)], abs=6e-4
    )


def test_a_change_while_the_sum_builds_up_is_seen_in_it(chromium: Any, tmp_path: Path) -> None:
    with shown(chromium, page_of_shipped("edges"), tmp_path, "#conv1[0,9,9]") as page:
        page.page.keyboard.press("s")
        page.page.keyboard.press("s")
        before = page.ask(SUMS)
        page.page.get_by_role("button", name="Sample 0").click()
        assert products(page) == 2
        assert page.ask(SUMS) != before


TWINS = "() => window.xlconv.stage.marks.twins.map((one) => one.picture.group.name)"
COLOURS = """(names) => names.map((name) => {
  const { picture, i, j } = window.xlconv.places.spotAt(window.xlconv.places.find(name));
  return window.xlconv.heatmaps.colour(picture, i, j).join(",");
})"""


def test_a_tied_weight_lights_its_twins_up_and_has_their_colour(
    chromium: Any, tmp_path: Path
) -> None:
    with shown(chromium, page_of_shipped("matmul"), tmp_path) as page:
        page.page.mouse.move(*where(page, "fc1.weight[1, 6]"))
        assert sorted(page.ask(TWINS)) == ["conv1.weight", *8 * ["fc1.weight"]]
        assert "is the same weight as conv1.weight[0, 0, 1, 1]" in text(page, "unit")
        names = [f"conv1.weight[0, 0, {i}, {j}]" for i in (0, 1) for j in (0, 1)]
        tied = [f"fc1.weight[4, {k}]" for k in (5, 6, 9, 10)]
        assert page.ask(COLOURS, tied) == page.ask(COLOURS, names)
        assert len(set(page.ask(COLOURS, names))) == 4
        page.page.mouse.move(*where(page, "fc1.weight[4, 0]"))
        assert page.ask(TWINS) == []
        page.page.mouse.click(*where(page, "conv1.weight[0, 0, 1, 1]"))
        page.page.get_by_label("Change it").fill("7")
        assert {number(page, f"fc1.weight[{k}, {k + 5 + k // 3}]") for k in range(9)} == {7}
        assert page.ask(COLOURS, tied) == page.ask(COLOURS, names)
        assert page.complaints == []


def test_what_is_printed_is_printed_on_white(chromium: Any, tmp_path: Path) -> None:
    html = page_of_shipped("conv-example")
    with shown(chromium, html, tmp_path, color_scheme="dark") as page:
        page.page.emulate_media(media="print", color_scheme="dark")
        page.ask("() => window.dispatchEvent(new Event('beforeprint'))")
        assert page.ask("() => window.xlconv.stage.look.isDark") is False
        ground = page.ask("() => getComputedStyle(document.body).backgroundColor")
        assert ground == "rgb(255, 255, 255)"
        assert not page.page.get_by_role("button", name="Pen").is_visible()


@pytest.mark.parametrize(
    ("link", "name"),
    [("#conv2[1,5,7]", "conv2[1, 5, 7]"), ("#BT38", "conv2[1, 5, 7]"),
     ("#relu2[1,5,7]", "conv2[1, 5, 7]"), ("#conv-example!AD11", "conv1.weight[0, 0, 0, 0]"),
     ("#fc1.weight[3,100]", "fc1.weight[3, 100]"), ("#softmax[7]", "softmax[7]")],
)  # fmt: skip
def test_a_link_leads_to_a_cell(link: str, name: str, chromium: Any, tmp_path: Path) -> None:
    with shown(chromium, page_of_shipped("conv-example"), tmp_path, link) as page:
        assert text(page, "unit").startswith(name)
        assert page.complaints == []


@pytest.mark.parametrize("link", ["#nothing[1]", "#conv2[9,9,9]", "#%E0%A4%A", "#ZZZ99999", "#["])
def test_a_link_to_nothing_leads_nowhere(link: str, chromium: Any, tmp_path: Path) -> None:
    with shown(chromium, page_of_shipped("conv-example"), tmp_path, link) as page:
        assert text(page, "unit").startswith("Point at a cell")
        assert page.complaints == []


def test_a_stroke_of_the_pen_is_followed_by_the_prediction(default: Shown) -> None:
    page = default.page
    before, said = number(default, "input[0, 24, 5]"), text(default, "prediction")
    assert before == 0
    page.get_by_role("button", name="Pen").click()
    page.mouse.move(*where(default, "input[0, 24, 5]"))
    page.mouse.down()
    page.mouse.move(*where(default, "input[0, 24, 20]"), steps=4)
    page.mouse.up()
    page.wait_for_function("() => window.xlconv.took > 0")
    assert number(default, "input[0, 24, 5]") == number(default, "input[0, 24, 12]") == 1
    assert text(default, "prediction") != said
    page.get_by_role("button", name="Reset").click()
    assert number(default, "input[0, 24, 5]") == 0
    assert text(default, "prediction") == said


def test_a_sample_digit_is_recognised(default: Shown) -> None:
    default.page.get_by_role("button", name="Sample 3", exact=True).click()
    assert text(default, "prediction").startswith("softmax says 3 ")
    default.page.get_by_role("button", name="Clear").click()
    assert number(default, "input[0, 14, 14]") == 0


def test_a_number_of_a_kernel_is_changed(default: Shown) -> None:
    before = number(default, "conv1[0, 8, 6]")
    default.page.mouse.click(*where(default, "conv1.weight[0, 0, 1, 1]"))
    default.page.get_by_label("Change it").fill("5")
    assert number(default, "conv1.weight[0, 0, 1, 1]") == 5
    pixel = number(default, "input[0, 9, 7]")
    assert pixel > 0.5
    assert number(default, "conv1[0, 8, 6]") > before + 4 * pixel


def test_a_kernel_is_chosen_by_its_name(chromium: Any, tmp_path: Path) -> None:
    with shown(chromium, page_of_shipped("image-kernels"), tmp_path) as page:
        page.page.get_by_label("Kernel").select_option("identity")
        cells = [number(page, f"conv1[0, {k}, {k}]") for k in range(8, 12)]
        assert cells == [number(page, f"input[0, {k + 1}, {k + 1}]") for k in range(8, 12)]


def test_what_is_random_is_drawn_again(chromium: Any, tmp_path: Path) -> None:
    with shown(chromium, page_of_shipped("dropout"), tmp_path) as page:
        said = text(page, "prediction")
        page.page.keyboard.press("r")
        assert text(page, "prediction") != said
        assert page.complaints == []


def test_a_wrong_cell_is_marked_and_says_what_was_expected(chromium: Any, tmp_path: Path) -> None:
    book = lift_workbook(edited(read_xlsx(shipped("conv-example")), {"AP9": 1.25}), "student.xlsx")
    html = page_of(document_of(book, verify(book)))
    with shown(chromium, html, tmp_path) as page:
        assert "✗ findings" in text(page, "found")
        assert "2,774 of 2,822 formula cells verified (98.2 %)" in text(page, "found")
        page.page.get_by_role("button", name="error S202").click()
        said = text(page, "unit")
        assert said.startswith("conv1[0, 6, 8]")
        assert "expected =MAX(0,SUMPRODUCT(I8:K10,$AD$11:$AF$13)+$AD$15)" in said
        assert page.complaints == []


def test_some_layers_compute_by_those_that_are_not_shown(chromium: Any, tmp_path: Path) -> None:
    html = page_of(document_of(opened("conv-example"), layers=["input", "pool1", "softmax"]))
    with shown(chromium, html, tmp_path, "#pool1[1,2,3]") as page:
        names = "() => window.xlconv.scene.columns.map((one) => one.tensor.name)"
        assert page.ask(names) == ["input", "pool1", "softmax"]
        assert text(page, "unit").startswith("pool1[1, 2, 3]")
        page.page.get_by_role("button", name="Sample 3").click()
        assert page.page.locator("#prediction .said b").inner_text() == "3"
        assert page.complaints == []


def test_of_too_many_cells_the_stored_ones_stay_and_that_is_said(
    chromium: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(part, "MOST_CELLS", 4_000)
    html = page_of(document_of(opened("conv-example"), layers=["fc1", "softmax"]))
    with shown(chromium, html, tmp_path, "#softmax[7]") as page:
        before = number(page, "softmax[7]")
        assert "keep their stored values here: what it depends on is not on this page" in text(
            page, "found"
        )
        assert page.page.locator("#tools button").count() == 0
        page.page.mouse.click(*where(page, "fc1.bias[7]"))
        page.page.get_by_label("Change it").fill("-900")
        assert number(page, "softmax[7]") != before
        assert page.complaints == []


@pytest.mark.parametrize("look", ["light", "dark"])
def test_it_fits_a_phone(look: str, chromium: Any, tmp_path: Path) -> None:
    size = {"width": 360, "height": 740}
    page_look = {"viewport": size, "color_scheme": look}
    with shown(chromium, page_of_shipped("conv-example"), tmp_path, "#BT38", **page_look) as page:
        assert page.ask("() => document.documentElement.scrollWidth") <= 360
        ground = page.ask("() => getComputedStyle(document.body).backgroundColor")
        assert (ground == "rgb(20, 23, 28)") == (look == "dark")


def test_a_workbook_without_a_network_says_so(chromium: Any, tmp_path: Path) -> None:
    book = lift_workbook(edited(read_xlsx(shipped("padding")), {}), "none.xlsx")
    document = document_of(book) | {"tensors": []}
    with shown(chromium, page_of(document), tmp_path) as page:
        assert page.page.get_by_text("No network was found").is_visible()
        assert page.complaints == []


@pytest.mark.parametrize("look", ["light", "dark"])
def test_axe_finds_no_serious_fault(look: str, chromium: Any, tmp_path: Path) -> None:
    axe = ROOT / "xlconv/page/sources/node_modules/axe-core/axe.min.js"
    if not axe.exists():
        marks.missing("axe-core (npm ci in xlconv/page/sources)")
    html = page_of_shipped("fastai")
    with shown(chromium, html, tmp_path, "#AH10", color_scheme=look) as page:
        page.page.keyboard.press("s")
        page.page.get_by_text("Your own picture").click()
        page.ask(axe.read_text("utf-8") + "; 0")
        found = page.ask("() => axe.run().then((one) => one.violations)")
        bad = [(one["id"], one["nodes"][0]["html"]) for one in found
               if one["impact"] in ("serious", "critical")]  # fmt: skip
        assert bad == []
