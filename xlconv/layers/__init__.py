"""The layers: one file each, one line each in LAYERS."""

from xlconv.layers.base import Elementwise, Layer, Reach, Shape
from xlconv.layers.conv2d import Conv2d
from xlconv.layers.flatten import Flatten
from xlconv.layers.linear import Linear
from xlconv.layers.maxpool2d import MaxPool2d
from xlconv.layers.options import Options, Padding, unknown_key
from xlconv.layers.relu import ReLU
from xlconv.layers.softmax import Softmax

LAYERS: dict[str, type[Layer]] = {
    layer.__name__: layer
    for layer in (
        Conv2d,
        ReLU,
        MaxPool2d,
        Flatten,
        Linear,
        Softmax,
    )
}

__all__ = [
    "LAYERS",
    "Conv2d",
    "Elementwise",
    "Flatten",
    "Layer",
    "Linear",
    "MaxPool2d",
    "Options",
    "Padding",
    "ReLU",
    "Reach",
    "Shape",
    "Softmax",
    "unknown_key",
]
