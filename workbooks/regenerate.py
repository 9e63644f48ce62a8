"""Writes the workbook of every preset into this folder, its picture, that of a trace and of a page.

    pip install '.[image]' playwright
    python workbooks/regenerate.py [PRESET ...]
    python workbooks/regenerate.py --pages

Pictures need LibreOffice (soffice) and poppler (pdftoppm): the sheet goes to one PDF
page, the page to a PNG. That of `xlconv view` needs Chromium. Some workbooks have their page
beside them; `--pages` writes those alone, as after a change of the page.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from exercise_picture import exercise_picture
from PIL import Image
from playwright.sync_api import sync_playwright

from xlconv.analysis.trace import trace
from xlconv.lifting.lifted_workbook import open_workbook
from xlconv.page.view import view
from xlconv.presets import DEFAULT, PRESETS
from xlconv.report.trace.svg import trace_svg

FOLDER = Path(__file__).parent
DPI = 60
# Small sheets, of which the picture shows the numbers.
LARGE = {"padding": 110}
# Taller pictures are made smaller: they show the whole, not the numbers.
TALLEST = 1250
# Parts of pictures where one can read the numbers.
CLOSE_UPS = {
    DEFAULT: (0, 0, 1450, 856),
    "lenet5": (0, 0, 2150, 900),
    "multi-label": (4170, 0, 4924, 400),
}
TRACED = "conv2[1, 5, 7]"
PAGES = (DEFAULT, "edges", "matmul", "rgb")
PAGE = 'pdf:calc_pdf_Export:{"SinglePageSheets":{"type":"boolean","value":"true"}}'


def picture(workbook: Path, folder: Path) -> Image.Image:
    subprocess.run(
        ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless",
         "--norestore", "--convert-to", PAGE, "--outdir", folder, workbook],
        check=True, capture_output=True,
    )  # fmt: skip
    page = folder / f"{workbook.stem}.pdf"
    subprocess.run(
        ["pdftoppm", "-png", "-r", str(LARGE.get(workbook.stem, DPI)), "-singlefile", page,
         page.with_suffix("")],
        check=True,
    )  # fmt: skip
    return Image.open(page.with_suffix(".png")).convert("RGB")


def save(image: Image.Image, path: Path) -> None:
    # An octree keeps the pale colours that few pixels have.
    image.quantize(256, Image.Quantize.FASTOCTREE).save(path, optimize=True)


def save_trace(path: Path) -> None:
    # xlconv trace workbooks/conv-example.xlsx "conv2[1, 5, 7]" --all --format svg
    opened = open_workbook(FOLDER / f"{DEFAULT}.xlsx")
    found = trace(opened, TRACED, depth=None)
    path.write_text(trace_svg(found), encoding="utf-8")


def write_page(name: str) -> None:
    # xlconv view workbooks/NAME.xlsx -o workbooks/NAME.html
    path = FOLDER / f"{name}.html"
    view(FOLDER / f"{name}.xlsx").write(path, replace=True)
    print(f"{path.name}: {path.stat().st_size:,} bytes")


def save_page(path: Path, folder: Path) -> None:
    # xlconv view workbooks/conv-example.xlsx --open
    file = folder / "page.html"
    view(FOLDER / f"{DEFAULT}.xlsx").write(file)
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = chromium.new_page(viewport={"width": 1440, "height": 800})
        page.goto(f"{file.as_uri()}#conv2[1,5,7]")
        page.wait_for_timeout(500)
        page.screenshot(path=path)
        chromium.close()
    Image.open(path).convert("RGB").save(path, optimize=True)


def main(names: list[str]) -> None:
    if names == ["--pages"]:
        for name in PAGES:
            write_page(name)
        return
    with tempfile.TemporaryDirectory() as folder:
        for name in names or PRESETS:
            preset = PRESETS[name]
            target = FOLDER / f"{name}.xlsx"
            preset.book().write(target, replace=True)
            image = picture(target, Path(folder))
            if name in CLOSE_UPS:
                save(image.crop(CLOSE_UPS[name]), FOLDER / f"{name}-close-up.png")
            image.thumbnail((image.width, TALLEST))
            save(image, target.with_suffix(".png"))
            print(f"{target.name}: {target.stat().st_size:,} bytes, {image.width}x{image.height}")
            if name in PAGES:
                write_page(name)
    if not names or DEFAULT in names:
        save_trace(FOLDER / "trace.svg")
        with tempfile.TemporaryDirectory() as folder:
            save_page(FOLDER / "page.png", Path(folder))
            save(exercise_picture(Path(folder), PAGE), FOLDER / "exercise.png")


if __name__ == "__main__":
    main(sys.argv[1:])
