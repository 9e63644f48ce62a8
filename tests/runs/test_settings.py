"""Settings say how files are checked, by pattern; the command line has the last word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.helpers.command import refused, run
from tests.helpers.many_files import right_file, wrong_file
from tests.helpers.paths import WORKBOOKS
from xlconv.errors import XlconvError
from xlconv.runs.file_options import FileOptions
from xlconv.runs.settings import find_settings, pattern_of, read_settings

TEXT = """
strict = true
ignore = ["g401"]

[[files]]
pattern = "submissions/**"
against = "teacher.xlsx"
rtol = 1e-6

[[files]]
pattern = ["draft-*.xlsx", "old/"]
strict = false
spec = "net.toml"
min-coverage = 0.5
"""


@pytest.mark.parametrize(
    ("pattern", "fitting", "others"),
    [
        ("*.xlsx", ["a.xlsx", "in/deep/a.xlsx"], ["a.xlsm"]),
        ("in/*.xlsx", ["in/a.xlsx"], ["a.xlsx", "in/deep/a.xlsx", "more/in/a.xlsx"]),
        ("in/**", ["in/a.xlsx", "in/deep/a.xlsx"], ["a.xlsx", "inner/a.xlsx"]),
        ("in/", ["in/a.xlsx", "in/deep/a.xlsx"], ["a.xlsx"]),
        ("**/in/a?.xlsx", ["in/ab.xlsx", "x/y/in/ab.xlsx"], ["in/a.xlsx", "in/a/.xlsx"]),
        ("./[ab]*[!0-9].xlsx", ["a1x.xlsx"], ["a1.xlsx", "c1x.xlsx", "in/a1x.xlsx"]),
        ("a+(b).xlsx", ["a+(b).xlsx"], ["aab.xlsx"]),
    ],
)
def test_patterns_fit_paths(pattern: str, fitting: list[str], others: list[str]) -> None:
    found = pattern_of(pattern)
    assert all(found.fullmatch(one) for one in fitting)
    assert not any(found.fullmatch(one) for one in others)


def test_later_tables_win_and_the_command_line_over_all(tmp_path: Path) -> None:
    path = tmp_path / "xlconv.toml"
    path.write_text(TEXT)
    settings = read_settings(path)

    def options(name: str, **given: object) -> FileOptions:
        return settings.options(str(tmp_path / name), given)

    assert options("a.xlsx") == FileOptions(strict=True, ignore=("G401",))
    submitted = options("submissions/in/a.xlsx")
    assert (submitted.against, submitted.rtol) == (tmp_path / "teacher.xlsx", 1e-6)
    # What files are held against is one choice.
    draft = options("submissions/draft-1.xlsx")
    assert (draft.against, draft.spec) == (None, tmp_path / "net.toml")
    assert (draft.strict, draft.rtol, draft.min_coverage) == (False, 1e-6, 0.5)
    typed = options("old/b.xlsx", strict=True, model=Path("m.npz"))
    assert (typed.strict, typed.spec, typed.model) == (True, None, Path("m.npz"))


def test_the_nearest_settings_are_found(tmp_path: Path) -> None:
    inner = tmp_path / "in" / "deep"
    inner.mkdir(parents=True)
    assert find_settings(inner).general == {}
    (tmp_path / "pyproject.toml").write_text("[tool.xlconv]\nstrict = true\n")
    (tmp_path / "in" / "pyproject.toml").write_text('[project]\nname = "xlconv"\n')
    assert find_settings(inner).general == {"strict": True}
    (tmp_path / "in" / "xlconv.toml").write_text("rtol = 1")
    assert find_settings(inner).general == {"rtol": 1}


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("strict = 1", "strict: 1; expected true or false"),
        ("rtol = -1", "rtol: -1; expected a number from 0 on"),
        ("min-coverage = 2", "min-coverage: 2; expected a number from 0 to 1"),
        ("jobs = 2", "jobs: no such option; expected one of select, ignore, strict, rtol,"),
        ('ignore = ["Q"]', "ignore Q: no such code; expected one of V101,"),
        ("[files]\nrtol = 1", "files: {'rtol': 1}; expected tables with a pattern each"),
        ("[[files]]\nrtol = 1", "files 1: pattern: None; expected a text, or a list of texts"),
        ("strict", "expected TOML"),
    ],
)
def test_other_settings_are_refused_by_their_place(tmp_path: Path, text: str, error: str) -> None:
    path = tmp_path / "xlconv.toml"
    path.write_text(text)
    with pytest.raises(XlconvError) as told:
        read_settings(path)
    assert str(told.value).startswith(f"{path}: ")
    assert error in str(told.value)


def test_a_shared_file_has_one_table(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text("[[tool.xlconv]]\nstrict = true\n")
    with pytest.raises(XlconvError, match=r"tool\.xlconv: .*; expected a table"):
        read_settings(path)


@pytest.mark.slow
def test_files_are_checked_as_their_settings_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    right_file(tmp_path / "a.xlsx")
    wrong_file(tmp_path / "drafts" / "b.xlsx")
    text = '[tool.xlconv]\n[[tool.xlconv.files]]\npattern = "drafts/"\nignore = "S"\n'
    (tmp_path / "pyproject.toml").write_text(text)

    def verdicts(*more: object) -> list[str]:
        told = run("verify", ".", "-j", 0, "--format", "json", *more).output
        return [one["verdict"] for one in json.loads(told)["files"]]

    assert verdicts() == ["verified", "partly"]  # its error is not selected
    assert verdicts("--ignore", "G") == ["verified", "findings"]
    other = WORKBOOKS / "edges.xlsx"
    (tmp_path / "other.toml").write_text(f'[[files]]\npattern = "a.xlsx"\nagainst = "{other}"\n')
    assert verdicts("--config", "other.toml") == ["findings", "findings"]
    (tmp_path / "other.toml").write_text('against = "none.xlsx"\n')
    assert refused("verify", ".", "--config", "other.toml").startswith(f"{tmp_path}/none.xlsx: ")
