"""What students write instead of a formula, and in which other ways they write the right one.

Each is a function of the right formula's text, without `=`; None where it has no place there.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import Struct

from xlconv.spreadsheet.addresses import a1_name, parse_a1

Rewrite = Callable[[str], str | None]
_WINDOW = re.compile(r"(?<![$A-Z])([A-Z]+\d+):([A-Z]+\d+)")
_KERNEL = re.compile(r"(\$[A-Z]+\$\d+):(\$[A-Z]+\$\d+)")
_BIAS = re.compile(r"\+(\$?[A-Z]+\$?\d+)(?=\)?$)")


class Slip(Struct, frozen=True):
    """A slip: its name, what it does to a formula, and words of which the cause must have one."""

    name: str
    rewrite: Rewrite
    words: tuple[str, ...]


def replaced(old: str, new: str) -> Rewrite:
    return lambda text: text.replace(old, new, 1) if old in text else None


def moved(pattern: re.Pattern[str], down: int, right: int, *, grown: bool = False) -> Rewrite:
    """Move the first range of a formula, or let it grow at its end."""

    def rewrite(text: str) -> str | None:
        found = pattern.search(text)
        if found is None:
            return None
        first, last = (
            found[1] if grown and k == 0 else _moved(found[k + 1], down, right) for k in (0, 1)
        )
        return f"{text[: found.start()]}{first}:{last}{text[found.end() :]}"

    return rewrite


def _moved(name: str, down: int, right: int) -> str:
    row, column = parse_a1(name)
    return a1_name((row + down, column + right), absolute="$" in name)


def without_bias(text: str) -> str | None:
    return _BIAS.sub("", text) if _BIAS.search(text) else None


def minus_bias(text: str) -> str | None:
    return _BIAS.sub(r"-\1", text) if _BIAS.search(text) else None


def without_relu(text: str) -> str | None:
    return text[len("MAX(0,") : -1] if text.startswith("MAX(0,") else None


CONVOLUTION = (
    Slip("one-for-zero", replaced("MAX(0,", "MAX(1,"), ("1 stands where 0 should",)),
    Slip("no-bias", without_bias, ("is not added",)),
    Slip("minus-bias", minus_bias, ("the bias is taken off", "- stands where + should")),
    Slip("no-relu", without_relu, ("MAX is missing", "(ReLU) is missing")),
    Slip("min", replaced("MAX", "MIN"), ("MIN stands where MAX should",)),
    Slip("window-right", moved(_WINDOW, 0, 1), ("1 column right of where it should be",)),
    Slip("window-down", moved(_WINDOW, 1, 0), ("1 row down of where it should be",)),
    Slip("window-grown", moved(_WINDOW, 0, 1, grown=True), ("one column too many",)),
    Slip("kernel-down", moved(_KERNEL, 1, 0), ("1 row down of where it should be",)),
    Slip("factor", lambda text: f"{text}*1.001", ("but then *1.001",)),
    Slip("rounded", lambda text: f"ROUND({text},2)", ("ROUND is taken of it",)),
    Slip("more", lambda text: f"{text}+2", ("the term 2 is added",)),
    Slip("sum", replaced("SUMPRODUCT", "SUM"), ("SUM stands where SUMPRODUCT should",)),
)
POOL = (
    Slip("average", replaced("MAX", "AVERAGE"), ("AVERAGE stands where MAX should",)),
    Slip("minimum", replaced("MAX", "MIN"), ("MIN stands where MAX should",)),
    Slip("total", replaced("MAX", "SUM"), ("SUM stands where MAX should",)),
    Slip("pool-right", moved(_WINDOW, 0, 1), ("1 column right of where it should be",)),
    Slip("pool-grown", moved(_WINDOW, 1, 1, grown=True), ("is 3×3, not 2×2",)),
    Slip("pool-factor", lambda text: f"{text}/2", ("but then /2",)),
)
SOFTMAX = (
    Slip(
        "not-divided",
        lambda text: text.partition("/")[0],
        (") is missing behind it",),
    ),
    Slip("by-max", replaced("SUM", "MAX"), ("MAX stands where SUM should",)),
    Slip("percent", lambda text: f"{text}*100", ("but then *100",)),
)

CONVOLUTION_SPELLINGS: dict[str, Rewrite] = {
    "times-one": lambda text: f"({text})*1",
    "plus-zero": lambda text: f"{text}+0",
    "if": lambda text: f"IF({text[6:-1]}>0,{text[6:-1]},0)",
    "turned": lambda text: f"MAX({text[6:-1]},0)",
    "array": lambda text: "{=" + re.sub(
        r"SUMPRODUCT\(([^,()]+),([^,()]+)\)", r"SUM(\1*\2)", text) + "}",
    "product": lambda text: re.sub(
        r"SUMPRODUCT\(([^,()]+),([^,()]+)\)", r"SUMPRODUCT(\1*\2)", text),
    "by-hand": lambda text: re.sub(
        r"SUMPRODUCT\(([^,()]+),([^,()]+)\)", lambda found: _by_hand(found[1], found[2]), text),
    "half-of-both": lambda text: f"({text[6:-1]}+ABS({text[6:-1]}))/2",
    "spaces": lambda text: text.replace(",", " , ").replace("+", " + "),
    "lower": lambda text: text.lower(),
}  # fmt: skip
POOL_SPELLINGS: dict[str, Rewrite] = {
    "large": lambda text: text.replace("MAX(", "LARGE(").replace(")", ",1)"),
    "pairs": lambda text: "MAX({},{})".format(*_rows(text[4:-1])),
    "minus": lambda text: f"-MIN(-{',-'.join(_cells(text[4:-1]))})",
}
SOFTMAX_SPELLINGS: dict[str, Rewrite] = {
    "inverse": lambda text: "{}*(1/{})".format(*text.split("/")),
    "power": lambda text: "{}*{}^-1".format(*text.split("/")),
}


def _cells(area: str) -> list[str]:
    first, last = area.replace("$", "").split(":")
    (top, left), (bottom, right) = parse_a1(first), parse_a1(last)
    return [
        a1_name((row, column), absolute="$" in area)
        for row in range(top, bottom + 1) for column in range(left, right + 1)
    ]  # fmt: skip


def _rows(area: str) -> tuple[str, str]:
    cells = _cells(area)
    return f"{cells[0]}:{cells[1]}", f"{cells[2]}:{cells[3]}"


def _by_hand(window: str, kernel: str) -> str:
    pairs = zip(_cells(window), _cells(kernel), strict=True)
    return "+".join(f"{one}*{other}" for one, other in pairs)
