"""Sums of products: what they multiply, and of long ones the largest products.

Chooses by the shape of a step, never by layer.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from xlconv.analysis.formula_steps import Matrix, Step
from xlconv.plurals import counted
from xlconv.report.formula.matrices import scalar_text
from xlconv.spreadsheet.addresses import a1_name

_TOP = 5  # so many products are listed


def factors_of(step: Step) -> tuple[tuple[Step, ...], Matrix] | None:
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


def headings(step: Step) -> tuple[str, ...]:
    """Return what stands above the values of a step: its name and where they are, or that alone."""
    area = step.text.replace("$", "")
    return (step.name or area, area if step.name else "")


def largest_products(factors: tuple[Step, ...], products: Matrix) -> Iterator[Text]:
    """Yield the largest products by size, with what the rest comes to."""
    entries = [
        (value, i, j) for i, row in enumerate(products) for j, value in enumerate(row)
        if isinstance(value, float) and all(one.values[i][j] is not None for one in factors)
    ]  # fmt: skip
    entries.sort(key=lambda one: -abs(one[0]))
    top, rest = entries[:_TOP], entries[_TOP:]
    names = " × ".join(" ".join(filter(None, headings(one))) for one in factors)
    yield Text("  ").append(names, "bold")
    table = [
        [part for one in factors for part in (_cell(one, i, j), scalar_text(one.values[i][j]))]
        + [scalar_text(value)]
        for value, i, j in top
    ]
    yield from _aligned(table)
    zeros = sum(value == 0 for value, _, _ in rest)
    note = f", {zeros:,} of them 0" if zeros else ""
    total = scalar_text(sum(value for value, _, _ in rest))
    yield Text(f"    the other {counted(len(rest), 'product')}{note}: {total}")


def _aligned(table: list[list[str]]) -> Iterator[Text]:
    """Yield a line for each product: addresses stand to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = [
            text.rjust(size) if k % 2 or k == len(row) - 1 else text.ljust(size)
            for k, (text, size) in enumerate(zip(row, widths, strict=True))
        ]
        pairs = [" ".join(cells[k : k + 2]) for k in range(0, len(row) - 1, 2)]
        yield Text(f"    {' × '.join(pairs)} = {cells[-1]}")


def _cell(step: Step, i: int, j: int) -> str:
    assert step.area is not None
    return a1_name((step.area.top + i, step.area.left + j))
