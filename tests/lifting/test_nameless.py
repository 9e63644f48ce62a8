"""Workbooks without names and description: networks are recognised from their formulas alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from tests.helpers import oracles
from tests.helpers.strategies import random_state
from tests.helpers.workbooks import sheet
from xlconv.arrays import Array
from xlconv.layers import Conv2d, Flatten, Identity, Linear
from xlconv.layout.metric_names import named_ranges
from xlconv.lifting.lifted_workbook import LiftedWorkbook, lift_workbook
from xlconv.lowering.book import book_of
from xlconv.lowering.strip import strip
from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.presets import PRESETS
from xlconv.spreadsheet.workbook import Workbook
from xlconv.spreadsheet.xlsx.read import read_xlsx
from xlconv.spreadsheet.xlsx.write import write_xlsx
from xlconv.verification.verify import verify_workbook


def stripped(book: Workbook) -> Workbook:
    return replace(book, names=(), properties=())


def written(spec: dict, *, fuse: bool = True) -> tuple[Network, Workbook]:
    network = network_of(spec)
    network = network.with_state(random_state(network, 3))
    x = np.round(np.random.default_rng(4).uniform(-1, 1, network.input_shape), 3)
    return network, stripped(book_of(network, strip(network, fuse=fuse), x).workbook)


def left_over(book: LiftedWorkbook, named: Workbook) -> list[str]:
    """Return the cells that no layer explains; what names call a metric no formula does."""
    told = [area for _, area in named_ranges(named.names).values()]
    ranges = [book.lifted.blocks[k].lattice.range for k in book.lifted.unlifted]
    return [area.name for area in ranges if not any(one.holds(area) for one in told)]


def tables(network: Network) -> list[tuple[str, dict, list[Array]]]:
    """What layers are, but for those that a sheet need not show."""
    return [
        (type(one).__name__, one.options(), list(one.parameters().values()))
        for k, one in enumerate(network.layers)
        if not network.passes_on(k) and type(one).__name__ != "Dropout"
    ]


def same(one: Network, other: Network) -> bool:
    ours, theirs = tables(one), tables(other)
    return [x[:2] for x in ours] == [x[:2] for x in theirs] and all(
        np.allclose(a, b) for x, y in zip(ours, theirs, strict=True)
        for a, b in zip(x[2], y[2], strict=True)
    )  # fmt: skip


def networks_of(name: str) -> list[Network]:
    preset = PRESETS[name]
    network = preset.network()
    layout = preset.layout(network)
    return [network, *(one.network for one in preset.heads_of(network, layout))]


@pytest.mark.slow
@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_recognised_without_its_names(name: str) -> None:
    named = PRESETS[name].book().workbook
    found = lift_workbook(stripped(named))
    assert not left_over(found, named)
    wanted = networks_of(name)
    assert len(found.networks) == len(wanted)
    for network in wanted:
        assert any(same(one.network, network) for one in found.networks), network


@pytest.mark.office
@pytest.mark.parametrize("name", ["matmul", "padding", "image-kernels", "residual"])
def test_and_saved_by_libreoffice(name: str, tmp_path: Path) -> None:
    named = PRESETS[name].book()
    source = tmp_path / f"{name}.xlsx"
    write_xlsx(stripped(named.workbook), source)
    saved = read_xlsx(oracles.resaved(source, tmp_path))
    found = lift_workbook(stripped(saved))
    assert not left_over(found, named.workbook)
    for network in networks_of(name):
        assert any(same(one.network, network) for one in found.networks), network


COPIED = {f"{c}{r}": (r * 7 + ord(c)) % 5 - 2.0 for c in "ABCD" for r in range(1, 5)}


def by_reference(column: str, text: str = "={0}{1}", first: int = 1) -> dict[str, object]:
    """Four columns of references to A1:D4, from a column on."""
    return {
        f"{chr(ord(column) + k)}{r}": text.format("ABCD"[k], r + first - 1)
        for k in range(4) for r in range(1, 5)
    }  # fmt: skip


KERNEL = {"P1": 1.0, "Q1": -1.0, "P2": 0.5, "Q2": 2.0}
OVER_F = {
    f"{chr(ord('K') + j)}{i + 1}": f"=SUMPRODUCT({chr(ord('F') + j)}{i + 1}:"
    f"{chr(ord('G') + j)}{i + 2},$P$1:$Q$2)" for i in range(3) for j in range(3)
}  # fmt: skip


def kinds(found: LiftedWorkbook) -> list[list[type]]:
    return [[type(layer) for layer in one.network.layers] for one in found.networks]


def test_an_input_by_reference_is_an_input_once_more() -> None:
    report = verify_workbook(sheet(COPIED | by_reference("F") | KERNEL | OVER_F))
    assert report.coverage == 1
    assert [[type(x) for x in one.network.layers] for one in report.networks] == [
        [Identity, Conv2d]
    ]


def test_a_kernel_by_reference_is_no_input() -> None:
    tied = {"S1": "=P1", "T1": "=Q1", "S2": "=P2", "T2": "=Q2"}
    over = {at: str(text).replace("$P$1:$Q$2", "$S$1:$T$2") for at, text in OVER_F.items()}
    found = lift_workbook(sheet(COPIED | by_reference("F") | KERNEL | tied | over))
    assert not found.lifted.unlifted
    assert kinds(found) == [[Identity, Conv2d]]
    (conv,) = [one for one in found.lifted.tensors if one.kernels]
    assert conv.layers[0].parameters()["weight"].ravel().tolist() == [1.0, -1.0, 0.5, 2.0]


def test_references_that_nobody_reads_are_no_layer() -> None:
    found = lift_workbook(sheet(COPIED | by_reference("F")))
    assert len(found.lifted.unlifted) == 1 and not found.networks


def test_pixels_laid_out_by_reference_are_flattened() -> None:
    cells = dict(COPIED)
    pixels = [f"{c}{r}" for r in range(1, 5) for c in "ABCD"]
    cells |= {f"F{k + 1}": f"={one}" for k, one in enumerate(pixels)}
    for unit in range(3):
        cells |= {f"{chr(ord('H') + k)}{unit + 1}": (unit + 2) * (k % 7) / 8 for k in range(16)}
        cells[f"Z{unit + 1}"] = f"=MMULT(H{unit + 1}:W{unit + 1},F$1:F$16)"
    found = lift_workbook(sheet(cells))
    assert not found.lifted.unlifted
    assert kinds(found) == [[Flatten, Linear]]


@pytest.mark.parametrize("first", ["MaxPool2d", "ReLU", "BatchNorm2d", "Identity"])
def test_planes_that_are_summed_later_are_one_input(first: str) -> None:
    options = {"kernel_size": 2} if first == "MaxPool2d" else {}
    spec = {
        "input": [3, 8, 8],
        "layers": [
            {"type": first, **options},
            {"type": "Conv2d", "out_channels": 2, "kernel_size": 3},
        ],
    }
    network, book = written(spec)
    report = verify_workbook(book)
    assert report.coverage == 1
    assert [same(one.network, network) for one in report.networks] == [True]
