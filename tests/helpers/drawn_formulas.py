"""Formulas drawn from a fixed seed over every function and operator, in one workbook."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import xlsxwriter
from msgspec import Struct, field
from openpyxl.formula.translate import Translator

from xlconv.spreadsheet.addresses import Cell, a1_name

# Numbers; with zeros and negatives; mixed; with errors; blanks; small integers; texts.
DATA = (
    (1, 2.5, 3, 0.1, 10, 7, 0.5, 100, 2, 4, 6.25, 9),
    (-1, 0, 2, -3.5, 0, 4, -0.25, 8, -100, 1, 0, -7),
    (3, None, "text", "12", True, 0, -2, None, False, '=""', 5, "abc"),
    (1, "=1/0", 2, "=#N/A", "x", 3, None, "=SQRT(-1)", 4, True, "7", 0),
    (None,) * 12,
    (1, 2, 3, 1, 2, 3, 4, 2, 1, 5, 3, 2),
    ("a", "B", "b", "10", "-3", "1e2", "x y", "no", "-7.5", "é", " 5 ", "abc"),
)
ROWS = 12

# Below, where no drawn formula looks: texts that are nearly numbers or booleans.
ODD_ROW = 17
ODD_TEXTS = (
    "TRUE", "5%", "1,000", "1_0", ".5", "5.", "+5", "- 5", "1:30", "2024-01-15", "1/2", "$5", "(5)",
    "1e3", "0x10", "nan", "infinity", "٣", "5 %", "1 000", "1e", "e1", "-", "+-5", "1e400",
)  # fmt: skip
NUMBERS, MIXED, ANYTHING = "ABF", "ABCEFG", "ABCDEFG"

# One operand of every kind, for the operators.
OPERANDS = (
    "A2", "B1", "B2", "E1", "C3", "C4", "C5", "C9", "C10", "D2", "D4", "G6", "G9", "G11", "2",
    "0", '"3"', '"x"', '""', "TRUE", "FALSE", "#NUM!",
)  # fmt: skip
OPERATORS = ("+", "-", "*", "/", "^", "&", "=", "<>", "<", ">", "<=", ">=")

AGGREGATES = ("r", "rr", "R", "Rr", "X", "rn", "vv", "v", "rv", "a", "av", "b")
ELEMENTWISE = ("n", "v", "v", "e", "e")
ROUNDINGS = ("nd", "nd", "vd", "ed", "hd")

# The arguments that a function is drawn with: a letter each, see Draw.
SIGNATURES: dict[str, tuple[str, ...]] = {
    "SUM": (*AGGREGATES, "p", "p"), "SUMSQ": AGGREGATES, "MAX": (*AGGREGATES, "p"),
    "MIN": AGGREGATES, "AVERAGE": AGGREGATES, "COUNT": AGGREGATES, "COUNTA": AGGREGATES,
    "STDEV": AGGREGATES, "STDEV.S": AGGREGATES, "STDEVP": AGGREGATES, "STDEV.P": AGGREGATES,
    "VAR": AGGREGATES, "VAR.S": AGGREGATES, "VARP": AGGREGATES, "VAR.P": AGGREGATES,
    "AND": AGGREGATES, "OR": AGGREGATES,
    "COUNTBLANK": ("r", "R", "X", "X", "b", "w"),
    "SUMPRODUCT": ("ss", "SS", "SS", "s", "S", "sss", "p", "pp", "q"),
    "SUMXMY2": ("ss", "ss", "SS", "SS", "sr"),
    "SUMIF": ("rc", "Rc", "Rc", "sct", "SC", "ScT", "rv", "sks"),
    "COUNTIF": ("rc", "Rc", "Rc", "RC", "XC", "rv", "Rv", "rk"),
    "MMULT": ("mm",), "TRANSPOSE": ("r", "w"),
    **dict.fromkeys(("EXP", "LN", "LOG10", "SQRT", "ABS", "SIGN", "TANH", "INT"), ELEMENTWISE),
    "LOG": ("n", "v", "nn", "nv", "vn"), "POWER": ("nn", "vv", "vn", "nd"),
    "MOD": ("nn", "vv", "en", "ee", "hn"),
    "ROUND": ROUNDINGS, "ROUNDUP": ROUNDINGS, "ROUNDDOWN": ROUNDINGS,
    "TRUNC": (*ROUNDINGS, "n", "v"), "PI": ("",),
    "NOT": ("v", "v", "l", "n"), "IFERROR": ("vv", "ev", "ve", "vm"),
    "MATCH": ("vLz", "vLz", "iLz", "gLz", "nr", "iLu"),
    "INDEX": ("rii", "Rii", "Li", "rid", "wi", "XiI", "aii"),
    "IF": ("lvv", "vvv", "lv", "v", "lmv", "lvm", "lee", "Lvv"),
    "ROW": ("", "o", "o"), "COLUMN": ("", "o", "o"), "ROWS": ("r", "o", "y"), "COLUMNS": ("r", "y"),
}  # fmt: skip
PREFIXED = {name for name in SIGNATURES if name.endswith((".S", ".P"))}

# How many formulas to draw of each.
PER_FUNCTION, PER_OPERATOR, PER_EXPRESSION, FAMILIES = 16, 40, 80, 90


class Draw:
    """Draws formulas; `Draw.of["v"]` and so on are the letters of SIGNATURES."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.size = (2, 2)
        one = self.random.choice
        self.of: dict[str, Callable[[], str]] = {
            "r": lambda: self.area(NUMBERS), "R": lambda: self.area(MIXED),
            "X": lambda: self.area(ANYTHING), "b": lambda: self.area("CEG"),
            # of the size of the formula: s and t numbers, S and T anything but errors
            "s": lambda: self.area(NUMBERS, self.size), "S": lambda: self.area(MIXED, self.size),
            "t": lambda: self.area(NUMBERS, self.size), "T": lambda: self.area(MIXED, self.size),
            "w": lambda: self.area(ANYTHING, (1, 3)), "L": lambda: self.area(ANYTHING, (6, 1)),
            "y": lambda: one(["A:A", "A:C", "1:3", "$2:$2"]),
            "m": lambda: "",
            "n": self.number, "v": self.scalar, "e": self.expression, "l": self.condition,
            "h": lambda: one(["2.5", "0.5", "-1.5", "2.675", "1.005", "0.285", "-2.5", "1234.5"]),
            "d": lambda: one(["0", "1", "2", "-1", "-2", "F1", "F2", "1.7", "A3", "E1"]),
            "i": lambda: one(["1", "2", "3", "F1", "F3", "2.9", "F5"]),
            "I": lambda: one(["1", "F1"]),
            "o": self.cell,
            "g": lambda: one(['"a"', '"b"', '"B"', '"10"', "G2", "G3", "C4", "C3", "TRUE", "E1"]),
            "z": lambda: "0", "u": lambda: one(["1", "-1"]),
            "c": lambda: one(['">0"', '"<=2"', '"<>2"', '"=3"', '"2"', "2", "F2", '"<>"', '"="',
                              '">-1.5"', '"1e0"', '" 2"', '">=2 "']),
            "C": lambda: one(['"text"', '"abc"', '"a*"', '"<>abc"', "TRUE", '"TRUE"', '""', '"b"',
                              "C3", "E1", "G4", '"#N/A"', '"12"', "12", '">a"', '"?"']),
            "k": lambda: "F" + str(self.random.randint(1, 6)),
            "a": self.constant, "p": self.product, "q": lambda: f"--({self.product()}>1)",
        }  # fmt: skip

    def mark(self) -> str:
        return "$" if self.random.random() < 0.2 else ""

    def cell(self, columns: str = ANYTHING, row: int | None = None) -> str:
        row = self.random.randint(1, ROWS) if row is None else row
        return f"{self.mark()}{self.random.choice(columns)}{self.mark()}{row}"

    def area(self, columns: str, size: Cell | None = None) -> str:
        letters = "ABCDEFG"
        height, width = size or (self.random.randint(1, 5), self.random.randint(1, 2))
        starts = range(8 - width)
        inside = [k for k in starts if set(letters[k : k + width]) <= set(columns)] or starts
        left, top = self.random.choice(inside), self.random.randint(1, ROWS - height + 1)
        first = f"{self.mark()}{letters[left]}{self.mark()}{top}"
        return f"{first}:{self.mark()}{letters[left + width - 1]}{self.mark()}{top + height - 1}"

    def number(self) -> str:
        if self.random.random() < 0.3:
            return self.random.choice(["0", "1", "2", "0.5", "-3", "1E-3", "7.25", "50%", "-2%"])
        return self.cell(NUMBERS)

    def scalar(self) -> str:
        if self.random.random() < 0.35:
            return self.random.choice(OPERANDS)
        return self.cell(self.random.choice([NUMBERS, MIXED, ANYTHING]))

    def condition(self) -> str:
        operator = self.random.choice(OPERATORS[-6:])
        return f"{self.scalar()}{operator}{self.scalar()}"

    def expression(self, depth: int = 2) -> str:
        if depth == 0 or self.random.random() < 0.2:
            return self.scalar() if self.random.random() < 0.3 else self.number()
        sign = self.random.choice(["", "", "", "-", "+", "--"])
        left, right = self.expression(depth - 1), self.expression(depth - 1)
        inner = left + self.random.choice(OPERATORS[:5] + OPERATORS[:5] + OPERATORS) + right
        if self.random.random() < 0.4:
            inner = f"{sign}({inner})" + self.random.choice(["", "", "%"])
        return inner

    def constant(self) -> str:
        def item() -> str:
            return self.random.choice(["1", "2.5", "-3", "0", "4", "TRUE", '"x"', '"2"'])

        return self.random.choice(["{%s,%s}", "{%s;%s}", "{%s,%s;1,2}"]) % (item(), item())

    def product(self) -> str:
        left, right = (self.area(NUMBERS, self.size) for _ in range(2))
        operator = self.random.choice(["*", "*", "+", "-", "/", "^", ">", "="])
        return f"{left}{operator}{self.random.choice([right, right, self.number()])}"

    def call(self, name: str, signature: str) -> str:
        self.size = self.random.choice([(2, 2), (3, 1), (1, 2), (3, 2), (1, 1)])
        if name == "MMULT":
            inner = self.random.randint(1, 3)
            arguments = [
                self.area(self.random.choice([NUMBERS, "AB", "AB", MIXED]), size)
                for size in ((self.random.randint(1, 2), inner), (inner, self.random.randint(1, 2)))
            ]
        else:
            arguments = [self.of[letter]() for letter in signature]
        prefix = "_xlfn." if name in PREFIXED else ""
        return f"{prefix}{name}({','.join(arguments)})"


class Written(Struct):
    """The formulas by their cell, without `=`, what each was filled from, and which are arrays."""

    formulas: dict[Cell, str] = field(default_factory=dict)
    sources: dict[Cell, str] = field(default_factory=dict)
    arrays: set[Cell] = field(default_factory=set)


def drawn() -> Iterator[tuple[str, bool]]:
    """Yield formulas and whether each is an array formula."""
    draw = Draw(20260)
    for name, signatures in SIGNATURES.items():
        for k in range(PER_FUNCTION):
            signature = signatures[k % len(signatures)]
            text = draw.call(name, signature)
            if name in ("TRANSPOSE", "MMULT"):
                text = (
                    draw.random.choice(["SUM(%s)", "SUMPRODUCT(%s)", "INDEX(%s,1,1)", "%s"]) % text
                )
            is_array = "p" in signature or name in ("TRANSPOSE", "MMULT") or k % 5 == 4
            yield text, is_array and not (name == "SUMPRODUCT" and k % 2)
    for operator in OPERATORS:
        for _ in range(8 if operator == "&" else PER_OPERATOR):
            left, right = draw.random.choice(OPERANDS), draw.random.choice(OPERANDS)
            yield f"{left}{operator}{right}", False
    for operand in OPERANDS:
        yield from ((f"{sign}{operand}", False) for sign in ("-", "+", "--"))
        yield f"{operand}%", False
        yield f"IF({operand},1,2)", False
    for k in range(PER_EXPRESSION):
        yield draw.expression(3), k % 4 == 3
    for _ in range(PER_EXPRESSION):
        draw.size = draw.random.choice([(2, 2), (3, 1), (1, 2)])
        inner = draw.product()
        outer = draw.random.choice(
            ["SUM(IF(%s>0,%s,%s))", "MAX(ABS(%s)-%s,%s)", "SUM(ROUND(%s,%s)*%s)",
             "AVERAGE(-%s,%s,%s)",
             "SUM((%s)*(%s>%s))", "SUM(IF(%s,%s,%s))", "COUNT(SQRT(%s),%s,%s)", "MIN(%s,%s%%,%s)"]
        )  # fmt: skip
        yield outer % (inner, draw.number(), draw.area(MIXED, draw.size)), True
    for column in range(len(ODD_TEXTS)):
        yield f"{a1_name((ODD_ROW, column))}+1", False
        yield f"SUM(A1,{a1_name((ODD_ROW, column))})", False
        yield f"COUNTIF(F1:F12,{a1_name((ODD_ROW, column))})", False
    yield from ((text, False) for text in EDGES)
    yield from ((text, True) for text in EDGES)


# Chosen by hand: precedence, ends of ranges, and what the documentation says of errors.
EDGES = (
    "-2^2", "2^3^2", "-A2^2", "0-A2^2", "2^-1", "1-(2-3)", "2^3%", "200%%", "10%^2", "-50%",
    "1=1=1", "1<2<3", '"a"<"B"', '"a"="A"', '"10"<9', 'TRUE>"z"', "TRUE=1", 'E1=""', "E1=0",
    "E1=FALSE", "E1=E2", "1&2=12", '"1"+"2"', "TRUE+TRUE", "0^0", "0^-1", "(-8)^(1/3)", "1/0",
    "0/0", "#N/A+1/0", "1/0+#N/A", "SQRT(-1)", "LN(0)", "LN(-1)", "LOG(8,2)", "LOG(8,1)",
    "LOG(0)", "LOG10(0)", "EXP(710)", "EXP(-800)", "1E308*10", "MOD(-3,2)", "MOD(3,-2)",
    "MOD(3,0)", "MOD(5.5,2.5)", "MOD(-0.3,0.1)", "INT(-2.5)", "TRUNC(-2.5)", "TRUNC(2.567,2)",
    "ROUND(2.5,0)", "ROUND(-2.5,0)", "ROUND(1.005,2)", "ROUND(1234.5,-2)", "ROUND(1E300,2)",
    "ROUND(2.5,400)", "ROUND(2.5,-400)", "ROUND(5E-300,299)", "ROUNDUP(1.1,0)", "ROUNDUP(-1.1,0)",
    "ROUNDUP(0.1+0.2,1)", "ROUNDDOWN(0.3*10,0)", "ROUND(TRUE,0)", "POWER(0,0)", "POWER(-1,0.5)",
    "SIGN(-0)", "TANH(1000)", 'ABS("-3")', 'ABS("x")', "ABS(E1)", "SUM()", 'SUM("3",TRUE)',
    'SUM("x")', "SUM(C3)", "SUM(C4)", "SUM(C5)", "SUM(E1:E5)", "MAX(E1:E5)", "MIN(C3:C5)",
    "MAX(-1,-2)", "MAX(B1)", "AVERAGE(E1:E5)", "AVERAGE(C3:C5)", "STDEV(A1)", "VARP(A1)",
    "VAR(5)", "STDEV(E1:E3)", "COUNT(C1:C12)", 'COUNT("3",TRUE,"x",E1)', "COUNT(1/0)",
    "COUNTA(C1:C12)", "COUNTA(E1)", "COUNTA(1/0)", "COUNT(D1:D12)", "COUNTA(D1:D12)",
    "COUNTBLANK(C1:C12)", "SUM(D1:D3)", "MAX(D1:D12)", "AND(C3:C4)", "AND(TRUE,E1)", "AND(E1:E3)",
    'AND("TRUE")', 'OR("x",TRUE)', 'OR("FALSE")', "AND(C5,C9)", "AND(1,2)", "OR(0,0)",
    "AND(D1:D12)", "AND(1/0,FALSE)", "NOT(E1)", 'NOT("TRUE")', 'NOT("x")', "NOT(C3)", "NOT(0.5)",
    'IF("TRUE",1,2)', 'IF("x",1,2)', 'IF("1",1,2)', "IF(E1,1,2)", "IF(1/0,1,2)", "IF(TRUE,1/0,2)",
    "IF(TRUE,1,1/0)", "IF(TRUE,E1)", "IF(FALSE,1)", "IF(TRUE,,5)", "IF(FALSE,5,)",
    'IF(TRUE,"a",1)', "IFERROR(1/0,5)", "IFERROR(E1,5)", "IFERROR(1/0,E1)", 'IFERROR("a",1)',
    "IFERROR(1/0,1/0)", "IFERROR(TRUE,2)", "MATCH(3,F1:F12,0)", "MATCH(9,F1:F12,0)",
    "MATCH(E1,F1:F12,0)", "MATCH(0,E1:E5,0)", 'MATCH("b",G1:G12,0)', 'MATCH("A",G1:G12,0)',
    'MATCH("10",G1:G12,0)', "MATCH(10,G1:G12,0)", 'MATCH("a*",G1:G12,0)', 'MATCH("x?y",G1:G12,0)',
    "MATCH(TRUE,C1:C12,0)", "MATCH(1,A1:B2,0)", "MATCH(4,D1:D12,0)", "MATCH(#N/A,D1:D12,0)",
    'MATCH("text",C1:C12,0)', "MATCH(3,A1:C1,0)", "MATCH(2,{1,2,3},0)", "INDEX(A1:B3,2,2)",
    "INDEX(A1:B3,4,1)", "INDEX(A1:B3,1,3)", "INDEX(A1:A5,2)", "INDEX(A1:C1,2)",
    "INDEX(A1:B3,0.5,1)", "INDEX(E1:E3,1)", "INDEX(C1:C5,3)", "INDEX(D1:D5,2)",
    "INDEX({1,2;3,4},2,1)", "INDEX(A1:B3,-1,1)", "INDEX(F1:F12,MATCH(MAX(A1:A12),A1:A12,0))",
    "SUM(INDEX(A1:B3,0,1))", "SUMPRODUCT(C1:C6,F1:F6)", "SUMPRODUCT(A1:A3,A1:A4)",
    "SUMPRODUCT(A1:A3,TRUE)", "SUMPRODUCT(C5,2)", "SUMPRODUCT(--(A1:A5>2))",
    "SUMPRODUCT(A1:A5>2)", "SUMPRODUCT((A1:A5>2)*B1:B5)", "SUMPRODUCT(A1:A3*A1:C1)",
    "SUMPRODUCT(2,3)", 'SUMPRODUCT("3",2)', "SUMPRODUCT(D1:D3,A1:A3)", "SUMXMY2(A1:A3,B1:B3)",
    "SUMXMY2(C1:C6,F1:F6)", "SUMXMY2(A1:A3,A1:C1)", "SUMXMY2(A1:A3,B1:B2)",
    'SUMIF(A1:A5,">2",B1:B5)', 'SUMIF(D1:D12,">0")', 'SUMIF(A1:A5,"<>2")',
    'SUMIF(C1:C12,"<>0",A1:A12)', "COUNTIF(C1:C12,0)", 'COUNTIF(C1:C12,"<>0")',
    "COUNTIF(C1:C12,12)", 'COUNTIF(C1:C12,"=12")', "COUNTIF(G1:G12,10)", 'COUNTIF(G1:G12,">0")',
    "COUNTIF(E1:E5,0)", 'COUNTIF(D1:D12,">0")', "COUNTIF(C1:C12,TRUE)", "COUNTIF(A1:A12,E1)",
    "SUMIF(A1:A3,2.5,B1:C3)", 'SUMIF(A1:A3,">0",D1:D3)', "SUM(MMULT(A1:B2,A1:B2))",
    "MMULT(A1:B1,A1:A2)", "MMULT(A1:B2,C1:C2)", "MMULT(A1:A2,A1:A2)",
    "SUM(MMULT(TRANSPOSE(A1:A3),B1:B3))", "SUM(TRANSPOSE(A1:B3)*2)", "MMULT(C4,A1)", "ROW()",
    "COLUMN()", "ROW(B7)", "COLUMN(C:C)", "ROWS(A1:C5)", "COLUMNS(A:C)", "ROWS(2:4)", "ROWS(A:A)",
    "SUM(A:A)-SUM(A13:A9999)", "SUM(1:1)*0+COLUMN(B:B)", "SUM(ROW(A1:A3))", "A1:A3",
    "SUM(A1:A3+1)", "SUM(A1:A3*A1:C1)", "SUM(A1:A3*A1:B2)", "SUM(C1:C12*1)", "SUM(-A1:A3)",
    "SUM(A1:A3%)", "SUM(IF(B1:B12>0,B1:B12))", "SUM(IF(B1:B12>0,1,0)*A1:A12)",
    "MAX(IF(C1:C12,1,0))", "SUM(E1:E3+1)", "SUM({1,2,3}*{1;2})", 'SUM({"1",2})',
    'COUNT({1,"2",TRUE})', "AND({1,1})", "SUM(IFERROR(D1:D12,0))", 'SUM(--(G1:G3="b"))', "PI()*2",
    "C10=0", 'C10=""', "C10+1", "C10&1", "G4+1", "G6+1", "G9+1", "G11+1", "G8+1", "--G8", "G5*2",
    "C4*2", "C5*2", "C9+0", "C3+0", "E1+0", "E1", "C3", "C4", "C5", "D2", "D4", "C10", "G8",
    "E1&E2", "-E1", "-C5", "+C5", "+C3", "--C4", "+E1", "E1%", "C5%", "C3%", "D2%", '-""', "1/E1",
    "E1/E1", "E1^0", "0^E1", "SUM(S!A1:A3)", "S!A1+1", "'S'!B1*2", "SUM(A12:A1)",
    "SUM(XFD1048576)", "MAX(0,SUM(A1:B2*F1:F2))", "EXP(A1)/SUM(EXP(A1:A3))", "1E-320*1",
    "SUM(1E308,1E308)", "1.7976931348623157E+308+0", "0.1+0.2=0.3", "0.1+0.2-0.3",
    "1=1.0000000000000002", "(0.1+0.2)-0.3", "1E15+0.3", "COUNTIF(D1:D12,#N/A)",
    "COUNTIF(D1:D12,D2)", "COUNTIF(F1:F12,D4)", "SUMIF(F1:F12,D2)", "COUNTIF(F1:F12,TRUE)",
    "COUNTIF(F1:F12,C5)", 'COUNTIF(F1:F12,"<>1e0")', 'COUNTIF(C1:C12,"<>12")',
    "MATCH(D2,F1:F12,0)", "COUNTIF(E1:E5,E1)", "COUNTIF(F1:F12,C2)", 'COUNTIF(F1:F12,"")',
    'COUNTIF(C1:C12,"=")', 'COUNTIF(C1:C12,"<>")', 'COUNTIF(F1:F12,"=1")', "--A18", "NOT(A18)",
    "AND(A18)", "AND(A18,A1)", "IF(A18,1,2)", "SUM(D2,D4)", "SUM(D4,D2)", "D4*D2",
    "MAX(D1:D12,D2)", "SUM(+C5)", "SUM(-C5)", "SUM(+A1:A3)", "COUNT(+C4)", "COUNT(-C4)",
    "SUM(IF(TRUE,C5,0))", "SUM(IF(TRUE,C4,0))", "COUNT(IF(TRUE,E1,0))", "COUNTA(IF(TRUE,E1))",
    "SUM(INDEX(C1:C5,5))", "SUM(INDEX(C1:C5,4))", "COUNT(INDEX(E1:E3,1))", "IF(E1=0,1,2)",
    "SUM(IFERROR(C5,0))", "AVERAGE(C5)", "AVERAGE(TRUE)", "MAX(C5)", "MAX(TRUE)", 'MAX("3",1)',
    "SUMPRODUCT(A1:A3,B1:B3)/SUM(B1:B3)", "SUMPRODUCT(A1:B2,A1:B2,F1:G2)", "LOG(100)", "LOG(-1)",
    "LOG(8,-2)", "LOG(8,0)", "LOG(1,1)", "LOG(100,)", "ROUND(1.5,)", "SUM(1,)", "MAX(,-1)",
    "COUNT(,)", "AVERAGE(1,)", "AND(TRUE,)", "TRUNC(1E300,2)", "ROUND(1E15+0.5,0)",
    "ROUND(0.15,1)", "ROUND(2.345,2)", "ROUND(-1.115,2)", "ROUNDUP(2.0000000000000004,0)",
    "ROUNDUP(0,-1)", "ROUNDDOWN(-199.99,-2)", "INT(0.99999999999999999)", "INT(-1E-20)",
    "INT(4.1*10)", "MOD(1E20,3)", "MOD(E1,2)", "MOD(2,E1)", "MOD(-6,3)", "MOD(0.3,0.1)",
    "MOD(5,-5)", "SQRT(E1)", "LN(E1)", "EXP(E1)", "4.35*100", "1-0.9-0.1", "-0",
    "COUNTBLANK(A1:A5000)", "COUNTBLANK(E1:E5000)", "INDEX(A1:A5000,4000)",
    "SUMPRODUCT(A1:A5000,B2:B5001)", "SUMPRODUCT((E1:E5000=0)*1)", "SUM(IF(E1:E5000=0,1,0))",
    "SUMXMY2(A1:A5000,B2:B5001)", 'COUNTIF(E1:E5000,"<>1")', "MAX(A1:A5000)",
    "SUM(MMULT(TRANSPOSE(F1:F5000),A1:A5000))", "ROWS(A1:A5000)",
    "SUMPRODUCT(A4990:A5000,B4990:B5000)", "SUM(EXP(E1:E5000))", "AVERAGE(A1:A5000)",
    "SUM((F19:F5000=0)*(F20:F5001=0))", "COUNT(-E1:E5000)", "ROUND(A1,20)", "POWER(0,-1)",
    "MATCH(E1,C5:C10,0)", "SIGN(+(A8<F2)<=50%)", "ROUND(1E300,20)", "0^-2", "TRUNC(1.5,400)",
)  # fmt: skip


def write(path: Path) -> Written:
    """Write the data, a column of single formulas, and blocks filled down and right."""
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("S")
    for column, values in enumerate(DATA):
        for row, value in enumerate(values):
            sheet.write(row, column, value)
    sheet.write_row(ODD_ROW, 0, ODD_TEXTS)
    written = Written()

    def put(cell: Cell, text: str, source: str, *, is_array: bool) -> None:
        written.formulas[cell], written.sources[cell] = text, source
        if is_array:
            written.arrays.add(cell)
            sheet.write_array_formula(*cell, *cell, f"{{={text}}}")
        else:
            sheet.write_formula(*cell, f"={text}")

    # Not all of them below each other: neighbours of one pattern are one block.
    for k, (text, is_array) in enumerate(drawn()):
        put((20 + k // 4, 9 + 2 * (k % 4)), text, text, is_array=is_array)
    for k, (text, is_array) in enumerate(families()):
        for down in range(4):
            for right in range(3):
                moved = Translator(f"={text}", "A1").translate_formula(
                    row_delta=down, col_delta=right
                )
                cell = (20 + 5 * (k // 8) + down, 20 + 4 * (k % 8) + right)
                put(cell, moved[1:], text, is_array=is_array)
    book.close()
    return written


# By hand: errors, blanks and texts in some cells of the block only, ranges that grow or turn.
BLOCKS = (
    "G9<>E$8", "E1=G1", "STDEV(C3,F3)", "AVERAGE(C$3:C$4,G11:G12)", "VAR(D1:D3)",
    "MATCH(B13,D4:D9,0)", "COLUMNS(A9:$B9)", "ROWS(A9:A$10)", "COLUMN(A9:$A9)", "SUM(A$1:A1)",
    "SUM($B9:D9)", "MAX(C1:D1)", "IF(C1,D1,E1)", "IFERROR(D1,C1)", "C1&D1", "IF(C1>1,C1,D1)",
    "COUNT(C1:E2)", "COUNTA(C1:D1)", "SUMPRODUCT(A1:A3,D1:D3)", "INDEX(B1:D4,F1,1)",
    "MATCH(C1,C$1:C$12,0)", 'COUNTIF(C1:C6,">0")', 'SUMIF(B1:B6,">0",C1:C6)', "LOG(C1,F1)",
    "MOD(B1,C1)", "B1^C1", "NOT(C1)", "ROUND(A1,C1)",
)  # fmt: skip


def families() -> Iterator[tuple[str, bool]]:
    """Yield formulas to fill blocks with, whose cells see data of different kinds."""
    yield from ((text, False) for text in BLOCKS)
    draw = Draw(7)
    names = [name for name in SIGNATURES if name not in ("TRANSPOSE", "MMULT")]
    for k in range(FAMILIES):
        if k % 3 == 0:
            yield f"{draw.cell()}{draw.random.choice(OPERATORS)}{draw.cell()}", False
        elif k % 3 == 1:
            yield draw.expression(2), k % 2 == 0
        else:
            name = draw.random.choice(names)
            signature = draw.random.choice(SIGNATURES[name])
            yield draw.call(name, signature), "p" in signature or k % 4 == 0
