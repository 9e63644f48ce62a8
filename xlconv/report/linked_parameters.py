"""Links as text: where parameters come from that are not typed into their own cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xlconv.layout.links import KernelMenu, TiedCell
from xlconv.lifting.links import chosen
from xlconv.lifting.matching.tensors import Tensor
from xlconv.lifting.networks import LiftedNetwork, tensor_names
from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import a1_name
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.verification.verify import Report


def link_lines(report: Report, networks: Sequence[LiftedNetwork]) -> Iterator[str]:
    """Yield a line for every tensor whose parameters are tied or chosen."""
    names = tensor_names(report.networks)
    tensors = dict.fromkeys(tensor for one in networks for tensor in one.tensors if tensor >= 0)
    for number in tensors:
        tensor = report.lifted.tensors[number]
        found = [one.what for one in report.lifted.links if one.sheet == tensor.parameters_sheet]
        planes = list(_planes(tensor))
        tied = [one for one in found if isinstance(one, TiedCell) and _is_in(one, planes)]
        if tied:
            count = counted(len({one.number for one in tied}), "number")
            yield f"{names[number]}: {counted(len(tied), 'weight')} tied to {count}"
        for one in found:
            if (
                isinstance(one, KernelMenu)
                and one.plane in planes
                and report.calculation is not None
            ):
                sheet = report.calculation.workbook.sheets[tensor.parameters_sheet]
                option = chosen(one, sheet)
                name = "none" if option is None else option.name
                among = len(one.options)
                yield f"{names[number]}: kernel chosen in {a1_name(one.key)}, {name} of {among}"


def _is_in(tied: TiedCell, planes: list[Plane]) -> bool:
    return any(plane.index_of(tied.cell) is not None for plane in planes)


def _planes(tensor: Tensor) -> Iterator[Plane]:
    for planes in (*tensor.kernels, tensor.biases, *tensor.scalars.values()):
        yield from planes
