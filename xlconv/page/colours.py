"""The sheet's colours for the page, so that both show a number alike: said once, by lowering."""

from __future__ import annotations

from typing import Any

from xlconv.lowering.formatting.colours import (
    CHANNELS,
    INPUT,
    NEGATIVE,
    POSITIVE,
    SHARED,
    STAGES,
    Palette,
)


def colours_json() -> dict[str, Any]:
    """Return the colours of titles and their numbers, of signs, channels and shared weights."""
    return {
        "input": _both(INPUT), "stages": [_both(one) for one in STAGES],
        "negative": NEGATIVE, "positive": POSITIVE,
        "channels": [one.high for one in CHANNELS], "shared": list(SHARED),
    }  # fmt: skip


def _both(one: Palette) -> list[str]:
    return [one.title, one.high]
