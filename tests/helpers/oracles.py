"""The outside programs that recalculate our workbooks, and the poison for their caches."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tests.helpers import marks
from xlconv.layout.layout import Layout
from xlconv.layout.placed_network import PlacedNetwork
from xlconv.lowering.book import book_of
from xlconv.network.network import Network
from xlconv.spreadsheet.addresses import Cell, a1_name
from xlconv.spreadsheet.workbook import Kind, Sheet

POISON = "987654.25"

_SHEET = "xl/worksheets/sheet1.xml"

_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"

_HARD_RECALC = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


def needs(program: str) -> str:
    """Return the path of a program; skip the test without it, or fail where it must run."""
    marks.expect("office")
    path = shutil.which(program)
    if path is None:
        marks.missing(program)
    return path


def needs_uno() -> Path:
    """Return the system's Python, which has LibreOffice's UNO; skip or fail without."""
    needs("soffice")
    python = Path("/usr/bin/python3")
    if not python.is_file() or subprocess.run([python, "-c", "import uno"], check=False).returncode:
        needs("python3-uno")
    return python


def poison(source: Path, target: Path) -> int:
    """Copy a workbook with every cached formula value replaced; return how many there were."""
    return _rewrite(source, target, rb"(</f><v>)[^<]*(</v>)", POISON)


def edit(source: Path, target: Path, numbers: dict[str, str]) -> int:
    """Copy a workbook with other numbers in some cells; return how many there were."""
    count = 0
    for name, number in numbers.items():
        cell = rb'(<c r="' + name.encode() + rb'"[^>]*><v>)[^<]*(</v>)'
        count += _rewrite(source, target, cell, number)
        source = target
    return count


def sheet_xml(path: Path) -> bytes:
    """Return the XML of the first sheet."""
    with zipfile.ZipFile(path) as parts:
        return parts.read(_SHEET)


def _rewrite(source: Path, target: Path, pattern: bytes, number: str) -> int:
    with zipfile.ZipFile(source) as old:
        parts = {part.filename: old.read(part) for part in old.infolist()}
    replacement = rb"\g<1>" + number.encode() + rb"\2"
    parts[_SHEET], count = re.subn(pattern, replacement, parts[_SHEET])
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in parts.items():
            new.writestr(name, data)
    return count


def profile(folder: Path) -> str:
    """Return the option for a fresh LibreOffice profile that recalculates on load."""
    user = folder / "profile" / "user"
    user.mkdir(parents=True, exist_ok=True)
    (user / "registrymodifications.xcu").write_text(_HARD_RECALC)
    return f"-env:UserInstallation={(folder / 'profile').as_uri()}"


def libreoffice(path: Path, folder: Path) -> dict[Cell, str]:
    """Return every cell of the first sheet as LibreOffice recalculates it."""
    program = needs("soffice")
    out = folder / "lo"
    subprocess.run(
        [program, profile(folder), "--headless", "--norestore", "--convert-to", _CSV,
         "--outdir", out, path],
        check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    (found,) = out.glob(f"{path.stem}-*.csv")
    return _cells(found)


def resaved(path: Path, folder: Path) -> Path:
    """Return a workbook as LibreOffice writes it after it has read it."""
    program = needs("soffice")
    out = folder / "resaved"
    subprocess.run(
        [program, profile(folder), "--headless", "--norestore", "--convert-to", "xlsx",
         "--outdir", out, path],
        check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    return out / path.name


def gnumeric(path: Path, folder: Path) -> dict[Cell, str]:
    """Return every cell of the first sheet as Gnumeric recalculates it."""
    program = needs("ssconvert")
    out = folder / f"{path.stem}.gnumeric.csv"
    subprocess.run(
        [program, "--recalc", "-T", "Gnumeric_stf:stf_assistant",
         "-O", "separator=, format=raw", path, out],
        check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    return _cells(out)


def number(text: str) -> float:
    """Return the number in a CSV cell; LibreOffice keeps the sign of a percentage."""
    return float(text[:-1]) / 100 if text.endswith("%") else float(text)


def _cells(path: Path) -> dict[Cell, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {
            (row, column): text
            for row, texts in enumerate(csv.reader(file))
            for column, text in enumerate(texts)
            if text != ""
        }


ORACLES = (libreoffice, gnumeric)
each_oracle = pytest.mark.parametrize(
    "oracle", [pytest.param(one, id=one.__name__, marks=pytest.mark.office) for one in ORACLES]
)

# Sums that cancel to nothing differ in their rounding noise, which no relative
# tolerance forgives.
NOISE = 1e-12


def poisoned(
    network: Network,
    layout: Layout,
    x: np.ndarray,
    folder: Path,
    heads: tuple[PlacedNetwork, ...] = (),
) -> tuple[Path, Sheet]:
    made = book_of(network, layout, x, heads)
    made.write(folder / "made.xlsx")
    (sheet,) = made.workbook.sheets
    count = poison(folder / "made.xlsx", folder / "poisoned.xlsx")
    assert count == sheet.is_formula.sum() > 0
    return folder / "poisoned.xlsx", sheet


def agree(sheet: Sheet, found: dict[Cell, str]) -> None:
    compared = 0
    rows, columns = sheet.rows.tolist(), sheet.columns.tolist()
    for row, column, kind, cached in zip(
        rows, columns, sheet.kinds, sheet.numbers.tolist(), strict=True
    ):
        if kind < Kind.FORMULA:
            continue
        value = number(found[row, column])
        assert value == pytest.approx(cached, rel=1e-9, abs=NOISE), a1_name((row, column))
        compared += 1
    assert compared == sheet.is_formula.sum()
