"""The other side of `workers`: a process that checks one file after another.

It says that it is there, is told the standards, and then answers every path with a report,
until the other end is gone. Starts nothing, and imports the checks only once it runs.
"""

from __future__ import annotations

import gc
import os
import signal
from contextlib import suppress
from itertools import count
from multiprocessing.connection import Connection

# After so many files the oldest generation is collected: by itself it hardly ever is.
_COLLECTED = 20


def serve(connection: Connection) -> None:
    """Check the files that are named through a connection, until that is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends with the run, not by itself
    # No product of matrices here is worth threads; the processes share the cores.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from xlconv.runs.check_file import check_file  # noqa: PLC0415  not before that

    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
    with suppress(EOFError, OSError):
        connection.send(None)
        standards = connection.recv()
        for turn in count(1):
            path, number = connection.recv()
            connection.send(check_file(path, standards[number]))
            if turn % _COLLECTED == 0:  # while the next one is looked for
                gc.collect()
