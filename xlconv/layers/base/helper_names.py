"""How a layer names the helpers that each of its planes has: `mask_0`, the first one's mask.

Only strings; where a helper stands is for a place to say.
"""

from __future__ import annotations


def helper_of_plane(kind: str, index: int) -> str:
    """Return the name of a plane's own helper."""
    return f"{kind}_{index}"


def helper_kind(name: str) -> str:
    """Return the kind of a helper: `mask` of `mask_0`, `sum` of `sum_0_0_85`, or its one name."""
    return name.partition("_")[0]
