"""The picture of a digit -> a plane like those of MNIST: its ink in a box, its mass in the middle.

MNIST's makers fitted each digit into 20×20, its proportions kept, and laid that into 28×28 so
that the centre of its mass came to the middle; their paper is 0, and their ink up to 1. The
same is done here to any picture of a light digit on dark paper, so that a network that learnt
from those reads it. Never turns light into dark.
"""

from __future__ import annotations

import numpy as np

from xlconv.arrays import Array

SIDE = 28
_BOX = 20
# Ink is what stands out from the paper by more than four times what nine tenths of the border
# do; where the strongest stands out by less than this, there is none. Strong ink is half the
# strongest.
_BORDERS, _SHARE = 4, 0.9
_FAINTEST = 0.1
_STRONG = 0.5


def paper_of(plane: Array) -> float:
    """Return the shade of a plane (H, W) along its sides: their median."""
    return float(np.median(_sides(plane)))


def as_digit(plane: Array, side: int) -> tuple[Array, str]:
    """Return a digit's plane (side, side), from 0 (paper) to 1, and what was done, in words.

    A picture without ink is all paper.
    """
    ink = _ink(plane.astype(np.float64))
    if not ink.any():
        return np.zeros((side, side)), ", nothing on it lighter than its borders"
    fitted = _in_box(_cut_out(ink))
    # The middle of 28 pixels is the edge between two: MNIST took the one after it.
    top, left = (
        min(max(round(SIDE / 2 - centre), 0), SIDE - size)
        for centre, size in zip(_centre(fitted), fitted.shape, strict=True)
    )
    whole = np.zeros((side, side))
    frame = (side - SIDE) // 2
    rows, columns = (slice(frame + at, frame + at + n) for at, n in
                     zip((top, left), fitted.shape, strict=True))  # fmt: skip
    whole[rows, columns] = fitted
    words = f", the digit fitted into {_BOX}×{_BOX} with its centre of mass in the middle"
    return whole, words


def _ink(plane: Array) -> Array:
    """Return how much lighter than the paper each pixel is: 1 where most, 0 on paper."""
    light = np.clip(plane - paper_of(plane), 0, None)
    most = light.max()
    if most < _FAINTEST:
        return np.zeros_like(light)
    rough = float(np.quantile(_sides(light), _SHARE))
    # A border without a speck is paper for certain, and all else ink.
    return np.where(light > min(_BORDERS * rough, _STRONG * most), light / most, 0)


def _sides(plane: Array) -> Array:
    return np.concatenate([plane[0], plane[-1], plane[:, 0], plane[:, -1]])


def _cut_out(ink: Array) -> Array:
    """Return the part with strong ink, and with all ink that goes on from there: no specks."""
    (top, bottom), (left, right) = (_grown(ink.max(axis=axis)) for axis in (1, 0))
    return ink[top:bottom, left:right]


def _grown(most: Array) -> tuple[int, int]:
    """Return from where to where lines have strong ink, or go on from those with any."""
    (found,) = np.nonzero(most > _STRONG)
    first, last = int(found[0]), int(found[-1])
    while first > 0 and most[first - 1] > 0:
        first -= 1
    while last + 1 < len(most) and most[last + 1] > 0:
        last += 1
    return first, last + 1


def _in_box(ink: Array) -> Array:
    """Return ink whose longer side is that of the box."""
    from PIL import Image  # noqa: PLC0415  an extra

    scale = _BOX / max(ink.shape)
    height, width = (max(1, round(n * scale)) for n in ink.shape)
    image = Image.fromarray(ink.astype(np.float32))
    resized = image.resize((width, height), Image.Resampling.BOX)
    return np.asarray(resized, np.float64)


def _centre(ink: Array) -> tuple[float, float]:
    """Return the row and column of the centre of mass."""
    rows, columns = np.arange(ink.shape[0]), np.arange(ink.shape[1])
    mass = ink.sum()
    return float(ink.sum(axis=1) @ rows / mass), float(ink.sum(axis=0) @ columns / mass)
