"""Three answers per formula cell -> Report: cached, formula, network.

A cell is verified when all three exist and agree. Wrong cells are data; only files
that cannot be read raise. Names no layer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from xlconv.lifting.lifted_workbook import LiftedWorkbook, lift_workbook
from xlconv.lifting.matching.tensors import Lifted
from xlconv.lifting.networks import LiftedNetwork
from xlconv.network.network import Network
from xlconv.spreadsheet.calculation.calculate import Calculation
from xlconv.spreadsheet.workbook import Workbook
from xlconv.spreadsheet.xlsx.package import Budget
from xlconv.spreadsheet.xlsx.read import read_xlsx
from xlconv.verification.compare_model import compare_fingerprint, compare_model
from xlconv.verification.declared_cells import agreements, note_declaration, undeclared_cells
from xlconv.verification.facts import MOST_LISTED, Facts
from xlconv.verification.findings import CODES, Finding, Severity
from xlconv.verification.geometry import labels, overhangs, pools, siblings, unlifted
from xlconv.verification.metrics import check_metrics
from xlconv.verification.network_values import network_answers, numbers_of
from xlconv.verification.padding import frames
from xlconv.verification.patterns import choices, deviants, holes, strays
from xlconv.verification.tolerance import ATOL, RTOL, Tolerance
from xlconv.verification.values import statuses, unexplained, values

if TYPE_CHECKING:
    import pandas as pd


@dataclass(slots=True)
class Report:
    """What is known of a workbook, cell by cell; findings with root causes first."""

    path: str
    formulas: int = 0
    pinned: int = 0
    verified: int = 0
    knock_on: int = 0
    findings: list[Finding] = field(default_factory=list)
    networks: list[LiftedNetwork] = field(default_factory=list)
    lifted: Lifted = field(default_factory=Lifted)
    calculation: Calculation | None = None

    @property
    def coverage(self) -> float:
        """Verified cells over formula cells that are not pinned."""
        counted = self.formulas - self.pinned
        return self.verified / counted if counted else 0.0

    @property
    def network(self) -> Network | None:
        """The longest network that the workbook spells."""
        return self.networks[0].network if self.networks else None

    def to_frame(self) -> pd.DataFrame:
        """Return the findings as a table, a row each."""
        import pandas as pd  # noqa: PLC0415  slow to import, and rarely used

        rows = [asdict(one) | {"severity": str(one.severity)} for one in self.findings]
        columns = [*(one.name for one in fields(Finding)), "severity"]
        return pd.DataFrame(rows, columns=columns)

    def count(self, severity: Severity) -> int:
        """Return how many findings have a severity, knock-on ones left out."""
        return sum(one.severity == severity and one.root for one in self.findings)

    def verdict(self, *, strict: bool = False) -> str:
        """Return `verified`, `findings` or `unverified`."""
        wrong = self.count(Severity.ERROR) + (self.count(Severity.WARNING) if strict else 0)
        if wrong:
            return "findings"
        return "verified" if self.verified else "unverified"


def verify(
    path: str | Path,
    *,
    rtol: float = RTOL,
    atol: float = ATOL,
    budget: Budget | None = None,
    model: Mapping[str, ArrayLike] | None = None,
) -> Report:
    """Read a workbook and check every formula cell, and its weights against a model's.

    `model` has parameters as `Network.state` has them. Raises ReadError for what is no
    workbook.
    """
    workbook = read_xlsx(path, budget)
    return verify_workbook(workbook, str(path), rtol=rtol, atol=atol, model=model)


def verify_workbook(
    workbook: Workbook,
    path: str = "workbook",
    *,
    rtol: float = RTOL,
    atol: float = ATOL,
    model: Mapping[str, ArrayLike] | None = None,
) -> Report:
    """Check every formula cell of a workbook in memory."""
    return verify_lifted(lift_workbook(workbook, path), Tolerance(rtol, atol), model)


def verify_lifted(
    seen: LiftedWorkbook,
    tolerance: Tolerance = Tolerance(),
    model: Mapping[str, ArrayLike] | None = None,
) -> Report:
    """Check every formula cell of a workbook that was lifted."""
    facts = Facts(seen.calculation, seen.lifted, seen.networks, tolerance, seen.description)
    found = _checked(facts, model)
    return Report(
        seen.path, facts.formulas, facts.pinned, facts.verified, facts.knock_on, found,
        seen.networks, seen.lifted, seen.calculation,
    )  # fmt: skip


def _checked(facts: Facts, model: Mapping[str, ArrayLike] | None) -> list[Finding]:
    """Return the findings of all checks, root causes first."""
    network_answers(facts)
    note_declaration(facts)
    found: list[Finding] = []
    for some in (
        # Those that know best what a cell should be come first, patterns after them; all
        # of them mark the cells that are wrong by themselves.
        iter(check_metrics(facts)), undeclared_cells(facts), frames(facts), deviants(facts),
        strays(facts), agreements(facts), choices(facts), holes(facts), overhangs(facts),
        statuses(facts), values(facts), unlifted(facts), siblings(facts), pools(facts),
        labels(facts), _compared(facts, model),
    ):  # fmt: skip
        found += _first_of(some)
    if not any(one.root and one.severity == Severity.ERROR for one in found):
        found += unexplained(facts)
    return sorted(found, key=_order)


def _compared(facts: Facts, given: Mapping[str, ArrayLike] | None) -> Iterator[Finding]:
    workbook = facts.calculation.workbook
    if not facts.networks:
        if given is not None:
            message = "no network found; expected that of the model"
            yield Finding("M503", workbook.sheets[0].name, "A1", message)
        return
    first = facts.networks[0]
    if given is None:
        yield from compare_fingerprint(first, facts.lifted, workbook, facts.description)
        return
    values = {
        k: np.stack([numbers_of(facts, tensor, plane) for plane in tensor.planes]).reshape(
            tensor.shape
        )
        for k, tensor in enumerate(facts.lifted.tensors)
        if k in (first.tensors[0], first.tensors[-1])
    }
    yield from compare_model(first, facts.lifted, workbook, given, values, facts.tolerance)


def _first_of(found: Iterator[Finding]) -> list[Finding]:
    """Return the findings; of very many the first, and one that counts the others."""
    kept = list(islice(found, MOST_LISTED))
    count, last, root = 0, None, False
    for last in found:
        count += 1
        root = root or last.root
    if last is not None:
        message = f"and {count:,} more, which are not listed"
        kept.append(replace(last, message=message, root=root, count=count))
    return kept


_BEGIN = re.compile(r"([A-Z]+)(\d+)")


def _order(one: Finding) -> tuple[object, ...]:
    ranks = list(Severity)
    begin = _BEGIN.match(one.block)
    letters, row = begin.groups() if begin else ("", "0")
    place = len(letters), letters, int(row), one.block
    return not one.root, ranks.index(one.severity), one.code, one.sheet, place


__all__ = ["ATOL", "CODES", "RTOL", "Report", "verify", "verify_workbook"]
