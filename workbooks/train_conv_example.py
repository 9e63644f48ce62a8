"""Trains the network of the `conv-example` preset and picks its ten sample digits.

    pip install "xlconv[train]"
    python workbooks/train_conv_example.py [--seed 1] [--epochs 80] [--write]

Data: scikit-learn's bundled handwritten digits (1,797 pictures of 8x8, UCI "Optical
Recognition of Handwritten Digits", CC BY 4.0), enlarged to 20x20 in the middle of
28x28. One fifth, stratified, is held out: training never sees it, and the accuracy
printed is the share of it that the rounded weights classify right. With --write the
weights and samples go where the preset reads them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

from xlconv.presets.conv_example import conv_example_spec
from xlconv.presets.edges import LEFT_EDGE, TOP_EDGE
from xlconv.spec import network_of

DATA = Path(__file__).parents[1] / "xlconv" / "presets" / "data"
SPLIT_SEED = 0
HELD_OUT = 0.2
DECIMALS = 4
FAINT = 0.05


def pictures() -> tuple[np.ndarray, np.ndarray]:
    """Return the digits as (n, 1, 28, 28), 0 to 1 in hundredths, and their classes."""
    raw = load_digits()
    small = torch.tensor(raw.images / 16)[:, None]
    large = nn.functional.interpolate(small, size=(20, 20), mode="bilinear")
    framed = nn.functional.pad(large, (4, 4, 4, 4))
    rounded = np.round(framed.numpy(), 2)
    rounded[rounded < FAINT] = 0  # faint tails would fill the sheet with 0.0
    return rounded, raw.target


def split(x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """Return x and y to train on, held out, in scikit-learn's order: x, x, y, y."""
    return train_test_split(x, y, test_size=HELD_OUT, random_state=SPLIT_SEED, stratify=y)


def trained(x: np.ndarray, y: np.ndarray, seed: int, epochs: int) -> nn.Module:
    torch.manual_seed(seed)
    model = nn.Sequential()
    for name, module in (
        ("conv1", nn.Conv2d(1, 2, 3)),
        ("relu1", nn.ReLU()),
        ("conv2", nn.Conv2d(2, 2, 3)),
        ("relu2", nn.ReLU()),
        ("pool1", nn.MaxPool2d(2)),
        ("flatten", nn.Flatten()),
        ("fc1", nn.Linear(288, 10)),
    ):
        model.add_module(name, module)
    # Two filters that both begin as the same kind of edge may end as one and a dead
    # one; beginning as a horizontal and a vertical edge keeps both at work.
    with torch.no_grad():
        model.conv1.weight[:] = torch.tensor([[TOP_EDGE], [LEFT_EDGE]]) / 3
    data = torch.tensor(x, dtype=torch.float32), torch.tensor(y)
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    for _ in range(epochs):
        for batch in torch.randperm(len(x)).split(64):
            optimiser.zero_grad()
            logits = model(data[0][batch])
            loss = nn.functional.cross_entropy(logits, data[1][batch], label_smoothing=0.1)
            # Without positive biases an empty background stays an empty background.
            positive = model.conv1.bias.relu().sum() + model.conv2.bias.relu().sum()
            (loss + positive).backward()
            optimiser.step()
        schedule.step()
    return model


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--epochs", type=int, default=80)
    options.add_argument("--write", action="store_true", help="replace the preset's data")
    chosen = options.parse_args()
    torch.set_num_threads(1)

    x_train, x_test, y_train, y_test = split(*pictures())
    model = trained(x_train, y_train, chosen.seed, chosen.epochs)
    state = {
        key: np.round(value.numpy().astype(np.float64), DECIMALS)
        for key, value in model.state_dict().items()
    }
    network = network_of(conv_example_spec()).with_state(state)
    found = np.array([network.forward(one).argmax() for one in x_test])
    right = found == y_test
    print(f"trained on {len(x_train)}, held out {len(x_test)}")
    print(f"held-out accuracy: {right.mean():.1%} ({right.sum()} of {len(x_test)})")
    # The first held-out picture of each class, whether the network reads it or not.
    samples = np.stack([x_test[np.flatnonzero(y_test == digit)[0]] for digit in range(10)])
    read = [int(network.forward(one).argmax()) for one in samples]
    print(f"samples 0 to 9 are read as {read}")
    if chosen.write:
        np.savez_compressed(DATA / "conv_example.npz", **state)
        hundredths = np.round(samples[:, 0] * 100).astype(np.uint8)
        np.savez_compressed(DATA / "digits.npz", hundredths=hundredths)


if __name__ == "__main__":
    main()
