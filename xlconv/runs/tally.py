"""What a run comes to so far: how many files of each verdict, the slowest, the exit code."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct, field

from xlconv.runs.results import Result, most_urgent

VERDICTS = ("verified", "partly", "findings", "unverified", "unreadable")


class Tally(Struct):
    """Counts results one by one, and keeps none of them."""

    verdicts: Counter[str] = field(default_factory=Counter)
    codes: set[int] = field(default_factory=set)
    slowest: str = ""
    seconds: float = 0.0  # of the slowest
    kept: int = 0  # of the files, that a cache knew

    def add(self, result: Result) -> None:
        """Count another result."""
        self.verdicts[result.verdict] += 1
        self.codes.add(result.exit_code)
        self.kept += result.report.is_kept
        if result.report.seconds > self.seconds:
            self.slowest, self.seconds = result.path, result.report.seconds

    @property
    def files(self) -> int:
        """How many files were counted."""
        return self.verdicts.total()

    @property
    def exit_code(self) -> int:
        """The most urgent of all exit codes, or 0."""
        return most_urgent(self.codes)
