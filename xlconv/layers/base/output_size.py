"""The rule for the size of an output, worked out with a layer's numbers, as text."""

from __future__ import annotations

from typing import NamedTuple

# -- output sizes --------------------------------------------------------------------------


class OutputSize(NamedTuple):
    """The numbers of the rule along one axis."""

    n: int
    before: int
    after: int
    kernel: int
    stride: int
    dilation: int
    ceil: bool

    @property
    def size(self) -> int:
        free = self.n + self.before + self.after - self.dilation * (self.kernel - 1) - 1
        if not self.ceil:
            return free // self.stride + 1
        return min(-(-free // self.stride), (self.n + self.before - 1) // self.stride) + 1


def size_rule(
    n: int, pads: tuple[int, int], kernel: int, dilation: int, stride: int, count: int,
    *, ceil: bool = False,
) -> str:  # fmt: skip
    """Return `(28 + 2·1 − 3)//2 + 1 = 14` for one axis of `n` entries.

    `pads` are before and after; `count` is the size that the layer itself gives, so
    that the text never claims another. With `ceil` the division rounds up, and a
    window that would begin past the plane is left out.
    """
    before, after = pads
    padding = f" + 2·{before}" if before == after >= 0 else _signed(before) + _signed(after)
    window = f" − {kernel}" if dilation == 1 else f" − {dilation}·({kernel} − 1) − 1"
    free = n + before + after - dilation * (kernel - 1) - 1
    steps = -(-free // stride) if ceil else free // stride
    divided = f"⌈({n}{padding}{window})/{stride}⌉" if ceil else f"({n}{padding}{window})//{stride}"
    dropped = "" if steps + 1 == count else f" − {steps + 1 - count} past the end"
    return f"{divided} + 1{dropped} = {count}"


def both_axes(rows: str, columns: str) -> str:
    """Return one rule where both axes have the same, or else both."""
    return rows if rows == columns else f"height {rows}; width {columns}"


def _signed(number: int) -> str:
    return f" {'−' if number < 0 else '+'} {abs(number)}"
