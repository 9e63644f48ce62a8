"""The picture of an exercise that is half done, as LibreOffice shows it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from msgspec.structs import replace
from PIL import Image, ImageChops

from xlconv.classroom.exercises.exercise import papers_of
from xlconv.classroom.exercises.ready_made import READY_MADE
from xlconv.generation.generate import made_book
from xlconv.generation.sources import Sources
from xlconv.spreadsheet.addresses import parse_a1
from xlconv.spreadsheet.editing.edited import rewritten
from xlconv.spreadsheet.editing.recalculated import recalculated
from xlconv.spreadsheet.xlsx.write import write_xlsx

NAME = "first-convolution"
# All of the convolution, and of the ReLU two rows, one cell of them wrong.
DONE = {
    f"{'LMNO'[j]}{3 + i}":
    f"SUMPRODUCT({'ABCDEF'[j]}{2 + i}:{'ABCDEF'[j + 2]}{4 + i},$H$3:$J$5)+$H$7"
    for i in range(4) for j in range(4)
} | {
    f"{'QRST'[j]}{3 + i}": f"MAX(0,{'LMNO'[j]}{3 + i})" for i in range(2) for j in range(4)
} | {"T3": "MIN(0,O3)"}  # fmt: skip
DPI = 110
WIDTH = 1200


def half_done(folder: Path) -> Path:
    ready = READY_MADE[NAME]
    papers = papers_of(made_book(Sources(preset=ready.network), ready.look), ready.wanted)
    book = papers.handed_out()
    typed = {parse_a1(cell): formula for cell, formula in DONE.items()}
    sheets = tuple(
        rewritten(one, typed) if one.name == NAME else one for one in book.sheets
    )  # fmt: skip
    path = folder / "half.xlsx"
    write_xlsx(recalculated(replace(book, sheets=sheets)), path, *papers.formatting())
    return path


def exercise_picture(folder: Path, convert: str) -> Image.Image:
    path = half_done(folder)
    subprocess.run(
        ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless",
         "--norestore", "--convert-to", convert, "--outdir", folder, path],
        check=True, capture_output=True,
    )  # fmt: skip
    subprocess.run(
        ["pdftoppm", "-png", "-r", str(DPI), "-l", "2", path.with_suffix(".pdf"), folder / "half"],
        check=True,
    )  # fmt: skip
    parts = [_trimmed(Image.open(one).convert("RGB")) for one in sorted(folder.glob("half-*.png"))]
    tasks, sheet = parts
    # Below the planes the sheet explains itself, as every sheet does.
    sheet = sheet.crop((0, 0, sheet.width, sheet.height * 4 // 10))
    sheet = sheet.resize((tasks.width, sheet.height * tasks.width // sheet.width))
    joined = Image.new("RGB", (tasks.width, tasks.height + sheet.height + 40), "white")
    joined.paste(tasks, (0, 0))
    joined.paste(sheet, (0, tasks.height + 40))
    joined.thumbnail((WIDTH, joined.height))
    return joined


def _trimmed(image: Image.Image) -> Image.Image:
    white = Image.new("RGB", image.size, "white")
    return image.crop(ImageChops.difference(image, white).getbbox())
