"""Tensors that are computed alike: by the same layers, with the same cells as parameters.

Those of several samples are; and a unit that is computed twice is one too many. Only what was
lifted; nothing is looked up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from xlconv.lifting.matching.tensors import Lifted, Tensor
from xlconv.spreadsheet.addresses import Cell, a1_name
from xlconv.spreadsheet.blocks.plane import Plane


def kinds_of(tensors: Sequence[Tensor]) -> list[int]:
    """Return a number for every tensor: the same for those computed alike from like inputs.

    What is computed without any parameter is like nothing else.
    """
    known: dict[object, int] = {}
    found: list[int] = []
    has_parameters: list[bool] = []
    for k, tensor in enumerate(tensors):
        before = [one for one in tensor.sources if one < k]
        own = bool(tensor.kernels) or any(has_parameters[one] for one in before)
        has_parameters.append(own)
        read = tuple(found[one] if has_parameters[one] else tensors[one].shape for one in before)
        key: object = (_own_key(tensor), read) if own else k
        found.append(known.setdefault(key, len(known)))
    return found


def ends_apart(tensors: Sequence[Tensor], ends: Sequence[int]) -> int:
    """Return how many ends of networks there are; those of several samples are one.

    Samples have inputs apart from each other, and stand in the order of their inputs: cells
    that read overlapping windows, or each other's, are no samples, though computed alike.
    """
    kinds = kinds_of(tensors)
    groups: dict[int, list[int]] = {}
    for k in ends:
        groups.setdefault(kinds[k], []).append(k)
    return sum(1 if _are_samples(tensors, own) else len(own) for own in groups.values())


def _are_samples(tensors: Sequence[Tensor], ends: Sequence[int]) -> bool:
    pairs = sorted((tensors[k].planes[0].origin, _input_of(tensors, k)) for k in ends)
    inputs = [tensors[one] for _, one in pairs]
    places = [(one.sheet, one.planes[0].origin) for one in inputs]
    areas = [(one.sheet, plane.range) for one in inputs for plane in one.planes]
    apart = not any(
        home == other and area.overlaps(beside)
        for k, (home, area) in enumerate(areas) for other, beside in areas[:k]
    )  # fmt: skip
    return len(ends) == 1 or (apart and places == sorted(places))


def _input_of(tensors: Sequence[Tensor], k: int) -> int:
    """Return the input that a tensor is computed from, of several the first."""
    while tensors[k].source >= 0:
        k = tensors[k].source
    return k


def without_repeats(lifted: Lifted) -> Lifted:
    """Return what was lifted without vectors that have a unit of another once more.

    The same weights of the same source make the same number: one of the two was meant to read
    something else, and nothing says which. So are layers in doubt that add the same bias to
    other weights: most likely they are one, with an odd cell. Nor is known what comes after.
    """
    return without(lifted, {**_shared_biases(lifted.tensors), **_repeats(lifted.tensors)})


def without(lifted: Lifted, doubtful: Mapping[int, str]) -> Lifted:
    """Return what was lifted without some tensors, for a reason each, and what rests on them."""
    if not doubtful:
        return lifted
    gone = dict(doubtful)
    at: dict[int, int] = {}
    kept: list[Tensor] = []
    unlifted = dict(lifted.unlifted)
    for k, tensor in enumerate(lifted.tensors):
        lost = next((gone[one] for one in tensor.sources if one in gone), None)
        if k in gone or lost is not None:
            gone.setdefault(k, "what it reads is in doubt")
            blocks = (*tensor.blocks, *(one for one, _ in tensor.helpers.values()))
            unlifted |= dict.fromkeys(blocks, gone[k])
            continue
        at[k] = len(kept)
        others = tuple(at[one] for one in tensor.others)
        kept.append(replace(tensor, source=at.get(tensor.source, -1), others=others))
    return replace(lifted, tensors=tuple(kept), unlifted=unlifted)


def _repeats(tensors: Sequence[Tensor]) -> dict[int, str]:
    """Return the vectors with units that are there already, and why they are in doubt."""
    known: dict[object, Cell] = {}
    found: dict[int, str] = {}
    for k, tensor in enumerate(tensors):
        if not (tensor.is_vector and tensor.kernels):
            continue
        (plane,) = tensor.planes
        biases = tensor.biases or (None,) * len(tensor.kernels)
        for unit, (kernels, bias) in enumerate(zip(tensor.kernels, biases, strict=True)):
            key = tensor.sheet, tensor.sources, tensor.parameters_sheet, kernels, bias
            cell = plane.cell(*divmod(unit, plane.shape[1]))
            first = known.setdefault(key, cell)
            if first != cell:
                what = f"{a1_name(cell)} multiplies the same cells as {a1_name(first)}"
                found.setdefault(k, f"{what}, with the same weights")
    return found


def _shared_biases(tensors: Sequence[Tensor]) -> dict[int, str]:
    """Return the tensors of which another has a bias, but not its weights."""
    owners: dict[tuple[int, Plane], int] = {}
    found: dict[int, str] = {}
    for k, tensor in enumerate(tensors):
        for bias in tensor.biases:
            first = owners.setdefault((tensor.parameters_sheet, bias), k)
            if first != k and _own_key(tensors[first]) != _own_key(tensor):
                what = f"{a1_name(bias.origin)} is the bias of "
                what += " and of ".join(tensors[one].planes[0].range.name for one in (first, k))
                found |= dict.fromkeys((first, k), f"{what}, which are no one layer")
    return found


def _own_key(tensor: Tensor) -> tuple[object, ...]:
    layers = tuple((type(one), one.title, str(one.options())) for one in tensor.layers)
    scalars = tuple(sorted(tensor.scalars.items()))
    return tensor.sheet, layers, tensor.parameters_sheet, tensor.kernels, tensor.biases, scalars
