"""Counts are told in the number they have."""

import re
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from click.testing import CliRunner

from tests.helpers.paths import WORKBOOKS
from xlconv.cli import main
from xlconv.plurals import counted, plural

# One of each: a plural after a lone 1 is wrong. "1 of 1 formula cells" would be, too.
_WRONG = re.compile(
    r"(?<![\d.,×:])1 (?:more |formula )?"
    r"(?:layers|findings|cells|formulas|numbers|parameters|outputs|errors|blocks|indices)\b"
)


@pytest.mark.parametrize(
    ("count", "word", "text"),
    [(1, "cell", "1 cell"), (0, "cell", "0 cells"), (1234, "cell", "1,234 cells"),
     (1, "index", "1 index"), (2, "index", "2 indices")],
)  # fmt: skip
def test_a_thing_is_counted(count: int, word: str, text: str) -> None:
    assert counted(count, word) == text
    assert text.endswith(f" {plural(count, word)}")


@pytest.mark.slow
def test_commands_on_the_smallest_network_say_one_of_each(tmp_path: Path) -> None:
    spec, path = tmp_path / "net.toml", tmp_path / "net.xlsx"
    spec.write_text(
        "input = [1, 1, 1]\n[[layers]]\n"
        'type = "Conv2d"\nout_channels = 1\nkernel_size = 1\nbias = false\n'
    )
    np.save(tmp_path / "x.npy", np.ones((1, 1, 1)))

    def run(*arguments: object) -> str:
        result = CliRunner().invoke(main, [str(one) for one in arguments])
        assert result.exit_code in (0, 1, 5), result.output
        assert not _WRONG.search(result.output), result.output
        return result.output

    made = run("generate", path, "--spec", spec, "--seed", 1, "--input", tmp_path / "x.npy")
    assert "net.xlsx: 1 formula, each with its value" in made
    assert ", 1 parameter, 1 multiplication" in run("inspect", path)
    assert "edges, 1 layer, " in run("inspect", WORKBOOKS / "edges.xlsx")
    # Where lines end depends on how long the path is.
    assert "verified, 1 of 1 formula cell verified" in " ".join(run("verify", path).split())
    assert ", 1 parameter\n" in run("extract", path, "--output", tmp_path / "net.npz")
    book = openpyxl.load_workbook(path)  # without values
    book.save(tmp_path / "bare.xlsx")
    assert "no stored value in 1 cell" in run("verify", tmp_path / "bare.xlsx")
    run("diff", path, tmp_path / "bare.xlsx")
    edges = openpyxl.load_workbook(WORKBOOKS / "edges.xlsx")
    edges.worksheets[0]["AM12"] = 5  # a number among formulas
    edges.save(tmp_path / "odd.xlsx")
    junit = run("verify", tmp_path / "odd.xlsx", "--format", "junit")
    assert 'message="1 finding"' in junit
