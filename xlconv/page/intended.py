"""The tensors that a workbook should have, where its own formulas do not spell all of them.

One wrong plane keeps its network from being recognised, and that plane is what one wants to see:
so the page draws what is intended where it is intended. Never looks at a formula.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any

from xlconv.layers import Layer
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.network.network import Network
from xlconv.page.tensors import head_json, layers_json, plane_json
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.verification.facts import Scores
from xlconv.verification.intended.intention import Intention
from xlconv.verification.intended.sources import Wanted, intentions_of

Json = dict[str, Any]


def unrecognised(book: LiftedWorkbook, wanted: Wanted | None) -> tuple[Intention, ...]:
    """Return what a workbook should compute, where it spells not all of that and places are known.

    Empty where its formulas spell every network, or nobody says where one stands.
    """
    networks = book.description.networks if wanted is None else [one for one, _ in wanted.networks]
    if all(any(_is_same(one.network, each) for one in book.networks) for each in networks):
        return ()
    intentions = intentions_of(book, wanted, Scores(book))
    is_placed = bool(intentions) and all(one.stages and not one.unplaced for one in intentions)
    return intentions if is_placed else ()


def _is_same(one: Network, other: Network) -> bool:
    return one.names == other.names and one.shapes == other.shapes


def intended_tensors(intentions: Sequence[Intention]) -> list[Json]:
    """Return the tensors of networks at their places, as `tensors_json` has them."""
    found: dict[tuple[int, tuple[Plane, ...]], Json] = {}
    for one in intentions:
        numbers: dict[int, int] = {}
        for tensor, sources, made in _tensors(one):
            place = one.sheet, one.planes_of(tensor)
            if place not in found:
                known = [numbers[source] for source in sources]
                found[place] = made | {"id": len(found), "sources": known}
            numbers[tensor] = found[place]["id"]
        found[place] |= head_json(one.network)
    return list(found.values())


def _tensors(one: Intention) -> Iterator[tuple[int, tuple[int, ...], Json]]:
    """Yield the input and every stage: the network's numbers of it and of what it reads."""
    network = one.network
    names = [{"name": "input", "shape": list(network.shapes[0])}]
    yield 0, (), _tensor(one, 0, "input", []) | {"names": names}
    after = 0
    for stage in one.stages:
        own = range(after, stage.last + 1)
        after = stage.last + 1
        size = prod(network.shapes[stage.tensor])
        names = [
            {"name": network.names[k], "shape": list(network.shapes[k + 1])}
            for k in own if prod(network.shapes[k + 1]) == size
        ]  # fmt: skip
        name = one.name_of(stage)
        made = _tensor(one, stage.tensor, name, [network.layers[k] for k in own])
        yield stage.tensor, stage.sources, (
            made | {"names": names} | _parameters(one, stage.first, name)
        )  # fmt: skip


def _tensor(one: Intention, tensor: int, name: str, layers: list[Layer]) -> Json:
    return {
        "name": name, "sheet": one.sheet, "is_input": not tensor,
        "shape": list(one.network.shapes[tensor]),
        "planes": [plane_json(plane) for plane in one.planes_of(tensor)],
        "halo": list(one.layout.places[tensor].halo[:4]), "layers": layers_json(layers),
        "parameters": sum(array.size for layer in layers for array in layer.parameters().values()),
        "kernels": [], "biases": [], "entries": [],
    }  # fmt: skip


def _parameters(one: Intention, index: int, name: str) -> Json:
    """Return where the parameters of a layer stand: kernels by output, others cell by cell."""
    layer, tables = one.network.layers[index], one.layout.places[index + 1].tables
    shapes = {key: list(array.shape) for key, array in layer.parameters().items()}
    entries, kernels = [], []
    for key, groups in tables.items():
        if key == "weight":
            kernels = [[plane_json(plane) for plane in group] for group in groups]
            planes = [plane for group in kernels for plane in group]
        else:
            planes = [
                [row, column, 1, 1, 1, 1] for group in groups for plane in group
                for row, column in zip(*(some.tolist() for some in plane.cells()), strict=True)
            ]  # fmt: skip
        entries.append({
            "name": f"{name}.{key}", "kind": "weight" if key == "weight" else "bias",
            "sheet": one.sheet, "shape": shapes.get(key, [len(planes)]), "planes": planes,
        })  # fmt: skip
    return {"kernels": kernels, "entries": entries}
