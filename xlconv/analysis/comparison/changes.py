"""One difference between two workbooks, and the words that every kind of it shares."""

from __future__ import annotations

from msgspec import Struct


class Change(Struct, frozen=True):
    """One difference: its kind, where it is, and what it was and is now.

    `kind` is "structure", "weights", "input", "output", "place", "finding" or "cells".
    """

    kind: str
    where: str
    message: str
    cells: str = ""


def arrow(was: str, now: str) -> str:
    """Return `1 → 2`, with "nothing" for what is empty."""
    return f"{was or 'nothing'} → {now or 'nothing'}"
