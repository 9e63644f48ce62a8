"""Checks: each with what it needs, run in the order that follows from the needs.

A check gets facts and what the checks that it needs have found, and returns what it found.
Nothing else passes between checks: what one does not ask for, it does not see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from msgspec import Struct, field

from xlconv.arrays import Mask
from xlconv.spreadsheet.addresses import Cell, Range
from xlconv.verification.facts import Facts
from xlconv.verification.findings import Finding

SheetCell = tuple[int, Cell]  # the number of a sheet, and (row, column)


class CheckResult(Struct, frozen=True):
    """What checks found.

    `wrong` marks, by the number of a sheet and in the order of its arrays, the cells with an
    error of their own. `reported` are the cells that a finding names as not what they should
    be, blank ones too.
    """

    findings: tuple[Finding, ...] = ()
    wrong: Mapping[int, Mask] = field(default_factory=lambda: MappingProxyType({}))
    reported: frozenset[SheetCell] = frozenset()

    def has_reported(self, sheet: int, area: Range) -> bool:
        """Whether a finding names a cell of an area as not what it should be."""
        return any(home == sheet and area.holds(Range(*at, *at)) for home, at in self.reported)


class Check(Struct, frozen=True):
    """A check by its name; `needs` are the names of those whose results it reads."""

    name: str
    run: Callable[[Facts, CheckResult], CheckResult]
    needs: tuple[str, ...] = ()


def run_checks(facts: Facts, checks: Sequence[Check]) -> dict[str, CheckResult]:
    """Return the result of every check by its name, in the order of the checks."""
    results: dict[str, CheckResult] = {}
    for check in in_order(checks):
        earlier = merged(results[name] for name in check.needs)
        results[check.name] = check.run(facts, earlier)
    return {check.name: results[check.name] for check in checks}


def in_order(checks: Sequence[Check]) -> Iterator[Check]:
    """Yield checks, each after those it needs, and otherwise as they are given.

    Raises ValueError where some need each other, or one that is not there.
    """
    waiting, done = list(checks), set[str]()
    while waiting:
        ready = next((one for one in waiting if done.issuperset(one.needs)), None)
        if ready is None:
            names = ", ".join(one.name for one in waiting)
            raise ValueError(f"{names}: each needs one of them, or a check that is not there")
        waiting.remove(ready)
        done.add(ready.name)
        yield ready


def merged(results: Iterable[CheckResult]) -> CheckResult:
    """Return what several checks found, as one."""
    every = list(results)
    wrong: dict[int, Mask] = {}
    for one in every:
        for sheet, mask in one.wrong.items():
            wrong[sheet] = wrong[sheet] | mask if sheet in wrong else mask
    return CheckResult(
        tuple(finding for one in every for finding in one.findings),
        MappingProxyType(wrong),
        frozenset().union(*(one.reported for one in every)),
    )
