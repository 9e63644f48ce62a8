"""Who checks files: the same three steps for this process, for others and for a cluster.

Gives back every task once, with its report, in whatever order they are done.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from xlconv.runs.check_file import Task, check_file
from xlconv.runs.file_report import FileReport
from xlconv.runs.standard import Standard

Done = list[tuple[Task, FileReport]]


class Crew(Protocol):
    """Takes tasks as long as it has room, and hands back the ones that are done."""

    @property
    def has_room(self) -> bool:
        """Whether it can be given another task now."""

    @property
    def is_busy(self) -> bool:
        """Whether a task was given that was not taken back."""

    def give(self, task: Task) -> None:
        """Let a file be checked; only where there is room."""

    def take(self) -> Done:
        """Return what is done; waits until something is. Only while it is busy."""

    def close(self) -> None:
        """End at once, whatever is being checked."""


class Alone:
    """Checks files in this process, one at a time: a crash of it ends the run."""

    def __init__(self, standards: Sequence[Standard]) -> None:
        self._standards = standards
        self._task: Task | None = None

    @property
    def has_room(self) -> bool:
        """Whether it has no task."""
        return self._task is None

    @property
    def is_busy(self) -> bool:
        """Whether it has a task."""
        return self._task is not None

    def give(self, task: Task) -> None:
        """Keep the task until its report is taken."""
        self._task = task

    def take(self) -> Done:
        """Check the file now."""
        task, self._task = self._task, None
        assert task is not None
        return [(task, check_file(task.path, self._standards[task.standard]))]

    def close(self) -> None:
        """Nothing goes on behind the back."""
