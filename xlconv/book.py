"""A network's finished workbook: cells, look, names and properties in one step."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from numpy.typing import ArrayLike

from xlconv.dress import dress
from xlconv.layers.base import Array
from xlconv.layout import Layout
from xlconv.lowering import workbook_of
from xlconv.names import defined_names
from xlconv.network import Network
from xlconv.sheet import Workbook
from xlconv.spec import FINGERPRINT_PROPERTY, SPEC_PROPERTY, spec_of
from xlconv.xlsx.look import Look
from xlconv.xlsx.write import write_xlsx


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook with its look, and the activations that its cached values are."""

    workbook: Workbook
    look: Look
    activations: list[Array]

    def write(self, path: str | Path, *, replace: bool = False) -> None:
        """Write the .xlsx file, whole or not at all; see `write_xlsx`."""
        write_xlsx(self.workbook, path, self.look, replace=replace)


def book_of(
    network: Network,
    layout: Layout,
    x: ArrayLike,
    beside: Sequence[tuple[Network, Layout]] = (),
) -> Book:
    """Return the finished workbook of a network for the input `x`.

    Further networks may stand `beside` it and read the same input; the workbook is
    described as the first one's.

    Raises InputError for another input shape, and LayoutError where cells collide
    or a formula is too long.
    """
    values = network.activations(x)
    others = [(one, place, one.activations(x)) for one, place in beside]
    cells = workbook_of(network, layout, values, others)
    look = dress(network, layout, values)
    for part in others:
        look.add(dress(*part))
    properties = (
        (SPEC_PROPERTY, json.dumps(spec_of(network), separators=(",", ":"))),
        (FINGERPRINT_PROPERTY, network.fingerprint()),
    )
    named = replace(cells, names=defined_names(network, layout), properties=properties)
    return Book(named, look, values)
