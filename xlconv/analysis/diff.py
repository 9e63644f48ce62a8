"""What changed between two workbooks, in the network's terms.

Networks are paired by what they have in common; cells count only where no layer speaks for them.
Never writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, overload

from xlconv.analysis.comparison.cell_changes import cell_changes
from xlconv.analysis.comparison.changes import Change
from xlconv.analysis.comparison.likeness import paired_networks
from xlconv.analysis.comparison.network_changes import NetworkPair
from xlconv.lifting.lifted_workbook import LiftedWorkbook, Source, open_workbook
from xlconv.lifting.networks import LiftedNetwork
from xlconv.network.shown import Shown
from xlconv.verification.verify import verify_lifted

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, repr=False)
class Diff(Shown, Sequence[Change]):
    """The changes from one workbook to another, in order; as a sequence, those."""

    before: str
    after: str
    changes: tuple[Change, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return the changes as a table, a row each."""
        import pandas as pd  # noqa: PLC0415  slow to import, and rarely used

        columns = [one.name for one in fields(Change)]
        return pd.DataFrame([asdict(one) for one in self.changes], columns=columns)

    def __len__(self) -> int:
        return len(self.changes)

    @overload
    def __getitem__(self, number: int) -> Change: ...
    @overload
    def __getitem__(self, number: slice) -> tuple[Change, ...]: ...
    def __getitem__(self, number: int | slice) -> Change | tuple[Change, ...]:
        return self.changes[number]


def diff(before: Source, after: Source) -> Diff:
    """Return what changed from one workbook to another; nothing where they are alike.

    Raises ReadError for what is no workbook.
    """
    old, new = open_workbook(before), open_workbook(after)
    changes = (*_networks(old, new), *_findings(old, new), *cell_changes(old, new))
    return Diff(old.path, new.path, changes)


def _networks(before: LiftedWorkbook, after: LiftedWorkbook) -> Iterator[Change]:
    old, new = before.networks, after.networks
    pairs = paired_networks([one.network for one in old], [one.network for one in new])
    for number, (i, j) in enumerate(pairs):
        prefix = f"network {number}: " if len(pairs) > 1 else ""
        if i is not None and j is not None:
            yield from NetworkPair(before, after, old[i], new[j], prefix).changes()
        elif i is not None:
            yield _unpaired(old[i], "is gone", prefix)
        elif j is not None:
            yield _unpaired(new[j], "is new", prefix)


def _unpaired(one: LiftedNetwork, what: str, prefix: str) -> Change:
    names = ", ".join(one.network.names)
    return Change("structure", prefix.rstrip(": ") or "network", f"{what}: {names}")


def _findings(before: LiftedWorkbook, after: LiftedWorkbook) -> Iterator[Change]:
    """Yield the cells that left the pattern or came back to it."""

    def roots(book: LiftedWorkbook) -> dict[tuple[str, str, str], str]:
        found = verify_lifted(book).findings
        return {(one.code, one.sheet, one.cell): one.message for one in found if one.root}

    old, new = roots(before), roots(after)
    for (code, sheet, cell), message in new.items():
        if (code, sheet, cell) not in old:
            yield Change("finding", f"{sheet}!{cell}", f"{code} {message}", f"{sheet}!{cell}")
    for code, sheet, cell in old:
        if (code, sheet, cell) not in new:
            yield Change("finding", f"{sheet}!{cell}", f"{code} is gone", f"{sheet}!{cell}")
