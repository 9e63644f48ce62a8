"""Many files in, a report for each out: in the order of the files, and as they come.

Brings together who checks (a crew), and what was known before (a cache). Opens no workbook.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from xlconv.errors import XlconvError
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.network.network import Network
from xlconv.runs.check_file import Task
from xlconv.runs.crews.crew import Alone, Crew
from xlconv.runs.file_report import FileReport
from xlconv.runs.standard import Standard
from xlconv.runs.workbook_files import workbook_files
from xlconv.spreadsheet.xlsx.package import Budget
from xlconv.verification.tolerance import ATOL, RTOL
from xlconv.verification.verify import wanted_network

if TYPE_CHECKING:
    from distributed import Client

    from xlconv.runs.cache import Cache


def verify_many(
    paths: str | Path | Iterable[str | Path],
    *,
    jobs: int | None = None,
    timeout: float | None = None,
    client: Client | None = None,
    send: bool = False,
    cache: str | Path | None = None,
    rtol: float = RTOL,
    atol: float = ATOL,
    budget: Budget | None = None,
    model: Mapping[str, ArrayLike] | None = None,
    against: str | Path | LiftedWorkbook | None = None,
    spec: Network | None = None,
    described: bool = True,
) -> Generator[FileReport]:
    """Yield a report for each file, of folders for every workbook in them, in their order.

    They are checked in `jobs` processes, as many as there are cores if nothing is said, each
    for at most `timeout` seconds; a single file without that, or with `jobs=0` every one,
    in this process. With a Dask `client` they are checked on its cluster, whose workers find
    them by their paths or, with `send`, are sent them. Reports are kept in the folder `cache`,
    and those of files that did not change are taken from it. The other arguments are those
    of `verify`.

    What cannot be read or checked has a report too, whose verdict is `unreadable`; only what
    files are held against raises, as `verify` does. A script that calls this must be guarded
    by `if __name__ == "__main__":`, as for all of `multiprocessing`.
    """
    wanted = wanted_network(against, spec, budget, described=described)
    standards = (Standard(rtol, atol, budget or Budget(), model, wanted),)
    crew: Crew
    files = workbook_files(map(str, [paths] if isinstance(paths, str | Path) else paths))
    if client is None:
        crew = local_crew(standards, jobs, len(files), timeout)
    else:
        crew = cluster_of(client, standards, send=send)
    known = None if cache is None else cache_of(Path(cache), standards)
    return reports([Task(turn, path, 0) for turn, path in enumerate(files)], crew, known)


def local_crew(
    standards: Sequence[Standard], jobs: int | None, files: int, timeout: float | None = None
) -> Crew:
    """Return who checks so many files on this machine: processes, or this one for a single file.

    Raises XlconvError where this process would have to watch its own time.
    """
    if timeout is not None and jobs == 0:
        raise XlconvError("a time limit without processes; expected at least one job")
    if timeout is None and (jobs == 0 or files == 1):
        return Alone(standards)
    from xlconv.runs.crews.workers import Workers  # noqa: PLC0415  not for a single file

    return Workers(standards, jobs or cores(), timeout)


def cluster_of(client: Client | str, standards: Sequence[Standard], *, send: bool = False) -> Crew:
    """Return a cluster that checks files, by its client or by its scheduler's address.

    Raises XlconvError where no scheduler answers.
    """
    from xlconv.runs.crews.cluster import Cluster, connected  # noqa: PLC0415  an extra

    if isinstance(client, str):
        return Cluster(connected(client), standards, send=send, is_own=True)
    return Cluster(client, standards, send=send)


def cache_of(folder: Path, standards: Sequence[Standard]) -> Cache:
    """Return the reports that a folder keeps. Raises FileError where it cannot be written to."""
    from xlconv.runs.cache import Cache  # noqa: PLC0415  only if used

    return Cache(folder, standards)


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def reports(tasks: Iterable[Task], crew: Crew, cache: Cache | None = None) -> Generator[FileReport]:
    """Yield the reports of tasks, numbered from 0, in their order; ends the crew with the run."""
    waiting, line = iter(tasks), _Line()
    with closing(crew):
        while True:
            for task, known in _handed_out(waiting, crew, cache):
                line.add(task, known)
                yield from line.leaving()
            # Only now, when all have work again, what is done is told.
            yield from line.leaving()
            if not crew.is_busy:
                return
            for task, report in crew.take():
                line.add(task, report)
                if cache is not None:
                    cache.keep(task, report)


def _handed_out(
    waiting: Iterator[Task], crew: Crew, cache: Cache | None
) -> Iterator[tuple[Task, FileReport]]:
    """Give the crew tasks while it has room, but for those whose report is known: yield these."""
    while crew.has_room:
        task = next(waiting, None)
        if task is None:
            return
        known = None if cache is None else cache.find(task)
        if known is None:
            crew.give(task)
        else:
            yield task, known


class _Line:
    """Reports that wait for those of files before them."""

    def __init__(self) -> None:
        self._waiting: dict[int, FileReport] = {}
        self._turn = 0

    def add(self, task: Task, report: FileReport) -> None:
        self._waiting[task.turn] = report

    def leaving(self) -> Iterator[FileReport]:
        """Yield those whose turn it is."""
        while (report := self._waiting.pop(self._turn, None)) is not None:
            self._turn += 1
            yield report
