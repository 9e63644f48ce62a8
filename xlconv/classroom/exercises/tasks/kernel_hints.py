"""A hint for numbers that are to be found: one cell of the goal, or one of the numbers.

The cell is written as the sum of products that it is, with the unknown numbers by their cells.
Looks at formulas that are sums of products of two ranges; of others it tells the value only.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xlconv.classroom.exercises.sheets.papers import Papers
from xlconv.classroom.exercises.targets import Target
from xlconv.spreadsheet.addresses import Cell, Range, a1_name
from xlconv.spreadsheet.formula import Area, Binary, Call, Node, Ref, area_of
from xlconv.spreadsheet.formula.nodes import every
from xlconv.spreadsheet.workbook import Kind, Sheet

_FEWEST = 2  # products: of one, the number would be told
_SMALL = 1e-9

Product = tuple[float, Cell]  # a number that is known, and the cell of one that is not


def kernel_hint(papers: Papers, target: Target, hint: str) -> list[str]:
    """Return what is told of the numbers of a parameter, "example" or "formula"."""
    words, sheet = papers.language.tasks, papers.sheet
    if hint == "formula":
        cell = target.planes[0].origin
        value = _value(sheet, cell)
        return [words["number"].format(first=a1_name(cell), value=f"{value:.6g}")]
    if hint != "example":
        return []
    found = _example(target, sheet)
    if found is None:
        return []
    cell, products = found
    value = _value(sheet, cell)
    told = {
        "layer": target.placed.network.names[target.lowered.stage.last],
        "first": a1_name(cell), "value": f"{value:.6g}", "goal": papers.language.words["goal"],
    }  # fmt: skip
    if not products:
        return [words["shown"].format(**told)]
    rest = value - sum(number * _value(sheet, at) for number, at in products)
    said = [f"{number:.6g} × {a1_name(at)}" for number, at in products]
    if abs(rest) > _SMALL * max(1.0, abs(value)):
        said.append(f"{rest:.6g}")
    return [words["products"].format(**told, products=" + ".join(said).replace("+ -", "− "))]


def _example(target: Target, sheet: Sheet) -> tuple[Cell, list[Product]] | None:
    """Return the cell that is above 0 and the sum of the fewest products, at least two."""
    asked = [plane.range for plane in target.planes]
    known: list[tuple[int, Cell, list[Product]]] = []
    for one in target.blocks:
        rows, columns = one.block.lattice.shape
        for i, j in np.ndindex(rows, columns):
            cell = one.block.lattice.cell(i, j)
            if _value(sheet, cell) <= _SMALL:
                continue  # a ReLU may have cut it off
            products = list(_products(one.block.tree, (i, j), asked, sheet))
            known.append((len(products), cell, products))
    enough = [each for each in known if each[0] >= _FEWEST] or known
    return min(enough, key=lambda each: each[0])[1:] if enough else None


def _products(
    tree: Node, at: tuple[int, int], asked: list[Range], sheet: Sheet
) -> Iterator[Product]:
    """Yield the products of a cell's formula with numbers that are asked for, but for zeros."""
    for part in every(tree):
        match part:
            case Call("SUMPRODUCT", (Area() | Ref() as one, Area() | Ref() as other)):
                pair = one, other
            case Binary("*", Area() | Ref() as one, Area() | Ref() as other):
                pair = one, other
            case _:
                continue
        here, there = (area_of(each, *at) for each in pair)
        if any(area.holds(here) for area in asked):
            here, there = there, here
        if not any(area.holds(there) for area in asked) or here.size != there.size:
            continue
        for row in range(there.size[0]):
            for column in range(there.size[1]):
                number = _value(sheet, (here.top + row, here.left + column))
                if number:
                    yield number, (there.top + row, there.left + column)


def _value(sheet: Sheet, cell: Cell) -> float:
    index = sheet.find(cell)
    if index is None or sheet.cached[index] != Kind.NUMBER:
        return 0.0
    return float(sheet.numbers[index])
