"""What is told of one file: counts, layers and findings, in words and numbers only.

Light, so that it can be sent between processes and kept by the thousand: it holds no
workbook, no weights and no cells. A file that could not be read or checked has one too.
"""

from __future__ import annotations

from msgspec import Struct

from xlconv.analysis.linked_parameters import ChosenKernel, TiedWeights, linked_parameters
from xlconv.lifting.networks import LiftedNetwork
from xlconv.network.shown import Shown
from xlconv.network.summary import Row, summary_of
from xlconv.verification.report import CellCounts, Report


class NetworkRows(Struct, frozen=True):
    """A network line by line, and the sheet that it stands on: its number and its name.

    `samples` are where the inputs of each sample stand, where there are several.
    """

    number: int
    sheet: str
    rows: tuple[Row, ...]
    samples: tuple[str, ...] = ()


class FileReport(Shown, CellCounts, frozen=True, kw_only=True):
    """What a check of a file tells, or why it has nothing to tell (`error`).

    `crashed` is where that is no fault of the file that was looked for: the check itself
    failed, or its process was lost. `trace` then says where, if anything does.
    """

    sheets: int = 0
    networks: tuple[NetworkRows, ...] = ()
    linked: tuple[TiedWeights | ChosenKernel, ...] = ()
    error: str = ""
    crashed: bool = False
    trace: str = ""
    seconds: float = 0.0  # that the check took, 0 where the report was known before
    is_kept: bool = False  # by a cache

    @property
    def verdict(self) -> str:
        """What a report's verdict is, or `unreadable`."""
        return "unreadable" if self.error else CellCounts.verdict.fget(self)  # type: ignore[attr-defined]


def file_report_of(report: Report, seconds: float = 0.0) -> FileReport:
    """Return what is told of a report, without its cells."""
    sheets = () if report.calculation is None else report.calculation.workbook.sheets
    return FileReport(
        path=report.path,
        formulas=report.formulas,
        pinned=report.pinned,
        connected=report.connected,
        verified=report.verified,
        knock_on=report.knock_on,
        against=report.against,
        findings=report.findings,
        sheets=len(sheets),
        networks=tuple(
            NetworkRows(
                one.sheet,
                sheets[one.sheet].name,
                tuple(line.row for line in summary_of(one.network, one.planes(report.lifted))),
                _samples(report, one),
            )
            for one in report.networks
        ),
        linked=tuple(linked_parameters(report, report.networks)),
        seconds=seconds,
    )


def _samples(report: Report, network: LiftedNetwork) -> tuple[str, ...]:
    tensors = report.lifted.tensors
    samples = network.samples if network.further else ()
    return tuple(tensors[one[0]].planes[0].range.name for one in samples)
