"""A formula worked out as text: matrices for what works on ranges, a line for every other step.

Chooses by the shape of a step (a sum of products, a function of a range, an operator),
never by layer, so that a formula that no layer spells is shown like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from msgspec.structs import replace
from rich.text import Text

from xlconv.analysis.formula_steps import Matrix, Scalar, Step
from xlconv.plurals import counted
from xlconv.report.formula.matrices import GAP, HeadedMatrix, scalar_text, side_by_side, wrapped
from xlconv.report.formula.products import factors_of, headings, largest_products

# Of larger windows, the largest entries are shown.
_MOST_ENTRIES = 64

# Of longer sums of products, only the largest are worked out.
_MOST_TERMS = 8
_TOP_TERMS = 3

_OPERATORS = {"*": "·", "/": "/", "-": "−", "^": "^", "&": "&"}
_PICKS = {"MAX", "MIN"}


def worked_lines(step: Step, width: int) -> Iterator[Text]:
    """Yield the lines that work a formula out, innermost parts first; each part once."""
    yield from _LineBuilder(width).of(step)


class _LineBuilder:
    def __init__(self, width: int) -> None:
        self.width = width
        self._done: set[str] = set()
        self._rest: dict[str, list[Step]] = {}  # of long sums: the terms that are not shown

    def of(self, step: Step) -> Iterator[Text]:
        if step.text in self._done or not step.operation:
            if not step.operation and not self._done:  # the whole formula is one operand
                yield Text(f"  = {_operand(step)}")
            return
        self._done.add(step.text)
        factors = factors_of(step)
        if factors is not None:
            yield from self._products(step, *factors)
            return
        yield from self._terms(step)
        ranges = [one for one in step.operands if not one.is_single and one.values]
        if len(ranges) == 1 and not ranges[0].operation and step.is_single:
            yield from self._window(step, ranges[0])
        elif step.is_single or step.reason:
            yield self._line(step)

    def _products(self, step: Step, factors: tuple[Step, ...], products: Matrix) -> Iterator[Text]:
        entries = len(products) * len(products[0])
        matrices = [
            HeadedMatrix(headings(one), one.values, "×" if k else "")
            for k, one in enumerate(factors)
        ]
        matrices.append(HeadedMatrix(("products", ""), products, "="))
        if entries > _MOST_ENTRIES:
            yield from largest_products(factors, products)
        elif sum(one.width + GAP for one in matrices) + 1 <= self.width:
            yield from _indented(side_by_side(matrices))
        else:
            for one in matrices:
                yield from _indented(side_by_side([one]))
        yield Text(f"  sum {scalar_text(step.value)}\n", "bold")

    def _window(self, step: Step, window: Step) -> Iterator[Text]:
        """Yield a range with what a function makes of it, the maximum marked where it is that."""
        values = _upright(window.values)
        is_pick = step.operation in _PICKS and len(step.operands) == 1
        marked = _place_of(values, step.value) if is_pick else None
        if len(values) * len(values[0]) <= _MOST_ENTRIES:
            one = HeadedMatrix(headings(window), values, marked=marked)
            room = self.width - 2
            yield from _indented(side_by_side([one]) if one.width <= room else wrapped(one, room))
        yield Text(f"{_line(step).plain}\n")

    def _terms(self, step: Step) -> Iterator[Text]:
        """Yield the terms of a sum; of very many sums of products only the largest ones."""
        sums = [one for one in step.operands if factors_of(one) is not None]
        if step.operation == "+" and len(sums) > _MOST_TERMS:
            sums.sort(key=lambda one: -abs(_number(one)))
            rest = sums[_TOP_TERMS:]
            self._done |= {one.text for one in rest}
            self._rest[step.text] = rest
        for one in step.operands:
            yield from self.of(one)

    def _line(self, step: Step) -> Text:
        rest = self._rest.get(step.text)
        if rest is None:
            return _line(step)
        shown = tuple(one for one in step.operands if one not in rest)
        total = sum(map(_number, rest))
        line, result = _line(replace(step, operands=shown)).plain.rsplit(" = ", 1)
        more = f"{'−' if total < 0 else '+'} {scalar_text(abs(total))}"
        return Text(f"{line} {more} (the other {counted(len(rest), 'product')}) = {result}")


def _number(step: Step) -> float:
    return step.value if isinstance(step.value, float) else 0.0


def _upright(values: Matrix) -> Matrix:
    """Return a column as a row, which takes less room."""
    return tuple(zip(*values, strict=True)) if len(values[0]) == 1 else values


def _place_of(values: Matrix, wanted: Scalar) -> tuple[int, int] | None:
    for i, j in product(range(len(values)), range(len(values[0]))):
        if values[i][j] == wanted and values[i][j] is not None:
            return i, j
    return None


def _indented(lines: Iterator[Text]) -> Iterator[Text]:
    for line in lines:
        if line.plain.strip():
            yield Text("  ").append_text(line)


def _line(step: Step) -> Text:
    """Return a step with its operands' values: `MAX(0, 1.25) = 1.25`."""
    parts = [_operand(one) for one in step.operands]
    if step.operation == "+":
        text = parts[0] + "".join(_signed(one, part) for one, part in
                                  zip(step.operands[1:], parts[1:], strict=True))  # fmt: skip
    elif len(parts) == 2 and not step.operation.isalpha():
        second = f"({parts[1]})" if parts[1].startswith("−") else parts[1]
        text = f"{parts[0]} {_OPERATORS.get(step.operation, step.operation)} {second}"
    elif step.operation == "%":
        text = f"{parts[0]}%"
    elif len(parts) == 1 and step.operation in "+-":
        text = f"{step.operation.replace('-', '−')}({parts[0]})"
    else:
        text = f"{step.operation}({', '.join(parts)})"
    return Text(f"  {text} = {_result(step)}")


def _signed(step: Step, part: str) -> str:
    is_negative = isinstance(step.value, float) and step.value < 0
    return f" − {part.removeprefix('−')}" if is_negative else f" + {part}"


def _operand(step: Step) -> str:
    """Return an operand within a line: its value, and where that stands."""
    if not step.operation and step.area is None:
        return step.text
    if not step.is_single or step.reason:
        return step.text.replace("$", "")
    value = "blank" if step.value is None else scalar_text(step.value)
    if step.area is None:
        return value
    where = ", ".join(filter(None, (step.name, step.text.replace("$", ""))))
    return f"{value} ({where})"


def _result(step: Step) -> str:
    return f"not evaluated: {step.reason}" if step.reason else scalar_text(step.value)
