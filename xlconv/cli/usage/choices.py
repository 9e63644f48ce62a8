"""One of some words, on the command line: another one is told which is near. Knows no command."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click


class OneOf(click.Choice[str]):
    """One of some words; another one is told which is near."""

    def convert(
        self, value: Any, param: click.Parameter | None, context: click.Context | None
    ) -> str:
        """Return the word. Raises BadParameter for none of them."""
        if value not in self.choices:
            self.fail(f"{value!r}; {meant(str(value), self.choices)}", param, context)
        return str(value)


def meant(word: str, known: Iterable[str]) -> str:
    """Return what is near to a word, or else all that there is."""
    from difflib import get_close_matches  # noqa: PLC0415  slow, and for slips only

    every = list(known)
    begun = [one for one in every if one.startswith(word)] if word else []
    near = begun or get_close_matches(word, every, n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else f"expected one of {', '.join(every)}"
