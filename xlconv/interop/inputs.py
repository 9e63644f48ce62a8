"""Reads the input of a network, and weights, from files.

Arrays are taken as they are and must have the right shape; pictures are fitted and scaled
by `pictures`, and a remark says what was done to them.
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from xlconv.arrays import Array, Shape, by_shape
from xlconv.errors import InputError, WeightsError
from xlconv.interop.pictures import Fitting, read_picture
from xlconv.network.spec import SPEC_PROPERTY

_PICTURES = {".png", ".jpg", ".jpeg"}
_ARRAYS = {".npy", ".npz", ".csv"}

# What np.load raises for what it cannot read.
_NOT_ARRAYS = (
    ValueError, EOFError, zipfile.BadZipFile, NotImplementedError, zlib.error, MemoryError,
)  # fmt: skip

# Of all arrays in one file, unpacked: more numbers than the cells of a sheet that opens.
_MOST_BYTES = 1 << 30


class Input(Struct, frozen=True):
    """An input tensor, what was done to a picture to make it one, and what may be wrong."""

    values: Array
    remark: str = ""
    warning: str = ""


def is_picture(path: Path) -> bool:
    """Whether a file's name is that of a picture."""
    return path.suffix.lower() in _PICTURES


def read_input(path: Path, shape: Shape, fitting: Fitting = Fitting()) -> Input:
    """Read an input of `shape` from .npy, .npz, .csv, .png or .jpg.

    An array of (H, W) serves for one channel; a CSV file has the rows of all
    channels below each other; `fitting` is for pictures. Raises InputError with the
    file's name in front.
    """
    kind = path.suffix.lower()
    try:
        if is_picture(path):
            picture = read_picture(path, shape, fitting)
            return Input(picture.values, picture.remark, picture.warning)
        if kind not in _ARRAYS:
            known = ", ".join(sorted(_ARRAYS | _PICTURES))
            raise InputError(f"{kind or 'no'} file ending; expected one of {known}")
        return Input(_fitted(_table(path) if kind == ".csv" else _array(path, kind), shape, kind))
    except InputError as error:
        raise error.at(path) from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None


def read_weights(path: Path) -> dict[str, Array]:
    """Read parameters from an .npz file: arrays named as `Network.state` has them.

    A description of the network that is kept beside them is left out.
    """
    return {key: value for key, value in read_arrays(path).items() if key != SPEC_PROPERTY}


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Read all arrays of an .npz file by their names. Raises WeightsError."""
    try:
        loaded = _load(path)
    except OSError as error:
        raise WeightsError(f"{path}: {error.strerror or error}; expected an .npz file") from None
    except _NOT_ARRAYS:
        raise WeightsError(f"{path}: not an .npz file of numbers") from None
    if not isinstance(loaded, dict):
        raise WeightsError(f"{path}: a single array; expected an .npz file of named ones")
    if any(key.endswith("data.pkl") for key in loaded):
        raise WeightsError(f"{path}: a torch file; expected its arrays, saved by numpy.savez")
    return loaded


def _load(path: Path) -> NDArray[Any] | dict[str, NDArray[Any]]:
    with path.open("rb") as file:
        loaded = np.load(file, allow_pickle=False)
        if isinstance(loaded, np.lib.npyio.NpzFile):
            parts = loaded.zip.infolist() if loaded.zip is not None else []
            if sum(part.file_size for part in parts) > _MOST_BYTES:
                raise ValueError("too large")
            return {key: loaded[key] for key in loaded.files}
        array: NDArray[Any] = loaded
        return array


def _array(path: Path, kind: str) -> Array:
    try:
        loaded = _load(path)
    except _NOT_ARRAYS:
        raise InputError(f"not an {kind} file of numbers") from None
    if isinstance(loaded, dict):
        if len(loaded) != 1:
            names = ", ".join(loaded) or "none"
            raise InputError(f"{len(loaded)} arrays ({names}); expected one")
        (loaded,) = loaded.values()
    if loaded.dtype.kind not in "fiub":
        raise InputError(f"{loaded.dtype} values; expected real numbers")
    values: Array = loaded.astype(np.float64)
    return values


def _table(path: Path) -> Array:
    rows: list[str] = []
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
        rows = [line for line in lines if line.strip()]
        if not rows:
            raise InputError("empty; expected a table of numbers")
        return np.loadtxt(rows, delimiter=",", ndmin=2, comments=None)
    except ValueError as error:
        if any(";" in line for line in rows):
            raise InputError(
                "semicolons (;) between the numbers; expected commas, and points for decimals"
            ) from None
        reason = _line(error).split(";")[0]
        raise InputError(f"not a table of numbers between commas: {reason}") from None


def _fitted(values: Array, shape: Shape, kind: str) -> Array:
    fits = values.shape == shape
    if len(shape) == 3:
        channels, height, width = shape
        fits |= channels == 1 and values.shape == (height, width)
        fits |= kind == ".csv" and values.shape == (channels * height, width)
    elif kind == ".csv":
        fits |= values.size == shape[0] and 1 in values.shape
    if not fits:
        raise InputError(f"shape {by_shape(values.shape)}; the network takes {by_shape(shape)}")
    if not np.isfinite(values).all():
        raise InputError("NaN or infinity; expected finite numbers")
    return values.reshape(shape)


def _line(error: Exception) -> str:
    return str(error).strip().split("\n")[0] or type(error).__name__
