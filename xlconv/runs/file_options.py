"""What may be asked of a file, as the command line and the settings say it.

Only words, numbers and paths: what they name is read by `standard`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from xlconv.errors import XlconvError
from xlconv.runs.results import Selection
from xlconv.spreadsheet.xlsx.package import Budget
from xlconv.verification.findings import CODES
from xlconv.verification.tolerance import ATOL, RTOL


class FileOptions(Struct, frozen=True):
    """The options of `verify` that may differ from file to file; named as they are there."""

    rtol: float = RTOL
    atol: float = ATOL
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    strict: bool = False
    min_coverage: float = 1.0
    against: Path | None = None
    spec: Path | None = None
    model: Path | None = None
    max_cells: int = Budget().cells

    @property
    def selection(self) -> Selection:
        """Which findings count, and how much."""
        return Selection(self.select, self.ignore, self.strict, self.min_coverage)

    @property
    def held(self) -> FileOptions:
        """The options without those that only choose among findings: what a check depends on."""
        changed = ("D",) if "D" in self.ignore else ()
        return replace(self, select=(), ignore=changed, strict=False, min_coverage=1.0)


def codes_of(place: str, words: str | Sequence[str]) -> tuple[str, ...]:
    """Return codes, or their beginnings, from a list or from words with commas between.

    Raises XlconvError, with `place` in front, for one that no code begins with.
    """
    every = words.split(",") if isinstance(words, str) else words
    codes = tuple(code.strip().upper() for code in every if code.strip())
    for code in codes:
        if not any(known.startswith(code) for known in CODES):
            raise XlconvError(f"{place} {code}: no such code; expected one of {', '.join(CODES)}")
    return codes
