"""The rule for the size of an output along one axis: the size, and the rule as text.

Only numbers; names no layer.
"""

from __future__ import annotations

from typing import NamedTuple


class OutputSize(NamedTuple):
    """The numbers of the rule along one axis, of `n` entries.

    The last window of `ceil` mode may reach past the padding, but not begin beyond the
    entries and the padding before them.
    """

    n: int
    before: int
    after: int
    kernel: int
    stride: int = 1
    dilation: int = 1
    ceil: bool = False

    @property
    def extent(self) -> int:
        """The entries that a window spans, holes between its taps counted."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def padded(self) -> int:
        """The entries with the padding around them."""
        return self.n + self.before + self.after

    @property
    def size(self) -> int:
        """How many windows there are."""
        if not self.ceil:
            return self._steps + 1
        return min(self._steps, (self.n + self.before - 1) // self.stride) + 1

    @property
    def past(self) -> int:
        """How many entries the last window reaches beyond the plane; negative within."""
        return (self.size - 1) * self.stride + self.extent - self.before - self.n

    @property
    def text(self) -> str:
        """The rule with its numbers: `(28 + 2·1 − 3)//2 + 1 = 14`."""
        before, after = self.before, self.after
        padding = f" + 2·{before}" if before == after >= 0 else _signed(before) + _signed(after)
        window = (
            f" − {self.kernel}"
            if self.dilation == 1
            else f" − {self.dilation}·({self.kernel} − 1) − 1"
        )
        free = f"({self.n}{padding}{window})"
        divided = f"⌈{free}/{self.stride}⌉" if self.ceil else f"{free}//{self.stride}"
        dropped = self._steps + 1 - self.size
        less = f" − {dropped} past the end" if dropped else ""
        return f"{divided} + 1{less} = {self.size}"

    @property
    def _steps(self) -> int:
        free = self.padded - self.extent
        return -(-free // self.stride) if self.ceil else free // self.stride


def size_rule(height: OutputSize, width: OutputSize) -> str:
    """Return the rules of both axes as text."""
    return of_both_axes(height.text, width.text)


def of_both_axes(height: str, width: str) -> str:
    """Return one rule where both axes have the same, or else both."""
    return height if height == width else f"height {height}; width {width}"


def _signed(number: int) -> str:
    return f" {'−' if number < 0 else '+'} {abs(number)}"
