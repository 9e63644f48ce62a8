"""Lines of text as they fit a screen: so many lines, so many letters in each.

What does not fit is cut, and told to be. Knows nothing of what the lines say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from textwrap import wrap

WIDTH, HEIGHT = 100, 24
_MOST_OF_A_PATH = 60


def screen(lines: Iterable[str]) -> str:
    """Return lines as one text; one that is too long is cut, and lines beyond the last are."""
    return "\n".join(_cut(printable(line.rstrip())) for line in folded(list(lines), HEIGHT))


def folded(lines: Sequence[str], most: int, more: str = "") -> list[str]:
    """Return the first lines where there are more than `most`, and in the last how many more."""
    if len(lines) <= most:
        return list(lines)
    return [*lines[: most - 1], f"… {more or f'{len(lines) - most + 1:,} more lines'}"]


def without_middle(lines: Sequence[str], most: int = HEIGHT) -> list[str]:
    """Return the first and the last lines where there are more than `most`."""
    if len(lines) <= most:
        return list(lines)
    first = most // 2
    last = most - first - 1
    left_out = len(lines) - first - last
    return [*lines[:first], f"  … {left_out:,} lines …", *lines[-last:]]


def wrapped(line: str, most: int = 2) -> list[str]:
    """Return a long line as up to `most`, those after the first indented further."""
    indent = " " * (len(line) - len(line.lstrip()))
    return wrap(
        printable(line).strip(), WIDTH, initial_indent=indent, subsequent_indent=f"{indent}    ",
        max_lines=most, placeholder=" …",
    )  # fmt: skip


def printable(text: str) -> str:
    """Return a text in which nothing moves, hides or turns around what stands beside it."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)


def short_path(path: str) -> str:
    """Return the end of a long path."""
    return path if len(path) <= _MOST_OF_A_PATH else f"…{path[1 - _MOST_OF_A_PATH :]}"


def _cut(line: str) -> str:
    if len(line) <= WIDTH or line.endswith("──"):  # a rule only ends
        return line[:WIDTH]
    return f"{line[: WIDTH - 1]}…"
