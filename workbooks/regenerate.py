"""Writes the workbook of every preset into this folder, and its picture.

    pip install "xlconv[image]"
    python workbooks/regenerate.py

Pictures need LibreOffice (soffice) and poppler (pdftoppm): the sheet goes to one PDF
page, the page to a PNG.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from PIL import Image

from xlconv.book import book_of
from xlconv.presets import DEFAULT, PRESETS

FOLDER = Path(__file__).parent
DPI = 60
# The default preset's left part, where one can read the numbers.
CLOSE_UP = (0, 0, 1450, 856)
PAGE = 'pdf:calc_pdf_Export:{"SinglePageSheets":{"type":"boolean","value":"true"}}'


def picture(workbook: Path, folder: Path) -> Image.Image:
    subprocess.run(
        ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless",
         "--norestore", "--convert-to", PAGE, "--outdir", folder, workbook],
        check=True, capture_output=True,
    )  # fmt: skip
    page = folder / f"{workbook.stem}.pdf"
    subprocess.run(
        ["pdftoppm", "-png", "-r", str(DPI), "-singlefile", page, page.with_suffix("")], check=True
    )
    return Image.open(page.with_suffix(".png")).convert("RGB")


def save(image: Image.Image, path: Path) -> None:
    # An octree keeps the pale colours that few pixels have.
    image.quantize(256, Image.Quantize.FASTOCTREE).save(path, optimize=True)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, preset in PRESETS.items():
            network = preset.network()
            target = FOLDER / f"{name}.xlsx"
            book_of(network, preset.layout(network), preset.sample()).write(target, replace=True)
            image = picture(target, Path(folder))
            save(image, target.with_suffix(".png"))
            if name == DEFAULT:
                save(image.crop(CLOSE_UP), FOLDER / f"{name}-close-up.png")
            print(f"{target.name}: {target.stat().st_size:,} bytes, {image.width}x{image.height}")


if __name__ == "__main__":
    main()
