"""Planes of numbers as pictures in HTML: a pixel a cell, every plane of a tensor in one scale.

A picture has colours of its own, and is a PNG in a data URI: nothing is fetched.
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from xlconv.arrays import Array
from xlconv.report.heatmap import DIVERGING, SEQUENTIAL, Scale
from xlconv.report.inspection import number_text
from xlconv.report.notebook.markup import Markup, image, tag

_MOST_PLANES, _MOST_PIXELS = 16, 96  # of a tensor, and along an axis of a plane
_MOST_TENSORS, _MOST_LETTERS = 24, 250_000  # of a page
_WIDTH, _LARGEST_CELL = 104, 16  # pixels on the screen: of a plane, and of a cell at most


def planes_of(values: Array) -> Array:
    """Return the planes of a tensor or of weights: (..., H, W) -> (N, H, W); of a vector, one."""
    if values.ndim < 2:
        return values.reshape(1, 1, -1)
    return values.reshape(-1, *values.shape[-2:])


def pictures(name: str, values: Array, captions: Sequence[str] = ()) -> Markup:
    """Return the planes of a tensor side by side, with what the colours stand for."""
    finite = np.where(np.isfinite(values), values, 0.0)
    planes = planes_of(finite)
    scale = Scale.of(planes)
    drawn = []
    places = np.ndindex(values.shape[:-2] or (1,))
    for k, (place, plane) in enumerate(zip(places, planes[:_MOST_PLANES], strict=False)):
        index = f"[{', '.join(map(str, place))}]" if len(planes) > 1 else ""
        words = f"{index} {captions[k] if k < len(captions) else ''}".strip()
        drawn.append(_figure(f"{name}{index}", words, plane, scale))
    more = len(planes) - _MOST_PLANES
    if more > 0:
        drawn.append(tag("figure", tag("figcaption", f"and {more:,} more")))
    ends = f"{number_text(scale.low)} to {number_text(scale.high)}"
    return tag("div", tag("p", tag("b", name), f"  {ends}"), *drawn)


def drawn_within(maps: Iterable[Markup]) -> list[Markup]:
    """Return heat maps of tensors up to the size that a page may have."""
    drawn, letters = list[Markup](), 0
    for one in maps:
        letters += len(one)
        if letters > _MOST_LETTERS or len(drawn) == _MOST_TENSORS:
            return [*drawn, tag("p", "… the other tensors are not drawn")]
        drawn.append(one)
    return drawn


def _figure(name: str, words: str, plane: Array, scale: Scale) -> Markup:
    width = plane.shape[1]
    cell = max(1, min(_LARGEST_CELL, _WIDTH // max(1, width)))
    picture = image(png_uri(plane, scale), f"heat map of {name}", "plane", cell * min(width, 512))
    return tag("figure", tag("figcaption", words), picture)


def png_uri(plane: Array, scale: Scale) -> str:
    """Return a plane as a PNG in a data URI, averaged down where it is very large."""
    small = _averaged(_averaged(plane, 0), 1)
    levels = np.rint(np.clip(scale(small), 0, 1) * 255).astype(np.uint8)
    return f"data:image/png;base64,{base64.b64encode(_png(levels, _palette(scale))).decode()}"


def _averaged(plane: Array, axis: int) -> Array:
    by = -(-plane.shape[axis] // _MOST_PIXELS)
    if by == 1:
        return plane
    starts = np.arange(0, plane.shape[axis], by)
    counts = np.diff(starts, append=plane.shape[axis])
    sums: Array = np.add.reduceat(plane, starts, axis=axis)
    return sums / (counts[:, None] if axis == 0 else counts)


def _palette(scale: Scale) -> NDArray[np.uint8]:
    """Return 256 colours between the stops of the scale's palette: (256, 3)."""
    stops = (DIVERGING if scale.is_signed else SEQUENTIAL).astype(np.float64)
    at = np.linspace(0, len(stops) - 1, 256)
    mixed = [np.interp(at, np.arange(len(stops)), stops[:, k]) for k in range(3)]
    return np.rint(np.stack(mixed, axis=1)).astype(np.uint8)


def _png(levels: NDArray[np.uint8], palette: NDArray[np.uint8]) -> bytes:
    """Return an image of 8-bit indices into a palette: (H, W) -> bytes; ISO/IEC 15948."""
    height, width = levels.shape
    # Every line begins with the number of its filter: 0 is none.
    lines = np.pad(levels, ((0, 0), (1, 0))).tobytes()
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join((
        _chunk(b"IHDR", header), _chunk(b"PLTE", palette.tobytes()),
        _chunk(b"IDAT", zlib.compress(lines, 9)), _chunk(b"IEND", b""),
    ))  # fmt: skip


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
