"""What changed between two workbooks, in the network's terms.

Networks are paired by what they have in common; cells count only where no layer speaks for them.
Never writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, overload

from msgspec import Struct
from msgspec.structs import asdict

from xlconv.analysis.comparison.cell_changes import cell_changes
from xlconv.analysis.comparison.changes import Change
from xlconv.analysis.comparison.inserted_lines import Insertions, insertions
from xlconv.analysis.comparison.likeness import paired_networks
from xlconv.analysis.comparison.network_changes import NetworkPair
from xlconv.lifting.lifted_workbook import LiftedWorkbook, Source, open_workbook
from xlconv.lifting.networks import LiftedNetwork
from xlconv.network.shown import Shown
from xlconv.verification.findings import Finding
from xlconv.verification.verify import verify_lifted

if TYPE_CHECKING:
    import pandas as pd

_Key = tuple[str, str, str]  # code, sheet, cell


class Diff(Shown, Struct, frozen=True):
    """The changes from one workbook to another, in order; as a sequence, those."""

    before: str
    after: str
    changes: tuple[Change, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return the changes as a table, a row each."""
        import pandas as pd  # noqa: PLC0415  slow to import, and rarely used

        columns = Change.__struct_fields__
        return pd.DataFrame([asdict(one) for one in self.changes], columns=columns)

    def __iter__(self) -> Iterator[Change]:
        return iter(self.changes)

    def __len__(self) -> int:
        return len(self.changes)

    @overload
    def __getitem__(self, number: int) -> Change: ...
    @overload
    def __getitem__(self, number: slice) -> tuple[Change, ...]: ...
    def __getitem__(self, number: int | slice) -> Change | tuple[Change, ...]:
        return self.changes[number]


# Not a base: a class with fields has another metaclass than one with abstract methods.
Sequence.register(Diff)


def diff(before: Source, after: Source) -> Diff:
    """Return what changed from one workbook to another; nothing where they are alike.

    Raises ReadError for what is no workbook.
    """
    old, new = open_workbook(before), open_workbook(after)
    inserted = _inserted(old, new)
    changes = (
        *_networks(old, new, inserted),
        *(Change("place", name, one.words()) for name, one in inserted.items()),
        *_findings(old, new, inserted),
        *cell_changes(old, new, inserted),
    )
    return Diff(old.path, new.path, changes)


def _inserted(before: LiftedWorkbook, after: LiftedWorkbook) -> dict[str, Insertions]:
    """Return what was inserted into the sheets that both have, or deleted, by their names."""
    known = {sheet.name: sheet for sheet in after.workbook.sheets}
    found = {
        sheet.name: insertions(sheet, known[sheet.name])
        for sheet in before.workbook.sheets
        if sheet.name in known
    }
    return {name: one for name, one in found.items() if one}


def _networks(
    before: LiftedWorkbook, after: LiftedWorkbook, inserted: Mapping[str, Insertions]
) -> Iterator[Change]:
    old, new = before.networks, after.networks
    pairs = paired_networks([one.network for one in old], [one.network for one in new])
    for number, (i, j) in enumerate(pairs):
        prefix = f"network {number}: " if len(pairs) > 1 else ""
        if i is not None and j is not None:
            moves = inserted.get(before.sheet_name(old[i].sheet), Insertions())
            yield from NetworkPair(before, after, old[i], new[j], prefix, moves).changes()
        elif i is not None:
            yield _unpaired(old[i], "is gone", prefix)
        elif j is not None:
            yield _unpaired(new[j], "is new", prefix)


def _unpaired(one: LiftedNetwork, what: str, prefix: str) -> Change:
    names = ", ".join(one.network.names)
    return Change("structure", prefix.rstrip(": ") or "network", f"{what}: {names}")


def _findings(
    before: LiftedWorkbook, after: LiftedWorkbook, inserted: Mapping[str, Insertions]
) -> Iterator[Change]:
    """Yield the cells that left the pattern or came back to it; of one cause, the first."""

    def roots(book: LiftedWorkbook, moves: Mapping[str, Insertions]) -> dict[_Key, Finding]:
        found = [one for one in verify_lifted(book).findings if one.root]
        return {
            (one.code, one.sheet, moves.get(one.sheet, Insertions()).text(one.cell)): one
            for one in found
        }

    old, new = roots(before, inserted), roots(after, {})
    fresh = [(key, one) for key, one in new.items() if key not in old]
    for _, some in groupby(fresh, lambda both: _cause(both[1])):
        group = list(some)
        (code, sheet, cell), first = group[0]
        where = f" in {first.block}" if first.block else ""
        more = f"; and {len(group) - 1:,} more{where}" if len(group) > 1 else ""
        place = f"{sheet}!{cell}"
        yield Change("finding", place, f"{code} {first.message}{more}", place)
    for code, sheet, cell in old:
        if (code, sheet, cell) not in new:
            yield Change("finding", f"{sheet}!{cell}", f"{code} is gone", f"{sheet}!{cell}")


def _cause(one: Finding) -> tuple[str, str, str]:
    return one.code, one.sheet, one.block or one.message
