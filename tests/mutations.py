"""Faults that are put into workbooks, one at a time, to see whether verify names the cell.

Each kind takes a workbook's cells and a random generator and returns where the fault
is, which codes would be right, and whether caches are refreshed afterwards; None where
the kind has no place in this workbook.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from xlconv.calculation import calculate
from xlconv.refs import Cell, cell_of, name_of
from xlconv.sheet import Kind, Sheet, SheetBuilder, Workbook
from xlconv.tensors import Tensor
from xlconv.verifying import Report, verify_workbook

Content = tuple[int, float, str]  # kind, number, text
WINDOW = re.compile(r"(?<![$A-Z])([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)")
FIXED = re.compile(r"\$[A-Z]{1,3}\$\d+:\$[A-Z]{1,3}\$\d+")


@dataclass
class Subject:
    """A clean workbook with what verify found of it."""

    name: str
    workbook: Workbook
    report: Report
    cells: dict[Cell, Content] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, workbook: Workbook) -> Subject:
        report = verify_workbook(workbook)
        return cls(name, workbook, report, contents(workbook.sheets[0]))

    @property
    def tensors(self) -> list[Tensor]:
        return [t for t in self.report.lifted.tensors if t.source >= 0 and t.sheet == 0]

    def kind(self, tensor: Tensor) -> str:
        return type(tensor.layers[0]).__name__


@dataclass(frozen=True)
class Fault:
    """A fault: the cells that changed, the one to be named, and the codes that name it."""

    changes: dict[Cell, Content | None]
    cell: Cell
    codes: tuple[str, ...]
    refresh: bool = True
    caches: dict[Cell, float] = field(default_factory=dict)


Kind_ = Callable[[Subject, random.Random], Fault | None]
KINDS: dict[str, Kind_] = {}


def kind(function: Kind_) -> Kind_:
    KINDS[function.__name__] = function
    return function


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


def refreshed(workbook: Workbook) -> Workbook:
    """Return the workbook with every cached value as its formulas give it."""
    found = calculate(workbook)
    sheets = []
    for sheet, grid in zip(workbook.sheets, found.grids, strict=True):
        kinds = np.where(sheet.is_formula, grid.kinds, sheet.cached)
        results = {
            k: found_text(found, grid, k)
            for k in np.flatnonzero(sheet.is_formula & (kinds == Kind.ERROR)).tolist()
        }
        sheets.append(replace(sheet, numbers=grid.numbers.copy(), cached=kinds, results=results))
    return replace(workbook, sheets=tuple(sheets))


def found_text(found: object, grid: object, index: int) -> str:
    from xlconv.formula.values import ERRORS

    return ERRORS[int(grid.numbers[index])]


def killed(subject: Subject, fault: Fault) -> tuple[bool, Report]:
    """Return whether verify names the faulty cell with a right code, and its report."""
    report = verify_workbook(rebuilt(subject, fault))
    name = name_of(fault.cell)
    named = any(
        one.code in fault.codes and one.root
        and (one.cell == name or one.cell.startswith(name + ":"))
        for one in report.findings
    )  # fmt: skip
    return named, report


# -- choosing ----------------------------------------------------------------------------


def any_cell(subject: Subject, rng: random.Random, *kinds: str) -> tuple[Cell, str, Tensor] | None:
    tensors = [t for t in subject.tensors if not kinds or subject.kind(t) in kinds]
    tensors = [t for t in tensors if max(t.planes[0].shape) > 2]
    if not tensors:
        return None
    tensor = rng.choice(tensors)
    plane = rng.choice(tensor.planes)
    cell = plane.cell(rng.randrange(plane.shape[0]), rng.randrange(plane.shape[1]))
    return cell, subject.cells[cell][2], tensor


def formula(subject: Subject, cell: Cell, text: str) -> Content:
    return subject.cells[cell][0], 0.0, text


def rewritten(
    subject: Subject, rng: random.Random, change: Callable[[str, random.Random], str | None],
    *kinds: str, codes: tuple[str, ...] = ("S201",),
) -> Fault | None:  # fmt: skip
    found = any_cell(subject, rng, *kinds)
    if found is None:
        return None
    cell, text, _ = found
    new = change(text, rng)
    if new is None or new == text:
        return None
    return Fault({cell: formula(subject, cell, new)}, cell, codes)


def moved(text: str, rng: random.Random, down: int, right: int) -> str | None:
    matches = list(WINDOW.finditer(text))
    if not matches:
        return None
    match = rng.choice(matches)
    (top, left), (bottom, end) = cell_of(match[1] + match[2]), cell_of(match[3] + match[4])
    if top + down < 0 or left + right < 0:
        return None
    new = f"{name_of((top + down, left + right))}:{name_of((bottom + down, end + right))}"
    return text[: match.start()] + new + text[match.end() :]


# -- the kinds -----------------------------------------------------------------------------


@kind
def dropped_dollar(s: Subject, rng: random.Random) -> Fault | None:
    def change(text: str, rng: random.Random) -> str | None:
        places = [m.start() for m in re.finditer(r"\$", text)]
        if not places:
            return None
        at = rng.choice(places)
        return text[:at] + text[at + 1 :]

    return rewritten(s, rng, change)


@kind
def added_dollar(s: Subject, rng: random.Random) -> Fault | None:
    def change(text: str, rng: random.Random) -> str | None:
        places = [m.start() for m in re.finditer(r"(?<![$A-Z])[A-Z]{1,3}(?=\d)", text)]
        if not places:
            return None
        at = rng.choice(places)
        return text[:at] + "$" + text[at:]

    return rewritten(s, rng, change)


def _shift(name: str, down: int, right: int) -> None:
    def shifted(s: Subject, rng: random.Random) -> Fault | None:
        return rewritten(s, rng, lambda text, rng: moved(text, rng, down, right), codes=("S201",))

    shifted.__name__ = name
    kind(shifted)


for _name, _down, _right in (
    ("window_up", -1, 0), ("window_down", 1, 0), ("window_left", 0, -1), ("window_right", 0, 1),
):  # fmt: skip
    _shift(_name, _down, _right)


@kind
def short_window(s: Subject, rng: random.Random) -> Fault | None:
    def change(text: str, rng: random.Random) -> str | None:
        match = WINDOW.search(text)
        if match is None or int(match[4]) - 1 < int(match[2]):
            return None
        return text[: match.start(4)] + str(int(match[4]) - 1) + text[match.end(4) :]

    return rewritten(s, rng, change)


@kind
def transposed_kernel(s: Subject, rng: random.Random) -> Fault | None:
    def change(text: str, rng: random.Random) -> str | None:
        return FIXED.sub(lambda m: f"TRANSPOSE({m[0]})", text, count=1)

    return rewritten(s, rng, change, "Conv2d")


def _other_kernels(s: Subject, tensor: Tensor, cell: Cell) -> str | None:
    """Return the formula of a cell with the kernels of the next output channel."""
    if len(tensor.planes) < 2:
        return None
    for k, plane in enumerate(tensor.planes):
        area = plane.range
        if area.top <= cell[0] <= area.bottom and area.left <= cell[1] <= area.right:
            other = tensor.planes[(k + 1) % len(tensor.planes)]
            at = other.cell(cell[0] - area.top, cell[1] - area.left)
            return _with_kernels(s.cells[cell][2], FIXED.findall(s.cells[at][2]))
    return None


def _with_kernels(text: str, kernels: list[str]) -> str:
    names = iter(kernels)
    return FIXED.sub(lambda m: next(names), text)


@kind
def other_kernel_in_a_cell(s: Subject, rng: random.Random) -> Fault | None:
    found = any_cell(s, rng, "Conv2d")
    if found is None:
        return None
    cell, _, tensor = found
    text = _other_kernels(s, tensor, cell)
    return None if text is None else Fault({cell: formula(s, cell, text)}, cell, ("S201",))


@kind
def other_kernel_in_a_row(s: Subject, rng: random.Random) -> Fault | None:
    found = any_cell(s, rng, "Conv2d")
    if found is None:
        return None
    cell, _, tensor = found
    plane = next(p for p in tensor.planes if p.range.top <= cell[0] <= p.range.bottom
                 and p.range.left <= cell[1] <= p.range.right)  # fmt: skip
    changes: dict[Cell, Content | None] = {}
    for column in range(plane.range.left, plane.range.right + 1):
        text = _other_kernels(s, tensor, (cell[0], column))
        if text is None:
            return None
        changes[cell[0], column] = formula(s, (cell[0], column), text)
    return Fault(changes, cell, ("S201",))


@kind
def constant_right(s: Subject, rng: random.Random) -> Fault | None:
    found = any_cell(s, rng)
    if found is None:
        return None
    cell = found[0]
    return Fault({cell: (Kind.NUMBER, s.cells[cell][1], "")}, cell, ("S202",))


@kind
def constant_wrong(s: Subject, rng: random.Random) -> Fault | None:
    found = any_cell(s, rng)
    if found is None:
        return None
    cell = found[0]
    return Fault({cell: (Kind.NUMBER, s.cells[cell][1] + 0.5, "")}, cell, ("S202",))


@kind
def relu_missing(s: Subject, rng: random.Random) -> Fault | None:
    def change(text: str, rng: random.Random) -> str | None:
        return text[6:-1] if text.startswith("MAX(0,") else None

    return rewritten(s, rng, change, "Conv2d")


@kind
def hole(s: Subject, rng: random.Random) -> Fault | None:
    found = any_cell(s, rng)
    return None if found is None else Fault({found[0]: None}, found[0], ("S203",))


@kind
def text_number(s: Subject, rng: random.Random) -> Fault | None:
    found = any_cell(s, rng)
    if found is None:
        return None
    cell = found[0]
    return Fault({cell: (Kind.TEXT, 0.0, str(s.cells[cell][1]))}, cell, ("T302", "S202"))


def _weight_cell(s: Subject, rng: random.Random) -> Cell | None:
    planes = [p for t in s.tensors for group in t.kernels for p in group]
    if not planes:
        return None
    plane = rng.choice(planes)
    return plane.cell(rng.randrange(plane.shape[0]), rng.randrange(plane.shape[1]))


@kind
def blank_kernel_cell(s: Subject, rng: random.Random) -> Fault | None:
    cell = _weight_cell(s, rng)
    return None if cell is None else Fault({cell: None}, cell, ("T301",))


@kind
def text_kernel_cell(s: Subject, rng: random.Random) -> Fault | None:
    cell = _weight_cell(s, rng)
    if cell is None:
        return None
    return Fault({cell: (Kind.TEXT, 0.0, str(s.cells[cell][1]))}, cell, ("T302",))


@kind
def blank_pixel(s: Subject, rng: random.Random) -> Fault | None:
    planes = [p for t in s.report.lifted.tensors if t.source < 0 and t.sheet == 0 for p in t.planes]
    plane = rng.choice(planes)
    cell = plane.cell(rng.randrange(1, plane.shape[0] - 1), rng.randrange(1, plane.shape[1] - 1))
    return Fault({cell: None}, cell, ("T301",))


@kind
def stale(s: Subject, rng: random.Random) -> Fault | None:
    found = any_cell(s, rng)
    if found is None:
        return None
    cell = found[0]
    return Fault({}, cell, ("V101",), False, {cell: s.cells[cell][1] + 1})


@kind
def stale_by_a_millionth(s: Subject, rng: random.Random) -> Fault | None:
    found = any_cell(s, rng)
    if found is None or s.cells[found[0]][1] == 0:
        return None
    cell = found[0]
    return Fault({}, cell, ("V101",), False, {cell: s.cells[cell][1] * (1 + 1e-6)})


@kind
def changed_pixel_with_old_caches(s: Subject, rng: random.Random) -> Fault | None:
    first = next(t for t in s.tensors if s.report.lifted.tensors[t.source].source < 0)
    plane = s.report.lifted.tensors[first.source].planes[0]
    pixel = plane.cell(plane.shape[0] // 2, plane.shape[1] // 2)
    number = s.cells[pixel][1]
    # A cell that is not silenced by its ReLU must be stale, as one that reads the pixel.
    changed = {pixel: (int(Kind.NUMBER), number + 3.0, "")}
    after = contents(refreshed(rebuilt(s, Fault(changed, pixel, (), False))).sheets[0])
    for p in first.planes:
        for i in range(p.shape[0]):
            for j in range(p.shape[1]):
                cell = p.cell(i, j)
                if abs(after[cell][1] - s.cells[cell][1]) > 1e-3:
                    return Fault(changed, cell, ("V101",), False)
    return None


@kind
def overlapping_pool(s: Subject, rng: random.Random) -> Fault | None:
    def change(text: str, rng: random.Random) -> str | None:
        match = WINDOW.search(text)
        if match is None:
            return None
        bottom, end = cell_of(match[3] + match[4])
        return text[: match.start(3)] + name_of((bottom + 1, end + 1)) + text[match.end(4) :]

    return rewritten(s, rng, change, "MaxPool2d")


@kind
def average_for_max(s: Subject, rng: random.Random) -> Fault | None:
    return rewritten(s, rng, lambda t, _: t.replace("MAX(", "AVERAGE(", 1), "MaxPool2d")


@kind
def misaligned_dense_range(s: Subject, rng: random.Random) -> Fault | None:
    tensors = [t for t in s.tensors if s.kind(t) == "Linear"]
    if not tensors:
        return None
    tensor = rng.choice(tensors)
    plane = tensor.planes[0]
    cell = plane.cell(rng.randrange(plane.shape[0]), rng.randrange(plane.shape[1]))
    text = moved(s.cells[cell][2], rng, 1, 0)
    if text is None:
        return None
    return Fault({cell: formula(s, cell, text)}, cell, ("S201", "G403"))


@kind
def swapped_channel(s: Subject, rng: random.Random) -> Fault | None:
    def change(text: str, rng: random.Random) -> str | None:
        fixed = FIXED.findall(text)
        if len(fixed) < 2 or fixed[0] == fixed[1]:
            return None
        swap = {fixed[0]: fixed[1], fixed[1]: fixed[0]}
        return FIXED.sub(lambda m: swap.get(m[0], m[0]), text)

    return rewritten(s, rng, change, "Conv2d")


@kind
def missing_bias(s: Subject, rng: random.Random) -> Fault | None:
    def change(text: str, rng: random.Random) -> str | None:
        new = re.sub(r"\+\$?[A-Z]{1,3}\$?\d+(?=\)?$)", "", text)
        return new if new != text else None

    return rewritten(s, rng, change, "Conv2d", "Linear")


@kind
def sign_flip(s: Subject, rng: random.Random) -> Fault | None:
    def change(text: str, rng: random.Random) -> str | None:
        places = [m.start() for m in re.finditer(r"\+|(?<=[(,])(?=SUM)|^(?=SUM)", text)]
        if not places:
            return None
        at = rng.choice(places)
        return text[:at] + "-" + text[at + (text[at] == "+") :]

    return rewritten(s, rng, change, "Conv2d")


@kind
def rounded(s: Subject, rng: random.Random) -> Fault | None:
    return rewritten(s, rng, lambda text, _: f"ROUND({text},2)")


@kind
def hidden_factor(s: Subject, rng: random.Random) -> Fault | None:
    return rewritten(s, rng, lambda text, _: f"{text}*1.0001")


@kind
def row_copied(s: Subject, rng: random.Random) -> Fault | None:
    found = any_cell(s, rng, "Conv2d", "MaxPool2d")
    if found is None:
        return None
    cell, _, tensor = found
    plane = next(p for p in tensor.planes if p.range.top <= cell[0] <= p.range.bottom
                 and p.range.left <= cell[1] <= p.range.right)  # fmt: skip
    i = (cell[0] - plane.origin[0]) // plane.step[0]
    if plane.shape[0] < 4 or plane.shape[1] < 4:
        return None
    other = i - 1 if i else i + 1
    changes: dict[Cell, Content | None] = {}
    for j in range(plane.shape[1]):
        at = plane.cell(i, j)
        changes[at] = formula(s, at, s.cells[plane.cell(other, j)][2])
    return Fault(changes, cell, ("S201",))


@kind
def block_shifted(s: Subject, rng: random.Random) -> Fault | None:
    tensors = [t for t in s.tensors if s.kind(t) == "Conv2d" and len(t.planes) > 1
               and min(t.planes[0].shape) > 2]  # fmt: skip
    if not tensors:
        return None
    plane = rng.choice(rng.choice(tensors).planes)
    changes: dict[Cell, Content | None] = {}
    for i in range(plane.shape[0]):
        for j in range(plane.shape[1]):
            cell = plane.cell(i, j)
            text = WINDOW.sub(
                lambda m: f"{_right(m[1])}{m[2]}:{_right(m[3])}{m[4]}", s.cells[cell][2]
            )
            changes[cell] = formula(s, cell, text)
    return Fault(changes, plane.origin, ("S201", "G403"))


def _right(letters: str) -> str:
    row, column = cell_of(letters + "1")
    return name_of((row, column + 1)).rstrip("0123456789")


@kind
def range_with_itself(s: Subject, rng: random.Random) -> Fault | None:
    found = any_cell(s, rng)
    if found is None:
        return None
    cell, text, _ = found
    new = f"{text}+SUM({name_of(cell)}:{name_of(cell)})"
    return Fault({cell: formula(s, cell, new)}, cell, ("S201",))


def faults(subjects: list[Subject], count: int, seed: int) -> Iterator[tuple[str, Subject, Fault]]:
    """Yield `count` faults, the kinds and subjects in turn, at random places."""
    rng = random.Random(seed)
    names = list(KINDS)
    made = tries = 0
    while made < count and tries < 20 * count:
        name, subject = names[tries % len(names)], subjects[(tries // len(names)) % len(subjects)]
        tries += 1
        fault = KINDS[name](subject, rng)
        if fault is not None:
            made += 1
            yield name, subject, fault
