"""Measures the grading of a class: on one core and on two, and its memory.

    PYTHONPATH=. python tests/benchmarks/grade.py [--files 500] [--jobs 2] [--rounds 1]

The submissions are of the default workbook with its second convolution, its pool and its softmax to
fill in: right ones, other spellings, half filled ones, and single mistakes, no two of the same
bytes. `memory` is that of the largest of the processes that grade, and of the command itself,
after a tenth of the files and after all.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

CLASS = 40  # submissions that differ in their cells; the others differ in a comment of the package


def written(folder: Path, count: int) -> tuple[Path, Path]:
    """Write an exercise and so many submissions; return its description and their folder."""
    from tests.classroom.lessons import blank, default_book, edited, lesson, taken
    from tests.classroom.slips import CONVOLUTION, CONVOLUTION_SPELLINGS

    book, rng = default_book(), random.Random(1)
    one = lesson(folder / "lesson", book, blank(book, "relu2"), blank(book, "pool1", 5),
                 blank(book, "softmax", 3))  # fmt: skip
    cells = [name for area in one.exercise.tasks[0].cells for name in _names(area)]
    formulas = {name: str(text)[1:] for name, text in taken(one.solution, cells).items()}
    made = [one.solution, one.handed_out]
    for rewrite in CONVOLUTION_SPELLINGS.values():
        texts = {name: rewrite(text) or text for name, text in formulas.items()}
        made.append(edited(one.solution, {
            name: text if text.startswith("{=") else f"={text}" for name, text in texts.items()
        }))  # fmt: skip
    while len(made) < min(CLASS, count):
        cell, slip = rng.choice(cells), rng.choice(CONVOLUTION)
        made.append(edited(one.solution, {cell: f"={slip.rewrite(formulas[cell])}"}))
    contents = []
    for workbook in made:
        contents.append(one.save(folder / "base.xlsx", workbook).read_bytes())
    (folder / "in").mkdir()
    for number in range(count):
        path = folder / "in" / f"student {number:04}.xlsx"
        path.write_bytes(contents[number % len(contents)])
        with zipfile.ZipFile(path, "a") as package:
            package.comment = str(number).encode()
    return one.toml, folder / "in"


def _names(area: object) -> list[str]:
    from tests.classroom.lessons import names_in

    return names_in(area)  # type: ignore[arg-type]


def graded(toml: Path, folder: Path, out: Path, jobs: int) -> tuple[float, float, str]:
    """Return seconds, seconds of the processors, and the last line of the command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    found = subprocess.run(
        [sys.executable, "-m", "xlconv", "grade", folder, "--exercise", toml, "-o", out,
         "--jobs", str(jobs), "--force", "--quiet"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    took = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    work = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return took, work, found.stdout.strip().splitlines()[-1]


def memory(toml: Path, folder: Path, out: Path, jobs: int, count: int) -> None:
    """Print the memory of the command and of its largest process, early and at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "xlconv", "grade", folder, "--exercise", toml, "-o", out,
         "--jobs", str(jobs), "--force", "--quiet"],
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    early = False
    sizes = (0.0, 0.0)
    while process.poll() is None:
        found = _sizes(process.pid) or (0.0, 0.0)
        sizes = max(sizes[0], found[0]), max(sizes[1], found[1])
        done = len(list((out / "students").glob("*.html"))) if (out / "students").is_dir() else 0
        if not early and done >= count // 10:
            early = True
            print(
                f"memory after {done} files: command {sizes[0]:.0f} MiB, worker {sizes[1]:.0f} MiB"
            )
        time.sleep(0.2)
    print(f"memory at the end: command {sizes[0]:.0f} MiB, largest worker {sizes[1]:.0f} MiB")


def _sizes(parent: int) -> tuple[float, float] | None:
    own = _peak(parent)
    workers = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            workers.append(_peak(int(path.parent.name)) or 0.0)
    return None if own is None else (own, max(workers, default=0.0))


def _peak(process: int) -> float | None:
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    except OSError:
        return None
    return int(found[1]) / 1024 if found else None


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--files", type=int, default=500)
    options.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    options.add_argument("--rounds", type=int, default=1)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as held:
        folder = Path(held)
        toml, submissions = written(folder, asked.files)
        out = folder / "report"
        for _ in range(asked.rounds):
            for jobs in dict.fromkeys((1, asked.jobs)):
                took, work, last = graded(toml, submissions, out, jobs)
                print(f"{asked.files} files, {jobs} processes: {took:.1f} s, "
                      f"{work:.1f} s of processors, {asked.files / took:.1f} files a second; "
                      f"{last.partition(': ')[2]}", flush=True)  # fmt: skip
        memory(toml, submissions, folder / "again", asked.jobs, asked.files)


if __name__ == "__main__":
    main()
