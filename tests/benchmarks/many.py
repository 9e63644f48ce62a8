"""Measures verify over many files: on one core and on several, from the cache, on a cluster.

    PYTHONPATH=. python tests/benchmarks/many.py [--files 1000] [--jobs 2] [--rounds 3] [--dask]

The files are copies of the default workbook and mutants of it (`tests.mutations`), no two
of the same bytes. Every contender is the command in a process of its own, in turn, over
the same files; a ratio is the median over rounds of one core's time to its. `work` is the
processors' time of the command and its processes (not of a cluster), which a busy machine
changes less. `apart` are commands that know nothing of each other, each on one core with its
share of the files: what the machine can give. At the end: which part of the time the processes
check, and the memory of the largest of them after a tenth of the files and after all.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

MUTANTS = 60  # that differ in their cells; the others differ in a comment of the package


def written(count: int, folder: Path) -> None:
    """Write so many files: every other one a copy, the rest mutants."""
    from tests.mutations import faults, rebuilt
    from tests.mutations.subjects import preset
    from xlconv.spreadsheet.xlsx.write import write_xlsx

    subject = preset("conv-example")
    made = faults([subject], min(MUTANTS, count // 2), seed=1)
    books = [subject.workbook, *(rebuilt(subject, fault) for _, _, fault in made)]
    contents = []
    for number, book in enumerate(books):
        path = folder / "base.xlsx"
        write_xlsx(book, path, replace=number > 0)
        contents.append(path.read_bytes())
    path.unlink()
    rng = random.Random(1)
    for number in range(count):
        content = contents[0] if number % 2 else rng.choice(contents[1:])
        path = folder / f"{number:05}.xlsx"
        path.write_bytes(content)
        with zipfile.ZipFile(path, "a") as package:
            package.comment = str(number).encode()


def seconds(folder: Path, *options: object, share: int = 1) -> tuple[float, float]:
    """Return how long the command takes, from its start to its end, and its processors.

    Of the last one to end, where several share the files.
    """
    words = [sys.executable, "-m", "xlconv", "verify", "-", "-q", *map(str, options)]
    files = sorted(map(str, folder.iterdir()))
    begun, worked = time.perf_counter(), _worked()
    running = [
        subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        for _ in range(share)
    ]
    for number, one in enumerate(running):
        assert one.stdin is not None
        one.stdin.write("\n".join(files[number::share]))
        one.stdin.close()
    codes = {one.wait() for one in running}
    spent = time.perf_counter() - begun
    assert codes <= {0, 1}, codes  # there are mutants
    return spent, _worked() - worked


def _worked() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def processes(folder: Path, jobs: int) -> tuple[float, float, float]:
    """Return the MiB of the largest process after a tenth of the files, and after all.

    And the share of the time, from the first reports on, in which the processes check.
    """
    from xlconv import verify_many

    files = sorted(folder.iterdir())
    early = late = checking = begun = 0.0
    for number, report in enumerate(verify_many(files, jobs=jobs), 1):
        if number <= jobs:
            begun = time.perf_counter()
        else:
            checking += report.seconds
        if number in (len(files) // 10, len(files) - jobs):
            held = max(_resident(one.pid) for one in multiprocessing.active_children())
            early, late = (held, 0.0) if not early else (early, held)
    return early, late, checking / jobs / (time.perf_counter() - begun)


def _resident(process: int | None) -> float:
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


@contextmanager
def cluster(workers: int) -> Iterator[str]:
    """Give the address of a cluster of processes of one thread each."""
    from distributed import LocalCluster

    with LocalCluster(workers, threads_per_worker=1, dashboard_address=None) as found:
        yield found.scheduler_address


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--files", type=int, default=1000)
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--dask", action="store_true", help="on a cluster as well")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "files")
        folder.mkdir()
        written(chosen.files, folder)
        if chosen.dask:
            with cluster(chosen.jobs) as address:
                compare(folder, chosen, {"cluster": ("--scheduler", address)})
        else:
            compare(folder, chosen, {})
        early, late, busy = processes(folder, chosen.jobs)
        print(f"processes check {busy:.1%} of the time")
        print(f"memory of a process: {early:.0f} MiB after a tenth, {late:.0f} MiB after all")


def compare(folder: Path, chosen: argparse.Namespace, more: dict[str, tuple[object, ...]]) -> None:
    """Run all contenders in turn, and print their medians and their ratios to one core's."""
    kept = ("--cache", folder.parent / "cache")
    contenders: dict[str, Callable[[], tuple[float, float]]] = {
        "one core": partial(seconds, folder, "--jobs", 0),
        f"{chosen.jobs} apart": partial(seconds, folder, "--jobs", 0, share=chosen.jobs),
        f"{chosen.jobs} processes": partial(seconds, folder, "--jobs", chosen.jobs),
        **{name: partial(seconds, folder, *one) for name, one in more.items()},
        "unchanged": partial(seconds, folder, *kept),
    }
    seconds(folder, *kept)
    runs = [{name: run() for name, run in contenders.items()} for _ in range(chosen.rounds)]
    print(f"{chosen.files:,} files, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"{'contender':<12} {'seconds':>8} {'ratio':>7} {'work':>8} {'ms/file':>8}")
    for name in contenders:
        median = statistics.median(run[name][0] for run in runs)
        work = statistics.median(run[name][1] for run in runs)
        ratio = statistics.median(run["one core"][0] / run[name][0] for run in runs)
        each = median / chosen.files * 1e3
        print(f"{name:<12} {median:>8.2f} {ratio:>7.2f} {work:>8.2f} {each:>8.2f}")


if __name__ == "__main__":
    main()
