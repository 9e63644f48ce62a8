"""What a layer would give with a slip in it, held against what its cells give.

However the cells are spelled: where they give just what the layer gives without its bias,
that is what is wrong with them. Tried on the numbers of one draw; names no layer.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import numpy as np
from msgspec.structs import replace

from xlconv.arrays import Array
from xlconv.errors import XlconvError
from xlconv.verification.tolerance import Tolerance
from xlconv.verification.trials.drawn import DrawnStage
from xlconv.verification.trials.tried import TriedStage

# The kernels of so few channels are tried in every order.
_MOST_PERMUTED = 4
_MOST_WEIGHTS = 32
_TOLERANCE = Tolerance(1e-9, 1e-9)


def slip_of(tried: TriedStage, drawn: DrawnStage) -> str:
    """Return the one slip with which a stage gives what its wrong cells give; "" if none does."""
    outputs = tried.outputs
    found = np.concatenate([one.found for one in outputs])
    wrong = np.concatenate([one.differs for one in outputs])
    if np.isnan(found[wrong]).any():
        return ""
    with np.errstate(all="ignore"):  # a variance below 0 is a slip that nobody makes
        for words, y in _slips(tried, drawn):
            if y.size == found.size and _TOLERANCE.close(found[wrong], y.ravel()[wrong]).all():
                return words
    return ""


def _slips(tried: TriedStage, drawn: DrawnStage) -> Iterator[tuple[str, Array]]:
    """Yield slips in words, each with what the stage then gives."""
    intention, stage = tried.intention, tried.stage
    names = intention.network.names[stage.first : stage.last + 1]
    for k, layer in enumerate(drawn.layers[1:], 1):
        fewer = replace(drawn, layers=(*drawn.layers[:k], *drawn.layers[k + 1 :]))
        yield f"{names[k]} ({layer.title}) is missing", fewer.output()
    for words, other in _other_layers(drawn):
        try:
            yield words, other.output()
        except XlconvError:
            continue


def _other_layers(drawn: DrawnStage) -> Iterator[tuple[str, DrawnStage]]:
    first, *fused = drawn.layers
    parameters = first.parameters()

    def given(name: str, value: Array) -> DrawnStage:
        layer = first.with_parameters({**parameters, name: value})
        return replace(drawn, layers=(layer, *fused))

    for name, value in parameters.items():
        if value.ndim == 1:
            yield f"the {name} is not added", given(name, np.zeros_like(value))
            yield f"the {name} is added twice", given(name, 2 * value)
            yield f"the {name} is taken off", given(name, -value)
            first_of_all = given(name, np.full_like(value, value[0]))
            yield f"every output has the {name} of the first", first_of_all
        if value.ndim == 4:
            yield "the kernel is turned by 180°", given(name, value[..., ::-1, ::-1])
            if value.shape[2] == value.shape[3]:
                yield "the kernel is transposed", given(name, value.swapaxes(2, 3))
        if value.ndim == 4 and value[0].size <= _MOST_WEIGHTS:
            for at in np.ndindex(value.shape[1:]):
                without = value.copy()
                without[(slice(None), *at)] = 0
                where = ", ".join(map(str, at))
                yield f"the {name} [:, {where}] is left out", given(name, without)
        for order in _orders(len(value)):
            words = "swapped" if len(order) == 2 else "in another order"
            what = "kernels" if value.ndim == 4 else f"{name}s".replace("biass", "biases")
            yield f"the {what} of the planes are {words}", given(name, value[list(order)])
    for order in _orders(min(map(len, parameters.values()), default=0)):
        every = {name: value[list(order)] for name, value in parameters.items()}
        other = replace(drawn, layers=(first.with_parameters(every), *fused))
        yield "the planes are " + ("swapped" if len(order) == 2 else "in another order"), other
    for k, x in enumerate(drawn.read[0] if drawn.read[0].ndim == 3 else ()):
        less = drawn.read[0].copy()
        less[k] = 0 * x
        yield (
            f"plane {k} of what it reads is left out",
            replace(drawn, read=(less, *drawn.read[1:])),
        )


def _orders(count: int) -> Iterator[tuple[int, ...]]:
    if 2 <= count <= _MOST_PERMUTED:
        yield from (one for one in permutations(range(count)) if one != tuple(range(count)))
