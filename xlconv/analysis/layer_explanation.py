"""What a layer of a workbook is: what it reads and gives, where, how, and who reads it.

Returns data; `report.layer_explanation` shows it. Names no layer and never writes.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from xlconv.analysis.dependents import Dependents, dependents_of
from xlconv.analysis.inspection import InspectedLayer, inspected
from xlconv.arrays import Shape
from xlconv.errors import CellError
from xlconv.lifting.cell_names import NamedCells
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.lifting.networks import LiftedNetwork
from xlconv.spreadsheet.addresses import a1_name, parse_a1
from xlconv.spreadsheet.precedents.region import region_of_range, union
from xlconv.verification.findings import Finding, Severity
from xlconv.verification.verify import verify_lifted

INPUT = "input"


class LayerParameter(Struct, frozen=True):
    """A parameter or a helper of a layer, `conv2.weight`, and where it stands."""

    name: str
    shape: Shape
    ranges: tuple[str, ...]


class LayerExplanation(Struct, frozen=True):
    """What a layer, or the input, is and computes.

    `layer` has its sizes, costs and numbers. `reads` are names and shapes. `cell` is one of its
    cells, `unit` what that is called (`conv2[0, 12, 12]`) and `formula` what stands in it; "" for
    a layer without cells. `shares` are the other layers of these cells, in their order.
    `dependents` read its cells. `findings` are what verification finds wrong with these.
    """

    path: str
    sheet: str
    layer: InspectedLayer
    reads: tuple[tuple[str, Shape], ...]
    cell: str
    unit: str
    formula: str
    ranges: tuple[str, ...]
    shares: tuple[str, ...]
    parameters: tuple[LayerParameter, ...]
    dependents: tuple[Dependents, ...]
    findings: tuple[Finding, ...]

    @property
    def name(self) -> str:
        """The layer's name."""
        return self.layer.line.name


def layer_named(book: LiftedWorkbook, text: str) -> tuple[int, int] | None:
    """Return the network and the number of the layer that a text names, None for a cell's name.

    `fc1` is a cell's name as well: that of the layer, as it is spelled, comes first. The input
    has number 0.
    """
    sheet, _, name = text.strip().rpartition("!")
    if sheet and _is_address(name):
        return None
    stem = name.partition(".")[0]
    named = [
        (k, number, own)
        for k, one in enumerate(book.networks)
        if not sheet or book.sheet_name(one.sheet).casefold() == sheet.strip("'").casefold()
        for number, own in enumerate((INPUT, *one.network.names))
    ]
    for k, number, own in named:
        if own == stem and (stem == name or _has_parameter(book, name)):
            return k, number
    if not _is_address(name):
        for k, number, own in named:
            if own.casefold() == name.casefold():
                return k, number
    return None


def _is_address(name: str) -> bool:
    try:
        parse_a1(name)
    except ValueError:
        return False
    return True


def _has_parameter(book: LiftedWorkbook, name: str) -> bool:
    try:
        return book.addresses.named(name).kind != "padding"
    except CellError:
        return False


def explained_layer(book: LiftedWorkbook, network: int, number: int) -> LayerExplanation:
    """Return what a layer of a network is and computes; the input has number 0."""
    lifted = book.networks[network]
    layer = inspected(book).networks[network].layers[number]
    sources = lifted.network.sources[number - 1] if number else ()
    names = (INPUT, *lifted.network.names)
    own = _own_cells(book, lifted, names[number])
    cell, unit, formula = _example(book, own)
    return LayerExplanation(
        path=book.path,
        sheet=book.sheet_name(lifted.sheet),
        layer=layer,
        reads=tuple((names[source], lifted.network.shapes[source]) for source in sources),
        cell=cell,
        unit=unit,
        formula=formula,
        ranges=tuple(plane.range.name for plane in own.planes) if own else (),
        shares=_shares(book, lifted, names, number, own),
        parameters=tuple(_parameters(book, names[number], own)),
        dependents=_dependents(book, own),
        findings=tuple(_findings(book, own)),
    )


def _own_cells(book: LiftedWorkbook, lifted: LiftedNetwork, name: str) -> NamedCells | None:
    """Return the cells that hold a layer's output, or that of the layer it is fused to."""
    if name == INPUT:
        return book.entries[lifted.tensors[0]][0]
    try:
        return book.addresses.named(name)
    except CellError:
        return None


def _example(book: LiftedWorkbook, own: NamedCells | None) -> tuple[str, str, str]:
    """Return a cell in the middle of the first plane, its name, and its formula."""
    if own is None:
        return "", "", ""
    index = tuple(0 if k < len(own.shape) - 2 else size // 2 for k, size in enumerate(own.shape))
    cell = own.cell(index)
    text = book.workbook.sheets[own.sheet].formula(cell)
    unit = f"{own.name}[{', '.join(map(str, index))}]"
    return a1_name(cell), unit, "" if text is None else f"={text}"


def _shares(
    book: LiftedWorkbook,
    lifted: LiftedNetwork,
    names: tuple[str, ...],
    number: int,
    own: NamedCells | None,
) -> tuple[str, ...]:
    """Return the layers whose numbers stand in the same cells, or are made in them."""
    if own is None:
        return ()
    return tuple(
        name
        for k, name in enumerate(names)
        if k != number
        and (other := _own_cells(book, lifted, name)) is not None
        and other.tensor == own.tensor
    )


def _parameters(
    book: LiftedWorkbook, name: str, own: NamedCells | None
) -> Iterator[LayerParameter]:
    for one in book.entries[own.tensor] if own else ():
        if one.name.partition(".")[0] == name and "." in one.name:
            yield LayerParameter(one.name, one.shape, tuple(area.range.name for area in one.planes))


def _dependents(book: LiftedWorkbook, own: NamedCells | None) -> tuple[Dependents, ...]:
    if own is None:
        return ()
    region = union(region_of_range(plane.range) for plane in own.planes)
    return dependents_of(book, own.sheet, region)


def _findings(book: LiftedWorkbook, own: NamedCells | None) -> Iterator[Finding]:
    if own is None:
        return
    sheet = book.sheet_name(own.sheet)
    for one in verify_lifted(book).findings:
        is_wrong = one.root and one.severity in (Severity.ERROR, Severity.WARNING)
        first = one.first_cell
        if is_wrong and one.sheet == sheet and _is_address(first):
            cell = parse_a1(first)
            if any(plane.index_of(cell) is not None for plane in own.planes):
                yield one
