"""Where a network, its weights and its input come from, and in which order they win.

Messages name what was asked for as the command line does: `--seed`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from xlconv.arrays import Shape, by_shape
from xlconv.errors import InputError, SpecError, WeightsError
from xlconv.interop import load_network
from xlconv.interop.inputs import Input, is_picture, read_input, read_weights
from xlconv.interop.npz import describes_itself
from xlconv.interop.pictures import Fit, Fitting, is_dark_at_its_borders
from xlconv.layers import Dropout
from xlconv.network.initialise import initialised
from xlconv.network.network import Network
from xlconv.network.spec import Spec, read_spec
from xlconv.presets import DEFAULT, LESSONS, PRESETS, Preset, sample_digit
from xlconv.presets.data import DIGIT_SIDE

_DIGIT_SHAPE = (1, DIGIT_SIDE, DIGIT_SIDE)


class Sources(Struct, frozen=True):
    """What was asked for; None where nothing was."""

    preset: str | None = None
    spec: Path | None = None
    weights: Path | None = None
    seed: int | None = None
    init: str | None = None
    digit: int | None = None
    input: Path | None = None
    model: Path | None = None
    training: bool = False
    fold: bool = False
    fit: Fit | None = None
    invert: bool = False

    @property
    def chosen_preset(self) -> Preset | None:
        """The preset, unless a description or a model takes its place."""
        described = self.spec is not None or self.model is not None
        return None if described else (PRESETS | LESSONS)[self.preset or DEFAULT]

    @property
    def draws_weights(self) -> bool:
        """Whether the seed is for weights: beside given ones it is for the masks of training."""
        given = self.weights is not None or self.model is not None
        return self.seed is not None and not (self.training and given)

    @property
    def warning(self) -> str:
        """The warning that drawn weights take the place of trained ones; "" where none do."""
        preset, drawn = self.chosen_preset, self.draws_weights or self.init is not None
        if preset is None or not preset.is_trained or self.weights is not None or not drawn:
            return ""
        return (
            f"weights: drawn from seed {self.seed or 0} ({self.init or 'kaiming'}), "
            f"not the trained ones of preset {preset.name}"
        )

    @property
    def place(self) -> str:
        """Where the network comes from, for messages."""
        return str(self.spec or self.model or f"preset {self.preset or DEFAULT}")

    def settled(self) -> Sources:
        """Return the sources with weights that describe their network as the model they are.

        Only where nothing else was asked for that says which network it is.
        """
        drawn = None if self.training else self.seed  # else it draws masks
        others = (self.preset, self.spec, self.model, drawn, self.init)
        if self.weights is None or any(one is not None for one in others):
            return self
        if not describes_itself(self.weights):
            return self
        return replace(self, model=self.weights, weights=None)


def chosen_network(sources: Sources) -> Network:
    """Return the network with its weights, as it is in training or folded where that was asked.

    Weights asked for by file or seed win over those of the preset or description.
    Raises SpecError, ShapeError, WeightsError and ModelError, with their place in front.
    """
    network = _as_described(sources)
    if sources.fold:
        folded = network.folded()
        if folded.layers == network.layers:
            raise SpecError(
                f"{sources.place}: --fold-batchnorm: no BatchNorm2d right after a Conv2d; "
                "expected one to fold"
            )
        network = folded
    if sources.training:
        if not any(isinstance(layer, Dropout) for layer in network.layers):
            raise SpecError(f"{sources.place}: --training: no Dropout; expected a network with one")
        network = network.in_training(sources.seed or 0)
    return network


def _as_described(sources: Sources) -> Network:
    if sources.model is not None:
        return _model(sources, sources.model)
    if sources.preset is not None and sources.spec is not None:
        raise SpecError("--preset and --spec: expected one of them")
    if sources.weights is not None and (sources.draws_weights or sources.init is not None):
        raise SpecError("--weights and --seed or --init: expected one source of weights")
    preset = sources.chosen_preset
    if preset is not None:
        return _weighted(preset.network(), sources, None)
    assert sources.spec is not None
    spec = read_spec(sources.spec)
    return _weighted(spec.network, sources, spec)


def _model(sources: Sources, path: Path) -> Network:
    others = {
        "--preset": sources.preset, "--spec": sources.spec, "--weights": sources.weights,
        "--seed": sources.seed if sources.draws_weights else None, "--init": sources.init,
    }  # fmt: skip
    for option, value in others.items():
        if value is not None:
            raise SpecError(f"--model and {option}: expected one of them; a model has its weights")
    return load_network(path)


def chosen_input(sources: Sources, network: Network) -> Input:
    """Return the input to show: a file, a sample digit, or the preset's own.

    A described network that takes no digit gets seeded numbers. Raises InputError.
    """
    shape = network.input_shape
    for option, is_asked in (("--fit", sources.fit is not None), ("--invert", sources.invert)):
        if is_asked and (sources.input is None or not is_picture(sources.input)):
            raise InputError(f"{option}: expected a picture, as in --input FILE.png")
    if sources.input is not None:
        if sources.digit is not None:
            raise InputError("--digit and --input: expected one of them")
        return read_input(sources.input, shape, _fitting(sources, network))
    if sources.digit is not None:
        if not 0 <= sources.digit <= 9:
            raise InputError(f"--digit {sources.digit}: expected one of 0 to 9")
        if not takes_digits(shape):
            raise InputError(
                f"--digit: samples are {by_shape(_DIGIT_SHAPE)}; "
                f"the network takes {by_shape(shape)}"
            )
        return Input(sample_digit(sources.digit, shape[1]))
    return _sample(sources, shape)


def _sample(sources: Sources, shape: Shape) -> Input:
    """Return what is shown where nothing was asked for."""
    if sources.chosen_preset is not None:
        return Input(sources.chosen_preset.sample())
    if takes_digits(shape):
        return Input(sample_digit(PRESETS[DEFAULT].digit, shape[1]))
    drawn = np.round(np.random.default_rng(sources.seed or 0).uniform(size=shape), 2)
    return Input(
        drawn, f"input: seeded numbers of shape {by_shape(shape)}; --input FILE shows your own"
    )


def _fitting(sources: Sources, network: Network) -> Fitting:
    """Return how a picture is fitted: by default as the digits are where a sample is shown."""
    shape = network.input_shape
    sample = _sample(sources, shape).values
    digit = takes_digits(shape) and any(
        np.array_equal(sample, sample_digit(one, shape[1])) for one in range(10)
    )
    fit: Fit = sources.fit or ("contain" if digit else "stretch")
    return Fitting(fit, sources.invert, digit, is_dark_at_its_borders(sample))


def takes_digits(shape: Shape) -> bool:
    """Whether a network's input has room for a sample digit: one square channel, 28 or wider."""
    return len(shape) == 3 and shape[0] == 1 and shape[1] == shape[2] >= DIGIT_SIDE


def _weighted(network: Network, sources: Sources, spec: Spec | None) -> Network:
    asked = sources.draws_weights or sources.init is not None
    path = sources.weights or (spec.weights if spec is not None and not asked else None)
    if path is not None:
        state = read_weights(path)
        try:
            return network.with_state(state)
        except WeightsError as error:
            raise error.at(path) from None
    if spec is None and not asked:
        return network
    seed, init = sources.seed, sources.init
    if spec is not None:
        seed, init = seed if seed is not None else spec.seed, init or spec.init
    return initialised(network, seed or 0, init or "kaiming")
