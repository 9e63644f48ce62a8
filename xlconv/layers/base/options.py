"""Reads the options of a layer from a description, and says what is wrong with them.

Never guesses: what is missing without a default, unknown or of another type is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf, isfinite
from typing import Any, NamedTuple

from xlconv.errors import SpecError

_REQUIRED: Any = object()
MAX_CROP = 1 << 20  # rows of a sheet


class Padding(NamedTuple):
    """Zeros around each plane, in the order of torch.nn.ZeroPad2d."""

    left: int = 0
    right: int = 0
    top: int = 0
    bottom: int = 0


class Options:
    """The options of one layer; each getter names the option it expects.

    Raises SpecError with the bare fact: option, finding, expectation.
    """

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._table = dict(table)
        self._known: list[str] = []

    def _get(self, name: str, default: Any) -> Any:
        self._known.append(name)
        value = self._table.get(name, default)
        if value is _REQUIRED:
            likely = near(name, [key for key in self._table if key not in self._known])
            raise SpecError(f"{name} is missing" + (f": is it {likely[0]!r}?" if likely else ""))
        return value

    def count(self, name: str, default: int = _REQUIRED) -> int:
        """Return a whole number of at least 1."""
        value = self._get(name, default)
        if not _is_whole(value) or value < 1:
            raise SpecError(f"{name} = {value!r}: expected a whole number of at least 1")
        return int(value)

    def pair(
        self, name: str, default: int | tuple[int, int] = _REQUIRED, *, least: int = 1
    ) -> tuple[int, int]:
        """Return (height, width) from one whole number or a list of two."""
        value = self._get(name, default)
        numbers = [value, value] if _is_whole(value) else value
        if not _are_whole(numbers, {2}, least):
            raise SpecError(
                f"{name} = {value!r}: expected a whole number of at least {least}, "
                "or [height, width]"
            )
        return numbers[0], numbers[1]

    def padding(
        self, name: str, default: int = 0,
        same: tuple[tuple[int, int], tuple[int, int]] | None = None,
    ) -> Padding:  # fmt: skip
        """Return the padding from p, [height, width], [left, right, top, bottom] or a word.

        "valid" is none. "same" keeps the size, for a kernel of a size and dilation, `same`;
        an odd line goes to the right and the bottom, as torch has it. Of four sides each
        may be negative, which crops, as in torch.nn.ZeroPad2d.
        """
        value = self._get(name, default)
        if value == "valid":
            return Padding()
        if value == "same":
            if same is None:
                raise SpecError(f"{name} = 'same' needs a stride of 1: expected numbers")
            height, width = (step * (n - 1) for n, step in zip(*same, strict=True))
            return Padding(width // 2, width - width // 2, height // 2, height - height // 2)
        numbers = [value, value] if _is_whole(value) else value
        four = _are_whole(numbers, {4}, -MAX_CROP)
        if not four and not _are_whole(numbers, {2}, 0):
            raise SpecError(
                f"{name} = {value!r}: expected a whole number, [height, width], "
                "[left, right, top, bottom] or 'same'"
            )
        if len(numbers) == 4:
            return Padding(*numbers)
        height, width = numbers
        return Padding(width, width, height, height)

    def number(
        self, name: str, default: float = _REQUIRED, *, least: float = -inf, most: float = inf
    ) -> float:
        """Return a finite number from `least` to `most`."""
        value = self._get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            raise SpecError(f"{name} = {value!r}: expected a number")
        if not least <= value <= most:
            raise SpecError(f"{name} = {value!r}: expected a number from {least:g} to {most:g}")
        return float(value)

    def flag(self, name: str, default: bool) -> bool:
        """Return true or false."""
        value = self._get(name, default)
        if not isinstance(value, bool):
            raise SpecError(f"{name} = {value!r}: expected true or false")
        return value

    def choice(self, name: str, default: Any, allowed: tuple[Any, ...]) -> Any:
        """Return one of the allowed values."""
        value = self._get(name, default)
        if isinstance(value, bool) or value not in allowed:
            expected = " or ".join(repr(one) for one in allowed)
            raise SpecError(f"{name} = {value!r}: expected {expected}")
        return value

    def finish(self) -> None:
        """Refuse the options that no getter has asked for."""
        for name in self._table:
            if name not in self._known:
                raise SpecError(unknown_key(name, self._known))


def unknown_key(name: str, known: list[str]) -> str:
    """Return the message for a key that means nothing, with the likely one or all of them."""
    likely = near(name, known)
    if likely:
        return f"unknown key {name!r}: did you mean {likely[0]!r}?"
    return f"unknown key {name!r}: expected " + (", ".join(known) or "none")


def near(name: str, known: Iterable[str]) -> list[str]:
    """Return the known name that was likely meant, in any case of its letters; [] for none."""
    from difflib import get_close_matches  # noqa: PLC0415  only for what is wrong

    folded = {one.casefold(): one for one in known}
    return [folded[one] for one in get_close_matches(name.casefold(), list(folded), n=1)]


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _are_whole(values: Any, lengths: set[int], least: int) -> bool:
    return (
        isinstance(values, list | tuple)
        and len(values) in lengths
        and all(_is_whole(value) and value >= least for value in values)
    )
