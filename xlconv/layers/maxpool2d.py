"""MaxPool2d: the maximum over windows of each plane."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xlconv.arrays import Array
from xlconv.layers.base.geometry import WindowGeometry
from xlconv.layers.base.layer import OUTPUT, Layer
from xlconv.layers.base.match import IsActivation, Match
from xlconv.layers.base.pool2d import Pool2d, window_of
from xlconv.spreadsheet.formula import Call, Node

# What a padded cell holds: MAX skips text, as if it were minus infinity.
MINUS_INFINITY = "−∞"


class MaxPool2d(Pool2d, frozen=True):
    """Maximum over kh x kw windows. (C, H, W) -> (C, H', W'); torch.nn.MaxPool2d.

    The shape rule is that of Pool2d. Padding counts as minus infinity.
    """

    short = "pool"
    meaning = "the largest number of the window"
    function = "MAX"
    EXAMPLES = (
        ((2, 6, 6), {"kernel_size": 2}),
        ((1, 7, 8), {"kernel_size": 3, "stride": 2, "padding": 1}),
        ((2, 5, 7), {"kernel_size": [2, 3], "stride": [2, 1]}),
        ((1, 5, 7), {"kernel_size": 2, "ceil_mode": True}),
        ((1, 6, 6), {"kernel_size": 3, "stride": 1}),
    )

    @property
    def fill(self) -> str:
        return MINUS_INFINITY

    def forward(self, x: Array) -> Array:
        maxima: Array = self.windows(x, -np.inf).max(axis=(3, 4))
        return maxima

    @classmethod
    def match(cls, tree: Node, is_activation: IsActivation) -> Match | None:
        window = window_of(_compared(tree))
        return None if window is None or window == tree else Match(OUTPUT, (window,))

    @classmethod
    def from_geometry(cls, geometry: WindowGeometry) -> Layer | None:
        return next(cls.pools_of(geometry), None)


def _compared(tree: Node) -> Iterator[Node]:
    """Yield what a tree is the largest of, MAX in MAX included; a tree that is no MAX as it is."""
    match tree:
        case Call("MAX", arguments):
            for one in arguments:
                yield from _compared(one)
        case _:
            yield tree
