"""What one cell of a workbook computes: formula, numbers, what it reads and what reads it.

Everything comes from the formula's own tree and from where the lifted tensors stand, so
that a cell that no layer explains is worked out like any other. Returns data;
`report.explanation` shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from shlex import quote

from msgspec import Struct

from xlconv.analysis.dependents import Dependents, all_dependents, direct_dependents
from xlconv.analysis.formula_steps import Scalar, Step, scalar_of, step_of
from xlconv.analysis.receptive_fields import Field, fields_of
from xlconv.layers import Layer
from xlconv.lifting.cell_addresses import CellRole, Located
from xlconv.lifting.lifted_workbook import LiftedWorkbook, Source, open_workbook
from xlconv.network.shown import Shown
from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.calculation.calculate import Status
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock, single
from xlconv.spreadsheet.values import BLANK, ERROR
from xlconv.spreadsheet.workbook import Kind
from xlconv.spreadsheet.xlsx.package import Budget
from xlconv.verification.answers import UNKNOWN_ERROR, Value, answers_at
from xlconv.verification.causes.blame import accusations, followed_from, off_pattern
from xlconv.verification.findings import Finding
from xlconv.verification.tolerance import Tolerance
from xlconv.verification.verify import verify_lifted

_KINDS = {
    Kind.BLANK: "blank", Kind.NUMBER: "number", Kind.TEXT: "text", Kind.BOOLEAN: "boolean",
    Kind.ERROR: "error", Kind.FORMULA: "formula", Kind.ARRAY_FORMULA: "formula",
}  # fmt: skip


class Answers(Struct, frozen=True):
    """A formula cell's three values; `network` is None where no layer explains the cell."""

    stored: Scalar
    formula: Scalar
    network: Scalar


class Part(Struct, frozen=True):
    """A helper cell that a formula refers to, worked out too: softmax's exponential."""

    cell: str
    role: str
    formula: str
    step: Step | None


class Explanation(Shown, Struct, frozen=True):
    """What a cell is and computes.

    `kind` is blank, number, text, boolean, error or formula; `role` the entry or
    parameter that stands there (`conv2[1, 5, 7]`) or "", `role_kind` as `CellRole.kind`;
    `layers` make it. `value` is what the cell holds, of a formula what it gives.
    `remarks` are what is wrong with it. `dependents` refer to it; `all_dependents`
    depend on it, directly or not. `annotation` is what it says of a network: `the mean of relu1`.
    """

    path: str
    sheet: str
    cell: str
    kind: str
    role: str
    role_kind: str
    layers: tuple[Layer, ...]
    formula: str
    value: Scalar
    answers: Answers | None
    remarks: tuple[str, ...]
    step: Step | None
    parts: tuple[Part, ...]
    fields: tuple[Field, ...]
    dependents: tuple[Dependents, ...]
    all_dependents: tuple[Dependents, ...]
    annotation: str = ""
    sample: tuple[int, int] | None = None  # of a network with several samples: which of how many

    @property
    def name(self) -> str:
        """`sheet!A1`."""
        return f"{self.sheet}!{self.cell}"


def explain_cell(
    source: Source, cell: str | Located, *, budget: Budget | None = None
) -> Explanation:
    """Explain a cell of a workbook: `AP9`, `sheet!AP9`, `conv2[1, 5, 7]` or a defined name.

    Raises ReadError for what is no workbook, CellError for what is no cell.
    """
    book = open_workbook(source, budget)
    return explained(book, *book.find(cell), verify_lifted(book).findings)


def explained(
    book: LiftedWorkbook, sheet: int, cell: Cell, findings: Iterable[Finding] = ()
) -> Explanation:
    """Return what a cell of a lifted workbook is and computes.

    `findings` are those of its verification: what accuses the cell is said first.
    """
    index = book.workbook.sheets[sheet].find(cell)
    role = book.role(sheet, cell)
    kind = Kind.BLANK if index is None else Kind(int(book.workbook.sheets[sheet].kinds[index]))
    is_formula = kind >= Kind.FORMULA
    block = _single(book, sheet, cell) if is_formula else None
    answers = _answers(book, sheet, index, role) if is_formula and index is not None else None
    annotation = book.annotation(sheet, cell) if role is None else None
    told = list(findings)
    remarks = [
        f"{one.severity} {one.code} {one.message}"
        for one in accusations(told, book.sheet_name(sheet), cell)
    ]
    if not remarks and answers is not None:
        remarks += _causes(book, sheet, cell, answers, told)
    remarks = remarks or list(off_pattern(book, sheet, cell))
    if annotation is not None and not annotation.fits(book.workbook.sheets[sheet].formula(cell)):
        remarks.append(f"expected ={annotation.expected}, {annotation.what}")
    if answers is not None and index is not None:
        remarks += _doubts(book, sheet, index, answers)
    home, _, name = book.cell_name(sheet, cell).rpartition("!")
    return Explanation(
        path=book.path,
        sheet=home,
        cell=name,
        kind=_KINDS[kind],
        role="" if role is None else str(role),
        role_kind="" if role is None else role.kind,
        layers=() if role is None else book.lifted.tensors[role.tensor].layers,
        formula=_formula(book, sheet, cell),
        value=None if index is None else _value(book, sheet, index),
        answers=answers,
        remarks=tuple(remarks),
        step=None if block is None else step_of(book, block),
        parts=() if block is None else tuple(_parts(book, block)),
        fields=() if role is None else fields_of(book, role),
        dependents=direct_dependents(book, sheet, cell),
        all_dependents=all_dependents(book, sheet, cell),
        annotation="" if annotation is None else annotation.what,
        sample=None if role is None else _sample(book, role),
    )


def _sample(book: LiftedWorkbook, role: CellRole) -> tuple[int, int] | None:
    """Return to which sample of a network a cell belongs, and how many there are."""
    if role.kind in ("weight", "bias"):
        return None  # it serves all of them
    for one in book.networks:
        for number, tensors in enumerate(one.samples if one.further else (), 1):
            if role.tensor in tensors:
                return number, len(one.samples)
    return None


def _single(book: LiftedWorkbook, sheet: int, cell: Cell) -> FormulaBlock | None:
    block = book.unit_at(sheet, cell)
    place = None if block is None else block.lattice.index_of(cell)
    return None if block is None or place is None else single(block, *place)


def _formula(book: LiftedWorkbook, sheet: int, cell: Cell) -> str:
    table = book.workbook.sheets[sheet]
    index, text = table.find(cell), table.formula(cell)
    if index is None or text is None:
        return ""
    return f"{{={text}}}" if table.kinds[index] == Kind.ARRAY_FORMULA else f"={text}"


def _parts(book: LiftedWorkbook, block: FormulaBlock) -> Iterator[Part]:
    """Yield the helper cells that a formula reads one by one, worked out."""
    for sheet, area in block.reads:
        place = (area.top, area.left)
        role = book.role(sheet, place) if area.size == (1, 1) else None
        if role is not None and role.kind == "helper":
            inner = _single(book, sheet, place)
            step = None if inner is None else step_of(book, inner)
            formula = _formula(book, sheet, place)
            yield Part(book.cell_name(sheet, place), str(role), formula, step)


# -- values --------------------------------------------------------------------------


def _value(book: LiftedWorkbook, sheet: int, index: int) -> Scalar:
    grid = book.calculation.grids[sheet]
    number, kind = float(grid.numbers[index]), int(grid.kinds[index])
    return scalar_of(number, kind, book.calculation.pool)


def _answers(book: LiftedWorkbook, sheet: int, index: int, role: CellRole | None) -> Answers:
    pool, found = book.calculation.pool, answers_at(book, sheet, index)
    # Cells around a tensor, and parameters that show another cell's number, are told by that.
    is_computed = role is not None and role.kind in ("activation", "helper")
    return Answers(
        stored=_stored(book, sheet, index, found.cached),
        formula=None if found.formula is None else scalar_of(*found.formula, pool),
        network=found.network if is_computed else None,
    )


def _stored(book: LiftedWorkbook, sheet: int, index: int, cached: Value) -> Scalar:
    if cached == (UNKNOWN_ERROR, ERROR):
        return book.workbook.sheets[sheet].results.get(index, "")
    return scalar_of(*cached, book.calculation.pool)


def same(one: Scalar, other: Scalar) -> bool:
    """Whether two values are the same, numbers as closely as a file keeps them."""
    if isinstance(one, float) and isinstance(other, float):
        return bool(Tolerance().close(one, other))
    return type(one) is type(other) and one == other


# -- remarks -------------------------------------------------------------------------


def _causes(
    book: LiftedWorkbook, sheet: int, cell: Cell, answers: Answers, findings: Iterable[Finding]
) -> Iterator[str]:
    """Yield the error before a cell that its own comes from, and how to ask about that."""
    known = answers.formula is not None and answers.network is not None
    if known and same(answers.formula, answers.network) and same(answers.stored, answers.formula):
        return  # whatever was wrong before it
    found = followed_from(book, sheet, cell, findings)
    if not found:
        return
    first = found[0]
    place = first.cell if len(book.workbook.sheets) == 1 else first.place
    more = f", and {counted(len(found) - 1, 'more error')}" if len(found) > 1 else ""
    yield (
        f"follows from {first.place}: {first.severity} {first.code} {first.message}{more}; "
        f"explain that first: xlconv explain {quote(book.path)} {quote(place)}"
    )


def _doubts(book: LiftedWorkbook, sheet: int, index: int, answers: Answers) -> Iterator[str]:
    status = book.calculation.statuses[sheet][index]
    reason = book.calculation.reasons.get((sheet, index), "")
    if status == Status.UNSUPPORTED:
        yield f"not evaluated: {reason}" if reason else "not evaluated"
    elif status == Status.CIRCULAR:
        yield "not evaluated: it depends on itself"
    elif status == Status.PINNED:
        yield "a random or outside value: the stored one is taken as an input"
    elif status == Status.TAINTED:
        yield "reads a cell that is not evaluated, by its stored value"
    if book.workbook.sheets[sheet].cached[index] == BLANK:
        yield "no value is stored in the file; open and save it in a spreadsheet"
    elif status == Status.CALCULATED and not same(answers.stored, answers.formula):
        stored, given = _shown(answers.stored), _shown(answers.formula)
        yield f"stale: the file stores {stored}, the formula gives {given}"
    known = answers.network is not None and answers.formula is not None
    if known and not same(answers.network, answers.formula):
        given = _shown(answers.formula)
        yield f"the layer gives {_shown(answers.network)}, the formula {given}"


def _shown(value: Scalar) -> str:
    return f"{value:.10g}" if isinstance(value, float) else f"{value}"
