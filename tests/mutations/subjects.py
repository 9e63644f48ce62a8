"""The clean workbooks that faults are put into: presets, their options, small networks."""

from __future__ import annotations

from functools import cache
from typing import Any

from msgspec.structs import replace

from tests.helpers.strategies import random_input, random_state, with_metrics
from tests.mutations.subject import Subject
from xlconv.layers.base.place import Spelling
from xlconv.lowering.book import book_of
from xlconv.lowering.strip import strip
from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.presets import PRESETS

_CONV = {"type": "Conv2d", "out_channels": 2, "kernel_size": 3}
_HEAD = [{"type": "Flatten"}, {"type": "Linear", "out_features": 5}, {"type": "Softmax"}]
_SIGMOID, _TANH = {"type": "Sigmoid"}, {"type": "Tanh"}
_LEAKY = {"type": "LeakyReLU", "negative_slope": 0.25}


def _avg(**options: Any) -> dict[str, Any]:
    return {"type": "AvgPool2d", "kernel_size": 3, "stride": 2, "padding": 1} | options


SMALL: dict[str, dict[str, Any]] = {
    "norm": {"input": [1, 9, 9], "layers": [_CONV, {"type": "BatchNorm2d"}, {"type": "ReLU"}]},
    "training": {"input": [1, 8, 8], "layers": [_CONV, {"type": "Dropout", "p": 0.25}, *_HEAD]},
    "drop-vector": {"input": [1, 7, 7], "layers": [
        _CONV, {"type": "Flatten"}, {"type": "Linear", "out_features": 8}, {"type": "Dropout"},
        {"type": "Linear", "out_features": 5}]},
    "skip": {"input": [2, 7, 8], "layers": [
        {**_CONV, "padding": 1}, {"type": "ReLU"}, {**_CONV, "padding": 1},
        {"type": "Add", "reads": "relu1"}, {"type": "ReLU"}]},
    "skip-bare": {"input": [2, 7, 8], "layers": [
        {**_CONV, "padding": 1}, {**_CONV, "padding": 1}, {"type": "Add", "reads": "conv1"}]},
    "mean-pool": {"input": [1, 9, 9], "layers": [_CONV, _avg()]},
    "mean-pool-uncounted": {"input": [1, 9, 9], "layers": [_CONV, _avg(count_include_pad=False)]},
    "mean-pool-plain": {"input": [1, 10, 10], "layers": [
        _CONV, {"type": "AvgPool2d", "kernel_size": 2}]},
    "max-pool": {"input": [1, 9, 9], "layers": [
        _CONV, {"type": "MaxPool2d", "kernel_size": 3, "stride": 2, "padding": 1}]},
    "max-pool-ceil": {"input": [1, 9, 9], "layers": [
        _CONV, {"type": "MaxPool2d", "kernel_size": 2, "ceil_mode": True}]},
    "plane-mean": {"input": [1, 7, 7], "layers": [
        {**_CONV, "out_channels": 6}, {"type": "AdaptiveAvgPool2d", "output_size": 1}, *_HEAD]},
    "sigmoid": {"input": [1, 8, 8], "layers": [_CONV, _SIGMOID, _CONV, _TANH]},
    "leaky": {"input": [1, 8, 8], "layers": [_CONV, _LEAKY, _CONV, {"type": "ReLU"}]},
    "padding": {"input": [1, 7, 7], "layers": [{**_CONV, "padding": 1}, {**_CONV, "padding": 2}]},
    "groups": {"input": [2, 8, 8], "layers": [
        {**_CONV, "out_channels": 4}, {**_CONV, "out_channels": 4, "groups": 2}]},
    "depthwise": {"input": [1, 8, 8], "layers": [
        {**_CONV, "out_channels": 3}, {**_CONV, "out_channels": 3, "groups": 3, "padding": 1}]},
    "dilated": {"input": [1, 10, 10], "layers": [{**_CONV, "dilation": 2}, {**_CONV, "stride": 2}]},
    "column": {"input": [1, 6, 6], "layers": [{**_CONV, "out_channels": 17}, *_HEAD]},
    "split": {"input": [170, 5, 5], "layers": [{**_CONV, "kernel_size": 2}, {"type": "ReLU"}]},
    **{
        f"{mode}-{pad}": {"input": [1, 8, 8], "layers": [
            _CONV, {**_CONV, "padding": pad, "padding_mode": mode}]}
        for mode in ("reflect", "replicate", "circular") for pad in (1, 2)
    },
}  # fmt: skip
_IN_TRAINING = {"training", "drop-vector"}


@cache
def preset(name: str, **options: Any) -> Subject:
    """Return a preset, with the options that `xlconv generate` has."""
    made = PRESETS[name]
    network = made.network()
    if options.pop("fold", False):
        network = network.folded()
    measured = {key: options.pop(key, False) for key in ("statistics", "sizes")}
    layout = with_metrics(network, made.layout(network, **options), **measured)
    book = book_of(network, layout, made.sample(), made.heads_of(network, layout))
    return Subject(name, book.workbook)


@cache
def small(name: str, *, array: bool = False, fuse: bool = True, measured: bool = False) -> Subject:
    """Return a small network with drawn weights."""
    network = network_of(SMALL[name])
    network = network.with_state(random_state(network, 3))
    if name in _IN_TRAINING:
        network = network.in_training(1)
    return drawn(name, network, 4, array=array, fuse=fuse, measured=measured)


def drawn(
    name: str, network: Network, seed: int, *, array: bool = False, fuse: bool = True,
    measured: bool = False,
) -> Subject:  # fmt: skip
    """Return a network on the strip, with a drawn input."""
    layout = strip(network, spelling=Spelling(array=array), fuse=fuse)
    layout = with_metrics(network, layout, statistics=measured, sizes=measured)
    book = book_of(network, layout, random_input(network, seed))
    return replace_name(Subject(name, book.workbook), array=array, fuse=fuse)


def replace_name(s: Subject, *, array: bool, fuse: bool) -> Subject:
    words = [s.name, *["array"] * array, *["apart"] * (not fuse)]
    return replace(s, name=" ".join(words))


def small_subjects() -> list[Subject]:
    """Return every small network, and some of them in other spellings."""
    found = [small(name) for name in SMALL]
    found += [small(name, fuse=False) for name in ("norm", "sigmoid", "leaky", "skip")]
    found += [small(name, array=True) for name in ("groups", "padding", "reflect-1", "split")]
    found += [small(name, measured=True) for name in ("max-pool-ceil", "dilated", "plane-mean")]
    return found
