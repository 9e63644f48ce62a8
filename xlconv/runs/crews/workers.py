"""Checks files in processes of this machine, started once; each checks one file at a time.

Each process has a connection of its own, so that of one that is lost it is known which file
it had: that file's report says so, and another process takes the place. Processes are
spawned, never forked, and there are no threads.
"""

from __future__ import annotations

import signal
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import connection, get_context, resource_tracker
from multiprocessing.process import BaseProcess

from msgspec import Struct

from xlconv.errors import XlconvError
from xlconv.runs.check_file import Task, lost
from xlconv.runs.crews.crew import Done
from xlconv.runs.crews.worker import serve
from xlconv.runs.standard import Standard

_STARTS = 3  # that may fail one after another, as where memory is short
_FAREWELL = 5.0  # seconds that a process that is gone may take to say how


class _Worker(Struct, eq=False):
    process: BaseProcess
    line: connection.Connection
    is_ready: bool = False
    task: Task | None = None
    since: float = 0.0

    @property
    def is_idle(self) -> bool:
        return self.is_ready and self.task is None


class Workers:
    """Up to `jobs` processes; none takes longer than `timeout` seconds for a file."""

    def __init__(
        self, standards: Sequence[Standard], jobs: int, timeout: float | None = None
    ) -> None:
        self._standards, self._jobs, self._timeout = standards, jobs, timeout
        self._waiting: deque[Task] = deque()
        self._workers: list[_Worker] = []
        self._failed_starts, self._was_any_ready = 0, False

    @property
    def _in_hand(self) -> int:
        return len(self._waiting) + sum(one.task is not None for one in self._workers)

    @property
    def has_room(self) -> bool:
        """Whether a process has nothing to do, or has yet to be started."""
        return self._in_hand < self._jobs

    @property
    def is_busy(self) -> bool:
        """Whether any file is being checked, or waits for a process."""
        return self._in_hand > 0

    def give(self, task: Task) -> None:
        """Hand a task to a process that is ready, or start one for it."""
        self._waiting.append(task)
        self._hand_out()

    def take(self) -> Done:
        """Wait until a file was checked, or its process was lost.

        Raises XlconvError where processes cannot be started.
        """
        while True:
            self._hand_out()
            lines = {one.line: one for one in self._workers}
            heard = connection.wait(list(lines), self._patience())
            done = [
                both for line, one in lines.items() if line in heard for both in self._hear(one)
            ]
            done += self._overdue()
            if done:
                return done

    def close(self) -> None:
        """End all processes, whatever they do."""
        for one in self._workers:
            self._end(one)
        self._workers.clear()

    def _hand_out(self) -> None:
        for one in self._workers:
            if one.is_idle and self._waiting:
                one.task, one.since = self._waiting.popleft(), time.monotonic()
                with suppress(OSError):  # it is gone: it will be heard of
                    one.line.send((one.task.path, one.task.standard))
        starting = sum(not one.is_ready for one in self._workers)
        for _ in range(len(self._waiting) - starting):
            self._workers.append(_started())

    def _hear(self, one: _Worker) -> Done:
        try:
            said = one.line.recv()
            if not one.is_ready:
                one.line.send(self._standards)
                one.is_ready = self._was_any_ready = True
                self._failed_starts = 0
                return []
        except (EOFError, OSError):
            return self._lost(one)
        task, one.task = one.task, None
        assert task is not None
        return [(task, said)]

    def _lost(self, one: _Worker) -> Done:
        one.process.join(_FAREWELL)
        code = one.process.exitcode
        self._dismiss(one)
        if not one.is_ready:
            self._failed_starts += 1
            is_hopeless = bool(code and code > 0) and not self._was_any_ready
            if is_hopeless or self._failed_starts >= _STARTS:
                raise XlconvError(
                    f"a process to check files ended as it began: {_ending(code)}; expected the "
                    'main module to be guarded by `if __name__ == "__main__":`, or jobs=0'
                )
        return [] if one.task is None else [(one.task, lost(one.task.path, _ending(code)))]

    def _overdue(self) -> Done:
        if self._timeout is None:
            return []
        end = time.monotonic() - self._timeout
        late = [one for one in self._workers if one.task is not None and one.since <= end]
        for one in late:
            self._dismiss(one)
        reason = f"not checked within {self._timeout:g} s"
        return [(one.task, lost(one.task.path, reason)) for one in late if one.task is not None]

    def _patience(self) -> float | None:
        begun = [one.since for one in self._workers if one.task is not None]
        if self._timeout is None or not begun:
            return None
        return max(0.0, min(begun) + self._timeout - time.monotonic())

    def _dismiss(self, one: _Worker) -> None:
        self._workers.remove(one)
        self._end(one)

    def _end(self, one: _Worker) -> None:
        one.process.kill()
        one.process.join()
        one.line.close()


def _started() -> _Worker:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs,), name="xlconv-verify", daemon=True)
    with _interrupts_held():
        process.start()
    theirs.close()
    return _Worker(process, ours)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Let a process start deaf to Ctrl-C, which is for the one that started it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # which would let interrupts through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        name = signal.Signals(-code).name
        cause = ": out of memory?" if name == "SIGKILL" else ""
        return f"its process was ended by {name}{cause}"
    return f"its process ended with exit code {code}"
