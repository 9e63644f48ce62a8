"""What a short run of `verify` leaves out, so that it answers at once."""

import subprocess
import sys
from pathlib import Path

import pytest
from click import unstyle
from click.testing import CliRunner

from tests.helpers.paths import ROOT, WORKBOOKS
from xlconv.cli import main
from xlconv.report.text import file_text
from xlconv.report.text_table import table_lines
from xlconv.runs.results import Selection, result_of
from xlconv.verification.verify import verify

BOOK = WORKBOOKS / "conv-example.xlsx"
TASKS = Path("/proc/self/task")
SLOW = {"rich", "pandas", "openpyxl", "xlsxwriter", "torch", "onnx", "tomllib", "difflib"}
SLOW |= {"multiprocessing", "concurrent", "distributed"}
CODE = """
import sys
from xlconv.cli import main
try:
    main(["verify", sys.argv[1]])
finally:
    print(*sys.modules, file=sys.stderr)
"""


@pytest.mark.slow
def test_verify_imports_nothing_slow() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE, BOOK], cwd=ROOT, capture_output=True, text=True, check=True
    )
    modules = set(done.stderr.split())
    assert "numpy" in modules
    assert not modules & SLOW


@pytest.mark.slow
@pytest.mark.skipif(not TASKS.is_dir(), reason="no list of threads")
def test_verify_starts_no_threads_for_products_of_matrices() -> None:
    code = CODE.replace("*sys.modules", "len(__import__('os').listdir('/proc/self/task'))")
    done = subprocess.run(
        [sys.executable, "-c", code, BOOK], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr.split()[-1] == "1"


@pytest.mark.slow
def test_colours_are_for_terminals_only(tmp_path: Path) -> None:
    coloured = file_text(result_of(verify(BOOK), Selection()))
    assert "\x1b[32m" in coloured
    result = CliRunner().invoke(main, ["verify", str(BOOK)])
    assert result.output == unstyle(coloured)
    out = tmp_path / "report.txt"
    assert CliRunner().invoke(main, ["verify", str(BOOK), "--output", str(out)]).exit_code == 0
    assert out.read_text(encoding="utf-8") == unstyle(coloured)


def test_a_report_that_cannot_be_written_is_told_in_a_line(tmp_path: Path) -> None:
    out = tmp_path / "no folder" / "report.txt"
    result = CliRunner().invoke(main, ["verify", str(BOOK), "--output", str(out)])
    assert result.exit_code == 2
    assert result.output.count("\n") == 1
    assert str(out) in result.output


def test_columns_are_as_wide_as_their_widest_text() -> None:
    lines = list(table_lines(("a", "count"), [("wide", "7"), ("×", "1,000")], right={1}))
    assert lines == [" a      count", " ────────────", " wide       7", " ×      1,000"]


def test_the_package_itself_imports_next_to_nothing() -> None:
    code = "import sys, xlconv; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    modules = set(done.stdout.split())
    assert not modules & (SLOW | {"numpy", "click"})
    own = {name for name in modules if name.startswith("xlconv")}
    assert own == {"xlconv", "xlconv.network", "xlconv.network.shown"}
