"""Contenders of a benchmark, each in a process of its own, which times its work alone."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

TIMEOUT = 240

# The work of programs that read the same files, for `run`.
OTHER_READERS = {
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
# Of its own memory: the system's `ru_maxrss` begins with that of the process that started it.
FRAME = """
import json, os, sys, time
from pathlib import Path
path, cells = sys.argv[1], 0
{work}
peak = int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024
print(json.dumps({{"seconds": spent, "peak": peak, "cells": cells}}))
"""


def run(work: str, path: Path, python: Path | None) -> dict[str, float] | str:
    """Run a contender's work once; why it has no figures where it did not finish.

    The work is Python that sets `spent`, its seconds, and may set `cells`.
    """
    if python is None:
        return "no --python"
    try:
        done = subprocess.run(
            [str(python), "-c", FRAME.format(work=work), str(path)],
            capture_output=True, text=True, timeout=TIMEOUT, check=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"over {TIMEOUT} s"
    except subprocess.CalledProcessError as error:
        return (error.stderr or "crashed").splitlines()[-1][:70]
    except OSError as error:
        return f"{python}: {error.strerror}"
    return json.loads(done.stdout.splitlines()[-1])
