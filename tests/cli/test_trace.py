"""What trace prints and writes on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.command import good, refused, run
from tests.helpers.paths import WORKBOOKS


@pytest.mark.slow
def test_the_command_writes_every_format(tmp_path: Path) -> None:
    path = WORKBOOKS / "conv-example.xlsx"
    for name, start in (("json", "{"), ("dot", "digraph"), ("svg", "<svg"), ("text", "conv-ex")):
        target = tmp_path / f"trace.{name}"
        asked = (path, "BT38", "--all", "--format", name)
        output = good("trace", *asked)
        assert output.startswith(start)
        assert good("trace", *asked, "--output", target) == ""
        assert target.read_text(encoding="utf-8") == output
        assert run("trace", *asked, "--output", target).exit_code == 2
        assert run("trace", *asked, "--output", target, "--force").exit_code == 0


def test_depths_and_directions(tmp_path: Path) -> None:
    path = WORKBOOKS / "conv-example.xlsx"
    assert "input[0]" not in good("trace", path, "BT38")
    assert "--all" in good("trace", path, "BT38")
    assert "input[0]" in good("trace", path, "BT38", "--depth", "2")
    assert "pool1[1, 2, 3]" in good("trace", path, "conv2[1,5,7]", "--dependents")
    assert "conv1[0]" in good("trace", path, "conv2[1,5,7]", "--precedents")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("conv-example.xlsx", "conv9[0]"), "no layer 'conv9'"),
        (("conv-example.xlsx", "conv2[0,0,99]"), "expected an index up to [1, 23, 23]"),
        (("conv-example.xlsx", "Nope!A1"), "no sheet 'Nope'"),
        (("conv-example.xlsx", "A0"), "is no cell"),
        (("conv-example.xlsx", "A1", "--depth", "2", "--all"), "expected one of them"),
        (("conv-example.xlsx", "A1", "--depth", "0"), "--depth"),
        (("missing.xlsx", "A1"), "missing.xlsx"),
        (("regenerate.py", "A1"), "regenerate.py"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(arguments: tuple[str, ...], words: str) -> None:
    result = run("trace", WORKBOOKS / arguments[0], *arguments[1:])
    assert result.exit_code == 2
    assert words in result.output
    assert "Traceback" not in result.output


def test_a_whole_layer_is_told_to_have_cells() -> None:
    told = refused("trace", WORKBOOKS / "conv-example.xlsx", "conv2")
    assert told == "'conv2' is no cell, but 2×24×24 of them; expected one, such as conv2[0, 0, 0]"
