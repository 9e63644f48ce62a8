"""Small matrices as aligned text, side by side. Knows no formulas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from rich.text import Text

from xlconv.analysis.formula_steps import Matrix, Scalar

GAP = 1
_BLANK = "·"
_LONGEST_TEXT = 10
_SOME_SIZE = 0.05


class HeadedMatrix(Struct, frozen=True):
    """A matrix with its headings, and what stands before it: `×`, `=`, or nothing."""

    headings: tuple[str, ...]
    values: Matrix
    sign: str = ""
    marked: tuple[int, int] | None = None

    @property
    def width(self) -> int:
        """How many columns it takes with its sign."""
        body = sum(_widths(self.values)) + 2 * (len(self.values[0]) - 1) + 2
        return max(body, *map(len, self.headings)) + (2 if self.sign else 0)


def scalar_text(value: Scalar, *, is_small_alike: bool = False) -> str:
    """Return a value for people: numbers to three decimals, texts quoted, a dot for blank.

    Numbers smaller than that have an exponent, unless all small ones are to look alike.
    """
    if value is None:
        return _BLANK
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        if value.startswith("#"):
            return value
        return f'"{value}"' if len(value) <= _LONGEST_TEXT else f'"{value[:_LONGEST_TEXT]}…"'
    size = abs(value)
    if value == int(value) and size < 1e6:
        text = f"{value:.0f}"
    elif size >= 1e6 or (size < 0.0005 and not is_small_alike):
        text = f"{value:.2e}"
    else:
        text = f"{value:.3f}"
    return text.replace("-", "−") if text != "-0" else "0"


def side_by_side(matrices: Sequence[HeadedMatrix]) -> Iterator[Text]:
    """Yield the lines of matrices next to each other, headings first."""
    heads = max(len(one.headings) for one in matrices)
    rows = max(len(one.values) for one in matrices)
    columns = [list(_column(one, heads, rows)) for one in matrices]
    for k in range(heads + rows):
        line = Text()
        for one, column in zip(matrices, columns, strict=True):
            part = column[k]
            line.append_text(part)
            line.append(" " * (one.width + GAP - part.cell_len))
        line.rstrip()
        yield line


def _column(one: HeadedMatrix, heads: int, rows: int) -> Iterator[Text]:
    indent = "  " if one.sign else ""
    for k in range(heads):
        heading = one.headings[k] if k < len(one.headings) else ""
        yield Text(indent).append(heading, "bold" if k == 0 else "dim")
    widths = _widths(one.values)
    texts = _texts(one.values)
    for i in range(rows):
        text = Text(f"{one.sign:<2}" if one.sign and i == (len(one.values) - 1) // 2 else indent)
        for j, shown in enumerate(texts[i] if i < len(texts) else ()):
            text.append_text(_entry(shown, widths[j], is_marked=one.marked == (i, j)))
        yield text


def _entry(shown: str, width: int, *, is_marked: bool) -> Text:
    if is_marked:
        return Text(f"[{shown}]".rjust(width + 2), "bold reverse")
    return Text(f" {shown.rjust(width)} ", "dim" if shown in (_BLANK, "0") else "")


def wrapped(one: HeadedMatrix, width: int) -> Iterator[Text]:
    """Yield a matrix too wide for a line as a list that goes on in the next."""
    for k, heading in enumerate(one.headings):
        yield Text(heading, "bold" if k == 0 else "dim")
    line, most = Text(), max(_widths(one.values))
    for i, row in enumerate(_texts(one.values)):
        for j, shown in enumerate(row):
            if line.cell_len + most + 2 > width:
                yield line
                line = Text()
            line.append_text(_entry(shown, most, is_marked=one.marked == (i, j)))
    yield line


def _texts(values: Matrix) -> list[list[str]]:
    """Return the entries as text; beside numbers of some size, tiny ones are 0.000."""
    sizes = [abs(one) for row in values for one in row if isinstance(one, float)]
    alike = bool(sizes) and max(sizes) >= _SOME_SIZE
    return [[scalar_text(one, is_small_alike=alike) for one in row] for row in values]


def _widths(values: Matrix) -> list[int]:
    return [max(map(len, column)) for column in zip(*_texts(values), strict=True)]
