"""What every command does alike: slips of the keyboard, files that exist, completion, width."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from click import style, unstyle
from click.testing import CliRunner

from tests.helpers.command import refused, run
from tests.helpers.documents import TEXT
from tests.helpers.paths import ROOT, WORKBOOKS
from xlconv import __version__
from xlconv.arrays import by_shape
from xlconv.cli import main
from xlconv.report.text_table import line_lines, table_lines

BOOK = WORKBOOKS / "edges.xlsx"


@pytest.mark.parametrize(
    ("word", "meant"),
    [("verfy", "verify"), ("gen", "generate"), ("explian", "explain"), ("inspct", "inspect")],
)
def test_a_slip_is_told_what_was_meant(word: str, meant: str) -> None:
    result = run(word)
    assert result.exit_code == 2
    assert f"no command {word!r}; did you mean {meant}?" in result.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("generate --preset conv", "--preset: 'conv'; did you mean conv-example?"),
        ("generate --paper a5", "--paper: 'a5'; did you mean a4?"),
        ("diff a b --format yaml", "--format: 'yaml'; expected one of text, json"),
        ("verify --color red a", "--color: 'red'; expected one of auto, always, never"),
        ("--color red verify a", "--color: 'red'; expected one of auto, always, never"),
        ("verify a --strct", "no option --strct; did you mean --strict?"),
        ("verify a --zzz", "no option --zzz; see xlconv verify -h"),
        ("--zzz", "no option --zzz; see xlconv -h"),
        ("diff a", "no AFTER; expected xlconv diff [OPTIONS] BEFORE AFTER"),
        ("extract a", "no --output; expected --output OUT"),
        ("generate --seed x", "--seed: 'x' is no whole number; see xlconv generate -h"),
        ("generate --digit 12", "--digit: 12 is not in the range 0<=x<=9; see xlconv generate -h"),
        ("diff a b c\nd", "got unexpected extra argument (c\nd); see xlconv diff -h"),
        ("verify a --against b --spec c", "--against and --spec: expected one of them"),
    ],
)
def test_wrong_usage_is_a_line(words: str, told: str) -> None:
    assert refused(*words.split(" ")) == told.replace("\n", " ")


def test_without_words_there_is_help() -> None:
    result = CliRunner().invoke(main, [], prog_name="xlconv")
    assert result.output.startswith("Usage: xlconv") and "generate" in result.output


def test_another_word_is_told_what_there_is() -> None:
    assert "expected one of generate, verify," in run("zzz").stderr
    assert "--strict" in run("verify", "--strct", BOOK).stderr


def test_the_version_has_a_short_name() -> None:
    said = run("-V").output
    assert said == run("--version").output and said.endswith(f" {__version__}\n")


@pytest.mark.many
@pytest.mark.parametrize(
    "words",
    [
        ("verify", BOOK, "--output"),
        ("verify", BOOK, "-o"),
        ("verify", BOOK, "--annotate"),
        ("verify", BOOK, "--write-baseline"),
        ("trace", BOOK, "AP9", "-o"),
        ("trace", BOOK, "AP9", "--format", "svg", "--output"),
        ("generate",),
        ("reproduce", BOOK, "-o"),
        ("extract", BOOK, "--format", "npz", "-o"),
    ],
    ids=lambda words: " ".join(str(word) for word in words if word != BOOK),
)
def test_a_file_that_exists_is_replaced_by_force_only(
    words: tuple[object, ...], tmp_path: Path
) -> None:
    path = tmp_path / "there.xlsx"
    path.write_text("mine")
    assert refused(*words, path) == f"{path}: exists; to replace it, expected --force"
    assert path.read_text() == "mine"
    assert run(*words, path, "--force").exit_code == 0
    assert path.read_bytes() != b"mine"


def test_nothing_is_verified_where_the_report_has_no_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xlconv.cli.verifying.run.reports", pytest.fail)
    assert refused("verify", BOOK, "-o", tmp_path / "none" / "x.txt").endswith("to write to")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shell", "words", "at", "completed"),
    [
        ("bash", "xlconv ver", 1, "plain,verify\n"),
        ("zsh", "xlconv generate --preset edg", 3, "plain\nedges\n_\n"),
        ("fish", "xlconv trace --dep", "--dep", "plain,--dependents\t"),
        ("bash", "xlconv verify conv", 2, "file,conv\n"),
    ],
)
def test_shells_complete(shell: str, words: str, at: object, completed: str) -> None:
    asked = {"_XLCONV_COMPLETE": f"{shell}_complete", "COMP_WORDS": words, "COMP_CWORD": str(at)}
    result = subprocess.run(
        [sys.executable, "-c", "from xlconv.cli import main; main(prog_name='xlconv')"],
        cwd=ROOT, capture_output=True, text=True, check=True, env=asked,
    )  # fmt: skip
    assert completed in result.stdout


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_readme_tells_how_completion_is_had(shell: str) -> None:
    assert f"_XLCONV_COMPLETE={shell}_source xlconv" in TEXT
    result = CliRunner().invoke(
        main, [], prog_name="xlconv", env={"_XLCONV_COMPLETE": f"{shell}_source"}
    )
    assert f"_XLCONV_COMPLETE={shell}_complete" in result.output


# -- the width of tables -------------------------------------------------------------------

TITLES = ("name", "kind", "count", "cells")
ROWS = [
    ("a", "Conv2d 3×3", "1,234,567", "A1:B2, C3:D4, E5:F6"),
    ("long name", "", "1", "AAA111111:BBB222222"),
    ("c", "left 1\ntop 2", "", ""),
]


@pytest.mark.parametrize("width", [1, 9, 20, 33, 50, 80, None])
def test_a_table_fits_and_loses_no_letter(width: int | None) -> None:
    lines = list(table_lines(TITLES, ROWS, right={2}, width=width))
    assert width is None or max(map(len, lines)) <= max(width, 6)  # two letters and their gaps
    tables = sum(set(line.strip()) == {"─"} for line in lines)
    names = [row[0] for row in (TITLES, *ROWS)] * (tables - 1)
    every = [*TITLES, *(text for row in ROWS for text in row), *names]
    assert letters_of(lines) == letters_of(every)


@pytest.mark.parametrize("width", [1, 2, 9, 20, 33, 50, 80, None])
def test_a_line_fits_and_loses_no_letter(width: int | None) -> None:
    line = (
        f"  {style('error S202', 'red')} conv-example!AP9: the number 1.25; expected =MAX(0,A1:B2)"
    )
    lines = [unstyle(one) for one in line_lines(line, width)]
    assert width is None or max(map(len, lines)) <= width
    assert "".join("".join(lines).split()) == "".join(unstyle(line).split())
    assert (len(lines) == 1) == (width in (80, None))
    assert width != 50 or all(one.startswith("      ") for one in lines[1:])
    if width == 50:  # words are whole, and the colour stays
        assert [word for one in lines for word in one.split()] == unstyle(line).split()
        assert next(line_lines(line, width)).startswith("  \x1b[31merror S202\x1b[0m ")


def letters_of(texts: list[str]) -> list[str]:
    return sorted("".join("".join(texts).replace("─", "").split()))


def test_a_wide_table_goes_on_below_with_its_names() -> None:
    assert list(table_lines(TITLES[:3], [row[:3] for row in ROWS[:2]], right={2}, width=24)) == [
        " name       kind",
        " ─────────────────────",
        " a          Conv2d 3×3",
        " long name",
        "",
        " name           count",
        " ────────────────────",
        " a          1,234,567",
        " long name          1",
    ]


@pytest.mark.many
@pytest.mark.parametrize("columns", [50, 80])
@pytest.mark.parametrize(
    "words",
    [("verify", BOOK), ("inspect", BOOK), ("explain", BOOK, "AH3"), ("explain", BOOK, "A2")],
    ids=lambda words: words[0],
)
def test_what_is_told_in_columns_fits_them(words: tuple[object, ...], columns: int) -> None:
    wide, narrow = (run(*words, columns=one).stdout for one in (200, columns))
    prose = (str(BOOK), "edges!", "=", "  stored ")
    tables = [one for one in narrow.splitlines() if not one.startswith(prose)]
    assert max(map(len, tables)) <= columns
    assert {word.strip(",") for word in wide.split() if "─" not in word} <= {
        word.strip(",") for word in narrow.split()
    }


def test_findings_come_before_tables(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.load_workbook(WORKBOOKS / "edges.xlsx")
    book.active["AM12"] = 5
    book.save(tmp_path / "odd.xlsx")
    lines = [line.strip() for line in run("verify", tmp_path / "odd.xlsx").output.splitlines()]
    starts = [line.partition(" ")[0] for line in lines]
    assert starts.index("error") < starts.index("next:") < starts.index("name")
    narrow = run("verify", tmp_path / "odd.xlsx", columns=50).output.splitlines()
    told = [line for line in narrow if not line.startswith("  next: ")]
    assert max(map(len, told)) <= 50
    found = next(line for line in lines if line.startswith("error"))
    assert found.replace(" ", "") in "".join(told).replace(" ", "")


# -- one form of a shape -------------------------------------------------------------------


@pytest.mark.slow
def test_no_message_spells_a_shape_as_python_does() -> None:
    """`2×26×26` everywhere: what stands in a message's braces is never a shape itself."""
    odd = []
    for path in sorted((ROOT / "xlconv").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Raise | ast.Assign | ast.Return) and node is not None:
                odd += [
                    f"{path.name}:{one.lineno}"
                    for one in ast.walk(node)
                    if isinstance(one, ast.FormattedValue) and _is_shape(one.value)
                ]
    assert not odd
    assert by_shape((2, 26, 26)) == "2×26×26" and by_shape(()) == "one"


def _is_shape(value: ast.expr) -> bool:
    name = getattr(value, "attr", getattr(value, "id", ""))
    return name in ("shape", "input_shape", "output_shape", "expected_shape")
