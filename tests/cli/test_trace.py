"""What trace prints and writes on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.helpers.paths import WORKBOOKS
from xlconv.cli import main


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["trace", *map(str, arguments)])
    return result.exit_code, result.output


def test_the_command_writes_every_format(tmp_path: Path) -> None:
    path = WORKBOOKS / "conv-example.xlsx"
    for name, start in (("json", "{"), ("dot", "digraph"), ("svg", "<svg"), ("text", "conv-ex")):
        target = tmp_path / f"trace.{name}"
        asked = (path, "BT38", "--all", "--format", name)
        code, output = run(*asked)
        assert (code, output.startswith(start)) == (0, True)
        assert run(*asked, "--output", target) == (0, "")
        assert target.read_text(encoding="utf-8") == output
        assert run(*asked, "--output", target)[0] == 2
        assert run(*asked, "--output", target, "--force")[0] == 0


def test_depths_and_directions(tmp_path: Path) -> None:
    path = WORKBOOKS / "conv-example.xlsx"
    assert "input[0]" not in run(path, "BT38")[1]
    assert "--all" in run(path, "BT38")[1]
    assert "input[0]" in run(path, "BT38", "--depth", "2")[1]
    assert "pool1[1, 2, 3]" in run(path, "conv2[1,5,7]", "--dependents")[1]
    assert "conv1[0]" in run(path, "conv2[1,5,7]", "--precedents")[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("conv-example.xlsx", "conv9[0]"), "no layer 'conv9'"),
        (("conv-example.xlsx", "conv2[0,0,99]"), "expected an index within"),
        (("conv-example.xlsx", "Nope!A1"), "no sheet 'Nope'"),
        (("conv-example.xlsx", "A0"), "is no cell"),
        (("conv-example.xlsx", "A1", "--depth", "2", "--all"), "expected one of them"),
        (("conv-example.xlsx", "A1", "--depth", "0"), "--depth"),
        (("missing.xlsx", "A1"), "missing.xlsx"),
        (("regenerate.py", "A1"), "regenerate.py"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(arguments: tuple[str, ...], words: str) -> None:
    code, output = run(WORKBOOKS / arguments[0], *arguments[1:])
    assert code == 2
    assert words in output
    assert "Traceback" not in output
