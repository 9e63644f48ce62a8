"""Checks files on a Dask cluster that is there already: a task each.

What becomes of a worker is Dask's business: its tasks are run again elsewhere, and a file
that loses several workers one after another is told as lost. Starts no cluster.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import CancelledError
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlconv.errors import ReadError, XlconvError
from xlconv.runs.check_file import Task, lost
from xlconv.runs.crews.crew import Done
from xlconv.runs.crews.remote import check_there, known_there, renamed
from xlconv.runs.file_report import FileReport
from xlconv.runs.program import program
from xlconv.runs.standard import Standard

if TYPE_CHECKING:
    from distributed import Client, Future

_TASKS = 1000  # at the scheduler at a time
_BYTES = 64 << 20  # of files on their way


class Cluster:
    """A crew behind a client; `send` lets files travel that workers cannot see."""

    def __init__(
        self, client: Client, standards: Sequence[Standard], *, send: bool = False,
        is_own: bool = False,
    ) -> None:  # fmt: skip
        from distributed import as_completed  # noqa: PLC0415  an extra

        self._client, self._send, self._is_own = client, send, is_own
        self._standards = [client.submit(known_there, one, pure=False) for one in standards]
        self._tasks: dict[Future, tuple[Task, int]] = {}
        self._unsendable: Done = []
        self._ending = as_completed(loop=client.loop)
        self._bytes = 0

    @property
    def has_room(self) -> bool:
        """Whether the scheduler has not yet been given enough for a while."""
        waiting = len(self._tasks) + len(self._unsendable)
        return waiting < _TASKS and self._bytes < _BYTES

    @property
    def is_busy(self) -> bool:
        """Whether any task is out."""
        return bool(self._tasks or self._unsendable)

    def give(self, task: Task) -> None:
        """Submit a task; the file is read now if it is to be sent."""
        content = None
        if self._send:
            try:
                content = _content(Path(task.path))
            except ReadError as error:
                self._unsendable.append((task, FileReport(path=task.path, error=str(error))))
                return
        future = self._client.submit(
            check_there, str(Path(task.path).absolute()), content,
            self._standards[task.standard], program(), pure=False,
        )  # fmt: skip
        size = len(content or b"")
        self._tasks[future] = task, size
        self._bytes += size
        self._ending.add(future)

    def take(self) -> Done:
        """Wait for a task to end.

        Raises XlconvError where the cluster cannot do such tasks, or is lost.
        """
        done, self._unsendable = self._unsendable, []
        if done:
            return done
        for future in self._ending.next_batch():
            task, size = self._tasks.pop(future)
            self._bytes -= size
            done.append((task, _report(future, task)))
            future.release()
        return done

    def close(self) -> None:
        """Take back what is not done; leave the cluster as it was."""
        self._client.cancel([*self._tasks, *self._standards])
        if self._is_own:
            self._client.close()


def connected(address: str) -> Client:
    """Return a client of a scheduler. Raises XlconvError where none answers."""
    try:
        from distributed import Client  # noqa: PLC0415  an extra
    except ImportError:
        raise XlconvError("a scheduler needs distributed: pip install '.[dask]'") from None
    try:
        return Client(address, timeout=10, set_as_default=False)
    except (OSError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise XlconvError(f"{address}: {reason}; expected a Dask scheduler") from None


def _content(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise ReadError(f"{path}: no such file; expected one to send")
        return path.read_bytes()
    except OSError as error:
        raise ReadError(f"{path}: {error.strerror}; expected a file to send") from None


def _report(future: Future, task: Task) -> FileReport:
    from distributed import KilledWorker  # noqa: PLC0415  an extra

    try:
        report: Any = future.result()
    except KilledWorker as error:
        return lost(task.path, f"{error.allowed_failures + 1} workers were lost over it")
    except XlconvError:
        raise
    except (Exception, CancelledError) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise XlconvError(f"the cluster cannot check files: {reason}") from None
    return renamed(report, task.path)
