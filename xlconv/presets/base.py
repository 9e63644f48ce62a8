"""What a preset is, and how its numbers become a network's: trained ones, or written by hand.

Names no network; the presets do, one file each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike

from xlconv.arrays import Array
from xlconv.layers.base.place import Spelling
from xlconv.layout.layout import Layout
from xlconv.layout.placed_network import PlacedNetwork
from xlconv.lowering.book import Book, book_of
from xlconv.lowering.strip import head_strip, strip
from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.presets.data import load, sample_digit

Matrix = Sequence[Sequence[float]]


def trained_network(spec: dict[str, Any]) -> Network:
    """Return a described network with the weights that were trained for the preset of its name."""
    return network_of(spec).with_state(load(spec["name"]))


def kernels_of(*kernels: Matrix) -> Array:
    """Return kernels of one input channel as torch stacks them: (O, H, W) -> (O, 1, H, W)."""
    return np.array(kernels, np.float64)[:, None]


def image_of(rows: Matrix) -> Array:
    """Return an image of one channel: (H, W) -> (1, H, W)."""
    return np.array(rows, np.float64)[None]


class Preset(Struct, frozen=True):
    """A ready network with its weights, its sample input and, if need be, its own arrangement.

    `arrange` is None where the strip serves; otherwise it gives the one layout the
    preset has, whose spelling is not to be chosen. `picture` is what it shows where that
    is not the sample `digit`; `remarks` are lines for the panel. `heads` makes other
    networks of the network, which have all but their last layer in common with it and
    stand on the same sheet; `beside` gives networks that share no more than the input,
    with their layouts. The weights of those that are trained are worth a line where others
    take their place.
    """

    name: str
    summary: str
    network: Callable[[], Network]
    digit: int = 7
    arrange: Callable[[Network], Layout] | None = None
    picture: Callable[[], Array] | None = None
    remarks: tuple[str, ...] = ()
    heads: Callable[[Network], tuple[Network, ...]] | None = None
    beside: Callable[[Network, Layout], tuple[PlacedNetwork, ...]] | None = None
    is_trained: bool = False

    def layout(
        self,
        network: Network,
        *,
        spelling: Spelling = Spelling(),
        fuse: bool = True,
        probed: str | None = None,
    ) -> Layout:
        """Return the layout of the preset's network."""
        if self.arrange is not None:
            return self.arrange(network)
        return strip(
            network, spelling=spelling, fuse=fuse, sheet=self.name, remarks=self.remarks,
            probed=probed,
        )  # fmt: skip

    def heads_of(self, network: Network, layout: Layout) -> tuple[PlacedNetwork, ...]:
        """Return the other networks on the sheet of the preset's network."""
        networks = () if self.heads is None else self.heads(network)
        others = () if self.beside is None else self.beside(network, layout)
        made = (PlacedNetwork(one, head_strip(one, layout, k)) for k, one in enumerate(networks))
        return (*made, *others)

    def sample(self) -> Array:
        """Return the input that the preset shows."""
        if self.picture is not None:
            return self.picture()
        return sample_digit(self.digit)

    def book(self, network: Network | None = None, x: ArrayLike | None = None) -> Book:
        """Return the preset's finished workbook, with its own weights and input by default."""
        network = network or self.network()
        layout = self.layout(network)
        shown = self.sample() if x is None else x
        return book_of(network, layout, shown, self.heads_of(network, layout))
