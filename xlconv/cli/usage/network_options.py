"""The options that say which network to write, and how: of `generate` and of `exercise`.

What they mean is for `generation`; here are their names and their help.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from xlconv.cli.usage.choices import OneOf
from xlconv.generation.generate import Look
from xlconv.generation.sources import Sources
from xlconv.interop.pictures import FITS
from xlconv.network.initialise import ALIASES, METHODS
from xlconv.presets import DEFAULT
from xlconv.spreadsheet.xlsx.formatting import PAPERS

_FILE = click.Path(path_type=Path)

Command = Callable[..., Any]

_OPTIONS = (
    click.option("--spec", type=_FILE, metavar="FILE.toml", help="A network described in TOML."),
    click.option(
        "--weights", type=_FILE, metavar="FILE.npz", help="Its weights, by torch's names."
    ),
    click.option(
        "--model",
        type=_FILE,
        metavar="FILE.onnx",
        help="A network with its weights: an ONNX model, or an .npz file "
        "that xlconv extract wrote.",
    ),
    click.option(
        "--seed",
        type=click.IntRange(min=0),
        help="Draw the weights from this seed; with --training the masks too, or only they where "
        "--weights or --model gives the weights.",
    ),
    click.option(
        "--init",
        type=OneOf([*METHODS, *ALIASES]),
        help="How to draw them, by torch's definitions [kaiming]. kaiming-a-sqrt5 is what torch "
        "itself does by default; torch-default is another name for it.",
    ),
    click.option("--digit", type=click.IntRange(0, 9), help="Show a sample digit as the input."),
    click.option(
        "--input",
        "input_",
        type=_FILE,
        metavar="FILE",
        help="Show another input: .npy, .npz, .csv, or a .png or .jpg, which is "
        "resized and scaled.",
    ),
    click.option(
        "--fit",
        type=OneOf(FITS),
        help="How a picture becomes as large as the input: with room at two sides, cut off at two "
        "sides, or out of proportion. By default contain where samples are digits, and the digit "
        "is then cut out and centred by its mass as MNIST's are; else stretch.",
    ),
    click.option(
        "--invert", is_flag=True, help="Turn a picture's light into dark: a photo of ink."
    ),
    click.option(
        "--style",
        type=OneOf(["sumproduct", "array"]),
        help="Spell convolutions as SUMPRODUCT or as array formulas [sumproduct].",
    ),
    click.option(
        "--relu",
        type=OneOf(["fused", "separate"]),
        help="Put a ReLU into the formula before it, or in cells of its own [fused].",
    ),
    click.option("--stats", is_flag=True, help="Add live statistics of every tensor."),
    click.option("--shapes", is_flag=True, help="Add the rule for every output's size, live."),
    click.option(
        "--probe",
        metavar="LAYER",
        help="Let the probe show what a unit of this layer sees [the last convolution].",
    ),
    click.option(
        "--paper",
        type=OneOf(list(PAPERS)),
        help="Print on pages of it, with whole planes on each [all on one page].",
    ),
    click.option(
        "--training",
        is_flag=True,
        help="Write every Dropout as it is in training, with random cells as its masks.",
    ),
    click.option(
        "--fold-batchnorm",
        "fold",
        is_flag=True,
        help="Multiply every BatchNorm2d into the convolution before it.",
    ),
)


def network_options(presets: Iterable[str], default: str = DEFAULT) -> Callable[[Command], Command]:
    """Return the decorator that gives a command these options, with the presets it knows."""
    preset = click.option(
        "--preset", type=OneOf(list(presets)), help=f"A ready network [{default}]."
    )

    def decorated(command: Command) -> Command:
        for option in reversed((preset, *_OPTIONS)):
            command = option(command)
        return command

    return decorated


def asked_for(options: Mapping[str, Any]) -> tuple[Sources, Look]:
    """Return what the options of `network_options` say."""
    one = options.__getitem__
    asked = Sources(
        one("preset"), one("spec"), one("weights"), one("seed"), one("init"), one("digit"),
        one("input_"), one("model"), one("training"), one("fold"), one("fit"), one("invert"),
    )  # fmt: skip
    look = Look(one("style"), one("relu"), one("stats"), one("shapes"), one("probe"), one("paper"))
    return asked, look
