"""Measures verify beside the programs that only recalculate. Run by hand:

    PYTHONPATH=. python tests/benchmarks/verify.py [--sizes default,30k,300k,1m] [--rounds 3]
        [--python OTHER/bin/python]

Each contender runs in a process of its own, in turn, and times its work without its
imports: xlconv reads the file and checks every cell by all three answers; openpyxl
loads it twice, formulas and values; ironcalc loads and evaluates it; pycel and formulas
load it and calculate every cell. The last two need an environment of their own, whose
python `--python` names. A contender that is not installed, fails or takes too long is
left out, and said to be. Ratios are medians over rounds of a contender's time to ours.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.contest import OTHER_READERS, run
from tests.benchmarks.large_books import written

OTHERS = ("pycel", "formulas")

WORK = {
    "xlconv": """
from xlconv.verification.verify import verify
start = time.perf_counter()
report = verify(path)
spent = time.perf_counter() - start
assert report.coverage == 1.0
cells = report.formulas
""",
    **OTHER_READERS,
    "pycel": """
from pycel import ExcelCompiler
start = time.perf_counter()
ExcelCompiler(filename=path).validate_calcs()
spent = time.perf_counter() - start
""",
    "formulas": """
import formulas
start = time.perf_counter()
formulas.ExcelModel().loads(path).finish().calculate()
spent = time.perf_counter() - start
""",
}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--sizes", default="default,30k,300k")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--python", type=Path, help="of an environment with pycel and formulas")
    chosen = options.parse_args()
    print(f"{'size':<8} {'contender':<10} {'seconds':>8} {'ratio':>6} {'us/cell':>8} {'MiB':>6}")
    with tempfile.TemporaryDirectory() as folder:
        for size in chosen.sizes.split(","):
            report(size, written(size, Path(folder)), chosen.rounds, chosen.python)


def report(size: str, path: Path, rounds: int, other: Path | None) -> None:
    """Run all contenders in turn, and print their medians and their ratios to xlconv's."""
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in WORK}
    reasons: dict[str, str] = {}
    for _ in range(rounds):
        for name, found in runs.items():
            python = other if name in OTHERS else Path(sys.executable)
            one = reasons.get(name) or run(WORK[name], path, python)
            if isinstance(one, str):
                reasons[name] = one
            else:
                found.append(one)
    own = [one["seconds"] for one in runs["xlconv"]]
    cells = runs["xlconv"][0]["cells"]
    for name, found in runs.items():
        if name in reasons:
            print(f"{size:<8} {name:<10} left out: {reasons[name]}", flush=True)
            continue
        seconds = [one["seconds"] for one in found]
        ratio = statistics.median(a / b for a, b in zip(seconds, own, strict=True))
        median, peak = statistics.median(seconds), statistics.median(one["peak"] for one in found)
        print(
            f"{size:<8} {name:<10} {median:>8.3f} {ratio:>6.2f} {median / cells * 1e6:>8.2f} "
            f"{peak:>6.0f}",
            flush=True,
        )
    print(f"{size:<8} {cells:,} formulas, {path.stat().st_size:,} bytes", flush=True)


if __name__ == "__main__":
    main()
