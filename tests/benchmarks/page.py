"""How fast the page is in Chromium: first paint, an edit of a pixel, a frame; and how large.

    python tests/benchmarks/page.py [NAME ...]

Needs Playwright and Chromium. Times are medians in milliseconds; `calculate` is what one edit
takes in the formulas alone, `colour` with the heat maps, `frame` until all of it is drawn.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from xlconv.page.view import view

ROOT = Path(__file__).parents[2]
NAMES = ("conv-example", "lenet5", "stride2")

EDITS = """async () => {
  const page = window.xlconv, input = page.document.tensors[0], plane = input.planes[0];
  const found = { calculate: [], colour: [], frame: [] };
  const median = (some) => some.sort((a, b) => a - b)[Math.floor(some.length / 2)];
  const cell = (k) => ({ sheet: input.sheet, row: plane[0] + plane[4] * (5 + k % 18),
                         column: plane[1] + plane[5] * (4 + (k * 7) % 20) });
  for (let k = 0; k < 60; k++) {
    const start = performance.now();
    page.calculation.edit([{ ...cell(k), value: (k % 10) / 9 + 0.01 }]);
    found.calculate.push(performance.now() - start);
  }
  for (let k = 0; k < 60; k++) {
    const start = performance.now();
    page.edit([{ ...cell(k), value: (k % 10) / 11 + 0.02 }]);
    found.colour.push(page.took);
    page.stage.draw();
    found.frame.push(performance.now() - start);
  }
  return Object.fromEntries(Object.entries(found).map(([key, some]) => [key, median(some)]));
}"""
PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
READY = "() => performance.now()"


def measured(started: Any, html: str, folder: Path) -> dict[str, float]:
    """Return the times of a page, in milliseconds."""
    file = folder / "page.html"
    file.write_text(html, encoding="utf-8")
    page = started.new_page(viewport={"width": 1440, "height": 860})
    page.goto(file.as_uri())
    ready = page.evaluate(READY)
    page.wait_for_timeout(300)
    times = {"paint": page.evaluate(PAINT), "ready": ready} | page.evaluate(EDITS)
    page.close()
    return times


def main(names: list[str]) -> None:
    with sync_playwright() as driver, tempfile.TemporaryDirectory() as folder:
        started = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name in names or NAMES:
            html = view(ROOT / "workbooks" / f"{name}.xlsx").html
            times = measured(started, html, Path(folder))
            line = "  ".join(f"{key} {value:.1f}" for key, value in times.items())
            print(f"{name}: {len(html.encode()) / 1000:,.0f} kB  {line}")


if __name__ == "__main__":
    main(sys.argv[1:])
