"""Seeded weights, by the definitions of torch.nn.init.

The numbers are rounded to four decimals, so that what a cell shows in the formula
bar is short and is exactly what is computed with. Names no layer: what has a weight gets one.
"""

from __future__ import annotations

from math import prod, sqrt

import numpy as np

from xlconv.arrays import Array
from xlconv.layers import Layer
from xlconv.network.network import Network

DECIMALS = 4

# By name, as torch.nn.init has them; biases are 0 but with torch's own default.
METHODS = (
    "kaiming",  # kaiming_uniform_ with the gain of ReLU
    "xavier",  # xavier_uniform_
    "uniform",  # uniform_, 0 to 1
    "kaiming-a-sqrt5",  # kaiming_uniform_ with a=sqrt(5): what Conv2d and Linear begin from
)
ALIASES = {"torch-default": "kaiming-a-sqrt5"}


def initialised(network: Network, seed: int = 0, method: str = "kaiming") -> Network:
    """Return the network with weights drawn from a seed by one of METHODS or ALIASES."""
    method = ALIASES.get(method, method)
    generator = np.random.default_rng(seed)
    state: dict[str, Array] = {}
    for name, layer in zip(network.names, network.layers, strict=True):
        parameters = layer.parameters()
        weight = parameters.get("weight")
        if weight is None or weight.ndim < 2:  # of a fan in: torch begins with ones and zeros
            state |= {f"{name}.{key}": value for key, value in parameters.items()}
            continue
        for key, value in parameters.items():
            low, high = _bounds(layer, key, method)
            drawn = generator.uniform(low, high, value.shape)
            state[f"{name}.{key}"] = np.round(drawn, DECIMALS)
    return network.with_state(state)


def _bounds(layer: Layer, key: str, method: str) -> tuple[float, float]:
    fan_in, fan_out = _fans(layer.parameters()["weight"])
    if method == "kaiming-a-sqrt5":
        # sqrt(6 / ((1 + a²) fan_in)) with a² = 5, which torch gives the bias too.
        return -1 / sqrt(fan_in), 1 / sqrt(fan_in)
    if key == "bias":
        return 0.0, 0.0
    if method == "uniform":
        return 0.0, 1.0
    bound = sqrt(6 / fan_in) if method == "kaiming" else sqrt(6 / (fan_in + fan_out))
    return -bound, bound


def _fans(weight: Array) -> tuple[int, int]:
    outputs, inputs, *kernel = weight.shape
    return inputs * prod(kernel), outputs * prod(kernel)
