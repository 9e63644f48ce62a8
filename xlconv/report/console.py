"""The console that reports are printed to."""

from __future__ import annotations

import os
from typing import IO

from rich.console import Console

_WIDE = 120


def plain_console(file: IO[str] | None = None, *, color: bool | None = None) -> Console:
    """Return a console; where it is no terminal, 120 columns wide unless COLUMNS says else.

    `color` asks for colours or for none, whatever the file is. None leaves it to what
    it is, and to FORCE_COLOR and NO_COLOR.
    """
    console = Console(file=file, highlight=False, force_jupyter=False)
    if color is None and console.is_terminal:
        return console
    is_real = console.is_terminal and not os.environ.get("FORCE_COLOR")
    return Console(
        file=file,
        highlight=False,
        force_jupyter=False,  # there rich would show what it should print
        width=None if is_real or "COLUMNS" in os.environ else _WIDE,
        force_terminal=color,
        color_system="truecolor" if color else "auto",
        no_color=color is False or None,
    )


def page_console(page: IO[str], width: int) -> Console:
    """Return a console that writes plain lines to a page, wherever it runs."""
    return Console(
        file=page, width=width, highlight=False, no_color=True, force_jupyter=False,
        force_terminal=False,
    )  # fmt: skip
