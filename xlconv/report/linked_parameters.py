"""Linked parameters as text: weights that are tied, kernels that are chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xlconv.analysis.linked_parameters import TiedWeights, linked_parameters
from xlconv.lifting.networks import LiftedNetwork
from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import a1_name
from xlconv.verification.report import Report


def link_lines(report: Report, networks: Sequence[LiftedNetwork]) -> Iterator[str]:
    """Yield a line for every tensor whose parameters are tied or chosen."""
    for one in linked_parameters(report, networks):
        if isinstance(one, TiedWeights):
            weights, numbers = counted(one.weights, "weight"), counted(one.numbers, "number")
            yield f"{one.tensor}: {weights} tied to {numbers}"
        else:
            choice = f"{'none' if one.option is None else one.option} of {one.options}"
            yield f"{one.tensor}: kernel chosen in {a1_name(one.key)}, {choice}"
