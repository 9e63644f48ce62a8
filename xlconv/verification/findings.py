"""The codes of findings: stable names, severities and explanations."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Severity(StrEnum):
    """How much a finding weighs; only errors (and warnings when strict) fail a file."""

    ERROR = "error"
    WARNING = "warning"
    UNVERIFIED = "unverified"
    INFO = "info"


class Code(Struct, frozen=True):
    """One kind of finding; `at_times` are the other severities that it may have, and when."""

    code: str
    name: str
    severity: Severity
    meaning: str
    example: str
    at_times: tuple[tuple[Severity, str], ...] = ()

    @property
    def severities(self) -> tuple[Severity, ...]:
        """All that a finding of this kind may have, its usual one first."""
        return self.severity, *(one for one, _ in self.at_times)


class Finding(Struct, frozen=True):
    """Something found at a cell, or at the first of `count` cells of a range.

    `root` is false where the cell is only wrong because of another.
    """

    code: str
    sheet: str
    cell: str
    message: str
    found: str = ""
    expected: str = ""
    block: str = ""
    root: bool = True
    count: int = 1
    level: Severity | None = None  # where it weighs less or more than its code usually does

    def __post_init__(self) -> None:
        if self.level is not None and self.level not in CODES[self.code].severities:
            raise ValueError(f"{self.code} is never {self.level}: so `xlconv rule` tells")

    @property
    def first_cell(self) -> str:
        """The name of the first of its cells."""
        return self.cell.partition(":")[0].partition(",")[0]

    @property
    def severity(self) -> Severity:
        """Its own severity, or that of its code."""
        return self.level or CODES[self.code].severity

    @property
    def name(self) -> str:
        """The name of its code."""
        return CODES[self.code].name

    @property
    def place(self) -> str:
        """`sheet!cell`."""
        return f"{self.sheet}!{self.cell}"


_E, _W, _U, _I = Severity.ERROR, Severity.WARNING, Severity.UNVERIFIED, Severity.INFO
_NO_NETWORK = (_W, "where no network is found: another table may be as it likes")
_AT_TIMES = {
    **dict.fromkeys(("S201", "S202", "S203", "T302"), (_NO_NETWORK,)),
    "G404": ((_E, "where formulas compute other sizes with a number of the rule of sizes"),),
    "M501": (
        (_W, "where the file's own fingerprint says that its weights were edited"),
        (_I, "against another workbook (--against)"),
    ),
}
CODES = {
    code: Code(code, name, severity, meaning, example, _AT_TIMES.get(code, ()))
    for code, name, severity, meaning, example in (
        ("V101", "stale-value", _E,
         "The value stored in the file is not what the formula gives for the cells it reads. "
         "Recalculate and save the workbook.",
         "conv-example!AP9: stored 1.25; the formula gives 1.5"),
        ("V102", "no-cached-value", _I,
         "The file stores no value for the formula: it was written by a program that does not "
         "calculate, such as openpyxl. The formula is checked, and verified, as a function; but "
         "previews and protected views, which do not calculate, show 0 or nothing. "
         "Open and save the file in a spreadsheet, or: soffice --headless --convert-to xlsx "
         "--outdir saved FILE.",
         "conv-example!AH3: no stored value in 2,823 cells; open and save it in a spreadsheet"),
        ("V103", "unsupported-formula", _U,
         "The formula is outside the language that xlconv evaluates, so that nothing is known "
         "of this cell, nor of those that read it.",
         "conv-example!FN4: not evaluated: the function LAMBDA"),
        ("V104", "circular-reference", _U,
         "The formula depends on its own value.",
         "conv-example!AH3: depends on itself"),
        ("V105", "volatile-pinned", _I,
         "The formula draws a random number or looks outside, so that it cannot be computed "
         "again: the stored value is taken as an input.",
         "conv-example!EP4: a random or outside value in 624 cells; the stored ones are inputs"),
        ("V106", "error-value", _E,
         "A cell that has to do with a network holds an error value, or its formula makes one "
         "of sound cells. Cells that only pass it on are not listed.",
         "conv-example!AD11: =1/0 gives #DIV/0!, and so do 1,352 cells after it"),
        ("V107", "precision-as-displayed", _W,
         "The workbook calculates with numbers as displayed: every cell is rounded to the digits "
         "that its format shows before others read it. What formulas give is then told by formats, "
         "and nothing is proven of them. Turn it off (Excel: Options, Advanced, Set precision as "
         "displayed) and save the file.",
         "conv-example!A1: this workbook calculates with numbers as displayed"),
        ("S201", "inconsistent-formula", _E,
         "The formula differs from the pattern of its block.",
         "conv-example!AP9: =MAX(0,SUM(H8:J10*$AD$11:$AF$12)); "
         "expected =MAX(0,SUM(H8:J10*$AD$11:$AF$13))"),
        ("S202", "constant-in-block", _E,
         "A value stands where the block has a formula: it will not follow its inputs.",
         "conv-example!AP9: the number 1.25; expected =MAX(0,SUM(H8:J10*$AD$11:$AF$13))"),
        ("S203", "missing-formula", _E,
         "A cell inside a block is blank.",
         "conv-example!AP9: no formula; expected =MAX(0,SUM(H8:J10*$AD$11:$AF$13))"),
        ("S204", "spelled-otherwise", _I,
         "The formula is spelled as no layer lists it, and computes the right function: it gave "
         "what the layer gives for drawn numbers in everything that it reads.",
         "conv-example!AP9: =H8*$AD$11+I8*$AE$11+...: the same as conv1 for any input"),
        ("S205", "either-is-odd", _U,
         "A few formulas do not fit each other, and as much says that one of them is wrong as "
         "another: each is named with what it would have to be. None of them is proven.",
         "conv-example!FR4: FR4 should be =MAX(0,FP4), or FR5 should be =FP5"),
        ("S206", "untried-side", _I,
         "A side of an IF, CHOOSE, MAX, MIN or ABS that no draw entered, or too few: what the "
         "formula gives there is proven by nobody. For most it is a guard, against blanks for "
         "example.",
         "conv-example!AP9: no draw made COUNT(H8:J10)<9 true"),
        ("T301", "blank-operand", _E,
         "A cell of a kernel, of weights or of the input is blank: it counts as 0.",
         "conv-example!AE12: blank; expected a number of the weights"),
        ("T302", "text-operand", _E,
         "A text stands where a number is read: it counts as 0, or makes an error.",
         "conv-example!AE12: the text '0.5'; expected a number of the weights"),
        ("T303", "blank-zeros", _W,
         "Much of a picture that nothing describes is blank, as some leave zeros out: blank "
         "cells of it and of its parameters count as 0.",
         "conv-example!A2: blank, which counts as 0 (31 cells of the input)"),
        ("G401", "overhang", _W,
         "Windows reach past their tensor into blank cells, which act as padding that nobody "
         "declared.",
         "conv-example!BM4:CK27: its windows reach past AH3:BG28 into the blank cells BH3:BH28"),
        ("G402", "window-overlap", _W,
         "Windows of a pool overlap, or leave cells between them that no window reads.",
         "conv-example!CM4: windows of 2x2 that move by 1"),
        ("G403", "shape-mismatch", _E,
         "Operands do not belong together: planes of one layer that are made differently, or "
         "windows that reach into cells of something else.",
         "conv-example!BM4: reads planes of different sizes"),
        ("G404", "label-mismatch", _W,
         "A label states another shape than the tensor beside it has.",
         "conv-example!AH1: says 27x27; the plane is 26x26"),
        ("G405", "line-inserted", _E,
         "A blank row or column goes through a picture, a kernel or weights: windows over it are "
         "larger, and what comes after them is wrong. Without it the whole file is verified.",
         "conv-example!A10: row 10 was inserted: 52 windows became 4×3"),
        ("G406", "line-deleted", _E,
         "A row or column was deleted through a picture, a kernel or weights: windows over it are "
         "smaller, and what comes after them is wrong. Every formula is what deleting it makes of "
         "the declared network.",
         "conv-example!A10: row 10 was deleted: 78 windows became 2×3"),
        ("G407", "layer-unseen", _E,
         "The sheet lists a layer that no formulas compute, though all of them are understood. "
         "Whoever changed the network on purpose changes the list.",
         "conv-example!A41: lists pool1 · 2@13×13, which no formulas compute: "
         "the list is old, or they are wrong"),
        ("M501", "weights-differ", _E,
         "A weight is not that of the given model.",
         "conv-example!AE12: 0.5; the model has 0.25 in conv1.weight[0, 0, 1, 1]"),
        ("M502", "output-differs", _E,
         "The output is not what the given model gives for the same input.",
         "conv-example!FR4: 0.1; the model gives 0.2"),
        ("M503", "structure-differs", _E,
         "The layers are not those of the given model.",
         "conv-example: conv2 has 2 output channels; the model has 4"),
        ("D701", "layer-missing", _E,
         "A layer that the file or the user declares is nowhere: no cells have its name, or "
         "they are blank.",
         "conv-example!FM4: fc1 is declared; there are no formulas"),
        ("D702", "layer-differs", _E,
         "The cells of a declared layer compute another function. Whoever changed the network "
         "on purpose says --ignore D, or describes it anew.",
         "conv-example!CL4: pool1 is declared a maximum; the cells compute an average"),
        ("D703", "layer-elsewhere", _E,
         "A declared layer is computed in other cells than its own.",
         "conv-example!CL4: pool1 is declared here; it is computed in DA4:DM16"),
        ("D704", "values-for-a-layer", _E,
         "Values stand where a declared layer should be computed: they follow no input.",
         "conv-example!CL4: pool1 is declared; values were pasted over its formulas"),
        ("D705", "past-the-edge", _E,
         "The formula of a declared layer goes on past the edge of its plane.",
         "conv-example!BH3: the formula of relu1 goes on past the edge of its plane AH3:BG28"),
        ("D706", "parameter-follows-input", _E,
         "The formula of a weight or bias follows from the network's own input, or from what it "
         "computes: it changes with the picture, which no parameter does. A parameter may be a "
         "formula of numbers of its own.",
         "conv-example!AD11: =A2 follows from A2, a cell of input; expected a number of "
         "conv1.weight"),
        ("L601", "unlifted", _I,
         "The block was evaluated and is consistent in itself, but no layer is spelled this way.",
         "conv-example!EP4: no layer is spelled this way"),
    )
}  # fmt: skip
