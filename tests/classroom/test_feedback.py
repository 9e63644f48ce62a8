"""What students and teachers read: in the exercise's language, plain, and each mistake once."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest
from msgspec.structs import replace

from tests.classroom.lessons import area_of, edited, lesson, mistakes, names_in, small_book, taken
from tests.helpers.command import good, refused
from xlconv.classroom.exercises.exercise import Wanted, write_exercise
from xlconv.classroom.exercises.language import LANGUAGES, language_of
from xlconv.classroom.exercises.ready_made import READY_MADE
from xlconv.classroom.grading.output.feedback import as_code, quoted
from xlconv.classroom.grading.output.remarks import remark_of
from xlconv.classroom.grading.points import rounded, shown
from xlconv.generation.sources import Sources
from xlconv.layers import LAYERS
from xlconv.spreadsheet.workbook import Kind
from xlconv.spreadsheet.xlsx.read import read_xlsx
from xlconv.verification.findings import Finding

CODE = re.compile(r"\b[A-Z]\d{3}\b|\bdeclared\b|knock-on|\bverify\b")


@pytest.mark.parametrize(
    "plain",
    ["conv1.weight[0]", "Anna-Lena O'Neil (9b)", "relu1[0]: 3 of 10 cells", "a_b_c", "x < y & z",
     "1 stands where 0 should", "3×4, not 3×3", "C#", "A-1", "-1 is missing", "=SUM(A1)", "2.5"],
)  # fmt: skip
def test_what_is_no_markup_is_not_escaped(plain: str) -> None:
    assert quoted(plain) == plain


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("<b>bold", r"\<b>bold"), ("*a*", r"\*a\*"), ("_a_", r"\_a\_"), ("`x`", r"\`x\`"),
        ("[a](javascript:1)", r"\[a](javascript:1)"), ("# head", r"\# head"), ("> x", r"\> x"),
        ("- x", r"\- x"), ("12. x", r"12\. x"), ("a~~b~~", r"a\~\~b\~\~"), ("&lt;b", r"\&lt;b"),
        ("a\n# b", "a # b"), ("[a]: http://x", r"\[a]: http://x"),
        ("\\*", r"\\\*"), ("---", r"\---"), ("![a](b)", r"!\[a](b)"),
    ],
)  # fmt: skip
def test_what_is_markup_is_escaped(text: str, safe: str) -> None:
    assert quoted(text) == safe


def test_a_formula_is_a_span_of_code() -> None:
    assert as_code("=A1*B1+_x") == "`=A1*B1+_x`"
    assert as_code('="`"') == '`` ="`" ``'


@pytest.mark.parametrize(
    ("points", "said"), [(8.125, "8.13"), (8.12, "8.12"), (2.675, "2.68"), (8.5, "8.5"), (10, "10"),
                         (0.005, "0.01"), (1234567.0, "1234567")],
)  # fmt: skip
def test_a_half_is_rounded_up(points: float, said: str) -> None:
    assert shown(points) == said
    assert rounded(points) == float(said)


@pytest.mark.parametrize(
    ("code", "message", "parts"),
    [
        ("S201", "=MAX(1,A2)+$H$7; expected =MAX(0,A2)+$H$7 (conv1 and relu1: 1 stands where 0 "
         "should)",
         ("1 stands where 0 should", "=MAX(1,A2)+$H$7", "=MAX(0,A2)+$H$7")),
        ("S201", "=MAX(0,A2); expected =MAX(0,A2)+$H$7 (relu1: the bias conv1.bias[0] (H7) is not "
         "added)",
         ("the bias is not added", "=MAX(0,A2)", "=MAX(0,A2)+$H$7")),
        ("D702", "softmax is declared Softmax; MAX stands where SUM should (1 cell): AC4 holds "
         "=AB4/MAX(A1:A2); expected =AB4/SUM(A1:A2)",
         ("MAX stands where SUM should", "=AB4/MAX(A1:A2)", "=AB4/SUM(A1:A2)")),
        ("D702", "pool1 is declared MaxPool2d 2×2; the cells compute something else (8 cells): Q3 "
         "holds =A1; expected =MAX(L3:M4)", ("another function", "=A1", "=MAX(L3:M4)")),
        ("S202", "the number 3.5; expected =MAX(0,B4) (conv1 and relu1)",
         ("values instead of formulas", "3.5", "=MAX(0,B4)")),
        ("S203", "no formula; expected =MAX(0,B4) (conv1 and relu1)",
         ("cells left empty", "", "=MAX(0,B4)")),
    ],
)  # fmt: skip
def test_a_finding_is_taken_apart(code: str, message: str, parts: tuple[str, ...]) -> None:
    found = remark_of(Finding(code, "S", "L3", message))
    assert (found.at, found.slip, found.found, found.expected) == ("S!L3", *parts)


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("MIN stands where MAX should", "MIN steht, wo MAX stehen sollte"),
        ("the right formula, but then *1.001", "die richtige Formel, aber danach *1.001"),
        ("its window is 1 column right of where it should be",
         "das Fenster liegt 1 Spalte zu weit rechts"),
        ("3×4, not 3×3: one column too many", "3×4 statt 3×3: eine Spalte zu viel"),
        ("the bias fc1.bias is not added", "der Bias fc1.bias wird nicht addiert"),
        ("relu1 (ReLU) is missing", "relu1 (ReLU) fehlt"),
        ("nothing was handed in", "nichts abgegeben"),
        ("words that nobody knows", "words that nobody knows"),
    ],
)  # fmt: skip
def test_what_graders_say_is_said_in_german(english: str, german: str) -> None:
    assert language_of("de").of_grader(english) == german
    assert language_of("en").of_grader(english) == english


def test_every_layer_is_told_in_german_on_its_cells() -> None:
    german = language_of("de")
    for layer in LAYERS.values():
        assert german.on_sheet(f"• {layer.meaning}") != f"• {layer.meaning}"


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a graded class of a German exercise."""
    folder, ready = tmp_path_factory.mktemp("german"), READY_MADE["first-convolution"]
    wanted = replace(ready.wanted, shapes=True, language="de", title="first-convolution")
    made = write_exercise(
        folder / "lesson", Sources(preset=ready.network), wanted, replace(ready.look)
    )
    right, begun = (openpyxl.load_workbook(path) for path in made.paths[1::-1])
    (folder / "in").mkdir()
    right.save(folder / "in" / "Rita.xlsx")
    begun.save(folder / "in" / "Otto.xlsx")
    for row in right["first-convolution"]["Q3:T6"]:
        for cell in row:
            begun["first-convolution"][cell.coordinate] = cell.value.replace("MAX", "MIN")
    begun.save(folder / "in" / "Mia.xlsx")
    (folder / "in" / "notes.txt").write_text("x")
    (folder / "students.csv").write_text("name\nRita\nOtto\nMia\nNora\n")
    said = good("grade", folder / "in", "--exercise", made.paths[2], "-o", folder / "r",
                "--jobs", 0, "--students", folder / "students.csv", "--for", "moodle")  # fmt: skip
    assert "4 students; mean of 3 that handed in: " in said
    assert "; 1 handed nothing in" in said
    return folder


@pytest.mark.slow
def test_a_german_exercise_is_german_on_every_sheet(german: Path) -> None:
    for name in ("exercise.xlsx", "solution.xlsx"):
        book = read_xlsx(german / "lesson" / name)
        assert [sheet.name for sheet in book.sheets] == ["Aufgaben", "first-convolution", "check"]
        texts = [
            text
            for sheet in book.sheets[:2]
            for kind, text in zip(sheet.kinds, sheet.texts, strict=True)
            if kind == Kind.TEXT
        ]
        assert "Übung: Eine erste Faltung" in texts
        assert {"Wie dieses Blatt zu lesen ist", "Schichten", "← Bias", "Kern 0"} <= set(texts)
        english = re.compile(r"\b(the|its|what|input|parameters|right|of)\b")
        assert not [text for text in texts if english.search(text)]
    sheet = openpyxl.load_workbook(german / "lesson" / "exercise.xlsx")["first-convolution"]
    assert sheet["A2"].comment.text == "input[0]: 6×6 Zahlen\nÄndere, welche du willst."
    hints = [one.prompt for one in sheet.data_validations.dataValidation]
    assert hints[0] == "Die Zeile einer Zelle von conv1, von 0 an gezählt"


@pytest.mark.slow
def test_feedback_of_a_german_exercise_is_german_and_plain(german: Path) -> None:
    text = (german / "r" / "feedback" / "Mia.md").read_text()
    assert "# Eine erste Faltung\n\nMia: **0 von 39 Punkten**" in text
    assert (
        "- Q3: MIN steht, wo MAX stehen sollte; hier: `=MIN(0,L3)`; richtig wäre: `=MAX(0,L3)`"
        in text
    )
    assert "0 von 16 Zellen richtig." in text
    assert text.count("Es ist nichts ausgefüllt.") == 3
    assert "Alle 16 Zellen richtig." in (german / "r" / "feedback" / "Rita.md").read_text()
    copy = openpyxl.load_workbook(german / "r" / "feedback" / "Mia.xlsx")["first-convolution"]
    comment = copy["Q3"].comment.text
    assert comment.startswith("Q3: MIN steht, wo MAX stehen sollte; hier: =MIN(0,L3)")
    moodle = (german / "r" / "grades-moodle.csv").read_text()
    for told in (text, comment, moodle):
        assert not CODE.search(told)
        assert "\\" not in told


@pytest.mark.slow
def test_pages_of_a_german_exercise_are_german(german: Path) -> None:
    index = (german / "r" / "index.html").read_text()
    assert '<html lang="de">' in index
    assert "4 Teilnehmer" in index and "Mittel von 3 Dateien, die zählen" in index
    assert "Einer hat nichts abgegeben." in index
    assert "notes.txt: keine Arbeitsmappe" in index
    assert "notes" not in re.sub("notes.txt: keine", "", index)
    page = (german / "r" / "students" / "Mia.html").read_text()
    english = re.compile(r">[^<]*\b(students|points|right|wrong|empty|of|nothing)\b[^<]*<")
    for one in (index, page):
        body = re.sub(r"<style>.*?</style>|<details.*?</details>", "", one, flags=re.DOTALL)
        assert not english.search(body), english.search(body)
    assert CODE.search(page)  # the teacher's page has the finding itself, too


@pytest.mark.slow
def test_what_is_not_filled_in_is_no_mistake(german: Path) -> None:
    index = (german / "r" / "index.html").read_text()
    _, _, mistakes_on = index.partition("<h2>Fehler</h2>")
    table, _, students = mistakes_on.partition("<h2>Teilnehmer</h2>")
    assert "MIN steht, wo MAX stehen sollte" in table
    assert "nichts ausgefüllt" not in table
    (otto,) = re.findall(r"Otto</a>.*?</tr>", students, re.DOTALL)
    assert "es ist nichts ausgefüllt</td>" in otto
    assert "weitere" not in students


@pytest.mark.slow
def test_each_mistake_that_is_left_is_listed(tmp_path: Path) -> None:
    book = small_book()
    formulas = taken(book.workbook, names_in(area_of("L3:O6")))
    wrong = {
        "M4": str(formulas["M4"]).replace("$H$3:$J$5", "$H$4:$J$6"),
        "N4": str(formulas["N4"]).replace("$H$3:$J$5", "$H$4:$J$6"),
        **{name: str(formulas[name]).replace("MAX", "MIN") for name in ("L5", "L6")},
    }
    moved, least = "the kernel is moved", "MIN for MAX"
    task = mistakes(book, ("M4", moved), ("N4", moved), ("L5:L6", least), points=6)
    one = lesson(tmp_path / "lesson", book, task, wrong=wrong)
    for name, changes in {
        "none": {}, "one": {"N4": formulas["N4"]}, "half": {"L5": formulas["L5"]},
        "all": {name: formulas[name] for name in wrong},
    }.items():  # fmt: skip
        one.save(tmp_path / "in" / f"{name}.xlsx", edited(one.handed_out, changes))
    good("grade", tmp_path / "in", "--exercise", one.toml, "-o", tmp_path / "r", "--jobs", 0)
    for name, cells in {
        "none": ["M4", "N4", "L5"], "one": ["M4", "L5"], "half": ["M4", "N4", "L6"], "all": []
    }.items():  # fmt: skip
        text = (tmp_path / "r" / "feedback" / f"{name}.md").read_text()
        assert re.findall(r"^- (\w+): ", text, re.MULTILINE) == cells
        if cells:
            assert f"{3 - len(cells)} of 3 mistakes mended." in text
            for line in re.findall(r"^- .*", text, re.MULTILINE):
                assert "here: `=" in line and "expected: `=" in line
            copy = openpyxl.load_workbook(tmp_path / "r" / "feedback" / f"{name}.xlsx")
            assert all(copy.worksheets[0][cell].comment is not None for cell in cells)
        page = (tmp_path / "r" / "students" / f"{name}.html").read_text()
        assert page.count("<li>") == len(cells)


@pytest.mark.many
@pytest.mark.parametrize(("name", "code"), [("German", "de"), ("deutsch", "de"), ("en", "en")])
def test_a_language_has_a_name(tmp_path: Path, name: str, code: str) -> None:
    good("exercise", "--language", name, "-o", tmp_path / "x")
    assert f'language = "{code}"' in (tmp_path / "x" / "exercise.toml").read_text()


def test_another_language_is_told_all_that_there_are(tmp_path: Path) -> None:
    said = refused("exercise", "--language", "dansk", "-o", tmp_path / "x")
    assert "'dansk'; expected one of en, de" in said


@pytest.mark.many
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", READY_MADE)
def test_a_ready_exercise_has_a_title_of_its_own(tmp_path: Path, name: str, language: str) -> None:
    good("exercise", "--preset", name, "--language", language, "-o", tmp_path / "x")
    titles = language_of(language).titles
    assert f'title = "{titles[name]}"' in (tmp_path / "x" / "exercise.toml").read_text()


def test_a_hint_for_a_kernel_is_a_sum_of_products(tmp_path: Path) -> None:
    wanted = Wanted(blank=("conv1.weight",), hint="example")
    made = write_exercise(tmp_path, Sources(preset="first-convolution"), wanted)
    found = re.search(r"here: (.*) = ([\d.]+)\.$", made.exercise.tasks[0].text)
    assert found is not None
    sheet = read_xlsx(made.paths[1]).sheets[1]
    total = 0.0
    for part in found[1].replace("− ", "+ -").split(" + "):
        number, _, cell = part.partition(" × ")
        kernel = openpyxl.utils.cell.coordinate_to_tuple(cell) if cell else None
        index = sheet.find((kernel[0] - 1, kernel[1] - 1)) if kernel else None
        total += float(number.replace(" ", "")) * (
            float(sheet.numbers[index]) if index is not None else 1.0
        )
    assert total == pytest.approx(float(found[2]))
    assert found[1].count("×") >= 2
