"""The pages as Chromium shows them: nothing runs, and they are readable on light and on dark."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.helpers import marks
from tests.helpers.shipped import opened, shipped
from tests.report.notebook.results import hostile, results_of
from xlconv.report.notebook.markup import badge, page, tag
from xlconv.spreadsheet.xlsx.read import read_xlsx

pytestmark = pytest.mark.browser
LIGHT, DARK = ("#ffffff", "#111111"), ("#111318", "#e5e7eb")


def chromium(html: str, folder: Path, *options: str, colors: tuple[str, str] = LIGHT) -> str:
    """Show a page on a ground and in a colour; return what the browser prints."""
    marks.expect("browser")
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        marks.missing("chromium")
    ground, ink = colors
    file = folder / "page.html"
    style = f"background:{ground};color:{ink};margin:0"
    file.write_text(
        f'<!doctype html><meta charset="utf-8"><title>quiet</title><body style="{style}">{html}',
        encoding="utf-8",
    )
    command = [
        program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
        f"--user-data-dir={folder / 'profile'}", *options, file.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


def luminance(html: str, folder: Path, colors: tuple[str, str]) -> np.ndarray:
    """Return how light every pixel of a page is, from 0 to 255: (H, W)."""
    shot = folder / "shot.png"
    chromium(
        html, folder, f"--screenshot={shot}", "--window-size=900,600",
        "--force-device-scale-factor=2", colors=colors,
    )  # fmt: skip
    return np.asarray(Image.open(shot).convert("L"), np.float64)


@pytest.mark.slow
def test_nothing_of_a_hostile_workbook_runs(tmp_path: Path) -> None:
    attack = "document.title='loud'"
    live = f'<img src="x" onerror="{attack}"><script>{attack}</script>'
    assert "<title>loud</title>" in chromium(live, tmp_path, "--dump-dom")
    found = results_of(hostile(read_xlsx(shipped("edges"))))
    html = "".join(one._repr_html_() for one in found.values())
    dom = chromium(html.replace("alert(1)", attack), tmp_path, "--dump-dom")
    assert "<title>quiet</title>" in dom


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["network", "report", "explanation"])
def test_a_page_is_as_readable_on_a_dark_ground_as_on_a_light_one(
    kind: str, tmp_path: Path
) -> None:
    html = results_of(opened("edges"), "conv1[1, 5, 7]")[kind]._repr_html_()
    light = luminance(html, tmp_path, LIGHT)
    dark = luminance(html, tmp_path, DARK)
    assert light.shape == dark.shape
    # What is nearly black on white is nearly white on black.
    ink, lit = (light < 90), (dark > 165)
    assert ink.sum() > 1000
    assert lit.sum() > 0.6 * ink.sum()


@pytest.mark.slow
def test_a_word_on_a_ground_of_its_own_looks_the_same_on_both(tmp_path: Path) -> None:
    kinds = ("good", "bad", "doubt", "note")
    html = page(*(tag("p", badge("MMMMMMMMMMMMM", kind)) for kind in kinds))
    both = [luminance(html, tmp_path, colors) for colors in (LIGHT, DARK)]
    for number, kind in enumerate(kinds):
        first = round(18 + 45.5 * number)  # a line and its margin, at two pixels each
        seen = [one[first : first + 12, 30:150] for one in both]
        assert np.abs(seen[0] - seen[1]).max() < 3
        white, ground = seen[0].max() / 255, seen[0].min() / 255
        # The contrast that WCAG 2.1 asks for, roughly, of text: 4.5 to 1.
        assert (white**2.2 + 0.05) / (ground**2.2 + 0.05) > 4.5, kind
