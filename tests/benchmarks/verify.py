"""Measures verify beside the programs that only recalculate. Run by hand:

    python tests/benchmarks/verify.py [--sizes default,30k,300k,1m] [--rounds 3]

Each contender runs in a process of its own, in turn, and times its work without its
imports: xlconv reads the file and checks every cell by all three answers; openpyxl
loads it twice, formulas and values; ironcalc loads and evaluates it. A contender that
is not installed, fails or takes too long is left out.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

WIDTHS = {"30k": 52, "300k": 156, "1m": 284}
TIMEOUT = 300

WORK = {
    "xlconv": """
from xlconv.verifying import verify
start = time.perf_counter()
report = verify(path)
spent = time.perf_counter() - start
assert report.coverage == 1.0
cells = report.formulas
""",
    "openpyxl": """
import openpyxl, warnings
warnings.simplefilter("ignore")
start = time.perf_counter()
openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
spent = time.perf_counter() - start
""",
    "ironcalc": """
import ironcalc
start = time.perf_counter()
ironcalc.load_from_xlsx(path, "en", "UTC", "en").evaluate()
spent = time.perf_counter() - start
""",
}
FRAME = """
import json, resource, sys, time
path, cells = sys.argv[1], 0
{work}
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({{"seconds": spent, "peak": peak, "cells": cells}}))
"""


def written(size: str, folder: Path) -> Path:
    """Write the workbook of a size and return its path."""
    import numpy as np

    from xlconv import PRESETS, book_of, initialised, network_of, strip

    path = folder / f"{size}.xlsx"
    if size == "default":
        preset = PRESETS["conv-example"]
        network = preset.network()
        book_of(network, preset.layout(network), preset.sample()).write(path)
        return path
    width = WIDTHS[size]
    conv = [{"type": "Conv2d", "out_channels": 4, "kernel_size": 3}, {"type": "ReLU"}]
    layers = [*conv, *conv, *conv, {"type": "MaxPool2d", "kernel_size": 2}]
    network = initialised(network_of({"input": [1, width, width], "layers": layers}))
    x = np.round(np.random.default_rng(0).uniform(size=(1, width, width)), 2)
    book_of(network, strip(network), x).write(path)
    return path


def run(contender: str, path: Path) -> dict[str, float] | None:
    """Run a contender once; None where it did not finish."""
    code = FRAME.format(work=WORK[contender])
    try:
        done = subprocess.run(
            [sys.executable, "-c", code, str(path)],
            capture_output=True, text=True, timeout=TIMEOUT, check=True,
        )  # fmt: skip
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return None
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--sizes", default="default,30k,300k")
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    print(f"{'size':<8} {'contender':<10} {'seconds':>8} {'ratio':>6} {'us/cell':>8} {'MiB':>6}")
    with tempfile.TemporaryDirectory() as folder:
        for size in chosen.sizes.split(","):
            path = written(size, Path(folder))
            runs: dict[str, list[dict[str, float]]] = {name: [] for name in WORK}
            for _ in range(chosen.rounds):
                for name, found in runs.items():
                    one = run(name, path)
                    if one is not None:
                        found.append(one)
            own = statistics.median(one["seconds"] for one in runs["xlconv"])
            cells = runs["xlconv"][0]["cells"]
            for name, found in runs.items():
                if not found:
                    print(f"{size:<8} {name:<10} {'left out':>8}")
                    continue
                seconds = statistics.median(one["seconds"] for one in found)
                peak = statistics.median(one["peak"] for one in found)
                cost = seconds / cells * 1e6
                ratio = seconds / own
                print(
                    f"{size:<8} {name:<10} {seconds:>8.3f} {ratio:>6.2f} {cost:>8.2f} {peak:>6.0f}"
                )


if __name__ == "__main__":
    main()
