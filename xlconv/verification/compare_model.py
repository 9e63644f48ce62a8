"""A recovered network against a given model: weights, structure and output.

Parameters are matched by name where the names agree, and otherwise in order; shapes
must agree either way. Also compares with the fingerprint in our own files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from xlconv.arrays import Array
from xlconv.errors import XlconvError
from xlconv.layout.links import KernelMenu
from xlconv.lifting.description import Description
from xlconv.lifting.matching.tensors import Lifted, Tensor
from xlconv.lifting.networks import LiftedNetwork
from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import Cell, a1_name
from xlconv.spreadsheet.workbook import Workbook
from xlconv.verification.findings import Finding, Severity
from xlconv.verification.tolerance import Tolerance


def compare_model(
    model: LiftedNetwork,
    lifted: Lifted,
    workbook: Workbook,
    state: Mapping[str, ArrayLike],
    values: dict[int, Array],
    tolerance: Tolerance,
) -> Iterator[Finding]:
    """Yield what differs from the given parameters; `values` are the tensors' values found."""
    sheet = workbook.sheets[model.sheet].name
    own = model.network.state()
    given = {key: np.asarray(value, np.float64) for key, value in state.items()}
    named = given if set(given) == set(own) else dict(zip(own, given.values(), strict=False))
    shapes = [value.shape for value in own.values()]
    if len(given) != len(own) or [named[key].shape for key in own] != shapes:
        found = ", ".join(f"{key} {value.shape}" for key, value in own.items()) or "none"
        wanted = ", ".join(f"{key} {value.shape}" for key, value in given.items()) or "none"
        message = f"parameters {found}; the model has {wanted}"
        first = lifted.tensors[model.tensors[0]].planes[0].origin
        yield Finding("M503", sheet, a1_name(first), message, found, wanted)
        return
    cells = dict(_parameter_cells(model, lifted))
    for key, value in own.items():
        for place in zip(*np.nonzero(~tolerance.close(value, named[key])), strict=True):
            index = tuple(int(one) for one in place)
            cell = a1_name(cells[key, index])
            was, wanted = f"{value[index]:.10g}", f"{named[key][index]:.10g}"
            entry = f"{key}[{', '.join(map(str, index))}]"
            message = f"{was}; the model has {wanted} in {entry}"
            yield Finding("M501", sheet, cell, message, was, wanted)
    yield from _output(model, lifted, sheet, named, values, tolerance)


def compare_fingerprint(
    model: LiftedNetwork, lifted: Lifted, workbook: Workbook, description: Description
) -> Iterator[Finding]:
    """Yield a warning where the weights are not those that the file was generated with."""
    wanted, first = description.fingerprint, description.first
    if wanted is None or first is None or model.network.names != first.names:
        return  # another network than described: nothing to compare
    if any(isinstance(one.what, KernelMenu) for one in lifted.links):
        return  # a kernel that is chosen on the sheet is there to be changed
    found = model.network.fingerprint()
    cells = [cell for _, cell in _parameter_cells(model, lifted)]
    if found != wanted and cells:
        sheet, cell = workbook.sheets[model.sheet].name, a1_name(cells[0])
        message = (
            "the weights, which begin here, were edited: they are not those that the file was "
            "generated with (only their fingerprint is known, and not which)"
        )
        yield replace(Finding("M501", sheet, cell, message), level=Severity.WARNING)


def _output(
    model: LiftedNetwork,
    lifted: Lifted,
    sheet: str,
    state: dict[str, Array],
    values: dict[int, Array],
    tolerance: Tolerance,
) -> Iterator[Finding]:
    end, start = model.tensors[-1], model.tensors[0]
    if end not in values or start not in values:
        return
    try:
        output = model.network.with_state(state).forward(values[start])
    except XlconvError:
        return
    found, wanted = values[end].ravel(), output.ravel()
    off = np.flatnonzero(~tolerance.close(found, wanted))
    if len(off):
        first, tensor = int(off[0]), lifted.tensors[end]
        size = tensor.planes[0].shape[0] * tensor.planes[0].shape[1]
        plane = tensor.planes[first // size]
        cell = a1_name(plane.cell(*divmod(first % size, plane.shape[1])))
        was, should = f"{found[first]:.10g}", f"{wanted[first]:.10g}"
        differ = f"{counted(len(off), 'output')} {'differs' if len(off) == 1 else 'differ'}"
        message = f"{was}; the model gives {should} ({differ})"
        yield Finding("M502", sheet, cell, message, was, should, count=len(off))


def _parameter_cells(
    model: LiftedNetwork, lifted: Lifted
) -> Iterator[tuple[tuple[str, tuple[int, ...]], Cell]]:
    """Yield the cell of every parameter by its name and index."""
    tensors = [lifted.tensors[place] for place in model.tensors if place >= 0]
    owners = iter([one for one in tensors if one.layers and one.layers[0].parameters()])
    for name, layer in zip(model.network.names, model.network.layers, strict=True):
        if layer.parameters():
            yield from _layer_cells(name, layer.parameters(), next(owners))


def _layer_cells(
    name: str, parameters: dict[str, Array], tensor: Tensor
) -> Iterator[tuple[tuple[str, tuple[int, ...]], Cell]]:
    for key, planes in tensor.scalars.items():
        for channel, plane in enumerate(planes):
            yield (f"{name}.{key}", (channel,)), plane.origin
    shape = parameters["weight"].shape[1:]
    for output, planes in enumerate(tensor.kernels):
        cells = [
            plane.cell(i, j)
            for plane in planes
            for i in range(plane.shape[0])
            for j in range(plane.shape[1])
        ]
        for index, cell in zip(np.ndindex(shape), cells, strict=True):
            yield (f"{name}.weight", (output, *index)), cell
    for output, plane in enumerate(tensor.biases):
        yield (f"{name}.bias", (output,)), plane.origin
