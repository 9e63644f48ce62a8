"""Folders of tiny workbooks, right ones and wrong ones, and standards that end a process."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.helpers.sheet_cells import edited
from tests.helpers.strategies import random_input, random_state
from xlconv.lowering.book import book_of
from xlconv.lowering.strip import strip
from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.spreadsheet.workbook import Workbook
from xlconv.spreadsheet.xlsx.write import write_xlsx

LAYERS = [{"type": "Conv2d", "out_channels": 1, "kernel_size": 2}, {"type": "ReLU"}]
WRONG = "K4"  # a cell of the only plane


@cache
def tiny() -> Network:
    network = network_of({"input": [1, 5, 5], "layers": LAYERS})
    return network.with_state(random_state(network, 1))


@cache
def tiny_workbook() -> Workbook:
    network = tiny()
    return book_of(network, strip(network), random_input(network, 5)).workbook


def right_file(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_xlsx(tiny_workbook(), path)
    return path


def wrong_file(path: Path, cell: str = WRONG, number: float = 1.25) -> Path:
    """Write the workbook with a number where a formula should be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_xlsx(edited(tiny_workbook(), {cell: number}), path, replace=True)
    return path


class _Trap(Mapping[str, Any]):
    """A model that does something to the process of whoever looks into it."""

    def __getitem__(self, key: str) -> Any:
        self.spring()

    def __iter__(self) -> Iterator[str]:
        self.spring()
        return iter(())

    def __len__(self) -> int:
        self.spring()
        return 0

    def spring(self) -> None:
        raise NotImplementedError


class Deadly(_Trap):
    """The system ends the process, as where memory runs out."""

    def spring(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class Endless(_Trap):
    """The check does not come to an end."""

    def spring(self) -> None:
        time.sleep(600)


class Faulty(_Trap):
    """The check fails by a fault of its own."""

    def spring(self) -> None:
        raise MemoryError("no room")
