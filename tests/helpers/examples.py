"""How many examples Hypothesis draws for a test that needs other than the usual number."""

from __future__ import annotations

from typing import Any

from hypothesis import settings

# Few while one works, each time others; more where a change is checked, so many that it takes
# less than half an hour; what a test asks for is of MANY.
USUAL, CHECKED, MANY = 6, 36, 60


def examples(count: int, **others: Any) -> settings:
    """Return settings for `count` examples where a change is checked, and fewer while one works."""
    return settings(max_examples=count * settings.default.max_examples // MANY, **others)
