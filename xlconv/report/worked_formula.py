"""A formula worked out as text: matrices for what works on ranges, a line for every other step.

Chooses by the shape of a step (a sum of products, a function of a range, an operator),
never by layer, so that a formula that no layer spells is shown like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from rich.text import Text
from rich.tree import Tree

from xlconv.analysis.formula_steps import Matrix, Scalar, Step
from xlconv.plurals import counted
from xlconv.report.matrices import GAP, Sheaf, scalar_text, side_by_side, wrapped
from xlconv.spreadsheet.addresses import a1_name

# Larger windows are told by their largest entries.
_MOST_ENTRIES = 64
_TOP = 5

# Of longer sums of products, only the largest are worked out.
_MOST_TERMS = 8
_TOP_TERMS = 3

# In a tree, a range of so few cells is written out.
_INLINE = 9
_OPERATORS = {"*": "·", "/": "/", "-": "−", "^": "^", "&": "&"}
_PICKS = {"MAX", "MIN"}


def working(step: Step, width: int) -> Iterator[Text]:
    """Yield the lines that work a formula out, innermost parts first; each part once."""
    yield from _Lines(width).of(step)


class _Lines:
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
        factors = _factors(step)
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
        sheaves = [
            Sheaf(_headings(one), one.values, "×" if k else "") for k, one in enumerate(factors)
        ]
        sheaves.append(Sheaf(("products", ""), products, "="))
        if entries > _MOST_ENTRIES:
            yield from _largest(factors, products)
        elif sum(one.width + GAP for one in sheaves) + 1 <= self.width:
            yield from _indented(side_by_side(sheaves))
        else:
            for one in sheaves:
                yield from _indented(side_by_side([one]))
        yield Text(f"  sum {scalar_text(step.value)}\n", "bold")

    def _window(self, step: Step, window: Step) -> Iterator[Text]:
        """Yield a range with what a function makes of it, the maximum marked where it is that."""
        values = _upright(window.values)
        is_pick = step.operation in _PICKS and len(step.operands) == 1
        marked = _place_of(values, step.value) if is_pick else None
        if len(values) * len(values[0]) <= _MOST_ENTRIES:
            one = Sheaf(_headings(window), values, marked=marked)
            room = self.width - 2
            yield from _indented(side_by_side([one]) if one.width <= room else wrapped(one, room))
        yield Text(f"{_line(step).plain}\n")

    def _terms(self, step: Step) -> Iterator[Text]:
        """Yield the terms of a sum; of very many sums of products only the largest ones."""
        sums = [one for one in step.operands if _factors(one) is not None]
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


def _factors(step: Step) -> tuple[tuple[Step, ...], Matrix] | None:
    """Return what a sum of products multiplies, and the products; None for any other step."""
    if step.operation == "SUMPRODUCT" and step.products:
        factors, products = step.operands, step.products
    elif step.operation in ("SUM", "SUMPRODUCT") and len(step.operands) == 1:
        (inner,) = step.operands
        factors, products = tuple(_multiplied(inner)), inner.values
    else:
        return None
    alike = {one.size for one in factors} == {(len(products), len(products[0]) if products else 0)}
    return (factors, products) if alike and len(factors) > 1 and products else None


def _multiplied(step: Step) -> Iterator[Step]:
    """Yield the factors of a product of ranges."""
    if step.operation == "*" and not step.is_single:
        for one in step.operands:
            yield from _multiplied(one)
    else:
        yield step


def _headings(step: Step) -> tuple[str, ...]:
    area = step.text.replace("$", "")
    return (step.name or area, area if step.name else "")


def _upright(values: Matrix) -> Matrix:
    """Return a column as a row, which takes less room."""
    return tuple(zip(*values, strict=True)) if len(values[0]) == 1 else values


def _place_of(values: Matrix, wanted: Scalar) -> tuple[int, int] | None:
    for i, j in product(range(len(values)), range(len(values[0]))):
        if values[i][j] == wanted and values[i][j] is not None:
            return i, j
    return None


def _largest(factors: tuple[Step, ...], products: Matrix) -> Iterator[Text]:
    """Yield the largest products by size, with what the rest comes to."""
    entries = [
        (value, i, j) for i, row in enumerate(products) for j, value in enumerate(row)
        if isinstance(value, float) and all(one.values[i][j] is not None for one in factors)
    ]  # fmt: skip
    entries.sort(key=lambda one: -abs(one[0]))
    top, rest = entries[:_TOP], entries[_TOP:]
    names = " × ".join(" ".join(filter(None, _headings(one))) for one in factors)
    yield Text("  ").append(names, "bold")
    table = [
        [part for one in factors for part in (_cell(one, i, j), scalar_text(one.values[i][j]))]
        + [scalar_text(value)]
        for value, i, j in top
    ]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        # Addresses stand to the left, numbers to the right.
        cells = [
            text.rjust(size) if k % 2 or k == len(row) - 1 else text.ljust(size)
            for k, (text, size) in enumerate(zip(row, widths, strict=True))
        ]
        pairs = [" ".join(cells[k : k + 2]) for k in range(0, len(row) - 1, 2)]
        yield Text(f"    {' × '.join(pairs)} = {cells[-1]}")
    zeros = sum(value == 0 for value, _, _ in rest)
    note = f", {zeros:,} of them 0" if zeros else ""
    total = scalar_text(sum(value for value, _, _ in rest))
    yield Text(f"    the other {counted(len(rest), 'product')}{note}: {total}")


def _cell(step: Step, i: int, j: int) -> str:
    assert step.area is not None
    return a1_name((step.area.top + i, step.area.left + j))


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


def tree_of(step: Step) -> Tree:
    """Return the formula as a tree, every part with its value."""
    root = Tree(_node(step), guide_style="dim")
    _grow(root, step)
    return root


def _grow(tree: Tree, step: Step) -> None:
    for one in step.operands:
        _grow(tree.add(_node(one)), one)


def _node(step: Step) -> Text:
    text = Text(step.text)
    if not step.operation and step.area is None:
        return text  # a constant is its own value
    if step.name:
        text.append(f" ({step.name})", "dim")
    if step.reason:
        return text.append(f": {step.reason}", "yellow")
    height, width = step.size
    if step.is_single:
        shown = "blank" if step.value is None else scalar_text(step.value)
        return text.append(f" = {shown}", "bold")
    if height * width <= _INLINE:
        rows = "; ".join(", ".join(map(scalar_text, row)) for row in step.values)
        return text.append(f" = [{rows}]")
    return text.append(f": {height}×{width} values")
