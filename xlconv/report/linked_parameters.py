"""Where the parameters of a network come from that are not typed into their own cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xlconv.layout.links import KernelMenu, TiedCell
from xlconv.lifting.links import chosen
from xlconv.lifting.matching.tensors import Tensor
from xlconv.lifting.networks import LiftedNetwork, tensor_names
from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import a1_name
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.verification.report import Report


def borrowed_lines(report: Report, models: Sequence[LiftedNetwork]) -> Iterator[str]:
    """Yield a line for every tensor whose parameters are tied or chosen."""
    names = tensor_names(report.networks)
    places = dict.fromkeys(place for model in models for place in model.tensors if place >= 0)
    for number in places:
        tensor = report.lifted.tensors[number]
        found = [one.what for one in report.lifted.links if one.sheet == tensor.parameters_sheet]
        planes = list(_planes(tensor))
        ties = [one for one in found if isinstance(one, TiedCell) and _in(one, planes)]
        if ties:
            count = counted(len({tie.number for tie in ties}), "number")
            yield f"{names[number]}: {counted(len(ties), 'weight')} tied to {count}"
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


def _in(tie: TiedCell, planes: list[Plane]) -> bool:
    return any(plane.index_of(tie.cell) is not None for plane in planes)


def _planes(tensor: Tensor) -> Iterator[Plane]:
    for planes in (*tensor.kernels, tensor.biases, *tensor.scalars.values()):
        yield from planes
