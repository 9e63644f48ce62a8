"""A network with the cells that hold it: what a sheet of several networks is a list of.

Only joins the two nouns; never looks whether the layout fits the network.
"""

from __future__ import annotations

from dataclasses import dataclass

from xlconv.layout.layout import Layout
from xlconv.network.network import Network


@dataclass(frozen=True, slots=True)
class PlacedNetwork:
    """A network and the layout of its tensors; a sheet may hold several that share tensors."""

    network: Network
    layout: Layout
