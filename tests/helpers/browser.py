"""Pages in Chromium, started once for a file of tests: what they hold and complain of."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from tests.helpers import marks

_WITHOUT_PAINTING = ["--no-sandbox", "--disable-gpu", "--hide-scrollbars"]


class Shown(Struct):
    """A page in the browser; `complaints` are its errors, whatever ran that should not too."""

    page: Any
    complaints: list[str] = field(default_factory=list)

    def ask(self, script: str, argument: Any = None) -> Any:
        """Return what a function of JavaScript gives in the page."""
        return self.page.evaluate(script, argument)


@contextmanager
def browser() -> Iterator[Any]:
    """Yield Chromium, or skip the test with the reason."""
    marks.expect("browser")
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        marks.missing("chromium")
    if find_spec("playwright") is None:
        marks.missing("playwright")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=program, args=_WITHOUT_PAINTING)
        yield started
        started.close()


@contextmanager
def shown(started: Any, html: str, folder: Path, link: str = "", **look: Any) -> Iterator[Shown]:
    """Yield a page from a file; `look` is what Playwright's pages take: colours, sizes."""
    file = folder / "page.html"
    file.write_text(html, encoding="utf-8")
    page = started.new_page(**look)
    found = Shown(page)
    page.on("console", lambda one: found.complaints.append(f"{one.type}: {one.text}"))
    page.on("pageerror", lambda one: found.complaints.append(f"error: {one}"))
    page.on("dialog", lambda one: (found.complaints.append("dialog"), one.dismiss()))
    page.on("request", lambda one: _heard(found, one.url, file))
    page.goto(file.as_uri() + link)
    yield found
    page.close()


def _heard(found: Shown, url: str, file: Path) -> None:
    if url.partition("#")[0] != file.as_uri() and not url.startswith("blob:"):
        found.complaints.append(f"request: {url}")
