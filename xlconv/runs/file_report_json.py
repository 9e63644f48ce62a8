"""File reports <-> JSON: what a cache keeps, written and read back as it was.

Plain data on purpose: a cache may come from elsewhere, and reading it must run nothing.
"""

from __future__ import annotations

import json
from typing import Any

from msgspec import to_builtins

from xlconv.analysis.linked_parameters import ChosenKernel, TiedWeights
from xlconv.network.summary import Row
from xlconv.runs.file_report import FileReport, NetworkRows
from xlconv.verification.findings import CODES, Finding, Severity

_LINKED = {one.__name__: one for one in (TiedWeights, ChosenKernel)}


def render_report(report: FileReport) -> str:
    """Return the report as JSON, all but the path, the time it took and that it was kept."""
    table = to_builtins(report)
    for name in ("path", "seconds", "is_kept"):
        del table[name]
    table["linked"] = [[type(one).__name__, to_builtins(one)] for one in report.linked]
    return json.dumps(table, ensure_ascii=False, separators=(",", ":"))


def parse_report(text: str, path: str) -> FileReport:
    """Return the report of a file at `path`. Raises ValueError for another text."""
    try:
        table = json.loads(text)
        table["findings"] = list(map(_finding, table["findings"]))
        table["networks"] = tuple(
            NetworkRows(
                one["number"], one["sheet"], tuple(map(_row, one["rows"])), tuple(one["samples"])
            )
            for one in table["networks"]
        )
        table["linked"] = tuple(_linked(name, fields) for name, fields in table["linked"])
        return FileReport(path=path, is_kept=True, **table)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no report: {error}") from None


def _finding(table: dict[str, Any]) -> Finding:
    level = table.pop("level")
    found = Finding(**table, level=None if level is None else Severity(level))
    if found.code not in CODES:
        raise ValueError(f"no finding: {found.code}")
    return found


def _row(table: dict[str, Any]) -> Row:
    tuples = {name: tuple(table[name]) for name in ("input_shape", "output_shape", "ranges")}
    return Row(**(table | tuples))


def _linked(name: str, table: dict[str, Any]) -> TiedWeights | ChosenKernel:
    if "key" in table:
        table["key"] = tuple(table["key"])
    return _LINKED[name](**table)
