"""Measures reading beside programs that read the same files, and beside what it is made of.

    PYTHONPATH=. python tests/benchmarks/read.py [--sizes default,300k,1m] [--rounds 5]
        [--published FOLDER] [--saved FILE ...]

Each contender runs in a process of its own, in turn, and times its work without its imports:
unzipping, a bare expat pass, a read by xlconv, a whole verify, IronCalc's load and evaluation,
openpyxl's two loads, calamine's values alone. Ratios are medians over rounds of a contender's
time to that of another in the same round: the one that its aim names.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.contest import OTHER_READERS, run
from tests.benchmarks.large_books import written

WORKBOOKS = Path(__file__).parents[2] / "workbooks"
_PARTS = """
import zipfile
package = zipfile.ZipFile(path)
names = [one for one in package.namelist() if "worksheets/sheet" in one and one.endswith(".xml")]
"""
WORK = {
    "unzip": f"""{_PARTS}
start = time.perf_counter()
for name in names:
    with package.open(name) as part:
        while part.read(1 << 18):
            pass
spent = time.perf_counter() - start
""",
    "expat": f"""{_PARTS}
from xml.parsers import expat
parts = [package.read(name) for name in names]
start = time.perf_counter()
for part in parts:
    expat.ParserCreate().Parse(part, True)
spent = time.perf_counter() - start
""",
    "read": """
from xlconv.spreadsheet.xlsx.read import read_xlsx
start = time.perf_counter()
book = read_xlsx(path)
spent = time.perf_counter() - start
""",
    "verify": f"""
from xlconv.verification.verify import verify
verify({str(WORKBOOKS / "edges.xlsx")!r})  # imports what is imported late
start = time.perf_counter()
report = verify(path)
spent = time.perf_counter() - start
cells = report.formulas
""",
    **OTHER_READERS,
    "calamine": """
import python_calamine
start = time.perf_counter()
book = python_calamine.CalamineWorkbook.from_path(path)
values = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
spent = time.perf_counter() - start
""",
}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--sizes", default="default,300k")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--published", type=Path, help="a folder of workbooks")
    options.add_argument("--saved", type=Path, nargs="*", default=[], help="further workbooks")
    chosen = options.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"{'file':<24} {'contender':<9} {'seconds':>8} {'MiB':>6}")
    with tempfile.TemporaryDirectory() as folder:
        paths = [written(size, Path(folder)) for size in filter(None, chosen.sizes.split(","))]
        paths += sorted(chosen.published.glob("*.xlsx")) if chosen.published else []
        for path in [*paths, *chosen.saved]:
            report(path, chosen.rounds)


def report(path: Path, rounds: int) -> None:
    """Run all contenders in turn, and print their medians and the ratios that are aimed at."""
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in WORK}
    for _ in range(rounds):
        for name, work in WORK.items():
            one = run(work, path, Path(sys.executable))
            if isinstance(one, str):
                print(f"{path.stem:<24} {name:<9} left out: {one}", flush=True)
            else:
                runs[name].append(one)
    runs = {name: found for name, found in runs.items() if len(found) == rounds}
    for name, found in runs.items():
        seconds, peak = (
            statistics.median(one[key] for one in found) for key in ("seconds", "peak")
        )
        print(f"{path.stem:<24} {name:<9} {seconds:>8.3f} {peak:>6.0f}", flush=True)

    def ratio(name: str, *others: str) -> str:
        if not runs.keys() >= {name, *others}:
            return "-"
        pairs = (
            one["seconds"] / sum(runs[other][k]["seconds"] for other in others)
            for k, one in enumerate(runs[name])
        )
        return f"{statistics.median(pairs):.2f}"

    print(
        f"{path.stem:<24} verify / (unzip + expat) {ratio('verify', 'unzip', 'expat')}, "
        f"read / (unzip + expat) {ratio('read', 'unzip', 'expat')}, "
        f"verify / ironcalc {ratio('verify', 'ironcalc')}, "
        f"read / openpyxl {ratio('read', 'openpyxl')}, read / calamine {ratio('read', 'calamine')}",
        flush=True,
    )


if __name__ == "__main__":
    main()
