"""The script that ships is what its sources give; whoever changes them needs Node, nobody else."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.helpers import marks
from tests.helpers.paths import ROOT

PAGE = ROOT / "xlconv" / "page"
SOURCES = PAGE / "sources"


def npx(*words: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("npx")
    if program is None:
        marks.missing("Node")
    if not (SOURCES / "node_modules").is_dir():
        marks.missing("what xlconv/page/sources/package.json names (npm ci, there)")
    return subprocess.run(
        [program, "--no-install", *words], cwd=SOURCES, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_the_bundle_is_what_the_sources_give(tmp_path: Path) -> None:
    made = tmp_path / "page.js"
    command = (SOURCES / "package.json").read_text().partition('"bundle": "')[2].partition('"')[0]
    words = [one for one in command.split() if not one.startswith("--outfile")]
    done = npx(*words, f"--outfile={made}")
    assert done.returncode == 0, done.stderr
    assert made.read_bytes() == (PAGE / "page.js").read_bytes()


@pytest.mark.slow
def test_the_sources_are_typed() -> None:
    done = npx("tsc", "--noEmit")
    assert done.returncode == 0, done.stdout


def test_the_bundle_names_no_other_place() -> None:
    script = (PAGE / "page.js").read_text("utf-8")
    assert "</script" not in script.lower()
    assert "<!--" not in script
    for word in ("eval(", "new Function", "XMLHttpRequest", "fetch(", "WebSocket", "import("):
        assert word not in script, word


def test_sources_are_small_and_say_what_they_are() -> None:
    files = [one for one in SOURCES.rglob("*.ts") if "node_modules" not in one.parts]
    assert len(files) > 15
    for folder in {file.parent for file in files}:
        assert len(list(folder.glob("*.ts"))) <= 18, folder
    for file in files:
        text = file.read_text("utf-8")
        assert text.startswith("/**"), file
        for word in ("innerHTML", "outerHTML", "insertAdjacent", "document.write"):
            assert word not in text, file
        assert len(text.splitlines()) < 260, file
