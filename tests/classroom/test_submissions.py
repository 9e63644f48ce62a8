"""Who handed in what: the names of learning platforms, folders, files, and zips of strangers."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from xlconv.classroom.grading.submissions import (
    Submission,
    file_names,
    submissions_in,
)
from xlconv.classroom.grading.unpacking import Limits, unpack
from xlconv.errors import FileError, ReadError

MOODLE = (
    "Ada Lovelace_12345_assignsubmission_file_/work.xlsx",
    "Ångström, Anders_9_assignsubmission_file_/a.xlsx",
    "Tom_O'Neil_77_assignsubmission_file/notes.pdf",
)
FLAT = ("Ada Lovelace_12345_assignsubmission_file_work.xlsx",)
CANVAS = ("lovelaceada_LATE_123_4567_work.xlsx", "turingalan_124_4568_work-1.xlsx")


def held(folder: Path, *names: str) -> list[Submission]:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return submissions_in(folder, folder)[0]


def told(found: list[Submission]) -> list[tuple[str, str, str, str]]:
    return [(one.student, one.id, one.shown, one.late) for one in found]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (MOODLE, [("Ada Lovelace", "12345", "work.xlsx", ""),
                  ("Tom_O'Neil", "77", "notes.pdf", ""),
                  ("Ångström, Anders", "9", "a.xlsx", "")]),
        (FLAT, [("Ada Lovelace", "12345", FLAT[0], "")]),
        (CANVAS, [("lovelaceada", "123", CANVAS[0], "late"),
                  ("turingalan", "124", CANVAS[1], "")]),
        (("Ada/work.xlsx", "Bob/sub/work.xlsx"), [("Ada", "", "work.xlsx", ""),
                                                 ("Bob", "", "work.xlsx", "")]),
        (("ada.xlsx", "bob.xlsm"), [("ada", "", "ada.xlsx", ""), ("bob", "", "bob.xlsm", "")]),
        (("hw/ada.xlsx", "hw/bob.xlsx"), [("ada", "", "ada.xlsx", ""),
                                         ("bob", "", "bob.xlsx", "")]),
        (("hw/all/Ada/w.xlsx", "hw/all/Bob/w.xlsx"), [("Ada", "", "w.xlsx", ""),
                                                     ("Bob", "", "w.xlsx", "")]),
        (("Ada/w.xlsx", "__MACOSX/Ada/._w.xlsx", "Ada/~$w.xlsx", "Ada/.DS_Store"),
         [("Ada", "", "w.xlsx", "")]),
    ],
)  # fmt: skip
def test_names_tell_whose_a_file_is(
    tmp_path: Path, names: tuple[str, ...], expected: list[tuple[str, ...]]
) -> None:
    assert told(held(tmp_path, *names)) == expected
    parts = tmp_path.parent / "all.zip"
    with zipfile.ZipFile(parts, "w") as out:
        for name in names:
            out.writestr(name, b"x")
    assert told(submissions_in(parts, tmp_path / "scratch")[0]) == expected


def test_of_several_workbooks_the_last_one_counts_and_that_is_told(tmp_path: Path) -> None:
    (one,) = held(tmp_path, "doejane_1_20_w.xlsx", "doejane_1_21_w-2.xlsx", "doejane_1_22_w-1.xlsx")
    assert one.path == tmp_path / "doejane_1_21_w-2.xlsx"
    assert "3 workbooks" in one.notes[0]


def test_who_handed_in_no_workbook_is_told(tmp_path: Path) -> None:
    ada, bob = held(tmp_path, "Ada/work.ods", "Bob/work.xlsx")
    assert ada.path is None
    assert ada.notes == ("no workbook (.xlsx) among: work.ods",)
    assert bob.path is not None


def test_a_stray_file_is_nobody(tmp_path: Path) -> None:
    for name in ("Ada.xlsx", "notes.txt", "Bob/w.pdf", "Eve Evans_7_assignsubmission_file_w.pdf",
                 "Ada.pdf", "doejane_1_20_w.pdf"):  # fmt: skip
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    found, left_out = submissions_in(tmp_path, tmp_path)
    assert [one.student for one in found] == ["Ada", "Bob", "doejane", "Eve Evans"]
    assert [one.path is None for one in found] == [False, True, True, True]
    assert left_out == ["notes.txt: not a workbook"]
    with pytest.raises(FileError, match="nothing was handed in"):
        (tmp_path / "only").mkdir()
        (tmp_path / "only" / "notes.txt").write_bytes(b"x")
        submissions_in(tmp_path / "only", tmp_path)


def test_one_workbook_is_a_class_of_one(tmp_path: Path) -> None:
    held(tmp_path, "Ada Lovelace.xlsx", "Bob.xlsx")
    found, left_out = submissions_in(tmp_path / "Ada Lovelace.xlsx", tmp_path)
    assert told(found) == [("Ada Lovelace", "", "Ada Lovelace.xlsx", "")]
    assert found[0].path == tmp_path / "Ada Lovelace.xlsx"
    assert not left_out


def test_a_link_out_of_the_folder_is_left_out(tmp_path: Path) -> None:
    folder, secret = tmp_path / "in", tmp_path / "secret.xlsx"
    secret.write_bytes(b"x")
    held(folder, "Ada/w.xlsx")
    (folder / "Ada" / "other.xlsx").symlink_to(secret)
    found, left_out = submissions_in(folder, tmp_path)
    assert told(found) == [("Ada", "", "w.xlsx", "")]
    assert left_out == ["Ada/other.xlsx: a link out of the folder"]


def test_nothing_at_all_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="nothing was handed in"):
        submissions_in(tmp_path, tmp_path)
    with pytest.raises(FileError, match="no such folder"):
        submissions_in(tmp_path / "none", tmp_path)


def test_files_about_students_have_names_of_their_own() -> None:
    names = ["../../etc/passwd", "CON", "Ada", "ada", "=1+1", "", "a/b\\c", "ﷺ" * 90, "..", "Ada"]
    found = list(file_names(Submission(name) for name in names))
    assert len({one.casefold() for one in found}) == len(names)
    for one in found:
        assert len(one) < 80
        assert not set(one) & set('/\\:*?"<>|.=')
        assert not one.startswith(("-", "."))
        assert one.casefold() != "con"


# -- zips of strangers -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["../evil.xlsx", "/etc/evil.xlsx", "C:\\evil.xlsx", "a/../../evil.xlsx", "..\\evil.xlsx",
     "a\x01.xlsx", "x" * 250 + ".xlsx"],
)  # fmt: skip
def test_nothing_is_written_outside_of_the_folder(tmp_path: Path, name: str) -> None:
    path, folder = tmp_path / "all.zip", tmp_path / "deep" / "folder"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr(zipfile.ZipInfo(name), b"x")
        out.writestr("Ada/good.xlsx", b"x")
    found = unpack(path, folder)
    assert found.workbooks == (PurePosixPath("Ada/good.xlsx"),)
    assert len(found.left_out) == 1
    written = [one for one in tmp_path.rglob("*") if one.is_file()]
    assert sorted(written) == sorted([path, folder / "Ada" / "good.xlsx"])


def test_links_in_a_zip_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as out:
        link = zipfile.ZipInfo("link.xlsx")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        out.writestr(link, "/etc/passwd")
    found = unpack(path, tmp_path / "out")
    assert not found.workbooks
    assert found.left_out == ("link.xlsx: a link; expected a file",)


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        (Limits(entries=2), "3 files; expected at most 2"),
        (Limits(file_bytes=1_000_000), "b.xlsx unpacks to more than is allowed"),
        (Limits(all_bytes=3_000_000), "unpacks to more than is allowed"),
        (Limits(ratio=10, small=1000), "unpacks to more than is allowed"),
    ],
)
def test_what_unpacks_without_bound_is_refused(tmp_path: Path, limits: Limits, told: str) -> None:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name in ("a", "b", "c"):
            out.writestr(f"{name}.xlsx", b"\0" * (2_000_000 if name == "b" else 900_000))
    with pytest.raises(ReadError) as caught:
        unpack(path, tmp_path / "out", limits)
    assert str(caught.value) == f"{path}: {told}"
    unpack(path, tmp_path / "again")  # within the limits of every day


def test_two_of_one_name_are_told(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("Ada/w.xlsx", b"first")
        out.writestr("ada/W.xlsx", b"second")
    found = unpack(path, tmp_path / "out")
    assert found.left_out == ("ada/W.xlsx: a second file of this name",)
    assert (tmp_path / "out" / "Ada" / "w.xlsx").read_bytes() == b"first"


def test_a_damaged_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    path.write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(ReadError, match="a damaged zip"):
        unpack(path, tmp_path / "out")


def test_a_folder_around_all_of_them_is_no_student(tmp_path: Path) -> None:
    assert told(held(tmp_path, f"export/{MOODLE[0]}")) == [
        ("Ada Lovelace", "12345", "work.xlsx", "")
    ]
