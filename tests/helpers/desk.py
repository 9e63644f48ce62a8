"""Workbooks as people build them by hand: a desk of sheets, and layers in many spellings."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.mutations import refreshed
from xlconv.spreadsheet.addresses import Range, column_name, parse_a1
from xlconv.spreadsheet.workbook import Kind, SheetBuilder, Workbook
from xlconv.verification.findings import Severity
from xlconv.verification.report import Report
from xlconv.verification.verify import verify_workbook

GENERATOR = np.random.default_rng(7)

IMAGE = np.round(GENERATOR.uniform(-1, 1, (6, 7)), 2)

KERNEL = np.round(GENERATOR.uniform(-1, 1, (3, 3)), 2)

LOGITS = np.round(GENERATOR.uniform(-2, 2, 5), 2)

WEIGHTS = np.round(GENERATOR.uniform(-1, 1, (3, 5)), 2)


class Desk:
    """A workbook under construction."""

    def __init__(self) -> None:
        self.sheets: dict[str, SheetBuilder] = {}
        self.arrays: dict[str, dict[int, Range]] = {}

    def put(self, where: str, values: np.ndarray) -> None:
        sheet, row, column = self._at(where)
        n, m = values.shape
        rows, columns = np.mgrid[row : row + n, column : column + m]
        sheet.add(Kind.NUMBER, rows, columns, numbers=values)

    def fill(
        self, where: str, shape: tuple[int, int], text: Callable[[int, int], str],
        kind: Kind = Kind.FORMULA,
    ) -> None:  # fmt: skip
        """Write `text(i, j)` into every cell, as copying a formula does."""
        sheet, row, column = self._at(where)
        for i in range(shape[0]):
            for j in range(shape[1]):
                sheet.add(kind, [row + i], [column + j], texts=[text(i, j)])

    def spill(self, where: str, shape: tuple[int, int], text: str) -> None:
        """Write one array formula over several cells."""
        sheet, row, column = self._at(where)
        sheet.add(Kind.ARRAY_FORMULA, [row], [column], texts=[text])
        for i, j in np.ndindex(shape):
            if (i, j) != (0, 0):
                sheet.add(Kind.SPILLED, [row + i], [column + j])
        name = where.rpartition("!")[0] or "net"
        area = Range(row, column, row + shape[0] - 1, column + shape[1] - 1)
        self.arrays.setdefault(name, {})[row, column] = area

    def _at(self, where: str) -> tuple[SheetBuilder, int, int]:
        name, _, cell = where.rpartition("!")
        sheet = self.sheets.setdefault(name or "net", SheetBuilder())
        return sheet, *parse_a1(cell)

    def workbook(self) -> Workbook:
        sheets = []
        for name, builder in self.sheets.items():
            sheet = builder.finish(name)
            for cell, area in self.arrays.get(name, {}).items():
                sheet.arrays[sheet.find(cell)] = area
            sheets.append(sheet)
        return refreshed(Workbook(tuple(sheets)))


def name(row: int, column: int) -> str:
    return f"{column_name(column)}{row + 1}"


def area(row: int, column: int, height: int, width: int) -> str:
    return f"{name(row, column)}:{name(row + height - 1, column + width - 1)}"


def products(kernel: Callable[[int, int], str]) -> Callable[[int, int], str]:
    """A window at (i, j) of A1 times a kernel, entry by entry."""
    return lambda i, j: "+".join(
        f"{name(i + a, j + b)}*{kernel(a, b)}" for a in range(3) for b in range(3)
    )


WINDOW = {
    "sumproduct": lambda i, j: f"SUMPRODUCT({area(i, j, 3, 3)},$J$1:$L$3)",
    "kernel first": lambda i, j: f"SUMPRODUCT($J$1:$L$3,{area(i, j, 3, 3)})",
    "product inside": lambda i, j: f"SUMPRODUCT({area(i, j, 3, 3)}*$J$1:$L$3)",
    "bias first": lambda i, j: f"$J$9+SUMPRODUCT({area(i, j, 3, 3)},$J$1:$L$3)",
    "kernel turned": lambda i, j: f"SUMPRODUCT({area(i, j, 3, 3)},TRANSPOSE($J$5:$L$7))",
    "nine products": products(lambda a, b: f"${column_name(9 + b)}${a + 1}"),
    "nine products, kernel turned": products(lambda a, b: f"${column_name(9 + a)}${b + 5}"),
    "nine products, kernel in a column": products(lambda a, b: f"$N${3 * a + b + 1}"),
    "nine products, kernel first": lambda i, j: "+".join(
        f"${column_name(9 + b)}${a + 1}*{name(i + a, j + b)}" for a in range(3) for b in range(3)
    ),
    "nine products in a sum": lambda i, j: "SUM("
    + products(lambda a, b: f"${column_name(9 + b)}${a + 1}")(i, j)
    + ")",
    "kernel on another sheet": lambda i, j: f"SUMPRODUCT({area(i, j, 3, 3)},w!$B$2:$D$4)",
}  # fmt: skip


def image_desk() -> Desk:
    desk = Desk()
    desk.put("A1", IMAGE)
    desk.put("J1", KERNEL)
    desk.put("J5", KERNEL.T)
    desk.put("J9", np.full((1, 1), 0.25))
    desk.put("N1", KERNEL.reshape(9, 1))
    desk.put("w!B2", KERNEL)
    return desk


def vector_desk() -> Desk:
    desk = Desk()
    desk.put("A1", LOGITS[:, None])
    desk.put("D1", WEIGHTS.T)
    desk.put("D9", WEIGHTS)
    return desk


def checked(cells: dict[str, str], desk: Desk | None = None) -> Report:
    """Verify a desk, the one with an image unless told, with formulas in some cells."""
    desk = desk or image_desk()
    for where in sorted(cells, key=parse_a1):
        desk.fill(where, (1, 1), lambda i, j, where=where: cells[where])
    return verify_workbook(desk.workbook())


def errors(report: Report) -> list[str]:
    """The codes and cells of what is wrong."""
    return [f"{one.code} {one.cell}" for one in report.findings if one.severity is Severity.ERROR]
