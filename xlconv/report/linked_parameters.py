"""Linked parameters as text: weights that are tied, kernels that are chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xlconv.analysis.linked_parameters import ChosenKernel, TiedWeights
from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import a1_name


def link_lines(linked: Iterable[TiedWeights | ChosenKernel]) -> Iterator[str]:
    """Yield a line for every tensor whose parameters are tied or chosen."""
    for one in linked:
        if isinstance(one, TiedWeights):
            weights, numbers = counted(one.weights, "weight"), counted(one.numbers, "number")
            yield f"{one.tensor}: {weights} tied to {numbers}"
        else:
            choice = f"{'none' if one.option is None else one.option} of {one.options}"
            yield f"{one.tensor}: kernel chosen in {a1_name(one.key)}, {choice}"
