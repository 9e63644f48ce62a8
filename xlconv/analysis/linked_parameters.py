"""Report -> the parameters that are not typed into their own cells: tied, or chosen.

Never reads a file and never writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from xlconv.layout.links import KernelMenu, TiedCell
from xlconv.lifting.links import chosen
from xlconv.lifting.matching.tensors import Tensor
from xlconv.lifting.networks import LiftedNetwork, tensor_names
from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.verification.report import Report


class TiedWeights(Struct, frozen=True):
    """How many weights of a tensor show how many numbers that stand elsewhere."""

    tensor: str
    weights: int
    numbers: int


class ChosenKernel(Struct, frozen=True):
    """A kernel that is chosen in the cell `key`: its name, None where it is none of `options`."""

    tensor: str
    key: Cell
    option: str | None
    options: int


def linked_parameters(
    report: Report, networks: Sequence[LiftedNetwork]
) -> Iterator[TiedWeights | ChosenKernel]:
    """Yield what is tied or chosen in every tensor of some networks of a report."""
    names = tensor_names(report.networks)
    tensors = dict.fromkeys(tensor for one in networks for tensor in one.tensors if tensor >= 0)
    for number in tensors:
        tensor = report.lifted.tensors[number]
        links = [one.what for one in report.lifted.links if one.sheet == tensor.parameters_sheet]
        planes = list(_planes(tensor))
        tied = [one for one in links if isinstance(one, TiedCell) and _is_in(one, planes)]
        if tied:
            yield TiedWeights(names[number], len(tied), len({one.number for one in tied}))
        for one in links:
            if isinstance(one, KernelMenu) and one.plane in planes:
                yield _chosen_kernel(names[number], one, report, tensor.parameters_sheet)


def _chosen_kernel(name: str, menu: KernelMenu, report: Report, sheet: int) -> ChosenKernel:
    assert report.calculation is not None  # there are no links without one
    option = chosen(menu, report.calculation.workbook.sheets[sheet])
    return ChosenKernel(name, menu.key, None if option is None else option.name, len(menu.options))


def _is_in(tied: TiedCell, planes: list[Plane]) -> bool:
    return any(plane.index_of(tied.cell) is not None for plane in planes)


def _planes(tensor: Tensor) -> Iterator[Plane]:
    for planes in (*tensor.kernels, tensor.biases, *tensor.scalars.values()):
        yield from planes
