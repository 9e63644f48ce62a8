"""Where a network, its weights and its input come from, and in which order they win."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xlconv.errors import InputError, SpecError, WeightsError
from xlconv.initialise import initialised
from xlconv.inputs import Input, read_input, read_weights
from xlconv.network import Network
from xlconv.presets import DEFAULT, PRESETS, Preset, sample_digit
from xlconv.spec import Spec, read_spec

_DIGIT_SHAPE = (1, 28, 28)


@dataclass(frozen=True, slots=True)
class Sources:
    """What was asked for; None where nothing was."""

    preset: str | None = None
    spec: Path | None = None
    weights: Path | None = None
    seed: int | None = None
    init: str | None = None
    digit: int | None = None
    input: Path | None = None

    @property
    def chosen_preset(self) -> Preset | None:
        """The preset, unless a description takes its place."""
        return None if self.spec is not None else PRESETS[self.preset or DEFAULT]


def chosen_network(sources: Sources) -> Network:
    """Return the network with its weights.

    Weights asked for by file or seed win over those of the preset or description.
    Raises SpecError, ShapeError and WeightsError, with their place in front.
    """
    if sources.preset is not None and sources.spec is not None:
        raise SpecError("--preset and --spec: expected one of them")
    if sources.weights is not None and (sources.seed is not None or sources.init is not None):
        raise SpecError("--weights and --seed or --init: expected one source of weights")
    preset = sources.chosen_preset
    if preset is not None:
        return _weighted(preset.network(), sources, None)
    assert sources.spec is not None
    spec = read_spec(sources.spec)
    return _weighted(spec.network, sources, spec)


def chosen_input(sources: Sources, network: Network) -> Input:
    """Return the input to show: a file, a sample digit, or the preset's own.

    A described network that takes no digit gets seeded numbers. Raises InputError.
    """
    shape = network.input_shape
    if sources.input is not None:
        if sources.digit is not None:
            raise InputError("--digit and --input: expected one of them")
        return read_input(sources.input, shape)
    if sources.digit is not None:
        if shape != _DIGIT_SHAPE:
            raise InputError(f"--digit: samples are {_DIGIT_SHAPE}; the network takes {shape}")
        return Input(sample_digit(sources.digit))
    preset = sources.chosen_preset or PRESETS[DEFAULT]
    if shape == _DIGIT_SHAPE:
        return Input(preset.sample())
    drawn = np.round(np.random.default_rng(sources.seed or 0).uniform(size=shape), 2)
    return Input(drawn, f"input: seeded numbers of shape {shape}; --input FILE shows your own")


def _weighted(network: Network, sources: Sources, spec: Spec | None) -> Network:
    asked = sources.seed is not None or sources.init is not None
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
