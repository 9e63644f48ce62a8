"""A network with the cells that hold it: what a sheet of several networks is a list of.

Only joins the two nouns; never looks whether the layout fits the network.
"""

from __future__ import annotations

from msgspec import Struct

from xlconv.layout.layout import Layout
from xlconv.network.network import Network
from xlconv.network.shown import Shown


class PlacedNetwork(Shown, Struct, frozen=True):
    """A network and the layout of its tensors; a sheet may hold several that share tensors."""

    network: Network
    layout: Layout


class PlacedNetworks(Shown, tuple[PlacedNetwork, ...]):
    """The placed networks of a workbook, in order."""

    __slots__ = ()
