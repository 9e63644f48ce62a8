"""Files are whole or not there."""

import errno
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from tests.helpers.workbooks import small_sheet
from xlconv.errors import (
    FileError,
)
from xlconv.files import whole_file
from xlconv.spreadsheet.workbook import Workbook
from xlconv.spreadsheet.xlsx.write import write_xlsx


def test_a_link_to_nothing_exists_too(tmp_path) -> None:
    (tmp_path / "link.xlsx").symlink_to("none.xlsx")
    with (
        pytest.raises(FileError, match="exists"),
        whole_file(tmp_path / "link.xlsx", replace=False),
    ):
        pytest.fail("must not be asked for content")


def test_what_is_renamed_is_on_the_disk(tmp_path, monkeypatch) -> None:
    flushed = []
    monkeypatch.setattr(os, "fsync", lambda handle: flushed.append(os.fstat(handle).st_size))
    with whole_file(tmp_path / "x.xlsx", replace=False) as temporary:
        temporary.write_text("whole")
    assert flushed == [5]


def test_the_longest_names_and_disks_without_links_are_served(tmp_path, monkeypatch) -> None:
    def refuse(*_):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / ("a" * 250 + ".xlsx")
    with whole_file(path, replace=False) as temporary:
        temporary.write_text("ours")
    assert path.read_text() == "ours"


def test_files_are_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_text("old")
    with pytest.raises(FileError, match=r"x\.xlsx: exists; to replace it, expected replace=True$"):
        write_xlsx(Workbook((small_sheet(),)), path)
    with pytest.raises(RuntimeError), whole_file(path, replace=True) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    write_xlsx(Workbook((small_sheet(),)), path, replace=True)
    assert zipfile.is_zipfile(path)
    assert [one.name for one in tmp_path.iterdir()] == ["x.xlsx"]
    umask = os.umask(0o022)
    os.umask(umask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~umask


def test_a_file_made_meanwhile_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with pytest.raises(FileError, match="exists"), whole_file(path, replace=False) as temporary:
        temporary.write_text("ours")
        path.write_text("theirs")
    assert path.read_text() == "theirs"


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.xlsx").write_text("old")
    (tmp_path / "link.xlsx").symlink_to("real.xlsx")
    with whole_file(tmp_path / "link.xlsx", replace=True) as temporary:
        temporary.write_text("new")
    assert (tmp_path / "link.xlsx").is_symlink()
    assert (tmp_path / "real.xlsx").read_text() == "new"


def test_folders_and_missing_folders_are_refused(tmp_path: Path) -> None:
    for path, message in ((tmp_path, "is a folder"), (tmp_path / "no" / "x.xlsx", "No such file")):
        with pytest.raises(FileError, match=message), whole_file(path, replace=True):
            pass


@pytest.mark.slow
def test_a_killed_process_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "conv-example.xlsx"
    command = [sys.executable, "-m", "xlconv", "generate", str(path), "--force"]
    subprocess.run(command, check=True, capture_output=True)
    whole = path.read_bytes()
    for tenths in range(1, 12, 2):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        time.sleep(tenths / 20)
        process.kill()
        process.wait()
        assert path.read_bytes() == whole


def test_a_device_stays_one_and_is_written_to() -> None:
    for replace in (False, True):
        with whole_file(Path("/dev/null"), replace=replace) as temporary:
            temporary.write_text("gone")
        assert Path("/dev/null").is_char_device() and not temporary.exists()
    full = Path("/dev/full")
    if full.exists():
        with (
            pytest.raises(FileError, match="No space left on device"),
            whole_file(full, replace=False) as temporary,
        ):
            temporary.write_text("too much")
