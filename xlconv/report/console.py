"""The consoles that reports are printed to."""

from __future__ import annotations

import os
import sys
from typing import IO

from rich.console import Console


def plain_console(width: int, *, color: bool, file: IO[str] | None = None) -> Console:
    """Return a console for standard output or a file, with colours or without.

    Of colours it has as many as the terminal, or all where there is none.
    """
    target = file or sys.stdout
    is_known = target is not None and target.isatty() and os.environ.get("TERM") != "dumb"
    return Console(
        file=file, width=width, highlight=False, no_color=not color, force_terminal=color,
        color_system=("auto" if is_known else "truecolor") if color else None,
        force_jupyter=False,  # there rich would show what it should print
    )  # fmt: skip


def page_console(page: IO[str], width: int) -> Console:
    """Return a console that writes plain lines to a page, wherever it runs."""
    return plain_console(width, color=False, file=page)
