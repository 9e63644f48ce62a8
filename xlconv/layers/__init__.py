"""The layers: one file each, one line each in LAYERS. None knows a network or a file."""

from xlconv.arrays import Shape
from xlconv.layers.add import Add
from xlconv.layers.avgpool2d import AdaptiveAvgPool2d, AvgPool2d
from xlconv.layers.base.elementwise import Elementwise
from xlconv.layers.base.geometry import ReceptiveField
from xlconv.layers.base.layer import Layer
from xlconv.layers.base.options import Options, Padding, near, unknown_key
from xlconv.layers.batchnorm2d import BatchNorm2d
from xlconv.layers.concat import Concat
from xlconv.layers.conv2d import Conv2d
from xlconv.layers.convtranspose2d import ConvTranspose2d
from xlconv.layers.dropout import Dropout
from xlconv.layers.elu import ELU
from xlconv.layers.flatten import Flatten
from xlconv.layers.gelu import GELU
from xlconv.layers.identity import Identity
from xlconv.layers.leakyrelu import LeakyReLU
from xlconv.layers.linear import Linear
from xlconv.layers.maxpool2d import MaxPool2d
from xlconv.layers.relu import ReLU
from xlconv.layers.sigmoid import Sigmoid
from xlconv.layers.softmax import Softmax
from xlconv.layers.tanh import Tanh

LAYERS: dict[str, type[Layer]] = {
    layer.__name__: layer
    for layer in (
        Conv2d,
        ConvTranspose2d,
        ReLU,
        LeakyReLU,
        ELU,
        GELU,
        Sigmoid,
        Tanh,
        MaxPool2d,
        AvgPool2d,
        AdaptiveAvgPool2d,
        BatchNorm2d,
        Dropout,
        Flatten,
        Linear,
        Softmax,
        Add,
        Concat,
        Identity,
    )
}

__all__ = [
    "ELU",
    "GELU",
    "LAYERS",
    "AdaptiveAvgPool2d",
    "Add",
    "AvgPool2d",
    "BatchNorm2d",
    "Concat",
    "Conv2d",
    "ConvTranspose2d",
    "Dropout",
    "Elementwise",
    "Flatten",
    "Identity",
    "Layer",
    "LeakyReLU",
    "Linear",
    "MaxPool2d",
    "Options",
    "Padding",
    "ReLU",
    "ReceptiveField",
    "Shape",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "near",
    "unknown_key",
]
