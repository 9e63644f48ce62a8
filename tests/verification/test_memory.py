"""Verifying any sheet takes less than a GiB: what would take more is not evaluated, and says so."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COUNT = 5_000
GIB = 1 << 30

CASES = {
    "weights of very many products": ("SUMPRODUCT(B:B,C:C)+A{k}", COUNT, "FORMULA"),
    "array formulas over whole columns": ("SUM(A:A*B:B)+A{k}", 1_000, "ARRAY_FORMULA"),
    "products over many cells": ("SUMPRODUCT(A{k}:J{end},K{k}:T{end})", COUNT, "FORMULA"),
    "a product of matrices": ("SUM(MMULT(A1:A20000,TRANSPOSE(B1:B20000)))", 1, "FORMULA"),
    "ranges of millions of cells": ("SUMPRODUCT(A1:P1048576,A1:P1048576)", 3, "FORMULA"),
    "a range of a whole sheet": ("SUMPRODUCT(A2:XFD1048576)", 3, "FORMULA"),
}

# Says how much memory a process came to in bytes, and what it found.
SCRIPT = """
import resource, sys
import numpy as np
from xlconv.spreadsheet.workbook import Kind, SheetBuilder, Workbook
from xlconv.verification.verify import verify_workbook
text, count, kind = sys.argv[1], int(sys.argv[2]), Kind[sys.argv[3]]
into = SheetBuilder()
rows, columns = np.divmod(np.arange(400_000), 20)
into.add(Kind.NUMBER, rows, columns, numbers=(rows + columns) % 7)
texts = [text.format(k=k + 1, end=k + 10_000) for k in range(count)]
into.add(kind, np.arange(count), np.full(count, 30), texts=texts)
report = verify_workbook(Workbook((into.finish("S"),)))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
print(*sorted({finding.code for finding in report.findings}))
"""


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_verify_stays_below_a_gib_of_memory(case: str) -> None:
    text, count, kind = CASES[case]
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, text, str(count), kind],
        env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-500:]
    peak, codes = run.stdout.splitlines()
    assert int(peak) < GIB
    assert "V103" in codes.split()
