"""What the README and its pages show is what happens."""

import doctest
import re
from pathlib import Path

import pytest
from click import unstyle
from click.testing import CliRunner

from tests.helpers.documents import PAGES, TEXT
from tests.helpers.paths import WORKBOOKS
from tests.helpers.shipped import shipped_subject
from xlconv.cli import main
from xlconv.layers import LAYERS
from xlconv.network.initialise import ALIASES, METHODS
from xlconv.presets import PRESETS


def block(language: str) -> str:
    return re.search(f"```{language}\n(.*?)```", TEXT, re.S)[1]


def test_the_table_of_layers_is_what_the_command_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    output = CliRunner().invoke(main, ["generate"]).output
    shown = re.search("\n```\n( name .*?)```", TEXT, re.S)[1]
    printed = {" ".join(line.split()) for line in output.splitlines()}
    for line in shown.splitlines():
        assert " ".join(line.split()) in printed


def test_the_example_network_generates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.toml").write_text(block("toml"))
    result = CliRunner().invoke(main, ["generate", "--spec", "net.toml"])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "net.xlsx").is_file()


def test_the_settings_are_some(tmp_path: Path) -> None:
    from xlconv.runs.settings import read_settings

    (text,) = re.findall(r"```toml\n(strict.*?)```", TEXT, re.S)
    path = tmp_path / "xlconv.toml"
    path.write_text(text)
    settings = read_settings(path)
    submitted = settings.options(str(tmp_path / "submissions/old/draft-1.xlsx"), {})
    assert submitted.against == tmp_path / "teacher.xlsx"
    assert (submitted.strict, submitted.rtol, submitted.ignore) == (True, 1e-6, ("G401", "L"))
    # In the shared file with the table's name in front, as the text around it says.
    named = re.sub(r"^\[\[", "[[tool.xlconv.", f"[tool.xlconv]\n{text}", flags=re.M)
    (tmp_path / "pyproject.toml").write_text(named)
    assert read_settings(tmp_path / "pyproject.toml") == settings


def test_the_library_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(block("py"), {})
    assert (tmp_path / "small.xlsx").is_file()
    assert capsys.readouterr().out == "(2, 6, 6)\n"


@pytest.mark.slow
def test_the_session_in_the_library_gives_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    session = doctest.DocTestParser().get_doctest(block("pycon"), {}, "README", None, None)
    result = doctest.DocTestRunner().run(session)
    assert (result.failed, result.attempted) == (0, 6)


def test_every_layer_preset_and_initialisation_is_documented() -> None:
    for name in (*LAYERS, *PRESETS, *METHODS, *ALIASES):
        assert f"`{name}`" in TEXT, name


def test_every_picture_and_page_is_there() -> None:
    assert TEXT.count("![") > len(PRESETS)
    for page in PAGES:
        for path in re.findall(r"!?\[[^]]*\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / path).exists(), (page, path)


def test_the_broken_workbook_is_told_as_the_readme_shows() -> None:
    from tests.mutations import Fault, rebuilt
    from xlconv.report.text import finding_lines, verdict_line
    from xlconv.runs.results import Selection, result_of
    from xlconv.spreadsheet.addresses import parse_a1
    from xlconv.spreadsheet.workbook import Kind
    from xlconv.verification.verify import verify_workbook

    subject = shipped_subject("conv-example")
    cell = parse_a1("AP9")
    broken = rebuilt(subject, Fault({cell: (Kind.NUMBER, 1.25, "")}, cell, ()))
    result = result_of(verify_workbook(broken, "broken.xlsx"), Selection())
    assert unstyle(verdict_line(result)) in TEXT
    for line in finding_lines(result.findings):
        assert unstyle(line) in TEXT


@pytest.mark.slow
def test_the_trace_is_told_and_drawn_as_the_readme_shows() -> None:
    asked = re.search(r'`xlconv trace conv-example.xlsx "(.*?)" --all`', TEXT)[1]
    command = ["trace", str(WORKBOOKS / "conv-example.xlsx"), asked, "--all"]
    printed = CliRunner().invoke(main, command).output
    assert f"```\n{printed}```" in TEXT
    drawn = CliRunner().invoke(main, [*command, "--format", "svg"]).output
    assert drawn == (WORKBOOKS / "trace.svg").read_text(encoding="utf-8")


def test_every_finding_is_documented() -> None:
    from xlconv.verification.findings import CODES

    for code in CODES:
        family = re.search(rf"\b{code[0]}\d\d\d\b", TEXT)
        assert family is not None, code


@pytest.mark.slow
def test_the_extracted_model_is_told_as_the_readme_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    CliRunner().invoke(main, ["generate"])
    first, second = re.findall(r"^\$ xlconv (.*)$", block("console"), re.M)
    result = CliRunner().invoke(main, first.split())
    assert result.exit_code == 0, result.output
    assert f"$ xlconv {first}\n{result.output}$ xlconv {second}\n" in TEXT
    result = CliRunner().invoke(main, second.split())
    assert "predicted class: 3" in result.output


def test_a_refused_operator_is_told_as_the_readme_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import onnx
    from onnx import TensorProto, helper

    monkeypatch.chdir(tmp_path)
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, 4, 4])
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    node = helper.make_node("LSTM", ["x", "x", "x"], ["y"], "rnn", hidden_size=1)
    graph = helper.make_graph([node], "g", [value], [output])
    (tmp_path / "model.onnx").write_bytes(helper.make_model(graph).SerializeToString())
    assert onnx.load("model.onnx").graph.node[0].op_type == "LSTM"
    said = CliRunner().invoke(main, ["generate", "--model", "model.onnx"]).output
    shown = re.search(r"^(error: model.onnx: .*), \.\.\.$", TEXT, re.M)[1]
    assert said.startswith(shown)


@pytest.mark.slow
def test_what_reproduce_and_diff_say_is_what_the_readme_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    assert runner.invoke(main, ["generate"]).exit_code == 0
    for said in re.findall(r"\n\$ xlconv ((?:generate digit3.xlsx|reproduce|diff) .*)", TEXT):
        result = runner.invoke(main, said.split())
        shown = TEXT.partition(f"$ xlconv {said}\n")[2].partition("```")[0]
        if not said.startswith("generate"):
            assert result.output == shown
