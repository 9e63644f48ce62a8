"""Workbooks that faults are put into, faults, and whether verify names them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

import numpy as np
from msgspec import Struct, field
from msgspec.structs import replace

from xlconv.layers.base.answers import HelperKind
from xlconv.lifting.matching.tensors import Tensor
from xlconv.spreadsheet.addresses import Cell, a1_name, parse_a1
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.editing.recalculated import recalculated as refreshed
from xlconv.spreadsheet.workbook import Kind, Sheet, SheetBuilder, Workbook
from xlconv.verification.verify import Report, verify_workbook

Content = tuple[int, float, str]  # kind, number, text


class Subject(Struct, dict=True):
    """A clean workbook; faults go to its first sheet."""

    name: str
    workbook: Workbook
    least: int = 3  # faults go to planes with a side of so many cells

    @cached_property
    def report(self) -> Report:
        """What verify finds of it."""
        return verify_workbook(self.workbook)

    @cached_property
    def cells(self) -> dict[Cell, Content]:
        """What its first sheet holds."""
        return contents(self.workbook.sheets[0])

    @cached_property
    def tensors(self) -> list[Tensor]:
        """The tensors that are computed."""
        return [t for t in self.report.lifted.tensors if t.source >= 0 and t.sheet == 0]

    @cached_property
    def inputs(self) -> list[Plane]:
        """The planes of the inputs."""
        found = [t for t in self.report.lifted.tensors if t.source < 0 and t.sheet == 0]
        return [plane for tensor in found for plane in tensor.planes]

    @cached_property
    def numbers(self) -> dict[Cell, bool]:
        """The numbers that it computes from: inputs and parameters; whether they are positive."""
        signed = [*self.inputs]
        positive = []
        for tensor in self.tensors:
            signed += [plane for group in tensor.kernels for plane in group] + [*tensor.biases]
            positive += [plane for group in tensor.scalars.values() for plane in group]
        return {
            (int(row), int(column)): planes is positive
            for planes in (signed, positive)
            for plane in planes
            for row, column in zip(*plane.cells(), strict=True)
        }

    @cached_property
    def units(self) -> list[set[Cell]]:
        """The cells of every vector of units with weights."""
        return [
            {
                (int(row), int(column))
                for row, column in zip(*tensor.planes[0].cells(), strict=True)
            }
            for tensor in self.tensors if tensor.is_vector and len(tensor.kernels) > 1
        ]  # fmt: skip

    @cached_property
    def readouts(self) -> set[Cell]:
        """The cells that layers only help to read: the number of the largest output."""
        return {
            (int(row), int(column))
            for tensor in self.tensors
            for name in type(tensor.layers[0]).helper_names(HelperKind.READOUT)
            if name in tensor.helpers
            for row, column in zip(*tensor.helpers[name][1].cells(), strict=True)
        }

    @cached_property
    def blocks(self) -> list[list[Cell]]:
        """The cells of every block of formulas."""
        assert self.report.calculation is not None
        units = [unit for unit in self.report.calculation.blocks if unit.sheet == 0]
        found = [[cell for cell in _cells(unit) if self.is_formula(cell)] for unit in units]
        return [cells for cells in found if cells]

    def kind(self, tensor: Tensor) -> str:
        """Return the name of the layer that a tensor is made by, without those fused to it."""
        return type(tensor.layers[0]).__name__

    def kinds(self, tensor: Tensor) -> set[str]:
        """Return the names of all layers of a tensor."""
        return {type(layer).__name__ for layer in tensor.layers}

    def is_formula(self, cell: Cell) -> bool:
        return cell in self.cells and self.cells[cell][0] in (Kind.FORMULA, Kind.ARRAY_FORMULA)

    def text(self, cell: Cell) -> str:
        return self.cells[cell][2]

    def formula(self, cell: Cell, text: str) -> Content:
        """Return a cell with another formula; a random one keeps its number."""
        return self.cells[cell][0], self.cells[cell][1], text

    def rewritten(self, cell: Cell, text: str | None, *codes: str) -> Fault | None:
        """Return the fault of another formula in a cell; None where that is no other one."""
        if text is None or text == self.text(cell):
            return None
        return Fault({cell: self.formula(cell, text)}, cell, codes or ("S201",))


class Fault(Struct, frozen=True):
    """A fault: the cells that changed, the one to be named, and the codes that name it."""

    changes: dict[Cell, Content | None]
    cell: Cell
    codes: tuple[str, ...]
    refresh: bool = True
    caches: dict[Cell, float] = field(default_factory=dict)


def contents(sheet: Sheet) -> dict[Cell, Content]:
    return {
        (r, c): (k, x, t)
        for r, c, k, x, t in zip(
            sheet.rows.tolist(), sheet.columns.tolist(), sheet.kinds.tolist(),
            sheet.numbers.tolist(), sheet.texts, strict=True,
        )
    }  # fmt: skip


def rebuilt(subject: Subject, fault: Fault) -> Workbook:
    """Return the workbook with the fault in it."""
    cells = dict(subject.cells)
    for cell, content in fault.changes.items():
        if content is None:
            cells.pop(cell, None)
        else:
            cells[cell] = content
    for cell, number in fault.caches.items():
        cells[cell] = (cells[cell][0], number, cells[cell][2])
    into = SheetBuilder()
    for kind_ in {content[0] for content in cells.values()}:
        chosen = [(cell, content) for cell, content in cells.items() if content[0] == kind_]
        rows, columns = zip(*(cell for cell, _ in chosen), strict=True)
        numbers = [content[1] for _, content in chosen]
        into.add(Kind(kind_), rows, columns, numbers=numbers, texts=[c[2] for _, c in chosen])
    first = subject.workbook.sheets[0]
    sheets = (into.finish(first.name), *subject.workbook.sheets[1:])
    workbook = replace(subject.workbook, sheets=sheets)
    return refreshed(workbook) if fault.refresh else workbook


def killed(subject: Subject, fault: Fault) -> tuple[bool, Report]:
    """Return whether verify names the faulty cell, and its report.

    With a right code, or as one of a tie, with what it should hold then.
    """
    report = verify_workbook(rebuilt(subject, fault))
    name = a1_name(fault.cell)
    named = any(
        one.code in fault.codes and one.root
        and (one.cell == name or one.cell.startswith(name + ":") or _is_within(name, one.message))
        for one in report.findings
    )  # fmt: skip
    return named or _is_tied(report, name), report


def _is_tied(report: Report, name: str) -> bool:
    """Whether a cell is told as one of those of which nothing says which is odd."""
    ties = [one.message for one in report.findings if one.code == "S205"]
    is_candidate = any(re.search(rf"\b{name} should be =", message) for message in ties)
    return is_candidate and report.verdict == "partly"


def _is_within(name: str, message: str) -> bool:
    """Whether a finding says that it is about the cells of a range, and the cell is in it."""
    found = re.search(r" in ([A-Z]+\d+:[A-Z]+\d+) \(\d+ cells\)", message)
    return found is not None and parse_a1(name) in cells_of_range(found[1])


def cells_of_range(name: str) -> set[Cell]:
    """Return the cells of a range such as `A1:B2`."""
    (top, left), (bottom, right) = map(parse_a1, name.split(":"))
    return {(i, j) for i in range(top, bottom + 1) for j in range(left, right + 1)}


def _cells(block: FormulaBlock) -> Iterator[Cell]:
    places = zip(*np.nonzero(block.mask), strict=True)
    return (block.lattice.cell(int(i), int(j)) for i, j in places)
