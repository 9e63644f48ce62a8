"""Trains the network of a preset on handwritten digits, and says how well it reads.

    pip install "xlconv[train]"
    python workbooks/train.py NAME [--write]
    python workbooks/train.py --samples     # picks the ten sample digits

Data: scikit-learn's bundled handwritten digits (1,797 pictures of 8x8, UCI "Optical
Recognition of Handwritten Digits", CC BY 4.0), enlarged to 20x20 in the middle of
28x28. One fifth, stratified, is held out: training never sees it, and the accuracy
printed is the share of it that the rounded weights classify right. With --write the
weights go where the preset reads them.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.presets.batchnorm import batchnorm_spec
from xlconv.presets.conv_example import conv_example_spec
from xlconv.presets.data import packed, path_of
from xlconv.presets.dropout import dropout_spec
from xlconv.presets.edges import LEFT_EDGE, TOP_EDGE
from xlconv.presets.lenet5 import lenet5_spec
from xlconv.presets.multi_label import multi_label_spec

SPLIT_SEED = 0
HELD_OUT = 0.2
DECIMALS = 4
FAINT = 0.05
SMOOTHING = 0.1
SIDE = 28
PAIR = (0, 2)

Pair = tuple[np.ndarray, np.ndarray]


# -- data ------------------------------------------------------------------------------


def enlarged(size: tuple[int, int]) -> Pair:
    """Return the digits as (n, height, width), 0 to 1 in hundredths, and their classes."""
    raw = load_digits()
    small = torch.tensor(raw.images / 16)[:, None]
    large = nn.functional.interpolate(small, size=size, mode="bilinear")[:, 0]
    rounded = np.round(large.numpy(), 2)
    rounded[rounded < FAINT] = 0  # faint tails would fill the sheet with 0.0
    return rounded, raw.target


def framed(x: np.ndarray, side: int) -> np.ndarray:
    """Return pictures (n, height, width) in the middle of zeros, as (n, 1, side, side)."""
    (top, bottom), (left, right) = (
        ((side - n) // 2, side - n - (side - n) // 2) for n in x.shape[1:]
    )
    padded = np.pad(x, ((0, 0), (top, bottom), (left, right)))
    # Reshaped, not indexed: by its strides torch chooses how it sums, and so the last bits.
    return padded.reshape(len(x), 1, side, side)


def pictures(side: int = SIDE) -> Pair:
    """Return the digits as (n, 1, side, side), 0 to 1 in hundredths, and their classes."""
    x, y = enlarged((20, 20))
    return framed(x, side), y


def split(x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """Return x and y to train on, held out, in scikit-learn's order: x, x, y, y."""
    return train_test_split(x, y, test_size=HELD_OUT, random_state=SPLIT_SEED, stratify=y)


def beside(x: np.ndarray, y: np.ndarray, order: np.ndarray) -> Pair:
    """Return every digit with another one to its right, and which of ten classes are there."""
    labels = np.zeros((len(y), 10), np.float32)
    rows = np.arange(len(y))
    labels[rows, y] = labels[rows, y[order]] = 1
    return framed(np.concatenate([x, x[order]], axis=2), SIDE), labels


def pairs(seed: int) -> list[np.ndarray]:
    """Return pictures of two digits and their labels: to train on, held out, as `split`.

    Those to train on have some pictures of one digit among them.
    """
    x_train, x_test, y_train, y_test = split(*enlarged((20, 14)))
    generator = np.random.default_rng(seed)
    several = [beside(x_train, y_train, generator.permutation(len(y_train))) for _ in range(8)]
    singles, _, one, _ = split(*pictures())
    several += [(singles, np.eye(10, dtype=np.float32)[one])] * 3
    held = beside(x_test, y_test, np.random.default_rng(0).permutation(len(y_test)))
    x, y = (np.concatenate(parts) for parts in zip(*several, strict=True))
    return [x, held[0], y, held[1]]


# -- training --------------------------------------------------------------------------


@dataclass(frozen=True)
class Course:
    """How the network of a preset is trained."""

    spec: Callable[[], dict[str, Any]]
    epochs: int = 80
    edges: bool = True  # begin with a horizontal and a vertical edge
    two_digits: bool = False
    rate: float = 2e-3


COURSES = {
    "conv-example": Course(conv_example_spec),
    "batchnorm": Course(batchnorm_spec),
    "dropout": Course(dropout_spec),
    "multi-label": Course(multi_label_spec, two_digits=True),
    "lenet5": Course(lenet5_spec, epochs=30, edges=False),
}


def twins(network: Network) -> Iterator[tuple[str, nn.Module]]:
    """Yield torch's twin of every layer up to the logits."""
    for name, layer in zip(network.names, network.layers, strict=True):
        p = {key: value.shape for key, value in layer.parameters().items()}
        match type(layer).__name__:
            case "Softmax" | "Sigmoid":
                return
            case "Conv2d":
                out, into, *kernel = p["weight"]
                yield name, nn.Conv2d(into, out, kernel, bias="bias" in p)
            case "Linear":
                yield name, nn.Linear(*p["weight"][::-1])
            case "BatchNorm2d":
                yield name, nn.BatchNorm2d(*p["weight"])
            case "MaxPool2d" | "AvgPool2d" as kind:
                yield name, getattr(nn, kind)(layer.kernel_size)
            case kind:  # the others have the same options by the same names
                yield name, getattr(nn, kind)(**layer.options())


def biases(model: nn.Module) -> Iterator[torch.Tensor]:
    """Yield what the convolutions, with their normalisations, add to an empty background."""
    for name in ("1", "2"):
        conv, norm = getattr(model, f"conv{name}"), getattr(model, f"bn{name}", None)
        if norm is None:
            yield conv.bias
        else:
            scale = norm.weight / (norm.running_var + norm.eps).sqrt()
            yield norm.bias - norm.running_mean * scale


def trained(network: Network, course: Course, x: np.ndarray, y: np.ndarray, seed: int) -> nn.Module:
    torch.manual_seed(seed)
    model = nn.Sequential()
    for name, module in twins(network):
        model.add_module(name, module)
    if course.edges:
        # Two filters that both begin as the same kind of edge may end as one and a dead
        # one; beginning as a horizontal and a vertical edge keeps both at work.
        with torch.no_grad():
            model.conv1.weight[:2] = torch.tensor([[TOP_EDGE], [LEFT_EDGE]]) / 3
    data = torch.tensor(x, dtype=torch.float32), torch.tensor(y)
    optimiser = torch.optim.AdamW(model.parameters(), lr=course.rate, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, course.epochs)
    for _ in range(course.epochs):
        for batch in torch.randperm(len(x)).split(64):
            optimiser.zero_grad()
            logits = model(data[0][batch])
            if course.two_digits:
                wanted = SMOOTHING / 2 + (1 - SMOOTHING) * data[1][batch]
                loss = nn.functional.binary_cross_entropy_with_logits(logits, wanted)
            else:
                loss = nn.functional.cross_entropy(
                    logits, data[1][batch], label_smoothing=SMOOTHING
                )
            if course.edges:
                # Without positive biases an empty background stays an empty background.
                loss = loss + sum(bias.relu().sum() for bias in biases(model))
            loss.backward()
            optimiser.step()
        schedule.step()
    return model.eval()


def rounded(model: nn.Module) -> dict[str, np.ndarray]:
    return {
        key: np.round(value.numpy().astype(np.float64), DECIMALS)
        for key, value in model.state_dict().items()
        if not key.endswith("num_batches_tracked")
    }


def is_right(network: Network, x: np.ndarray, y: np.ndarray) -> bool:
    """Whether a network names the class of a picture, or of two digits both and no other."""
    logits = network.activations(x)[-2]
    return bool(logits.argmax() == y) if y.ndim == 0 else bool(((logits > 0) == y).all())


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("name", choices=COURSES, nargs="?", default="conv-example")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--write", action="store_true", help="replace the preset's data")
    options.add_argument("--samples", action="store_true", help="pick the sample digits only")
    chosen = options.parse_args()
    torch.set_num_threads(1)
    if chosen.samples:
        write_samples()
        return

    course = COURSES[chosen.name]
    network = network_of(course.spec())
    side = network.input_shape[1]
    data = pairs(chosen.seed) if course.two_digits else split(*pictures(side))
    x_train, x_test, y_train, y_test = data
    state = rounded(trained(network, course, x_train, y_train, chosen.seed))
    network = network.with_state(state)
    right = sum(is_right(network, *one) for one in zip(x_test, y_test, strict=True))
    print(f"trained on {len(x_train)}, held out {len(x_test)}")
    print(f"held-out accuracy: {right / len(x_test):.1%} ({right} of {len(x_test)})")
    if chosen.write:
        path = path_of(chosen.name)
        np.savez_compressed(path, **packed(state))
        print(f"{path}: {path.stat().st_size:,} bytes")


def write_samples() -> None:
    _, x, _, y = split(*pictures())
    # The first held-out pictures of their classes, whether a network reads it or not.
    samples = np.stack([x[np.flatnonzero(y == digit)[0]] for digit in range(10)])
    hundredths = np.round(samples[:, 0] * 100).astype(np.uint8)
    np.savez_compressed(path_of("digits"), hundredths=hundredths)
    _, x, _, y = split(*enlarged((20, 14)))
    first = [x[np.flatnonzero(y == digit)[0]] for digit in PAIR]
    pair = framed(np.concatenate(first, axis=1)[None], SIDE)[0, 0]
    np.savez_compressed(path_of("pair"), hundredths=np.round(pair * 100).astype(np.uint8))


if __name__ == "__main__":
    main()
