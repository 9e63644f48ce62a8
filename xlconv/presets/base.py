"""What a preset is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xlconv.arrange import strip
from xlconv.layers.base import Array
from xlconv.layout import Layout
from xlconv.network import Network
from xlconv.plane import Spelling
from xlconv.presets.data import sample_digit


@dataclass(frozen=True, slots=True)
class Preset:
    """A ready network with its weights, its sample digit and, if need be, its own arrangement.

    `arrange` is None where the strip serves; otherwise it gives the one layout the
    preset has, whose spelling is not to be chosen.
    """

    name: str
    summary: str
    network: Callable[[], Network]
    digit: int = 7
    arrange: Callable[[Network], Layout] | None = None

    def layout(
        self, network: Network, *, spelling: Spelling = Spelling(), fuse: bool = True
    ) -> Layout:
        """Return the layout of the preset's network."""
        if self.arrange is not None:
            return self.arrange(network)
        return strip(network, spelling=spelling, fuse=fuse, sheet=self.name)

    def sample(self) -> Array:
        """Return the input that the preset shows, (1, 28, 28)."""
        return sample_digit(self.digit)
