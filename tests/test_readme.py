"""What the README shows is what happens."""

import re
from pathlib import Path

import pytest
from click import unstyle
from click.testing import CliRunner

from xlconv.cli import main
from xlconv.initialise import ALIASES, METHODS
from xlconv.layers import LAYERS
from xlconv.presets import PRESETS

README = (Path(__file__).parents[1] / "README.md").read_text()


def block(language: str) -> str:
    return re.search(f"```{language}\n(.*?)```", README, re.S)[1]


def test_the_table_of_layers_is_what_the_command_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    output = CliRunner().invoke(main, ["generate"]).output
    shown = re.search("\n```\n( name .*?)```", README, re.S)[1]
    printed = {" ".join(line.split()) for line in output.splitlines()}
    for line in shown.splitlines():
        assert " ".join(line.split()) in printed


def test_the_example_network_generates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.toml").write_text(block("toml"))
    result = CliRunner().invoke(main, ["generate", "--spec", "net.toml"])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "net.xlsx").is_file()


def test_the_library_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(block("py"), {})
    assert (tmp_path / "small.xlsx").is_file()
    assert capsys.readouterr().out == "(2, 6, 6)\n"


def test_every_layer_preset_and_initialisation_is_documented() -> None:
    for name in (*LAYERS, *PRESETS, *METHODS, *ALIASES):
        assert f"`{name}`" in README, name


def test_every_picture_is_there() -> None:
    pictures = re.findall(r"!\[.*?\]\((.*?)\)", README)
    assert len(pictures) > len(PRESETS)
    for path in pictures:
        assert (Path(__file__).parents[1] / path).is_file()


def test_the_broken_workbook_is_told_as_the_readme_shows() -> None:
    from tests.mutations import Fault, Subject, rebuilt
    from xlconv.refs import cell_of
    from xlconv.report.results import Selection, result_of
    from xlconv.report.text import finding_lines, verdict_line
    from xlconv.sheet import Kind
    from xlconv.verifying import verify_workbook
    from xlconv.xlsx.read import read_xlsx

    path = Path(__file__).parents[1] / "workbooks" / "conv-example.xlsx"
    subject = Subject.of("conv-example", read_xlsx(path))
    cell = cell_of("AP9")
    broken = rebuilt(subject, Fault({cell: (Kind.NUMBER, 1.25, "")}, cell, ()))
    result = result_of(verify_workbook(broken, "broken.xlsx"), Selection())
    assert unstyle(verdict_line(result)) in README
    for line in finding_lines(result.findings):
        assert unstyle(line) in README


def test_every_finding_is_documented() -> None:
    from xlconv.findings import CODES

    for code in CODES:
        family = re.search(rf"\b{code[0]}\d\d\d\b", README)
        assert family is not None, code
