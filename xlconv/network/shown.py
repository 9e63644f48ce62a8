"""What an object looks like at a prompt and in a notebook, drawn by whoever knows how.

The results of every package are `Shown`, and `report` draws them; nothing below may import
`report`. So the door, `xlconv/__init__.py`, which stands above both, says by `drawn_by` where
the drawings are. They are imported when something is shown: a result costs nothing to import.
Draws nothing itself.
"""

from __future__ import annotations

import importlib
from typing import Protocol, cast


class Drawings(Protocol):
    """The module that draws: as lines of text, and as HTML that stands by itself."""

    def text_of(self, shown: object) -> str:
        """Return at most a screen of text."""

    def html_of(self, shown: object) -> str:
        """Return HTML with everything from outside escaped."""


class Shown:
    """A result whose `repr` is at most a screen, and that a notebook shows as a page."""

    __slots__ = ()

    def __repr__(self) -> str:
        return _drawings().text_of(self)

    def _repr_html_(self) -> str:
        """Return what notebooks show in place of the `repr`: IPython's protocol."""
        return _drawings().html_of(self)


_MODULES: list[str] = []


def drawn_by(module: str) -> None:
    """Say which module draws; the last that was said does."""
    _MODULES.append(module)


def _drawings() -> Drawings:
    return cast(Drawings, importlib.import_module(_MODULES[-1]))
