"""The tensors of a workbook's networks for the page: names, shapes, and where they stand.

A plane is (row, column, height, width, step down, step to the right). Asks layers what the
page needs to draw, and never which layer it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from math import prod
from typing import Any

from xlconv.errors import InputError
from xlconv.layers import Layer
from xlconv.layers.base.answers import Probabilities
from xlconv.layout.links import KernelMenu, TiedCell
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.lifting.matching.tensors import Tensor
from xlconv.lifting.networks import LiftedNetwork
from xlconv.network.network import Network
from xlconv.page.part import Part
from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.workbook import text_at

Json = dict[str, Any]
_WORDS = {Probabilities.OF_ONE_CLASS: "one", Probabilities.OF_EACH_LABEL: "each"}


def tensors_json(book: LiftedWorkbook) -> list[Json]:
    """Return every tensor of the networks, by its number, what is read before what reads it."""
    told: dict[int, Json] = {}
    for one in book.networks:
        for tensors in one.samples:
            for number, layers, names in _stages(one, tensors):
                known = told.get(number)
                if known is None:
                    told[number] = _tensor(book, number, layers, names)
                else:
                    known["names"] += [name for name in names if name not in known["names"]]
            last = told[max(place for place in tensors if place >= 0)]
            last |= head_json(one.network)
    return [told[number] for number in sorted(told)]


def _stages(
    one: LiftedNetwork, tensors: tuple[int, ...]
) -> Iterator[tuple[int, list[Layer], list[Json]]]:
    """Yield the tensors that have cells, the layers that share them, and all their names."""
    network = one.network
    yield tensors[0], [], [{"name": "input", "shape": list(network.shapes[0])}]
    layers: list[Layer] = []
    names: list[Json] = []
    for k, (layer, name) in enumerate(zip(network.layers, network.names, strict=True)):
        layers.append(layer)
        names.append({"name": name, "shape": list(network.shapes[k + 1])})
        place = tensors[k + 1]
        if place >= 0:
            size = prod(network.shapes[k + 1])
            yield place, layers, [each for each in names if prod(each["shape"]) == size]
            layers, names = [], []


def head_json(network: Network) -> Json:
    """Return what a network's last numbers are: probabilities, of which classes."""
    if not network.layers:
        return {}
    probabilities = network.layers[-1].probabilities
    kind = None if probabilities is None else _WORDS[probabilities]
    return {"probabilities": kind, "classes": list(network.classes)}


def _tensor(book: LiftedWorkbook, number: int, layers: list[Layer], names: list[Json]) -> Json:
    tensor = book.lifted.tensors[number]
    own, *others = book.entries[number]
    return {
        "id": number, "name": own.name, "sheet": tensor.sheet, "shape": list(tensor.shape),
        "planes": [plane_json(one) for one in tensor.planes], "sources": list(tensor.sources),
        "is_input": not tensor.sources,
        "halo": _halo(book, number), "names": names,
        "layers": layers_json(layers),
        "parameters": sum(array.size for one in layers for array in one.parameters().values()),
        "kernels": [[plane_json(plane) for plane in planes] for planes in tensor.kernels],
        "biases": [plane_json(plane) for plane in tensor.biases],
        "entries": [
            {"name": one.name, "kind": one.kind, "sheet": one.sheet, "shape": list(one.shape),
             "planes": [plane_json(plane) for plane in one.planes]}
            for one in others
        ],
    }  # fmt: skip


def layers_json(layers: list[Layer]) -> list[Json]:
    """Return what layers are, and what they do in words."""
    return [{"title": one.title, "meaning": str(getattr(one, "meaning", ""))} for one in layers]


def plane_json(plane: Plane) -> list[int]:
    """Return row, column, height, width, and the steps down and to the right."""
    return [*plane.origin, *plane.shape, *plane.step]


def _halo(book: LiftedWorkbook, number: int) -> list[int]:
    """Return how many entries around its planes their readers see: top, bottom, left, right."""
    tensor = book.lifted.tensors[number]
    sides = [0, 0, 0, 0]
    areas = [(tensor.planes[one.plane], one.lattice.range) for one in tensor.border]
    areas += [(one.plane, one.cells) for one in _overhangs(book, number, tensor)]
    for plane, area in areas:
        own, (down, right) = plane.range, plane.step
        beyond = (own.top - area.top, area.bottom - own.bottom)
        beside = (own.left - area.left, area.right - own.right)
        reach = [-(-one // down) for one in beyond] + [-(-one // right) for one in beside]
        sides = [max(one) for one in zip(sides, reach, strict=True)]
    return sides


def _overhangs(book: LiftedWorkbook, number: int, tensor: Tensor) -> Iterator[Any]:
    for reader in book.lifted.tensors:
        if number in reader.sources:
            yield from (one for one in reader.overhangs if one.plane in tensor.planes)


def chosen(tensors: list[Json], names: Sequence[str], path: str) -> list[Json]:
    """Return the tensors of some names, each with those of them that it is made of, if from afar.

    Raises InputError for a name that none has, told with the path.
    """
    known = {one["name"]: None for tensor in tensors for one in tensor["names"]}
    for name in names:
        if name not in known:
            raise InputError(f"{path}: no layer {name!r}; expected some of {', '.join(known)}")
    shown = {one["id"] for one in tensors if any(each["name"] in names for each in one["names"])}
    # Of each tensor the shown ones that it is made of, through those that are not.
    nearest: dict[int, list[int]] = {}
    for one in tensors:
        before = [[each] if each in shown else nearest.get(each, []) for each in one["sources"]]
        nearest[one["id"]] = list(dict.fromkeys(chain.from_iterable(before)))
    return [one | {"sources": nearest[one["id"]]} for one in tensors if one["id"] in shown]


def choices_json(book: LiftedWorkbook, part: Part) -> list[Json]:
    """Return the cells in which a kernel is chosen by its name, and the names there are."""
    found = []
    for link in book.lifted.links:
        if isinstance(link.what, KernelMenu) and part.has(book.workbook, link.sheet, link.what.key):
            area, sheet = link.what.names, book.workbook.sheets[link.sheet]
            cells = [(row, area.left) for row in range(area.top, area.bottom + 1)]
            names = [text_at(sheet, cell) for cell in cells]
            found.append({
                "sheet": link.sheet, "cell": list(link.what.key),
                "names": [name for name in names if name],
                "plane": plane_json(link.what.plane),
            })  # fmt: skip
    return found


def ties_json(book: LiftedWorkbook) -> list[Json]:
    """Return the numbers that several cells of parameters share, each with the cells."""
    cells: dict[tuple[int, Cell], list[list[int]]] = {}
    for link in book.lifted.links:
        if isinstance(link.what, TiedCell):
            cells.setdefault((link.sheet, link.what.number), []).append(list(link.what.cell))
    return [
        {"sheet": sheet, "number": list(number), "cells": cells[sheet, number]}
        for sheet, number in sorted(cells)
    ]
