"""A picture of one's own in the page, in real Chromium: as `xlconv generate --input` takes it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.helpers.browser import Shown, browser, shown
from tests.helpers.command import good
from tests.helpers.shipped import opened
from xlconv.lifting.lifted_workbook import open_workbook
from xlconv.page.document import document_of
from xlconv.page.html import page_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

INPUT = """() => {
  const { calculation, document } = window.xlconv;
  const input = document.tensors[0];
  return input.planes.map(([row, column, height, width]) =>
    Array.from({ length: height }, (_, i) => Array.from({ length: width }, (__, j) =>
      calculation.grids[input.sheet].get(row + i, column + j))));
}"""
# What the browser does with a picture that is pasted, or dropped on the page.
GIVEN = """([kind, name, data]) => {
  const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
  const files = new DataTransfer();
  files.items.add(new File([bytes], name, { type: "image/png" }));
  const event = kind === "paste"
    ? new ClipboardEvent("paste", { clipboardData: files, bubbles: true })
    : new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true });
  document.body.dispatchEvent(event);
}"""
TOLD = "() => document.querySelector('#tools .note')?.textContent ?? ''"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as started:
        yield started


@pytest.fixture
def seven(tmp_path: Path) -> Path:
    """A dark seven on white paper, wider than high, with soft edges."""
    image = pytest.importorskip("PIL.Image")
    draw = pytest.importorskip("PIL.ImageDraw")
    paper = image.new("L", (187, 122), 249)
    pen = draw.Draw(paper)
    pen.line([(60, 25), (118, 28)], fill=12, width=9)
    pen.line([(117, 29), (82, 103)], fill=25, width=11)
    made = paper.filter(pytest.importorskip("PIL.ImageFilter").GaussianBlur(1.5))
    made.save(tmp_path / "seven.png")
    return tmp_path / "seven.png"


@pytest.fixture
def flower(tmp_path: Path) -> Path:
    """A picture in colours, higher than wide, a part of it transparent."""
    image = pytest.importorskip("PIL.Image")
    rows, columns = np.mgrid[0:90, 0:61]
    planes = [rows * 2, columns * 4, 255 - rows - columns, np.where(rows < 20, 0, 255)]
    image.fromarray(np.stack(planes, axis=-1).astype(np.uint8), "RGBA").save(tmp_path / "f.png")
    return tmp_path / "f.png"


def page_of_shipped(name: str) -> str:
    return page_of(document_of(opened(name)))


def taken(page: Shown, words: str = "→") -> np.ndarray:
    """Return the input (C, H, W) once the page has taken a picture."""
    page.page.wait_for_function(f"(words) => ({TOLD})().includes(words)", arg=words)
    return np.array(page.ask(INPUT))


def generated(name: str, picture: Path, *options: str) -> np.ndarray:
    """Return the input (C, H, W) of the workbook that `generate` writes with a picture."""
    made = picture.parent / "generated.xlsx"
    good("generate", str(made), "--preset", name, "--input", str(picture), "--force", *options)
    return open_workbook(made).values(0)


def agree(found: np.ndarray, expected: np.ndarray) -> None:
    assert found.shape == expected.shape
    # Pillow adds up in single precision.
    assert np.abs(found - expected).max() <= 0.0011
    assert (found == expected).mean() > 0.97
    assert expected.max() - expected.min() > 0.3


@pytest.mark.parametrize("fit", ["contain", "cover", "stretch"])
@pytest.mark.parametrize("invert", [True, False])
def test_a_picture_becomes_what_generate_makes_of_it(
    fit: str, invert: bool, chromium: Any, tmp_path: Path, seven: Path
) -> None:
    with shown(chromium, page_of_shipped("conv-example"), tmp_path) as page:
        page.page.get_by_text("Your own picture").click()
        page.page.get_by_label("fit:").select_option(fit)
        page.page.get_by_label("invert").set_checked(invert)
        page.page.get_by_label("From disk").set_input_files(seven)
        found = taken(page, "187×122 → 28×28" if invert else "try “invert”")
        options = ("--fit", fit, *(["--invert"] if invert else []))
        agree(found, generated("conv-example", seven, *options))
        assert page.complaints == []


def test_a_dark_digit_on_paper_is_read(chromium: Any, tmp_path: Path, seven: Path) -> None:
    with shown(chromium, page_of_shipped("conv-example"), tmp_path) as page:
        page.page.get_by_role("button", name="Sample 0").click()
        assert page.page.locator("#prediction .said b").inner_text() == "0"
        page.page.get_by_text("Your own picture").click()
        page.page.get_by_label("From disk").set_input_files(seven)
        taken(page, "try “invert”")
        page.page.get_by_label("invert").check()
        found = taken(page)
        assert page.page.locator("#prediction .said b").inner_text() == "7"
        rows, columns = np.mgrid[0:28, 0:28]
        centre = [float((one * found[0]).sum() / found.sum()) for one in (rows, columns)]
        assert centre == pytest.approx([14, 14], abs=0.6)
        page.page.get_by_role("button", name="Reset").click()
        assert page.page.get_by_label("invert").is_checked()
        assert np.array_equal(np.array(page.ask(INPUT)), opened("conv-example").values(0))


@pytest.mark.parametrize("kind", ["paste", "drop"])
def test_a_picture_is_pasted_and_dropped(
    kind: str, chromium: Any, tmp_path: Path, seven: Path
) -> None:
    with shown(chromium, page_of_shipped("conv-example"), tmp_path) as page:
        data = base64.b64encode(seven.read_bytes()).decode()
        page.page.get_by_role("button", name="Clear").click()
        page.ask(GIVEN, [kind, "seven.png", data])
        agree(taken(page, "invert"), generated("conv-example", seven))
        page.page.get_by_label("invert").check()
        agree(taken(page), generated("conv-example", seven, "--invert"))
        assert page.complaints == []


@pytest.mark.parametrize("fit", ["contain", "cover", "stretch"])
def test_a_picture_in_colours_fills_three_planes(
    fit: str, chromium: Any, tmp_path: Path, flower: Path
) -> None:
    with shown(chromium, page_of_shipped("rgb"), tmp_path) as page:
        page.page.get_by_text("Your own picture").click()
        assert page.page.get_by_label("fit:").input_value() == "stretch"
        page.page.get_by_label("fit:").select_option(fit)
        page.page.get_by_label("From disk").set_input_files(flower)
        agree(taken(page), generated("rgb", flower, "--fit", fit))


@pytest.mark.parametrize(("name", "fit"), [("edges", "contain"), ("image-kernels", "stretch")])
def test_it_is_fitted_by_default_as_generate_does(
    name: str, fit: str, chromium: Any, tmp_path: Path, seven: Path
) -> None:
    with shown(chromium, page_of_shipped(name), tmp_path) as page:
        page.page.get_by_text("Your own picture").click()
        assert page.page.get_by_label("fit:").input_value() == fit
        page.page.get_by_label("invert").check()
        page.page.get_by_label("From disk").set_input_files(seven)
        agree(taken(page), generated(name, seven, "--invert"))


def test_what_is_no_picture_is_told(chromium: Any, tmp_path: Path) -> None:
    (tmp_path / "no.png").write_text("nothing")
    with shown(chromium, page_of_shipped("edges"), tmp_path) as page:
        before = page.ask(INPUT)
        page.page.get_by_text("Your own picture").click()
        page.page.get_by_label("From disk").set_input_files(tmp_path / "no.png")
        taken(page, "Not taken: the browser cannot read it.")
        assert page.ask(INPUT) == before
        assert page.complaints == []
