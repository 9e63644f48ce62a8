"""Tiny and nameless workbooks to put faults into, as LibreOffice saves them.

Planes of a few cells and vectors of two, without defined names and without a description:
the sheets on which formulas have the fewest others to be told by.
"""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tests.helpers.oracles import profile
from tests.helpers.sheet_cells import unlabelled
from tests.helpers.strategies import random_input, random_state
from tests.mutations.subject import Subject
from xlconv.lowering.book import Book, book_of
from xlconv.lowering.strip import strip
from xlconv.network.spec import network_of
from xlconv.spreadsheet.workbook import Workbook
from xlconv.spreadsheet.xlsx.read import read_xlsx

Options = dict[str, Any]


def _conv(out: int = 1, size: object = 3, **options: Any) -> Options:
    return {"type": "Conv2d", "out_channels": out, "kernel_size": size, **options}


def _pool(kind: str = "Max", size: object = 2, **options: Any) -> Options:
    return {"type": f"{kind}Pool2d", "kernel_size": size, **options}


def _dense(out: int) -> Options:
    return {"type": "Linear", "out_features": out}


_RELU, _FLAT, _SOFTMAX = {"type": "ReLU"}, {"type": "Flatten"}, {"type": "Softmax"}
_MEAN = {"type": "AdaptiveAvgPool2d", "output_size": 1}
_SAME = _conv(1, 3, padding=1)

TINY: dict[str, tuple[list[int], list[Options]]] = {
    "lesson": ([1, 6, 6], [_conv(), _RELU, _pool(), _FLAT, _dense(2), _SOFTMAX]),
    "lesson by averages": ([1, 6, 6], [_conv(), _RELU, _pool("Avg"), _FLAT, _dense(2), _SOFTMAX]),
    "two kernels": ([1, 6, 6], [_conv(2), _RELU, _pool(), _FLAT, _dense(2), _SOFTMAX]),
    "one kernel": ([1, 4, 4], [_conv(), _RELU]),
    "two channels": ([2, 4, 4], [_conv(2), _RELU]),
    "pools of one cell": ([1, 4, 4], [_conv(3), _pool(), _FLAT, _dense(2)]),
    "a row": ([1, 3, 8], [_conv(), _pool("Max", [1, 2]), _FLAT, _dense(2)]),
    "a column": ([1, 8, 3], [_conv(), _pool("Max", [2, 1]), _FLAT, _dense(2)]),
    "kernels of one cell": ([2, 2, 2], [_conv(1, 1), _RELU]),
    "normalised": ([1, 4, 4], [_conv(), {"type": "BatchNorm2d"}, _RELU, _FLAT, _dense(2)]),
    "means": ([1, 6, 6], [_conv(2), _RELU, _MEAN, _FLAT, _dense(2)]),
    "convolved twice": ([1, 5, 5], [_conv(1, 2), _RELU, _conv(1, 3)]),
    "padded": ([1, 3, 3], [_conv(1, 2, padding=1), _RELU, _pool()]),
    "reflected": ([1, 4, 4], [_conv(1, 3, padding=1, padding_mode="reflect"), _pool()]),
    "perceptrons": ([1, 1, 2], [_FLAT, _dense(2), _RELU, _dense(2), _SOFTMAX]),
    "sigmoids": ([1, 4, 4], [_FLAT, _dense(2), {"type": "Sigmoid"}, _dense(2), {"type": "Tanh"}]),
    "overlapping": ([1, 5, 5], [_conv(), _pool("Max", 2, stride=1), _FLAT, _dense(2)]),
    "padded pools": ([1, 4, 4], [_conv(), _pool("Max", 2, padding=1), _FLAT, _dense(2)]),
    "padded averages": ([1, 6, 6], [_conv(), _pool("Avg", 2, padding=1), _FLAT, _dense(2)]),
    "transposed": ([1, 2, 2], [
        {"type": "ConvTranspose2d", "out_channels": 1, "kernel_size": 2, "stride": 2}, _RELU]),
    "skip": ([1, 4, 4], [_SAME, _SAME, {"type": "Add", "reads": "conv1"}, _RELU]),
    "skip of one cell": ([1, 4, 4], [_conv(2), _pool(), {"type": "Add", "reads": "pool1"}]),
    "joined": ([1, 4, 4], [_SAME, _SAME, {"type": "Concat", "reads": "conv1"}, _conv()]),
    "dropped": ([1, 4, 4], [_conv(), {"type": "Dropout", "p": 0.25}, _FLAT, _dense(2)]),
    "leaky": ([1, 4, 4], [_conv(2), {"type": "LeakyReLU", "negative_slope": 0.25}]),
}  # fmt: skip
_LABELLED = ("skip of one cell",)
_APART = ("lesson", "one kernel", "padded", "perceptrons", "leaky", "normalised", "transposed")


def tiny_subjects(folder: Path | None = None) -> list[Subject]:
    """Return them all; with a folder, as LibreOffice saves them: what is in it is kept.

    Every second one has no labels either that tell of planes, but where nothing else tells
    that a pool is one: of planes of one cell it is as well a measure of the plane before.
    """
    books = dict(_books())
    saved = {} if folder is None else _saved(books, folder)
    bare = {name: _nameless(saved.get(name, book.workbook)) for name, book in books.items()}
    return [
        replace(
            Subject(name, one if number % 2 == 0 or name in _LABELLED else unlabelled(one)), least=1
        )
        for number, (name, one) in enumerate(bare.items())
    ]


@cache
def _books() -> tuple[tuple[str, Book], ...]:
    fused = [(name, _book(name, fuse=True)) for name in TINY]
    return (*fused, *((f"{name} apart", _book(name, fuse=False)) for name in _APART))


def _book(name: str, *, fuse: bool) -> Book:
    shape, layers = TINY[name]
    network = network_of({"input": shape, "layers": layers})
    network = network.with_state(random_state(network, 3)).in_training(1)
    return book_of(network, strip(network, fuse=fuse), random_input(network, 4))


def _nameless(book: Workbook) -> Workbook:
    return replace(book, names=(), properties=())


def _saved(books: dict[str, Book], folder: Path) -> dict[str, Workbook]:
    """Return workbooks as LibreOffice saves them, all by one of its processes."""
    out, paths = folder / "saved", {}
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as held:
        for name, book in books.items():
            made = Path(held) / "made.xlsx"
            book.write(made)
            content = hashlib.sha256(made.read_bytes()).hexdigest()[:12]
            paths[name] = out / f"{name.replace(' ', '-')}-{content}.xlsx"
            made.rename(made.with_name(paths[name].name))
        missing = [Path(held) / path.name for path in paths.values() if not path.exists()]
        if missing:
            subprocess.run(
                ["soffice", profile(Path(held)), "--headless", "--norestore",
                 "--convert-to", "xlsx", "--outdir", out, *missing],
                check=True, capture_output=True, timeout=240,
            )  # fmt: skip
    return {name: read_xlsx(path) for name, path in paths.items()}
