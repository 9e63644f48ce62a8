"""Reads the input of a network, and weights, from files.

Arrays are taken as they are and must have the right shape; pictures are resized and
scaled, and a remark says what was done to them.
"""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xlconv.arrays import Array, Shape
from xlconv.errors import InputError, WeightsError
from xlconv.network.spec import SPEC_PROPERTY

_PICTURES = {".png", ".jpg", ".jpeg"}
_ARRAYS = {".npy", ".npz", ".csv"}

# Pictures have 256 shades; three decimals keep them apart and the cells short.
_PICTURE_DECIMALS = 3
_SHADES = 255

# White in Pillow's modes of more shades: a PNG of 16 bits is `I` or `I;16`, by its version.
_DEEP = {"I": 65_535, "F": 1}
_MOST_PIXELS = 64_000_000

# What np.load raises for what it cannot read.
_NOT_ARRAYS = (
    ValueError, EOFError, zipfile.BadZipFile, NotImplementedError, zlib.error, MemoryError,
)  # fmt: skip

# Of all arrays in one file, unpacked: more numbers than the cells of a sheet that opens.
_MOST_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Input:
    """An input tensor, and what was done to a picture to make it one."""

    values: Array
    remark: str = ""


def read_input(path: Path, shape: Shape) -> Input:
    """Read an input of `shape` from .npy, .npz, .csv, .png or .jpg.

    An array of (H, W) serves for one channel; a CSV file has the rows of all
    channels below each other. Raises InputError with the file's name in front.
    """
    kind = path.suffix.lower()
    try:
        if kind in _PICTURES:
            return _picture(path, shape)
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
        raise InputError(f"shape {values.shape}; the network takes {shape}")
    if not np.isfinite(values).all():
        raise InputError("NaN or infinity; expected finite numbers")
    return values.reshape(shape)


def _picture(path: Path, shape: Shape) -> Input:
    try:
        from PIL import Image, UnidentifiedImageError  # noqa: PLC0415  an extra
    except ImportError:
        raise InputError("pictures need Pillow: pip install 'xlconv[image]'") from None
    if len(shape) != 3 or shape[0] not in (1, 3):
        raise InputError(f"a picture has 1 or 3 channels; the network takes {shape}")
    channels, height, width = shape
    try:
        with Image.open(path) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                size = f"{picture.width}×{picture.height}"
                raise InputError(f"{size} pixels; expected at most {_MOST_PIXELS:,}")
            before, mode = picture.size, picture.mode
            shades = next((most for kind, most in _DEEP.items() if mode.startswith(kind)), 0)
            wanted = _deep(picture, shades) if shades else _coloured(picture, channels)
            resized = wanted.resize((width, height), Image.Resampling.BOX)
    except UnidentifiedImageError:
        raise InputError("not a picture that Pillow can read") from None
    except (Image.DecompressionBombError, SyntaxError, ValueError) as error:
        raise InputError(f"not a picture: {_line(error)}") from None
    values = np.asarray(resized, np.float64).reshape(height, width, -1) / (shades or _SHADES)
    # (H, W, C) -> (C, H, W); a deep grey serves for all three
    tensor = np.round(values.transpose(2, 0, 1), _PICTURE_DECIMALS).repeat(
        channels // values.shape[2], axis=0
    )
    colour = "grey" if channels == 1 else "RGB"
    remark = (
        f"{path.name}: {before[0]}×{before[1]} {mode} → {width}×{height} {colour}, "
        "scaled to 0 (black) … 1 (white)"
    )
    return Input(tensor, remark)


def _coloured(picture: Any, channels: int) -> Any:
    from PIL import Image  # noqa: PLC0415  an extra

    mode = picture.mode
    colours = picture.convert("RGBA" if "A" in mode or mode == "P" else "RGB")
    if colours.mode == "RGBA":  # transparent is white, as on paper
        paper = Image.new("RGBA", colours.size, "white")
        colours = Image.alpha_composite(paper, colours)
    return colours.convert("L" if channels == 1 else "RGB")


def _deep(picture: Any, most: int) -> Any:
    """Return a grey picture of more shades as float32: other modes would cut them off at 255."""
    from PIL import Image  # noqa: PLC0415  an extra

    values = np.asarray(picture).astype(np.float32)
    low, high = float(values.min()), float(values.max())
    if not (low >= 0 and high <= most):  # NaN too
        raise InputError(
            f"a picture of mode {picture.mode} from {low:g} to {high:g}; expected 0 to {most:,}"
        )
    return Image.fromarray(values)


def _line(error: Exception) -> str:
    return str(error).strip().split("\n")[0] or type(error).__name__
