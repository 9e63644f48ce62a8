"""Times many cells and long formulas: write, verify, and load in LibreOffice. Run by hand:

    PYTHONPATH=. python tests/benchmarks/deep.py [--nets million,deep,split] [--rounds 1]

Every step runs in a process of its own, one after the other. LibreOffice loads the file
and writes its values as CSV, once trusting the cached values and once recalculating all.
`million`: 3 to 64 channels, a million cells of three terms; `deep`: 64 to 64 channels,
64 terms each; `split`: 256 to 8 channels, two sums of 128 terms for each cell.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

NETS = {"million": (3, 64, 128), "deep": (64, 64, 22), "split": (256, 8, 16)}
TIMEOUT = 1800

WRITE = """
import numpy as np
from xlconv import book_of, initialised, network_of, strip
channels, outputs, size = map(int, sys.argv[2:])
conv = {"type": "Conv2d", "out_channels": outputs, "kernel_size": 3}
layers = [conv, {"type": "ReLU"}]
if channels > 3:
    layers = [{"type": "Conv2d", "out_channels": channels, "kernel_size": 1}, *layers]
network = initialised(network_of({"input": [3, size, size], "layers": layers}))
x = np.round(np.random.default_rng(0).uniform(size=(3, size, size)), 2)
start = time.perf_counter()
book = book_of(network, strip(network), x)
book.write(path, replace=True)
"""
VERIFY = """
from xlconv.verification.verify import verify
start = time.perf_counter()
report = verify(path)
assert report.coverage == 1.0
"""
OPENPYXL = """
import openpyxl
start = time.perf_counter()
openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
"""
FRAME = """
import json, sys, time
from pathlib import Path
path = sys.argv[1]
{work}
spent = time.perf_counter() - start
peak = int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024
print(json.dumps({{"seconds": spent, "peak": peak, **{more}}}))
"""
SHEET = """{"cells": len(book.workbook.sheets[0]),
 "formulas": int(book.workbook.sheets[0].is_formula.sum()),
 "longest": max(map(len, book.workbook.sheets[0].texts))}"""


def run(work: str, path: Path, *arguments: int, more: str = "{}") -> dict[str, float] | None:
    """Run a step in a process of its own; None where it did not finish."""
    code = FRAME.format(work=work, more=more.replace("\n", ""))
    try:
        done = subprocess.run(
            [sys.executable, "-c", code, str(path), *map(str, arguments)],
            capture_output=True, text=True, timeout=TIMEOUT, check=True,
        )  # fmt: skip
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return None
    return json.loads(done.stdout.splitlines()[-1])


def loaded(path: Path, folder: Path, *, again: bool) -> dict[str, float] | None:
    """Load in LibreOffice, with all values calculated again or taken from the file."""
    from tests.helpers.oracles import profile

    own = folder / ("again" if again else "cached")
    own.mkdir(exist_ok=True)
    option = profile(own) if again else f"-env:UserInstallation={(own / 'profile').as_uri()}"
    start = perf_counter()
    try:
        subprocess.run(
            ["soffice", option, "--headless", "--norestore", "--convert-to", "csv",
             "--outdir", own, path],
            check=True, capture_output=True, timeout=TIMEOUT,
        )  # fmt: skip
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired, FileNotFoundError):
        return None
    return {"seconds": perf_counter() - start}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--nets", default=",".join(NETS))
    options.add_argument("--rounds", type=int, default=1)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for net in chosen.nets.split(","):
            path, runs = folder / f"{net}.xlsx", {}
            for _ in range(chosen.rounds):
                steps = {
                    "write": run(WRITE, path, *NETS[net], more=SHEET),
                    "verify": run(VERIFY, path),
                    "openpyxl, two loads": run(OPENPYXL, path),
                    "LibreOffice, cached": loaded(path, folder, again=False),
                    "LibreOffice, recalculated": loaded(path, folder, again=True),
                }
                for step, found in steps.items():
                    runs.setdefault(step, []).append(found)
                print(net, steps["write"], f"{path.stat().st_size:,} bytes", flush=True)
            for step, found in runs.items():
                there = [one for one in found if one is not None]
                if not there:
                    print(f"{net:<8} {step:<26} left out", flush=True)
                    continue
                seconds = statistics.median(one["seconds"] for one in there)
                peak = statistics.median(one.get("peak", 0) for one in there)
                print(f"{net:<8} {step:<26} {seconds:>8.2f} s {peak:>6.0f} MiB", flush=True)


if __name__ == "__main__":
    main()
