"""A network line by line: what each layer is, what it costs, and where it stands.

Only lines of facts; `report` prints them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from msgspec import Struct

from xlconv.arrays import Array, Shape
from xlconv.layers import Layer
from xlconv.layers.base.answers import Probabilities
from xlconv.network.network import Network
from xlconv.spreadsheet.blocks.plane import Plane


class Line(Struct, frozen=True):
    """The input (without a layer) or a layer: options in words, shapes, costs and cells.

    `where` says instead of `ranges` why a layer has no cells of its own.
    """

    name: str
    layer: Layer | None
    input_shape: Shape
    output_shape: Shape
    ranges: tuple[str, ...]
    where: str = ""

    @property
    def type(self) -> str:
        """The layer's class, or Input."""
        return type(self.layer).__name__ if self.layer else "Input"

    @property
    def describe(self) -> str:
        """The options in a few words: `3×3, stride 2`."""
        return self.layer.describe() if self.layer else ""

    @property
    def parameters(self) -> int:
        """How many trainable numbers there are."""
        return sum(one.size for one in self.layer.parameters().values()) if self.layer else 0

    @property
    def multiplications(self) -> int:
        """How many products one forward pass takes."""
        return self.layer.multiplications(self.input_shape) if self.layer else 0

    @property
    def row(self) -> Row:
        """The same without the layer."""
        return Row(
            self.name, self.type, self.describe, self.input_shape, self.output_shape,
            self.parameters, self.multiplications, self.ranges, self.where,
        )  # fmt: skip


class Row(Struct, frozen=True):
    """A line in words and numbers, without the layer and its weights: light to keep and to send."""

    name: str
    type: str
    describe: str
    input_shape: Shape
    output_shape: Shape
    parameters: int
    multiplications: int
    ranges: tuple[str, ...]
    where: str


_EVEN = 0.5
AnyLine = TypeVar("AnyLine", Line, Row)


def summary_of(network: Network, planes: Sequence[tuple[Plane, ...]] | None = None) -> list[Line]:
    """Return a line for the input and for every layer; `planes` are where each one stands.

    They are None for a network that stands nowhere.
    """
    every = planes or [()] * len(network.shapes)
    ranges = [tuple(plane.range.name for plane in some) for some in every]
    shapes, names = network.shapes, network.names
    lines = [Line("input", None, shapes[0], shapes[0], ranges[0])]
    for k, (name, layer) in enumerate(zip(names, network.layers, strict=True)):
        where = ""
        if planes and not ranges[k + 1]:
            where = "as it stands" if layer.is_view else f"in {names[k + 1]}"
        read = network.shape_read(k)
        lines.append(Line(name, layer, read, shapes[k + 1], ranges[k + 1], where))
    return lines


def predicted(network: Network, output: Array) -> str:
    """Return the class that is predicted, or those whose own probability says so; "" for none."""
    if output.ndim != 1:
        return ""
    known = network.classes if len(network.classes) == len(output) else range(len(output))
    shares = [f"{name} ({one:.1%})" for name, one in zip(known, output.tolist(), strict=True)]
    found = network.probabilities(len(network.layers))
    if found is Probabilities.OF_EACH_LABEL:
        there = [share for share, one in zip(shares, output, strict=True) if one >= _EVEN]
        return f"predicted labels: {', '.join(there) or 'none'}"
    if found is Probabilities.OF_ONE_CLASS:
        return f"predicted class: {shares[int(output.argmax())]}"
    return ""


def joined(networks: Iterable[tuple[int, Sequence[AnyLine]]]) -> list[list[AnyLine]]:
    """Return the lines of networks, each given with the number of its sheet.

    Of a network that has the first tensors in common with one before, more than the
    input, the other lines follow on that one's: it is another head.
    """
    tables: list[tuple[int, list[AnyLine]]] = []
    for sheet, lines in networks:
        for home, before in tables:
            shared = shared_lines(before, lines) if home == sheet else 0
            if shared > 1:
                before.extend(lines[shared:])
                break
        else:
            tables.append((sheet, list(lines)))
    return [lines for _, lines in tables]


def shared_lines(before: Sequence[AnyLine], lines: Sequence[AnyLine]) -> int:
    """Return how many lines, counted from the input, two networks on one sheet have in common."""
    count = 0
    for k, (one, other) in enumerate(zip(before, lines, strict=False), 1):
        if one.ranges != other.ranges:
            break
        if one.ranges:
            count = k
    return count
