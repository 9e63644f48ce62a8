"""A picture's file -> numbers of a network's input: its shades, fitted into the plane.

Keeps what a picture shows: transparent is white, as on paper, and shades of 16 bits are not
cut off. What is done to the picture of a single digit besides is told by `digit_pictures`.
Pillow is an extra, loaded when used.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from msgspec import Struct

from xlconv.arrays import Array, Shape, by_shape
from xlconv.errors import InputError
from xlconv.interop.digit_pictures import as_digit, paper_of

Fit = Literal["contain", "cover", "stretch"]
FITS: tuple[Fit, ...] = get_args(Fit)

# Pictures have 256 shades; three decimals keep them apart and the cells short.
_DECIMALS = 3
_SHADES = 255

# White in Pillow's modes of more shades: a PNG of 16 bits is `I` or `I;16`, by its version.
_DEEP = {"I": 65_535, "F": 1}
_MOST_PIXELS = 64_000_000

# Lighter and darker than this are a picture's borders light, and a sample's dark.
_HALF = 0.5
_DARK = 0.25
_BLANK = 0.01  # from the darkest to the lightest: less is the noise of one colour


class Fitting(Struct, frozen=True):
    """How a picture becomes an input.

    `fit` keeps its proportions with room at two sides ("contain"), or cuts off two sides
    ("cover"), or keeps neither; `digit` is for the picture of a single digit, which "contain"
    brings to where MNIST has its digits. `dark` says that the network's samples are dark at
    their borders, so that a picture with light ones may be a negative.
    """

    fit: Fit = "stretch"
    invert: bool = False
    digit: bool = False
    dark: bool = False


class Picture(Struct, frozen=True):
    """A picture as an input tensor, what was done to it, and what may be wrong with it."""

    values: Array
    remark: str
    warning: str = ""


def read_picture(path: Path, shape: Shape, fitting: Fitting = Fitting()) -> Picture:
    """Read a picture as a tensor of `shape`, 1 or 3 channels from 0 (black) to 1 (white).

    Raises InputError, and OSError where the file cannot be read.
    """
    if len(shape) != 3 or shape[0] not in (1, 3):
        raise InputError(f"a picture has 1 or 3 channels; the network takes {by_shape(shape)}")
    channels, height, width = shape
    planes, before, mode = _planes(path, channels)
    if fitting.invert:
        planes = [_of(1 - np.asarray(plane)) for plane in planes]
    light = float(np.mean([paper_of(np.asarray(plane)) for plane in planes])) > _HALF
    words = ", inverted" if fitting.invert else ""
    if fitting.digit and fitting.fit == "contain" and not light:
        values, done = as_digit(np.asarray(planes[0]), height)
        fitted, words = [values], words + done
    else:
        fitted = [_fitted(plane, (width, height), fitting.fit) for plane in planes]
        words += f", fitted by {fitting.fit}" if before[0] * height != before[1] * width else ""
    # One grey plane serves for all three.
    stacked: Array = np.stack(fitted).repeat(channels // len(fitted), axis=0)
    tensor: Array = np.round(stacked, _DECIMALS)
    remark = (
        f"{path.name}: {before[0]}×{before[1]} {mode} → {width}×{height} "
        f"{'grey' if channels == 1 else 'RGB'}, scaled to 0 (black) … 1 (white){words}"
    )
    if np.ptp(tensor, axis=(1, 2)).max() <= _BLANK:
        return Picture(tensor, remark, f"{path.name}: all of one colour; expected something on it")
    return Picture(tensor, remark, _warning(path, fitting) if light and fitting.dark else "")


def is_dark_at_its_borders(sample: Array) -> bool:
    """Whether the planes (C, H, W) of a sample are dark along their sides."""
    return sample.ndim == 3 and all(paper_of(plane) < _DARK for plane in sample)


def _warning(path: Path, fitting: Fitting) -> str:
    remedy = "leave out --invert" if fitting.invert else "--invert turns light into dark"
    return f"{path.name}: light at its borders, where the network's samples are dark; {remedy}"


def _planes(path: Path, channels: int) -> tuple[list[Any], tuple[int, int], str]:
    """Return float32 pictures of the channels, 0 to 1, with the size and mode of the file."""
    try:
        from PIL import Image, UnidentifiedImageError  # noqa: PLC0415  an extra
    except ImportError:
        raise InputError("pictures need Pillow: pip install '.[image]'") from None
    try:
        with Image.open(path) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                many = f"{picture.width}×{picture.height}"
                raise InputError(f"{many} pixels; expected at most {_MOST_PIXELS:,}")
            size, mode = picture.size, picture.mode
            return [_of(one) for one in _shades(picture, channels)], size, mode
    except UnidentifiedImageError:
        raise InputError("not a picture that Pillow can read") from None
    except (Image.DecompressionBombError, SyntaxError, ValueError) as error:
        reason = str(error).strip().split("\n")[0] or type(error).__name__
        raise InputError(f"not a picture: {reason}") from None


def _of(values: Array) -> Any:
    from PIL import Image  # noqa: PLC0415  an extra

    return Image.fromarray(values.astype(np.float32))


def _shades(picture: Any, channels: int) -> list[Array]:
    deep = next((most for kind, most in _DEEP.items() if picture.mode.startswith(kind)), None)
    if deep is None:
        # (H, W) or (H, W, C)
        values = np.asarray(_coloured(picture, channels), np.float32) / _SHADES
        return [values] if values.ndim == 2 else list(values.transpose(2, 0, 1))
    values = np.asarray(picture).astype(np.float32)
    low, high = float(values.min()), float(values.max())
    if not (low >= 0 and high <= deep):  # NaN too
        raise InputError(
            f"a picture of mode {picture.mode} from {low:g} to {high:g}; expected 0 to {deep:,}"
        )
    return [values / deep]


def _coloured(picture: Any, channels: int) -> Any:
    from PIL import Image  # noqa: PLC0415  an extra

    mode = picture.mode
    colours = picture.convert("RGBA" if "A" in mode or mode == "P" else "RGB")
    if colours.mode == "RGBA":  # transparent is white, as on paper
        paper = Image.new("RGBA", colours.size, "white")
        colours = Image.alpha_composite(paper, colours)
    return colours.convert("L" if channels == 1 else "RGB")


def _fitted(plane: Any, size: tuple[int, int], fit: Fit) -> Array:
    """Return a plane brought to (width, height)."""
    from PIL import Image  # noqa: PLC0415  an extra

    ratios = [wanted / given for wanted, given in zip(size, plane.size, strict=True)]
    if fit == "cover":
        scale = max(ratios)
        kept = [wanted / scale for wanted in size]
        left, top = ((given - part) / 2 for given, part in zip(plane.size, kept, strict=True))
        box = (left, top, left + kept[0], top + kept[1])
        return np.asarray(plane.resize(size, Image.Resampling.BOX, box=box), np.float64)
    if fit == "contain":
        scale = min(ratios)
        inner = [max(1, round(given * scale)) for given in plane.size]
        resized = plane.resize(inner, Image.Resampling.BOX)
        whole = Image.new("F", size, paper_of(np.asarray(plane)))
        whole.paste(resized, tuple((w - i) // 2 for w, i in zip(size, inner, strict=True)))
        return np.asarray(whole, np.float64)
    return np.asarray(plane.resize(size, Image.Resampling.BOX), np.float64)
