"""Every workbook that a command writes is one that Excel would open.

Excel is never at hand: openxml-audit (the Open XML SDK's rules), our own rules for what that
does not see, and two readers that share no code with us stand in for it.
"""

from __future__ import annotations

import re
import zipfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import xlconv
from tests.helpers import marks
from tests.helpers.command import good, run
from tests.helpers.open_xml import audit, broken_rules
from tests.helpers.packages import SHEET, part_of
from tests.helpers.shipped import shipped
from tests.helpers.strategies import random_state
from tests.helpers.verdicts import ironcalc
from xlconv.presets import PRESETS
from xlconv.spreadsheet.workbook import Kind, Sheet
from xlconv.spreadsheet.xlsx.read import read_xlsx

SPEC = """
input = [1, 12, 12]
seed = 3
name = "{name}"
classes = ["cat & dog", "<b>", "=1+1"]

[[layers]]
type = "Conv2d"
out_channels = 2
kernel_size = 3
padding = 1
[[layers]]
type = "BatchNorm2d"
[[layers]]
type = "LeakyReLU"
[[layers]]
type = "MaxPool2d"
kernel_size = 2
[[layers]]
type = "Dropout"
[[layers]]
type = "Flatten"
[[layers]]
type = "Linear"
out_features = 3
[[layers]]
type = "{last}"
"""

WRITTEN = {
    "a spec": ["--spec", "net.toml"],
    "array formulas": ["--spec", "net.toml", "--style", "array"],
    "a ReLU of its own": ["--digit", "3", "--relu", "separate"],
    "statistics": ["--spec", "net.toml", "--stats"],
    "sizes": ["--spec", "net.toml", "--shapes"],
    "statistics and sizes": ["--preset", "residual", "--stats", "--shapes"],
    "drawn weights": ["--spec", "net.toml", "--seed", "7", "--init", "xavier"],
    "weights": ["--spec", "net.toml", "--weights", "w.npz", "--input", "x.npy"],
    "training": ["--spec", "net.toml", "--training"],
    "folded": ["--spec", "net.toml", "--fold-batchnorm"],
    "labels": ["--spec", "labels.toml"],
    "a long name": ["--spec", "long.toml"],
    "a model": ["--model", "model.onnx"],
    "arrays of a model": ["--model", "model.npz"],
    "a picture": ["--preset", "rgb", "--input", "a.png", "--fit", "cover", "--invert"],
    "a table": ["--spec", "net.toml", "--input", "x.csv"],
}
RANDOM = {"training", "dropout"}

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.toml").write_text(SPEC.format(name="net", last="Softmax"))
    (tmp_path / "labels.toml").write_text(SPEC.format(name="a'b/c", last="Sigmoid"))
    (tmp_path / "long.toml").write_text(SPEC.format(name="n" * 60, last="Softmax"))
    network = xlconv.initialised(xlconv.read_spec("net.toml").network, 2)
    np.savez("w.npz", **random_state(network, 1))
    x = np.round(np.random.default_rng(0).uniform(size=(12, 12)), 3)
    np.save("x.npy", x)
    np.savetxt("x.csv", x, delimiter=",")
    for name in ("model.npz", "model.onnx"):
        xlconv.save_network(network, name)
    Image.fromarray((x * 255).astype(np.uint8)).save("a.png")
    return tmp_path


def is_opened_everywhere(path: Path, *, is_random: bool = False) -> None:
    assert audit(path) == []
    assert broken_rules(path) == []
    (sheet,) = read_xlsx(path).sheets
    assert_calamine_reads(path, sheet)
    assert_ironcalc_computes(path, sheet, is_random=is_random)


def assert_calamine_reads(path: Path, sheet: Sheet) -> None:
    """Every number and stored value is at its place."""
    if find_spec("python_calamine") is None:
        marks.missing("python-calamine")
    import python_calamine

    read = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0)
    assert read.name == sheet.name
    rows = read.to_python(skip_empty_area=False)
    for row, column, kind, number, stored in zip(
        sheet.rows.tolist(), sheet.columns.tolist(), sheet.kinds.tolist(),
        sheet.numbers.tolist(), sheet.cached.tolist(), strict=True,
    ):  # fmt: skip
        if Kind.NUMBER in (kind, stored):
            assert rows[row][column] == pytest.approx(number, rel=1e-14), (row, column)


def assert_ironcalc_computes(path: Path, sheet: Sheet, *, is_random: bool) -> None:
    """Every formula gives a value, and where nothing is drawn that which is stored."""
    if find_spec("ironcalc") is None:
        marks.missing("ironcalc")
    cells = [
        (row, column)
        for row, column, kind in zip(
            sheet.rows.tolist(), sheet.columns.tolist(), sheet.kinds.tolist(), strict=True
        )
        if kind >= Kind.FORMULA
    ]
    found = ironcalc(path, cells)
    assert found is not None and len(found) == len(cells)
    for cell, text in found.items():
        assert not text.startswith("#"), (cell, text)
        at = sheet.find(cell)
        assert at is not None
        if not is_random and sheet.cached[at] == Kind.NUMBER:
            assert float(text) == pytest.approx(sheet.numbers[at], rel=1e-9, abs=1e-12), cell


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_opened(name: str) -> None:
    is_opened_everywhere(shipped(name), is_random=name in RANDOM)


@pytest.mark.parametrize("name", WRITTEN)
def test_whatever_is_asked_for_is_opened(name: str, folder: Path) -> None:
    good("generate", "a.xlsx", *WRITTEN[name])
    is_opened_everywhere(folder / "a.xlsx", is_random=name in RANDOM)


@pytest.mark.parametrize("name", PRESETS)
def test_what_is_reproduced_is_opened(name: str, folder: Path) -> None:
    good("reproduce", shipped(name), "-o", "again.xlsx")
    is_opened_everywhere(folder / "again.xlsx", is_random=name in RANDOM)


@pytest.mark.parametrize("name", PRESETS)
def test_what_is_annotated_is_opened(name: str, folder: Path) -> None:
    stale(shipped(name), folder / "stale.xlsx")
    assert run("verify", "stale.xlsx", "--annotate", "marked.xlsx").exit_code == 1
    assert "V101" in part_of(folder / "marked.xlsx", "xl/comments/comment1.xml")
    is_opened_everywhere(folder / "marked.xlsx", is_random=True)


def stale(source: Path, target: Path) -> None:
    """Copy a workbook with other values stored in its first formulas."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            text = old.read(name).decode()
            if name == SHEET:
                text, count = re.subn(r"(</f><v>)[^<]*", r"\g<1>7.125", text, count=3)
                assert count == 3
            new.writestr(name, text)
