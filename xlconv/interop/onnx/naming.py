"""The names that a network had before it became formulas or operators."""

from __future__ import annotations

import json

from msgspec.structs import replace

from xlconv.errors import XlconvError
from xlconv.network.network import Network
from xlconv.network.spec import network_of


def named_as_described(network: Network, description: str) -> Network:
    """Return the network with the names, classes and title of a description as JSON.

    Unchanged where the description is none, or is of other layers or shapes.
    """
    try:
        table = json.loads(description)
        described = network_of(table) if isinstance(table, dict) else None
    except (XlconvError, ValueError, TypeError, AttributeError, RecursionError):
        return network
    if (
        described is None
        or described.shapes != network.shapes
        or _kinds(described) != _kinds(network)
    ):
        return network
    return replace(network, names=described.names, classes=described.classes, name=described.name)


def _kinds(network: Network) -> list[type]:
    return [type(layer) for layer in network.layers]
