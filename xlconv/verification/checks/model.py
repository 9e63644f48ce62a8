"""The first network of a workbook against a given model: weights, structure and output.

Parameters are matched by name where the names agree, and otherwise in order; shapes
must agree either way. Without a model, against the fingerprint in our own files. Never
looks at formulas: those are for other checks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import ArrayLike

from xlconv.arrays import Array, by_shape
from xlconv.errors import XlconvError
from xlconv.layout.links import KernelMenu
from xlconv.lifting.cell_names import tensor_entries
from xlconv.lifting.matching.tensors import Lifted
from xlconv.lifting.networks import LiftedNetwork
from xlconv.network.network import Network
from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import Cell, a1_name
from xlconv.verification.facts import Facts
from xlconv.verification.findings import Finding, Severity
from xlconv.verification.intended.intention import Intention, Origin


def other_model(facts: Facts) -> Iterator[Finding]:
    """Yield what is not as in the given model or workbook, or as when the file was generated."""
    against = [one for one in facts.intentions if one.origin is Origin.AGAINST]
    if facts.model is None and against:
        for intention in against:
            yield from _other_than_there(facts, intention)
    elif facts.networks and facts.model is None:
        yield from _other_fingerprint(facts, facts.networks[0])
    elif facts.networks and facts.model is not None:
        yield from _differences(facts, facts.networks[0], facts.model)
    elif facts.model is not None:
        message = "no network found; expected that of the model"
        yield Finding("M503", facts.workbook.sheets[0].name, "A1", message)


def _differences(
    facts: Facts, lifted: LiftedNetwork, model: Mapping[str, ArrayLike]
) -> Iterator[Finding]:
    """Yield other weights and outputs, or what is in the way of comparing them."""
    own = lifted.network.state()
    given = {key: np.asarray(value, np.float64) for key, value in model.items()}
    named = given if set(given) == set(own) else dict(zip(own, given.values(), strict=False))
    shapes = [value.shape for value in own.values()]
    if len(given) != len(own) or [named[key].shape for key in own] != shapes:
        yield _other_structure(facts, lifted, own, given)
        return
    yield from _other_weights(facts, lifted, named)
    yield from _other_output(facts, lifted, named)


def _other_than_there(facts: Facts, intention: Intention) -> Iterator[Finding]:
    """Yield a note for the parameters that are not those of the workbook it is held against."""
    for lifted in facts.networks:
        if not _are_alike(lifted.network, intention.network):
            continue
        there = intention.network.state()
        if not any(value.any() for value in there.values()):
            return  # a description alone has no weights
        for key, group in groupby(_differing(facts, lifted, there), key=lambda one: one.key):
            first, *others = group
            count = 1 + len(others)
            differ = f"{counted(count, 'weight')} of {key} {'differs' if count == 1 else 'differ'}"
            message = (
                f"{first.was}; the workbook it is held against has {first.wanted} here ({differ})"
            )
            yield replace(first.finding(message), count=count, level=Severity.INFO)
        return


def _other_structure(
    facts: Facts, lifted: LiftedNetwork, own: Mapping[str, Array], given: Mapping[str, Array]
) -> Finding:
    found, wanted = (
        ", ".join(f"{key} {by_shape(value.shape)}" for key, value in some.items()) or "none"
        for some in (own, given)
    )
    message = f"parameters {found}; the model has {wanted}"
    first = facts.lifted.tensors[lifted.tensors[0]].planes[0].origin
    home = facts.workbook.sheets[lifted.sheet].name
    return Finding("M503", home, a1_name(first), message, found, wanted)


def _other_weights(
    facts: Facts, lifted: LiftedNetwork, named: Mapping[str, Array]
) -> Iterator[Finding]:
    for one in _differing(facts, lifted, named):
        entry = f"{one.key}[{', '.join(map(str, one.index))}]"
        yield one.finding(f"{one.was}; the model has {one.wanted} in {entry}")


class _Weight(Struct, frozen=True):
    """A weight that is another one than it should be, and where it stands."""

    key: str
    index: tuple[int, ...]
    was: str
    wanted: str
    sheet: str
    cell: str

    def finding(self, message: str) -> Finding:
        return Finding("M501", self.sheet, self.cell, message, self.was, self.wanted)


def _differing(
    facts: Facts, lifted: LiftedNetwork, wanted: Mapping[str, Array]
) -> Iterator[_Weight]:
    """Yield the weights that have cells and are not those wanted, parameter by parameter."""
    home = facts.workbook.sheets[lifted.sheet].name
    cells = dict(_parameter_cells(lifted, facts.lifted))
    for key, value in lifted.network.state().items():
        for place in np.argwhere(~facts.tolerance.close(value, wanted[key])).tolist():
            index = tuple(place)
            if (key, index) in cells:
                was, other = f"{value[index]:.10g}", f"{wanted[key][index]:.10g}"
                yield _Weight(key, index, was, other, home, a1_name(cells[key, index]))


def _other_output(
    facts: Facts, lifted: LiftedNetwork, state: Mapping[str, Array]
) -> Iterator[Finding]:
    start, end = lifted.tensors[0], lifted.tensors[-1]
    if end < 0:
        return  # its last layer has no cells
    try:
        output = lifted.network.with_state(state).forward(facts.book.values(start))
    except XlconvError:
        return
    found, wanted = facts.book.values(end).ravel(), output.ravel()
    off = np.flatnonzero(~facts.tolerance.close(found, wanted))
    if len(off):
        first, tensor = int(off[0]), facts.lifted.tensors[end]
        size = tensor.planes[0].shape[0] * tensor.planes[0].shape[1]
        plane = tensor.planes[first // size]
        cell = a1_name(plane.cell(*divmod(first % size, plane.shape[1])))
        was, should = f"{found[first]:.10g}", f"{wanted[first]:.10g}"
        differ = f"{counted(len(off), 'output')} {'differs' if len(off) == 1 else 'differ'}"
        message = f"{was}; the model gives {should} ({differ})"
        home = facts.workbook.sheets[lifted.sheet].name
        yield Finding("M502", home, cell, message, was, should, count=len(off))


def _other_fingerprint(facts: Facts, lifted: LiftedNetwork) -> Iterator[Finding]:
    """Yield a warning where the weights are not those that the file was generated with."""
    wanted, first = facts.description.fingerprint, facts.description.first
    if wanted is None or first is None or not _are_alike(lifted.network, first):
        return  # another network than described: nothing to compare
    if any(isinstance(one.what, KernelMenu) for one in facts.lifted.links):
        return  # a kernel that is chosen on the sheet is there to be changed
    if lifted.network.fingerprint() == wanted:
        return
    begin = next(_parameter_cells(lifted, facts.lifted), None)
    if begin is not None:
        home = facts.workbook.sheets[lifted.sheet].name
        message = (
            "the weights, which begin here, were edited: they are not those that the file was "
            "generated with (only their fingerprint is known, and not which)"
        )
        finding = Finding("M501", home, a1_name(begin[1]), message)
        yield replace(finding, level=Severity.WARNING)


def _are_alike(found: Network, described: Network) -> bool:
    """Whether a network has the names and the parameters of another, whatever their values."""
    shapes = [
        {key: value.shape for key, value in one.state().items()} for one in (found, described)
    ]
    return found.names == described.names and shapes[0] == shapes[1]


def _parameter_cells(
    network: LiftedNetwork, lifted: Lifted
) -> Iterator[tuple[tuple[str, tuple[int, ...]], Cell]]:
    """Yield the cell of every parameter by its name and index, in the order of the state."""
    places = [place for place in network.tensors if place >= 0]
    tensors = [(place, lifted.tensors[place]) for place in places]
    owners = iter([both for both in tensors if both[1].layers and both[1].layers[0].parameters()])
    for name, layer in zip(network.network.names, network.network.layers, strict=True):
        if layer.parameters():
            number, tensor = next(owners)
            known = {one.name: one for one in tensor_entries(number, name, tensor)}
            for key in (f"{name}.{parameter}" for parameter in layer.parameters()):
                cells = known[key].cells() if key in known else ()
                yield from (((key, index), cell) for index, cell in cells)
