"""What unpacks to too much is refused before it costs much."""

import os
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.helpers.packages import (
    EVERY_PART,
    ROWS,
    SHEET,
    STRINGS,
    TEXTS,
    Parts,
    blown,
    full,
    parts,
    patched,
    refused,
    save,
    several,
    sheet_xml,
)
from tests.helpers.sheet_values import HELD, cells
from xlconv.spreadsheet.addresses import a1_name
from xlconv.spreadsheet.xlsx.package import Budget
from xlconv.spreadsheet.xlsx.read import read_xlsx


def test_array_formulas_over_very_many_cells_are_refused(tmp_path: Path) -> None:
    row = "".join(f'<c r="{a1_name((0, k))}"><v>1</v></c>' for k in range(3, 600))
    arrays = "".join(
        f'<row r="{k}"><c r="A{k}"><f t="array" ref="A{k}:XFD1048576">1</f></c></row>'
        for k in range(2, 300)
    )
    path = save(tmp_path / "x.xlsx", parts(f'<row r="1">{row}</row>{arrays}'))
    refused(path, "array formulas over [0-9,]+ cells; expected at most 2,000,000")


def inflated(part: str, size: int) -> Parts:
    """A workbook with one part that is well-formed and as large as told, all spaces."""
    content = full()
    head, mark, tail = str(content[part]).rpartition("</")
    content[part] = head + " " * size + mark + tail
    return content


@pytest.mark.many
@pytest.mark.parametrize("part", EVERY_PART)
def test_parts_that_unpack_to_far_more_are_refused(tmp_path: Path, part: str) -> None:
    path = save(tmp_path / "x.xlsx", inflated(part, 8 << 20))
    refused(path, "unpacks to over 200 times its size")
    refused(path, "larger than the 1 MiB allowed", Budget(part_mib=1, ratio=10_000))
    refused(path, "allowed", Budget(total_mib=1, ratio=10_000))
    assert cells(read_xlsx(path, Budget(ratio=10_000)).sheets[0]) == HELD


@pytest.mark.many
@pytest.mark.parametrize("part", EVERY_PART)
def test_parts_that_unpack_to_less_than_they_say_are_bounded_too(tmp_path: Path, part: str) -> None:
    path = patched(save(tmp_path / "x.xlsx", inflated(part, 8 << 20)), part, (24, "L", 1 << 31))
    refused(path, "unpacks to over 200 times its size")


@pytest.mark.many
@pytest.mark.parametrize("part", EVERY_PART)
def test_compressed_sizes_beyond_the_file_are_refused(tmp_path: Path, part: str) -> None:
    path = save(tmp_path / "x.xlsx", inflated(part, 8 << 20))
    refused(patched(path, part, (20, "L", 0xFFFFFFF0)), "unpacks to over 200 times|is damaged")


@pytest.mark.slow
def test_parts_cannot_lie_about_their_compressed_size(tmp_path: Path) -> None:
    path = blown(tmp_path / "x.xlsx", zipfile.ZIP_DEFLATED)
    patched(path, STRINGS, (20, "L", 0xFFFFFFF0))
    refused(path, "unpacks to over 20 times its size", Budget(ratio=20))


def test_files_and_sheets_larger_than_allowed_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    save(path, parts(ROWS, strings=TEXTS) | {"noise": os.urandom(2 << 20)}, zipfile.ZIP_STORED)
    refused(path, "larger than the 1 MiB allowed", Budget(file_mib=1))
    refused(path, "more than the 4 cells allowed", Budget(cells=4))
    assert cells(read_xlsx(path, Budget(cells=5)).sheets[0]) == HELD


def test_the_cells_of_all_sheets_are_counted_together(tmp_path: Path) -> None:
    rows = "<row>" + "<c><v>1</v></c>" * 10 + "</row>"
    path = save(tmp_path / "x.xlsx", several({"a": rows, "b": rows}))
    assert len(read_xlsx(path, Budget(cells=20)).sheets) == 2
    refused(path, "more than the 19 cells allowed", Budget(cells=19))


# What is refused before it costs much: measured in a process of its own.
MEASURED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
from xlconv.errors import ReadError
from xlconv.spreadsheet.xlsx.read import read_xlsx
try:
    read_xlsx(sys.argv[1])
    print("read")
except ReadError as error:
    print(error)
with open("/proc/self/status") as status:
    print(*(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


def refused_cheaply(path: Path) -> None:
    """Expect a refusal by a bound, not by the end of memory, within 500 MB."""
    if not Path("/proc/self/status").exists():
        pytest.skip("the peak of memory is not told here")
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(path)],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    message, peak = done.stdout.splitlines()
    assert message.startswith(f"{path}: ")
    assert "more than there is" not in message
    assert int(peak) < 500_000


def padded(data: str) -> bytes:
    """Random letters in a comment at the end: the part unpacks to under 200 times its size."""
    head, mark, tail = data.rpartition("</")
    return f"{head}<!--{os.urandom(len(data) // 300).hex()}-->{mark}{tail}".encode()


@pytest.mark.slow
def test_a_long_text_in_many_cells_is_refused_cheaply(tmp_path: Path) -> None:
    content = parts(
        "<row>" + '<c t="s"><v>0</v></c>' * 10_000 + "</row>",
        strings=f"<si><t>{'x' * 1_000_000}</t></si>",
    )
    refused_cheaply(save(tmp_path / "x.xlsx", content))


@pytest.mark.slow
def test_a_long_shared_formula_in_many_cells_is_refused_cheaply(tmp_path: Path) -> None:
    rows = f'<row><c><f t="shared" ref="A1:XFD1" si="0">B1&amp;"{"x" * 500_000}"</f></c>'
    rows += '<c><f t="shared" si="0"/></c>' * 2_000 + "</row>"
    refused_cheaply(save(tmp_path / "x.xlsx", parts(rows)))


@pytest.mark.slow
def test_bombs_of_other_compressions_are_refused_cheaply(tmp_path: Path) -> None:
    path = blown(tmp_path / "x.xlsx", zipfile.ZIP_BZIP2)
    refused_cheaply(path)


@pytest.mark.slow
def test_a_list_of_a_million_parts_is_refused_cheaply(tmp_path: Path) -> None:
    count = 1_600_000
    entry = b"PK\1\2" + struct.pack("<6H3L5H2L", 20, 20, 0, 0, 0, 33, 0, 0, 0, 1, *[0] * 6) + b"x"
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 7, 7, len(entry) * count, 0, 0)
    path = tmp_path / "x.xlsx"
    path.write_bytes(entry * count + end)
    refused_cheaply(path)


@pytest.mark.slow
def test_millions_of_open_elements_are_refused_cheaply(tmp_path: Path) -> None:
    content = parts() | {SHEET: padded(sheet_xml("<a>" * 5_000_000))}
    refused_cheaply(save(tmp_path / "x.xlsx", content))
