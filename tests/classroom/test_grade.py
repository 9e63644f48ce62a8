"""`xlconv grade` from end to end: points, causes, tables, pages, and names that mean harm."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from msgspec.structs import replace

from tests.classroom.lessons import (
    Lesson,
    area_of,
    areas_of,
    blank,
    edited,
    lesson,
    mistakes,
    names_in,
    pasted,
    small_book,
    taken,
)
from tests.helpers.browser import browser
from tests.helpers.command import good, refused, run
from tests.helpers.open_xml import broken_rules
from xlconv.classroom.exercise_file import Task
from xlconv.presets import PRESETS

HOSTILE = '=HYPERLINK("http://x","y")<script>alert(1)<img src=x onerror=alert(1)>'
ANSWERS = {"C3": 2.0, "D3": 26.0, "C5": "It finds  top edges."}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Lesson:
    book, shown = small_book(), {(2, 2): 2, (2, 3): 26}
    return lesson(
        tmp_path_factory.mktemp("lesson"), book,
        blank(book, "relu1"), blank(book, "softmax", 3),
        Task("shapes", "shapes", 2, "Tasks", (area_of("C3:D3"),), "Which sizes?", shown),
        Task("question", "question", 1, "Tasks", (area_of("C5"),), "",
             {(4, 2): "it finds top edges"}),
    )  # fmt: skip


@pytest.fixture(scope="module")
def handed_in(small: Lesson, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, solution = tmp_path_factory.mktemp("in"), small.solution
    cells = names_in(*small.exercise.tasks[0].cells)
    formulas = taken(solution, cells)
    slipped = {name: str(text).replace("MAX(0,", "MAX(1,") for name, text in formulas.items()}
    own = {cell: f"={k}+0.125" for k, cell in enumerate(cells[:5])}
    for name, workbook in {
        "Ada Right_1_assignsubmission_file_": edited(solution, ANSWERS, 1),
        "Half Hanna_2_assignsubmission_file_": edited(
            small.handed_out, {name: formulas[name] for name in cells[:16]}
        ),
        "Pasted Paul_3_assignsubmission_file_": edited(solution, pasted(solution, cells)),
        "Slip Sue_4_assignsubmission_file_": edited(solution, slipped),
        "Copy Cat_5_assignsubmission_file_": edited(solution, own),
        "Copy Dog_6_assignsubmission_file_": edited(solution, own),
    }.items():
        small.save(folder / name / "work.xlsx", workbook)
    for name, content in {
        "Broken Bob_7_assignsubmission_file_/w.xlsx": b"PK\x03\x04garbage",
        "Note Nora_8_assignsubmission_file_/notes.pdf": b"%PDF",
    }.items():
        (folder / name).parent.mkdir()
        (folder / name).write_bytes(content)
    (folder / "Other Otto_9_assignsubmission_file_").mkdir()
    PRESETS["edges"].book().write(folder / "Other Otto_9_assignsubmission_file_" / "w.xlsx")
    hostile = folder / (HOSTILE.replace("/", "%") + "_10_assignsubmission_file_")
    small.save(hostile / "@SUM(1).xlsx", edited(solution, {cells[3]: "<b>&bold"}))
    return folder


@pytest.fixture(scope="module")
def report(
    small: Lesson, handed_in: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    out = tmp_path_factory.mktemp("out") / "report"
    said = good("grade", handed_in, "--exercise", small.toml, "-o", out, "--jobs", 0, "--compare",
                "--for", "moodle", "--for", "canvas")  # fmt: skip
    return out, said


def rows(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file))
    return {row["student"]: row for row in found}


@pytest.mark.slow
def test_points_are_given_task_by_task(report: tuple[Path, str]) -> None:
    found = rows(report[0] / "grades.csv")
    points = {
        name: [float(row[one]) for one in ("points", "relu1", "softmax", "shapes", "question")]
        for name, row in found.items()
    }
    assert points["Ada Right"] == [16, 10, 3, 2, 1]
    assert points["Half Hanna"] == [5, 5, 0, 0, 0]
    assert points["Pasted Paul"] == points["Slip Sue"] == [3, 0, 3, 0, 0]
    assert points["Copy Cat"] == [11.44, 8.44, 3, 0, 0]
    for name in ("Broken Bob", "Note Nora", "Other Otto"):
        assert points[name] == [0, 0, 0, 0, 0]


@pytest.mark.slow
def test_the_first_cause_is_told_once(report: tuple[Path, str]) -> None:
    found = {name: row["first cause"] for name, row in rows(report[0] / "grades.csv").items()}
    assert found["Ada Right"] == ""
    assert "values were pasted" in found["Pasted Paul"]
    assert "1 stands where 0 should (32 cells)" in found["Slip Sue"]
    assert found["Broken Bob"].startswith("a damaged or truncated zip package")
    assert found["Other Otto"] == "another network than the exercise's: edges"
    assert found["Note Nora"] == "no workbook (.xlsx) among: notes.pdf"


@pytest.mark.slow
def test_no_text_is_a_formula_in_a_table(report: tuple[Path, str]) -> None:
    for path in report[0].glob("grades*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.reader(file):
                for text in row:
                    is_number = re.fullmatch(r"-?\d+(\.\d+)?", text)
                    assert is_number or not text.lstrip().startswith(("=", "+", "-", "@"))


@pytest.mark.slow
def test_platforms_get_their_tables(report: tuple[Path, str]) -> None:
    moodle = (report[0] / "grades-moodle.csv").read_text(encoding="utf-8")
    assert "Participant 1,Ada Right,,16,16," in moodle
    canvas = (report[0] / "grades-canvas.csv").read_text(encoding="utf-8").splitlines()
    assert canvas[0] == "Student,ID,SIS User ID,SIS Login ID,Section,A lesson"
    assert canvas[1] == "    Points Possible,,,,,16"
    assert "Ada Right,1,,,,16" in canvas


@pytest.mark.slow
def test_alike_mistakes_are_a_hint(report: tuple[Path, str]) -> None:
    assert "hint: Copy Cat and Copy Dog: identical in 5 unusual cells" in report[1]
    assert "Pasted Paul" not in "".join(re.findall("hint: .*", report[1]))


@pytest.mark.slow
def test_pages_escape_what_strangers_wrote(report: tuple[Path, str]) -> None:
    pages = list(report[0].rglob("*.html"))
    assert len(pages) == 11
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "<script" not in text and "<img" not in text and "onerror=alert(1)>" not in text
        assert "default-src 'none'" in text.replace("&#39;", "'")
        assert not re.search(r"(?:src|href)=\"(?!\.\./|students/)", text)
    index = (report[0] / "index.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)&lt;img" in index


@pytest.mark.slow
def test_feedback_escapes_what_strangers_wrote(report: tuple[Path, str]) -> None:
    (path,) = [one for one in (report[0] / "feedback").glob("*.md") if "HYPERLINK" in one.name]
    text = path.read_text(encoding="utf-8")
    assert "\\<script>alert(1)\\<img src=x" in text
    assert "`'<b>&bold'`" in text  # code is no markup
    assert not re.search(r"(?<!\\)<[a-z]", re.sub(r"`[^`\n]*`", "", text))


@pytest.mark.slow
def test_the_copy_shows_the_places(report: tuple[Path, str]) -> None:
    path = report[0] / "feedback" / "Pasted_Paul_3.xlsx"
    assert not broken_rules(path)
    sheet = openpyxl.load_workbook(path).worksheets[0]
    colors = {sheet[name].fill.fgColor.rgb for name in ("L3", "O6", "L10")}
    assert colors == {"FFF87171"}
    assert sheet["L3"].comment.text.startswith("L3: values instead of formulas\n")
    assert "error" not in sheet["Q3"].comment.text


@pytest.mark.slow
def test_a_report_is_not_replaced_unasked(small: Lesson, handed_in: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    words = ("grade", handed_in, "--exercise", small.toml, "-o", tmp_path)
    assert "is not empty; to replace it, expected --force" in refused(*words)
    assert [one.name for one in tmp_path.iterdir()] == ["mine.txt"]


def test_wrong_usage_is_told(small: Lesson, handed_in: Path, tmp_path: Path) -> None:
    words = ("grade", handed_in, "--exercise", small.toml, "-o", tmp_path / "r", "--send")
    assert "--send without --scheduler" in refused(*words)
    assert "expected one of them" in run("grade", "--exercise", small.toml).output
    assert "No such file" in refused("grade", handed_in, "--exercise", tmp_path / "none.toml")


@pytest.mark.slow
@pytest.mark.parametrize("format_", ["json", "junit"])
def test_machines_read_it(small: Lesson, handed_in: Path, tmp_path: Path, format_: str) -> None:
    ada = handed_in / "Ada Right_1_assignsubmission_file_" / "work.xlsx"
    bad = handed_in / "Slip Sue_4_assignsubmission_file_" / "work.xlsx"
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as out:
        out.write(ada, "ada.xlsx")
        out.write(bad, "sue.xlsx")
    said = good("grade", tmp_path / "all.zip", "--exercise", small.toml, "-o", tmp_path / "r",
                "--jobs", 0, "--format", format_)  # fmt: skip
    if format_ == "junit":
        suite = ET.fromstring(said)
        assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("8", "3", "0")
        return
    found = json.loads(said)
    assert [(one["student"], one["points"]) for one in found["students"]] == [
        ("ada", 16),
        ("sue", 3),
    ]
    (relu1, *_) = found["students"][1]["tasks"]
    assert relu1["states"] == {"wrong": 32}
    assert relu1["slip"] == "1 stands where 0 should"


@pytest.mark.slow
def test_students_of_a_list_are_all_there(small: Lesson, handed_in: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    ada = handed_in / "Ada Right_1_assignsubmission_file_" / "work.xlsx"
    (folder / "rightada_77_5_work.xlsx").write_bytes(ada.read_bytes())
    listed = tmp_path / "students.csv"
    listed.write_text('Student,ID,Section\n"Right, Ada",77,B\n"Missing, Max",78,B\n')
    late = tmp_path / "late.csv"
    late.write_text("name,late\nAda Right,3 h\n")
    good("grade", folder, "--exercise", small.toml, "-o", tmp_path / "r", "--jobs", 0,
         "--students", listed, "--late", late, "--for", "canvas")  # fmt: skip
    found = rows(tmp_path / "r" / "grades.csv")
    assert found["Right, Ada"]["late"] == "3 h"
    assert found["Missing, Max"]["first cause"] == "nothing was handed in"
    canvas = (tmp_path / "r" / "grades-canvas.csv").read_text(encoding="utf-8")
    assert '"Right, Ada",77,,,B,16' in canvas
    assert '"Missing, Max",78,,,B,0' in canvas


@pytest.mark.slow
def test_check_tries_the_grader(small: Lesson) -> None:
    said = good("grade", "--check", "--exercise", small.toml)
    assert "ok    the solution: 16 points" in said
    assert "ok    the exercise as it is handed out: 0 points" in said
    assert "ok    relu1: every formula in another spelling: 10 points" in said
    assert "WRONG" not in said


@pytest.mark.slow
def test_check_says_what_is_graded_otherwise(small: Lesson, tmp_path: Path) -> None:
    for name in ("exercise.xlsx", "exercise.toml", "solution.xlsx"):
        (tmp_path / name).write_bytes((small.exercise.folder / name).read_bytes())
    # The solution as the exercise: nothing is left to do.
    (tmp_path / "exercise.xlsx").write_bytes((tmp_path / "solution.xlsx").read_bytes())
    found = run("grade", "--check", "--exercise", tmp_path / "exercise.toml")
    assert found.exit_code == 1
    assert "WRONG the exercise as it is handed out: 13 points, expected 0" in found.output


@pytest.mark.slow
def test_mistakes_are_mended_one_by_one(tmp_path: Path) -> None:
    book = small_book()
    cells = names_in(area_of("L3:O6"))
    formulas = taken(book.workbook, cells)
    wrong = {
        "M4": str(formulas["M4"]).replace("$H$3:$J$5", "$H$4:$J$6"),
        **{name: str(formulas[name]).replace("MAX", "MIN") for name in ("L5", "L6")},
    }
    one = lesson(
        tmp_path / "lesson",
        book,
        mistakes(book, ("M4", "the kernel is moved"), ("L5:L6", "MIN for MAX")),
        wrong=wrong,
    )
    half = {"M4": formulas["M4"], "L5": formulas["L5"]}
    whole = {**half, "L6": "=" + str(formulas["L6"])[1:] + "+0"}
    for name, changes in {"none": {}, "half": half, "whole": whole}.items():
        one.save(tmp_path / "in" / f"{name}.xlsx", edited(one.handed_out, changes))
    good("grade", tmp_path / "in", "--exercise", one.toml, "-o", tmp_path / "r", "--jobs", 0)
    found = rows(tmp_path / "r" / "grades.csv")
    assert {name: float(row["points"]) for name, row in found.items()} == {
        "none": 0, "half": 2, "whole": 4
    }  # fmt: skip


@pytest.mark.slow
def test_what_was_handed_out_is_nobody_s_change(tmp_path: Path) -> None:
    lesson_ = tmp_path / "lesson"
    good("exercise", "--preset", "conv-example", "--blank", "relu1", "--mistake", 2, "--seed", 3,
         "-o", lesson_)  # fmt: skip
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "Otto.xlsx").write_bytes((lesson_ / "exercise.xlsx").read_bytes())
    good("grade", tmp_path / "in", "--exercise", lesson_, "-o", tmp_path / "r", "--jobs", 0)
    (row,) = rows(tmp_path / "r" / "grades.csv").values()
    assert float(row["points"]) == 0
    assert not row["notes"]
    assert "something else was changed" not in (tmp_path / "r" / "feedback" / "Otto.md").read_text()


def test_where_no_file_counts_the_report_is_written(small: Lesson, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    PRESETS["edges"].book().write(tmp_path / "in" / "Otto.xlsx")
    said = good("grade", tmp_path / "in", "--exercise", small.toml, "-o", tmp_path / "r",
                "--jobs", 0)  # fmt: skip
    assert said.endswith("index.html: 1 student; 1 file does not count\n")


@pytest.mark.slow
def test_all_or_nothing(tmp_path: Path) -> None:
    book = small_book()
    one = lesson(tmp_path / "lesson", book, blank(book, "relu1"))
    one.toml.write_text(one.toml.read_text().replace("partial = true", "partial = false"))
    one.save(tmp_path / "in" / "a.xlsx", edited(one.solution, {"L3": 1.0}))
    one.save(tmp_path / "in" / "b.xlsx", one.solution)
    good("grade", tmp_path / "in", "--exercise", one.toml, "-o", tmp_path / "r", "--jobs", 0)
    found = rows(tmp_path / "r" / "grades.csv")
    assert [float(row["points"]) for row in found.values()] == [0, 10]


@pytest.mark.slow
def test_who_reads_the_hidden_checks_reads_nothing(small: Lesson, tmp_path: Path) -> None:
    cells = names_in(*small.exercise.tasks[0].cells)
    formulas = taken(small.solution, cells)
    hidden = edited(small.solution, formulas, 2)  # the solution's formulas, on the sheet of checks
    sheet = small.solution.sheets[0].name
    there = {name: re.sub(r"(?<![:A-Z$])(\$?[A-Z]+\$?\d+)", rf"{sheet}!\1", str(text))
             for name, text in formulas.items()}  # fmt: skip
    hidden = edited(hidden, there, 2)
    small.save(
        tmp_path / "in" / "eve.xlsx", edited(hidden, {name: f"=check!{name}" for name in cells})
    )
    good("grade", tmp_path / "in", "--exercise", small.toml, "-o", tmp_path / "r", "--jobs", 0)
    found = rows(tmp_path / "r" / "grades.csv")["eve"]
    assert float(found["relu1"]) == 0
    assert "32 formulas that read another sheet of the exercise" in found["notes"]


@pytest.mark.slow
def test_what_only_helps_may_be_missing_but_what_is_looked_at_not(tmp_path: Path) -> None:
    book = small_book()
    names = ("softmax", "softmax_exp", "softmax_prediction")
    areas = tuple(area for name in names for area in areas_of(book, name))
    one = lesson(tmp_path / "lesson", book, replace(blank(book, "softmax", 5), cells=areas))
    inline = {name: f"=EXP({name.replace('AC', 'Y')})/SUM(EXP($Y$3),EXP($Y$4))"
              for name in ("AC3", "AC4")}  # fmt: skip
    predicted = taken(one.solution, ["A17"])
    one.save(tmp_path / "in" / "a.xlsx", edited(one.handed_out, {**inline, **predicted}))
    one.save(tmp_path / "in" / "b.xlsx", edited(one.handed_out, inline))
    good("grade", tmp_path / "in", "--exercise", one.toml, "-o", tmp_path / "r", "--jobs", 0)
    found = rows(tmp_path / "r" / "grades.csv")
    assert [float(row["points"]) for row in found.values()] == [5, 4]


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
@pytest.mark.slow
def test_pages_are_sound_in_a_browser(report: tuple[Path, str], scheme: str, width: int) -> None:
    complaints: list[str] = []
    with browser() as chromium:
        page = chromium.new_page(color_scheme=scheme, viewport={"width": width, "height": 800})
        page.on("console", lambda one: complaints.append(one.text))
        page.on("dialog", lambda one: complaints.append("a dialog"))
        for path in sorted(report[0].rglob("*.html")):
            page.goto(path.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.evaluate("document.querySelectorAll('script, img').length") == 0
            ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert ground != "rgba(0, 0, 0, 0)"  # the style is let in by its hash
    assert not complaints
