"""Times what `xlconv generate` does beside openpyxl and XlsxWriter writing the same cells.

    python tests/benchmarks/generate.py [--sizes default,30k,300k] [--rounds 5]

Run by hand; pytest does not collect it, and no time is asserted. The contenders:

- xlconv: description, weights, strip, forward, formulas with their values, look, file;
- openpyxl: a plain loop over ready cells; formulas without values, no styles;
- XlsxWriter: a plain loop over ready cells; formulas with their values, no styles.

Every measurement is a fresh process, and the contenders take turns within a round, so
that a busy machine slows all of them alike. The clock stops while modules are imported
and while ready cells are read, a row at a time, so that they weigh on neither time nor
memory. Only xlconv waits until its file is on the disk (fsync). The peak is that of the
whole process; `start` is its peak before the work began. Ratios are medians over rounds.
"""

from __future__ import annotations

import argparse
import json
import pickle
import resource
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple, Self

# Only what costs little memory: a child's peak is at least that of the process it is
# started from, so that this one stays small.
if TYPE_CHECKING:
    from rich.table import Table

    from xlconv.lowering.book import Book

SPECS: dict[str, dict[str, Any] | None] = {
    "default": None,  # the default preset
    "30k": {
        "input": [1, 104, 104],
        "layers": [
            {"type": "Conv2d", "out_channels": 3, "kernel_size": 3},
            {"type": "ReLU"},
        ],
    },
    "300k": {
        "input": [1, 156, 156],
        "layers": [
            {"type": "Conv2d", "out_channels": 4, "kernel_size": 3},
            {"type": "ReLU"},
            {"type": "Conv2d", "out_channels": 4, "kernel_size": 3},
            {"type": "ReLU"},
            {"type": "Conv2d", "out_channels": 4, "kernel_size": 3},
            {"type": "ReLU"},
            {"type": "MaxPool2d", "kernel_size": 2},
        ],
    },
}
BASELINE = "openpyxl"
MIB = 2**20
# Whole processes are quick: more rounds of them cost little.
STARTS_PER_ROUND = 3

# A ready cell: column, name of its Kind, number, text without the `=`.
Cell = tuple[int, str, float, str]


class Clock:
    """Adds up the seconds spent inside its `with` blocks."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __enter__(self) -> Self:
        self._entered = perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds += perf_counter() - self._entered


class Run(NamedTuple):
    """One measurement; `start` and `peak` are the process's largest memory in bytes."""

    seconds: float
    start: int
    peak: int
    size: int
    formulas: int


# -- contenders: each returns its memory before the work -------------------------------


def by_xlconv(size: str, _ready: Path, out: Path, clock: Clock) -> int:
    make = book_maker(size)
    start = peak_memory()
    with clock:
        make().write(out)
    return start


def by_openpyxl(_size: str, ready: Path, out: Path, clock: Clock) -> int:
    from openpyxl import Workbook
    from openpyxl.worksheet.formula import ArrayFormula

    start = peak_memory()
    with clock:
        book = Workbook()
        sheet = book.active
    for row, cells in read_rows(ready):
        with clock:
            for column, kind, number, text in cells:
                if kind == "FORMULA":
                    sheet.cell(row + 1, column + 1, "=" + text)
                elif kind == "NUMBER":
                    sheet.cell(row + 1, column + 1, number)
                elif kind == "TEXT":
                    sheet.cell(row + 1, column + 1, text)
                else:
                    cell = sheet.cell(row + 1, column + 1)
                    cell.value = ArrayFormula(cell.coordinate, "=" + text)
    with clock:
        book.save(out)
    return start


def by_xlsxwriter(_size: str, ready: Path, out: Path, clock: Clock) -> int:
    from xlsxwriter import Workbook

    start = peak_memory()
    with clock:
        book = Workbook(str(out))
        sheet = book.add_worksheet()
    for row, cells in read_rows(ready):
        with clock:
            for column, kind, number, text in cells:
                if kind == "FORMULA":
                    sheet.write_formula(row, column, "=" + text, None, number)
                elif kind == "NUMBER":
                    sheet.write_number(row, column, number)
                elif kind == "TEXT":
                    sheet.write_string(row, column, text)
                else:
                    sheet.write_array_formula(
                        row, column, row, column, "{=" + text + "}", None, number
                    )
    with clock:
        book.close()
    return start


CONTENDERS: dict[str, Callable[[str, Path, Path, Clock], int]] = {
    "xlconv": by_xlconv,
    "openpyxl": by_openpyxl,
    "XlsxWriter": by_xlsxwriter,
}


# -- inside a child ------------------------------------------------------------------


def book_maker(size: str) -> Callable[[], Book]:
    """Import all that is needed, and return what makes the finished workbook of a size."""
    from numpy.random import default_rng

    from xlconv.lowering.book import book_of
    from xlconv.lowering.strip import strip
    from xlconv.network.initialise import initialised
    from xlconv.network.spec import network_of
    from xlconv.presets import DEFAULT, PRESETS

    spec, preset = SPECS[size], PRESETS[DEFAULT]

    def make() -> Book:
        if spec is None:
            network = preset.network()
            return book_of(network, preset.layout(network), preset.sample())
        network = initialised(network_of(spec))
        x = default_rng(0).uniform(size=network.input_shape).round(2)
        return book_of(network, strip(network), x)

    return make


def write_rows(size: str, ready: Path) -> None:
    """Write the cells of xlconv's sheet, one pickle of (row, cells) per row."""
    from itertools import groupby

    from xlconv.spreadsheet.workbook import Kind

    (sheet,) = book_maker(size)().workbook.sheets
    kinds = [Kind(kind).name for kind in sheet.kinds.tolist()]
    columns, numbers = sheet.columns.tolist(), sheet.numbers.tolist()
    cells = zip(sheet.rows.tolist(), columns, kinds, numbers, sheet.texts, strict=True)
    with ready.open("wb") as file:
        for row, group in groupby(cells, key=lambda cell: cell[0]):
            pickle.dump((row, [cell[1:] for cell in group]), file)


def read_rows(ready: Path) -> Iterator[tuple[int, list[Cell]]]:
    """Yield the rows that `write_rows` wrote, each with its cells."""
    with ready.open("rb") as file:
        while file.peek(1):
            yield pickle.load(file)


def peak_memory() -> int:
    """Return the largest resident memory of this process so far, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def measure(contender: str, size: str, ready: Path, out: Path) -> Run:
    clock = Clock()
    start = CONTENDERS[contender](size, ready, out, clock)
    peak = peak_memory()
    with zipfile.ZipFile(out) as book:
        formulas = book.read("xl/worksheets/sheet1.xml").count(b"</f>")
    return Run(clock.seconds, start, peak, out.stat().st_size, formulas)


# -- the parent ----------------------------------------------------------------------


def child(*arguments: str | Path) -> str:
    """Run this file as a child and return what it printed last."""
    command = [sys.executable, Path(__file__).resolve(), *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.rstrip().rpartition("\n")[2]


def compare(size: str, rounds: int, folder: Path) -> dict[str, list[Run]]:
    """Return the runs of every contender, which took turns."""
    ready = folder / f"{size}.pickles"
    child("--ready", ready, "--sizes", size)
    runs: dict[str, list[Run]] = {name: [] for name in CONTENDERS}
    for number in range(rounds):
        for name, own in runs.items():
            out = folder / f"{size}-{name}.xlsx"
            answer = child("--contender", name, "--ready", ready, "--out", out, "--sizes", size)
            own.append(Run(**json.loads(answer)))
            out.unlink()
        told = ", ".join(f"{name} {own[-1].seconds:.2f} s" for name, own in runs.items())
        print(f"{size}, round {number + 1} of {rounds}: {told}", file=sys.stderr)
    ready.unlink()
    counts = {name: own[0].formulas for name, own in runs.items()}
    if len(set(counts.values())) > 1:
        raise SystemExit(f"{size}: formulas in the files differ: {counts}")
    return runs


def compare_starts(rounds: int, folder: Path) -> tuple[list[float], list[float]]:
    """Return the seconds of whole processes: `xlconv generate`, and its two large imports."""
    script = Path(sysconfig.get_path("scripts")) / "xlconv"
    out = folder / "start.xlsx"
    commands: tuple[list[str | Path], ...] = (
        [script, "generate", out, "--force"],
        [sys.executable, "-c", "import numpy, xlsxwriter"],
    )
    seconds: tuple[list[float], list[float]] = [], []
    for number in range(rounds + 1):
        for command, own in zip(commands, seconds, strict=True):
            clock = Clock()
            with clock:
                subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            if number:  # the first one fills the disk's cache
                own.append(clock.seconds)
    return seconds


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median of the ratios, round by round."""
    return median(a / b for a, b in zip(ours, theirs, strict=True))


def table_of(results: dict[str, dict[str, list[Run]]]) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE)
    table.add_column("size")
    table.add_column("contender")
    headers = ("formulas", "seconds", f"× {BASELINE}", "µs/formula", "start MiB", "peak MiB")
    for header in (*headers, f"× {BASELINE}", "file MiB"):
        table.add_column(header, justify="right")
    for size, runs in results.items():
        baseline = runs[BASELINE]
        for name, own in runs.items():
            seconds = median(run.seconds for run in own)
            table.add_row(
                size,
                name,
                f"{own[0].formulas:,}",
                f"{seconds:.3f}",
                f"{ratio([run.seconds for run in own], [run.seconds for run in baseline]):.2f}",
                f"{seconds / own[0].formulas * 1e6:.1f}",
                f"{median(run.start for run in own) / MIB:.0f}",
                f"{median(run.peak for run in own) / MIB:.0f}",
                f"{ratio([run.peak for run in own], [run.peak for run in baseline]):.2f}",
                f"{own[0].size / MIB:.2f}",
                end_section=name == list(runs)[-1],
            )
    return table


def report(sizes: list[str], rounds: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours, imports = compare_starts(rounds * STARTS_PER_ROUND, folder)
        results = {size: compare(size, rounds, folder) for size in sizes}
    from rich.console import Console  # not earlier, see above

    Console(width=124).print(table_of(results))
    print(
        f"whole process: xlconv generate {median(ours):.3f} s, "
        f'python -c "import numpy, xlsxwriter" {median(imports):.3f} s, '
        f"ratio {ratio(ours, imports):.2f} (medians of {len(ours)} rounds)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Time xlconv beside openpyxl and XlsxWriter writing the same cells.",
        epilog="Example: python tests/benchmarks/generate.py --sizes default,30k --rounds 9",
    )
    parser.add_argument("--sizes", default=",".join(SPECS), help="of the networks [%(default)s]")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each [%(default)s]")
    # What a child is started with.
    parser.add_argument("--contender", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--ready", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    sizes = given.sizes.split(",")
    for size in sizes:
        if size not in SPECS:
            parser.error(f"--sizes: {size!r}: expected some of {', '.join(SPECS)}")
    if given.rounds < 1:
        parser.error(f"--rounds: {given.rounds}: expected at least 1")
    if given.contender:
        run = measure(given.contender, sizes[0], given.ready, given.out)
        print(json.dumps(run._asdict()))
    elif given.ready:
        write_rows(sizes[0], given.ready)
    else:
        report(sizes, given.rounds)


if __name__ == "__main__":
    main()
