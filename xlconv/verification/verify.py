"""A workbook in, a Report out: read, calculate and lift it, gather facts, run the checks.

A formula cell is verified when its three answers - cached, formula, network - exist and
agree. Wrong cells are data; only files that cannot be read raise. Names no layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from msgspec.structs import replace
from numpy.typing import ArrayLike

from xlconv.errors import XlconvError
from xlconv.lifting.lifted_workbook import (
    LiftedWorkbook,
    Source,
    lift_workbook,
    open_workbook,
)
from xlconv.network.network import Network
from xlconv.spreadsheet.workbook import Workbook
from xlconv.spreadsheet.xlsx.package import Budget
from xlconv.verification.causes.deleted_lines import deleted_lines
from xlconv.verification.causes.inserted_lines import inserted_lines
from xlconv.verification.check import Check, run_checks
from xlconv.verification.checks.declared_cells import comparisons, odd_halos, other_readouts
from xlconv.verification.checks.declared_layers import wrong_layers
from xlconv.verification.checks.errors import error_values
from xlconv.verification.checks.fed_parameters import fed_parameters
from xlconv.verification.checks.geometry import (
    mismatches,
    odd_siblings,
    overhangs,
    uneven_pools,
)
from xlconv.verification.checks.labels import unseen_layers, wrong_labels
from xlconv.verification.checks.metrics import wrong_metrics
from xlconv.verification.checks.model import other_model
from xlconv.verification.checks.open_blocks import open_blocks, spelled_otherwise, untried_sides
from xlconv.verification.checks.operands import holes, strays, unknown_choices
from xlconv.verification.checks.padding import odd_padding
from xlconv.verification.checks.patterns import deviants
from xlconv.verification.checks.ties import ties
from xlconv.verification.checks.values import (
    displayed_precision,
    not_calculated,
    stale_values,
    unexplained,
)
from xlconv.verification.collector import without_marks
from xlconv.verification.facts import Scores, facts_of
from xlconv.verification.intended.intention import Origin
from xlconv.verification.intended.sources import NOTHING, Wanted, wanted_of
from xlconv.verification.report import Report, as_without, because_of, following, report_of
from xlconv.verification.tolerance import ATOL, RTOL, Tolerance

# Findings that weigh alike are listed in this order; what runs when follows from the needs:
# a cell that one check has named, those that need it pass over.
_ROOT_CAUSES = (
    Check("metrics", wrong_metrics),
    Check("halos", odd_halos),
    Check("padding", odd_padding, needs=("halos",)),
    Check("layers", wrong_layers, needs=("halos", "padding")),
    Check("deviants", deviants, needs=("halos", "padding", "layers")),
    Check("strays", strays, needs=("halos", "padding", "layers", "deviants")),
    Check("ties", ties, needs=("halos", "padding", "layers", "deviants", "strays")),
    Check("comparisons", comparisons),
    Check("readouts", other_readouts, needs=("layers", "deviants", "strays")),
    Check("choices", without_marks(unknown_choices)),
    Check("holes", without_marks(holes)),
    Check("fed", fed_parameters),
    Check("overhangs", overhangs,
          needs=("halos", "padding", "layers", "deviants", "strays", "comparisons")),
    Check("calculation", without_marks(not_calculated)),
    Check("precision", displayed_precision),
    Check("stale", without_marks(stale_values)),
    Check("mismatches", mismatches),
    Check("errors", error_values,
          needs=("halos", "padding", "layers", "deviants", "strays", "mismatches")),
    Check("spellings", without_marks(spelled_otherwise)),
    Check("sides", without_marks(untried_sides)),
    Check("siblings", without_marks(odd_siblings)),
    Check("pools", without_marks(uneven_pools)),
    Check("labels", without_marks(wrong_labels)),
    Check("unseen", without_marks(unseen_layers)),
    Check("model", without_marks(other_model)),
)  # fmt: skip
CHECKS = (
    *_ROOT_CAUSES,
    Check("open", open_blocks, needs=tuple(check.name for check in _ROOT_CAUSES)),
    Check("unexplained", unexplained, needs=tuple(check.name for check in _ROOT_CAUSES)),
)


def verify(
    source: Source,
    *,
    rtol: float = RTOL,
    atol: float = ATOL,
    budget: Budget | None = None,
    model: Mapping[str, ArrayLike] | None = None,
    against: Source | None = None,
    spec: Network | None = None,
    described: bool = True,
) -> Report:
    """Check every formula cell of a workbook, and its weights against a model's.

    `model` has parameters as `Network.state` has them. `against` is a workbook whose network
    this one should compute, `spec` such a network itself, whatever its weights; without
    either it is the one that the file describes, if that is to count (`described`), or that
    its formulas spell. Values, weights and outputs are the same
    where they are as close as `Tolerance` says. Raises ReadError for what is no workbook,
    LayoutError where the one to hold it against has no network, and XlconvError for `against`
    and `spec` together.
    """
    book = open_workbook(source, budget)
    wanted = wanted_network(against, spec, budget, described=described)
    return verify_lifted(book, Tolerance(rtol, atol), model, wanted)


def wanted_network(
    against: Source | None,
    spec: Network | None = None,
    budget: Budget | None = None,
    *,
    described: bool = True,
) -> Wanted | None:
    """Return what a workbook should compute, where the user says so.

    Raises XlconvError where two things say it, and LayoutError where a workbook does not.
    """
    if against is not None and spec is not None:
        raise XlconvError("against and spec: expected one of them")
    if against is not None:
        teacher = open_workbook(against, budget)
        name = Path(against).name if isinstance(against, str | Path) else ""
        return replace(wanted_of(teacher, Scores(teacher)), source=name)
    if spec is not None:
        return Wanted(Origin.SPEC, ((spec, None),))
    return None if described else NOTHING


def verify_workbook(
    workbook: Workbook,
    path: str = "workbook",
    *,
    rtol: float = RTOL,
    atol: float = ATOL,
    model: Mapping[str, ArrayLike] | None = None,
    wanted: Wanted | None = None,
) -> Report:
    """Check every formula cell of a workbook in memory."""
    return verify_lifted(lift_workbook(workbook, path), Tolerance(rtol, atol), model, wanted)


def verify_lifted(
    book: LiftedWorkbook,
    tolerance: Tolerance = Tolerance(),
    model: Mapping[str, ArrayLike] | None = None,
    wanted: Wanted | None = None,
) -> Report:
    """Check every formula cell of a workbook that was calculated and lifted."""
    report = _checked(book, tolerance, model, wanted)
    if report.verdict != "findings" or any(
        one.code == "V101" and one.root for one in report.findings
    ):
        return report  # lines that are inserted make no stored value another than its formula's

    def checked(other: LiftedWorkbook) -> Report:
        return _checked(other, tolerance, model, wanted)

    inserted = inserted_lines(book, report, checked)
    if inserted is None:
        return _because_deleted(book, report, wanted)
    if inserted.is_harmless:
        return as_without(report, inserted.without)
    return because_of(report, inserted.findings, inserted.without)


def _because_deleted(book: LiftedWorkbook, report: Report, wanted: Wanted | None) -> Report:
    """Return a report with the lines that were deleted as its cause, where they are."""
    networks = book.description.networks if wanted is None else [one for one, _ in wanted.networks]
    for network in networks:
        found = deleted_lines(book, network)
        if found is not None:
            return following(
                report, found.finding, partial(found.explains, moved=wanted is not None)
            )
    return report


def _checked(
    book: LiftedWorkbook,
    tolerance: Tolerance,
    model: Mapping[str, ArrayLike] | None,
    wanted: Wanted | None,
) -> Report:
    facts = facts_of(book, tolerance, model, wanted)
    return report_of(facts, run_checks(facts, CHECKS).values())
