"""Parameters as CSV files in a folder, one for each tensor.

A row holds one line of one kernel, or the weights of one unit, or one bias; its first
columns, which the header names, are the indices that say which.
"""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xlconv.errors import FileError
from xlconv.files import whole_file
from xlconv.network.network import Network
from xlconv.network.stored_state import stored_state

_INDICES = {1: ("output",), 2: ("output",), 4: ("output", "channel", "row")}


def write_tables(
    network: Network, path: Path, *, float32: bool = False, replace: bool = False
) -> None:
    """Write `conv1.weight.csv`, ... into the folder `path`. Raises FileError where it exists.

    With `replace` the tables of that name in it are replaced, one by one; other files stay.
    """
    state = stored_state(network, float32=float32)
    if replace and path.is_dir():
        for key, value in state.items():
            with whole_file(path / f"{key}.csv", replace=True) as temporary:
                _write(temporary, value)
        return
    with _whole_folder(path) as folder:
        for key, value in state.items():
            _write(folder / f"{key}.csv", value)


@contextmanager
def _whole_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder beside `path` that takes its name when all went well."""
    if os.path.lexists(path):
        raise FileError(f"{path}: exists; expected another folder, or --force")
    try:
        with tempfile.TemporaryDirectory(prefix=f".{path.name[:80]}.", dir=path.parent) as outer:
            inner = Path(outer) / "tables"
            inner.mkdir()
            yield inner
            inner.rename(path)
    except OSError as error:
        raise FileError(f"{path}: {error.strerror or error}; nothing was written") from None


def _write(path: Path, value: NDArray[Any]) -> None:
    indices = _INDICES.get(value.ndim, tuple(f"axis {axis}" for axis in range(value.ndim - 1)))
    values = ["value"] if value.ndim == 1 else [str(one) for one in range(value.shape[-1])]
    # (O,) -> (O, 1); the last axis is a row of the file
    rows = value.reshape(*value.shape, 1) if value.ndim == 1 else value
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*indices, *values])
        for index in np.ndindex(rows.shape[:-1]):
            # str of a number is the shortest text that reads back as the same.
            writer.writerow([*index, *map(str, rows[index])])
