"""The table of a network's layers, for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from xlconv.book import Head
from xlconv.layout import Layout, shared_tensors
from xlconv.network import Network
from xlconv.plane import Plane


def print_layers(networks: Sequence[Head]) -> None:
    """Print name, type, output shape, parameters, multiplications and cells of every layer.

    Of other heads of a network, the layers that it does not have.
    """
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in ("name", "type", "output"):
        table.add_column(title, no_wrap=True)
    for title in ("parameters", "multiplications"):
        table.add_column(title, justify="right")
    table.add_column("cells", overflow="fold")
    first = networks[0]
    _add_layers(table, first.network, first.layout, 0)
    for head in networks[1:]:
        shared = shared_tensors(first.layout, head.layout)
        _add_layers(table, head.network, head.layout, shared)
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=120)
    console.print(table)


def _add_layers(table: Table, network: Network, layout: Layout, shared: int) -> None:
    shapes = network.shapes
    if not shared:
        table.add_row("input", "", _shape(shapes[0]), "", "", _cells(layout.places[0].planes))
    for index, (name, layer) in enumerate(zip(network.names, network.layers, strict=True)):
        if index + 1 < shared:
            continue
        parameters = sum(value.size for value in layer.parameters().values())
        products = layer.multiplications(shapes[index])
        place = layout.places[index + 1]
        if place.planes:
            where = _cells(place.planes)
        else:
            where = "as it stands" if layer.is_view else f"in {network.names[index + 1]}"
        kind = f"{type(layer).__name__} {layer.describe()}".strip()
        table.add_row(
            name, kind, _shape(shapes[index + 1]),
            f"{parameters:,}" if parameters else "", f"{products:,}" if products else "", where,
        )  # fmt: skip


def _shape(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))


def _cells(planes: tuple[Plane, ...]) -> str:
    names = [plane.range.name for plane in planes]
    if len(names) <= 2:
        return ", ".join(names)
    return f"{names[0]} … {names[-1]} ({len(names)} planes)"
