"""Workbooks as strangers send them: drawn packages of several sheets, formulas of any kind.

Cells stand in a small corner; what formulas read lies there, beyond what is used, on other
sheets, in whole columns, behind names, or nowhere.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from hypothesis import strategies as st

from tests.helpers.packages import (
    BOOK,
    BOOK_RELS,
    SHEET,
    Parts,
    parts,
    rels,
    sheet_xml,
    workbook_xml,
)
from xlconv.spreadsheet.addresses import MAX_COLUMNS, MAX_ROWS, a1_name, column_name
from xlconv.spreadsheet.formula import scan

SHEETS = ("S", "my data", "A1")
NAMES = ("rate", "table", "areas", "lost", "far")
LARGEST = 9  # rows and columns of the corner

_ROWS = st.one_of(
    st.integers(0, LARGEST), st.integers(0, LARGEST), st.integers(0, 40),
    st.sampled_from([999, 70_000, MAX_ROWS - 1]),
)  # fmt: skip
_COLUMNS = st.one_of(
    st.integers(0, LARGEST), st.integers(0, LARGEST), st.integers(0, 40),
    st.sampled_from([300, MAX_COLUMNS - 1]),
)  # fmt: skip
_DOLLAR = st.sampled_from(["", "", "$"])


@st.composite
def _cells(draw: st.DrawFn) -> str:
    return f"{draw(_DOLLAR)}{column_name(draw(_COLUMNS))}{draw(_DOLLAR)}{draw(_ROWS) + 1}"


@st.composite
def _lines(draw: st.DrawFn) -> str:
    """Whole columns or whole rows."""
    letters = st.integers(0, 12).map(column_name)
    numbers = st.integers(1, 12).map(str)
    one = draw(st.sampled_from([letters, numbers]))
    return f"{draw(_DOLLAR)}{draw(one)}:{draw(_DOLLAR)}{draw(one)}"


@st.composite
def _areas(draw: st.DrawFn, dollar: str | None = None) -> str:
    """A window, its corners in order but for few."""
    top, left = draw(_ROWS), draw(_COLUMNS)
    bottom = min(top + draw(st.sampled_from([0, 1, 1, 2, 2, 3, 11])), MAX_ROWS - 1)
    right = min(left + draw(st.sampled_from([0, 1, 1, 2, 2, 3, 11])), MAX_COLUMNS - 1)
    marks = [draw(_DOLLAR) if dollar is None else dollar for _ in range(4)]
    ends = [
        f"{marks[0]}{column_name(left)}{marks[1]}{top + 1}",
        f"{marks[2]}{column_name(right)}{marks[3]}{bottom + 1}",
    ]
    return ":".join(ends if draw(st.integers(0, 19)) else reversed(ends))


_PLACES = st.one_of(_cells(), _areas(), st.tuples(_cells(), _cells()).map(":".join), _lines())
_PREFIXES = st.sampled_from(["", "", "", "S!", "'my data'!", "'A1'!", "gone!", "[1]S!"])
_REFERENCES = st.tuples(_PREFIXES, _PLACES).map("".join)
_CONSTANTS = st.sampled_from(
    ["1", "0", "2.5", "-3", "1E+300", '"x"', '"7"', '""', "TRUE", "#N/A", "#REF!", "{1,2;3,4}",
     "{1,2}", "{1;2,3}", '{"a",TRUE}', *NAMES, "unknown", "RAND()", "ROW()", "COLUMN()"]
)  # fmt: skip
_RANGES = "SUM MAX MIN AVERAGE COUNT COUNTA COUNTBLANK SUMSQ STDEV VAR SUMPRODUCT TRANSPOSE AND OR"
_SINGLES = "ABS SQRT EXP LN NOT INT ROWS COLUMNS ROW COLUMN ISNUMBER"
_OTHERS = (
    "IF IFERROR MMULT INDEX MATCH SUMIF COUNTIF SUMXMY2 POWER MOD ROUND VLOOKUP OFFSET INDIRECT"
)
_FUNCTIONS = st.sampled_from(f"{_RANGES} {_RANGES} {_SINGLES} {_OTHERS}".split())
_OPERATORS = st.sampled_from(["+", "-", "*", "/", "^", "&", "=", "<", "<>", ">=", ":", " ", ","])


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    arguments = st.lists(inner, min_size=1, max_size=3).map(",".join)
    return st.one_of(
        st.tuples(_FUNCTIONS, arguments).map(lambda both: f"{both[0]}({both[1]})"),
        st.tuples(_FUNCTIONS, arguments).map(lambda both: f"{both[0]}({both[1]})"),
        st.tuples(inner, _OPERATORS, inner).map("".join),
        st.tuples(st.sampled_from(["-", "+", "("]), inner).map(
            lambda both: f"({both[1]})" if both[0] == "(" else "".join(both)
        ),
        inner.map(lambda one: f"{one}%"),
    )


# What formulas say, mostly what can be read.
formulas = st.recursive(
    st.one_of(_REFERENCES, _REFERENCES, _CONSTANTS), _grown, max_leaves=6
).flatmap(lambda text: st.sampled_from([text] * 19 + [text[:-1] or "("]))


@st.composite
def _layers(draw: st.DrawFn) -> str:
    """What a network's formulas say, of windows anywhere."""
    sheet = draw(st.sampled_from(["", "", "", "", "'my data'!", "S!"]))
    window, kernel = draw(_areas("")), draw(_areas("$"))
    other, one, bias = draw(_areas("")), draw(_cells()), draw(_cells())
    return draw(st.sampled_from([
        f"SUMPRODUCT({sheet}{window},{kernel})", f"SUM({window}*{sheet}{kernel})+{bias}",
        f"MAX({sheet}{window})", f"MAX(0,{sheet}{one})", f"AVERAGE({window})",
        f"MAX(0,SUMPRODUCT({window},{kernel})+{bias})", f"{sheet}{one}*{bias}", f"{one}+{other}",
        f"SUMPRODUCT({window},{kernel})+SUMPRODUCT({other},{kernel})+{bias}",
        f"EXP({one})/SUM({kernel})", f"MMULT({window},{kernel})", f"1/(1+EXP(-{sheet}{one}))",
        f"{sheet}{one}", f"IF({one}>0,{one},0.1*{one})", f"SUM({kernel}:{one})",
        f"INDEX({kernel},MATCH({one},{kernel},0),1)", f"({one}-{bias})/SQRT({bias}+0.1)",
    ]))  # fmt: skip


_VALUES = st.sampled_from(
    ["", "<v>1</v>", "<v>1</v>", "<v>0</v>", "<v>-2.5</v>", "<v>1E300</v>"]
)  # fmt: skip
_CELLS = st.one_of(
    _VALUES.map(lambda value: ("", value)),
    _VALUES.map(lambda value: ("", value)),
    st.sampled_from([
        (' t="str"', "<v>text</v>"), (' t="str"', "<v>7</v>"), (' t="b"', "<v>1</v>"),
        (' t="e"', "<v>#N/A</v>"), (' t="e"', "<v>#DIV/0!</v>"), (' t="str"', "<v></v>"),
    ]),
)  # fmt: skip


@st.composite
def _rows(draw: st.DrawFn) -> str:
    """The rows of a sheet: constants, lone formulas, and formulas that were filled."""
    held: dict[tuple[int, int], str] = {}
    place = st.tuples(st.integers(0, LARGEST), st.integers(0, LARGEST))
    for _ in range(draw(st.integers(0, 3))):
        (top, left), height, width = draw(place), draw(st.integers(1, 9)), draw(st.integers(1, 9))
        for at in ((top + i, left + j) for i in range(height) for j in range(width)):
            held[at] = f'<c r="{a1_name(at)}"><v>{(at[0] * 7 + at[1] * 3) % 11 / 4}</v></c>'
    for at in draw(st.lists(place, max_size=5)):
        attributes, value = draw(_CELLS)
        held[at] = f'<c r="{a1_name(at)}"{attributes}>{value}</c>'
    for at in draw(st.lists(place, max_size=6)):
        kind = draw(st.sampled_from(["", "", "array", "spilled"]))
        held[at] = _formula(draw, at, draw(formulas), kind)
    if draw(st.booleans()):
        _plane(draw, held)
    for number in range(draw(st.integers(0, 2))):
        _fill(draw, held, number)
    if draw(st.integers(0, 9)) == 0:
        held[MAX_ROWS - 1, MAX_COLUMNS - 1] = '<c r="XFD1048576"><v>1</v></c>'
    by_row: dict[int, list[str]] = {}
    for at in sorted(held):
        by_row.setdefault(at[0], []).append(held[at])
    return "".join(f'<row r="{row + 1}">{"".join(cells)}</row>' for row, cells in by_row.items())


def _formula(draw: st.DrawFn, at: tuple[int, int], text: str, kind: str) -> str:
    attributes, value = draw(_CELLS)
    far = at[0] + draw(st.integers(0, 2)), at[1] + draw(st.integers(0, 2))
    area = f"{a1_name(at)}:{a1_name(far)}" if kind == "spilled" and far != at else a1_name(at)
    how = f' t="array" ref="{area}"' if kind else ""
    return f'<c r="{a1_name(at)}"{attributes}><f{how}>{escape(text)}</f>{value}</c>'


def _fill(draw: st.DrawFn, held: dict[tuple[int, int], str], number: int) -> None:
    """Fill a rectangle with one formula, as a shared one or each with its own text."""
    top, left = draw(st.integers(0, LARGEST)), draw(st.integers(0, LARGEST))
    height, width = draw(st.integers(1, 8)), draw(st.integers(1, 8))
    text = draw(st.one_of(formulas, _layers(), _layers()))
    kind = draw(st.sampled_from(["", "", "array", "shared"]))
    step = draw(st.sampled_from([1, 1, 1, 2]))
    for i in range(0, height, step):
        for j in range(0, width, step):
            at = top + i, left + j
            attributes, value = draw(_CELLS)
            written = escape(scan(text).moved(i, j))
            how = f' t="array" ref="{a1_name(at)}"' if kind == "array" else ""
            if kind == "shared":
                last = a1_name((top + height - 1, left + width - 1))
                how = f' t="shared" si="{number}"'
                how += f' ref="{a1_name((top, left))}:{last}"' if (i, j) == (0, 0) else ""
                written = written if (i, j) == (0, 0) else ""
            held[at] = f'<c r="{a1_name(at)}"{attributes}><f{how}>{written}</f>{value}</c>'
    if kind == "shared":
        for at in [at for at in held if f'si="{number}"' in held[at] and at < (top, left)]:
            del held[at]  # of an earlier one


def _plane(draw: st.DrawFn, held: dict[tuple[int, int], str]) -> None:
    """Numbers, a block that reads them window by window, and what reads the block.

    The block begins anywhere, as do the windows; one of its lines may hold something else.
    """
    n, m = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    top, left = draw(st.integers(0, 3)), draw(st.integers(0, 2))
    for i in range(n):
        for j in range(m):
            held[top + i, left + j] = _number((top + i, left + j), i + j)
    down, right = draw(st.integers(-2, 2)), draw(st.integers(-1, 1))
    (height, width), step = (
        draw(st.tuples(st.integers(1, 3), st.integers(1, 3))),
        draw(st.sampled_from([1, 1, 2])),
    )
    first, home = (top + draw(st.integers(0, 2)), left + m + draw(st.integers(0, 2))), {}
    form = draw(st.sampled_from(
        ["SUMPRODUCT({0},$Y$1:{1})", "MAX({0})", "MAX(0,{2})", "SUM({0}*$Y$1:{1})", "{2}*2",
         "SUMPRODUCT({0},$Y$1:{1})+SUMPRODUCT({0},$AA$1:$AC$3)+$X$1", "{2}"]
    ))  # fmt: skip
    for i in range(n):
        for j in range(m):
            row, column = first[0] + i + down, left + step * j + right
            if row >= 0 and column >= 0:
                end = a1_name((row + height - 1, column + width - 1))
                kernel = f"${column_name(23 + width)}${height}"
                start = a1_name((row, column))
                home[first[0] + i, first[1] + j] = form.format(f"{start}:{end}", kernel, start)
    array = form.startswith("SUM(")
    for at, text in home.items():
        how = f' t="array" ref="{a1_name(at)}"' if array else ""
        held[at] = f'<c r="{a1_name(at)}"><f{how}>{text}</f><v>1</v></c>'
    for at in ((i, j) for i in range(height) for j in range(width) if draw(st.integers(0, 9))):
        held[at[0], 24 + at[1]] = _number((at[0], 24 + at[1]), at[0] - at[1])
    last = first[0] + n - 1, first[1] + m - 1
    around = max(0, first[0] - draw(st.integers(0, 1))), first[1]
    reader = f"SUM(${column_name(around[1])}${around[0] + 1}:${column_name(last[1])}${last[0] + 1})"
    at = draw(st.integers(0, 12)), 31
    held[at] = f'<c r="{a1_name(at)}"><f>{reader}</f></c>'
    for line in draw(st.lists(st.integers(around[0], last[0]), max_size=2)):
        odd, other = draw(st.sampled_from(["blank", "number", "formula"])), draw(st.integers(0, 9))
        for column in range(first[1], last[1] + 1):
            at = line, column
            held.pop(at, None)
            if odd == "number":
                held[at] = _number(at, 3)
            elif odd == "formula":
                text = home.get((other, column), "$Y$1*2")
                held[at] = f'<c r="{a1_name(at)}"><f>{text}</f></c>'


def _number(at: tuple[int, int], value: float) -> str:
    return f'<c r="{a1_name(at)}"><v>{value}</v></c>'


@st.composite
def books(draw: st.DrawFn) -> Parts:
    """The parts of a workbook of one to three sheets, with names for this and that."""
    sheets = SHEETS[: draw(st.integers(1, 3))]
    area = draw(st.sampled_from(["$A$1:$B$4", "$ZZ$900:$ZZ$999", "$C$3", "$A:$B"]))
    meant = {
        "rate": "S!$A$1", "table": f"S!{area}", "areas": "S!$A$1:$A$2,S!$C$1:$C$2",
        "lost": "#REF!", "far": f"gone!{area}",
    }  # fmt: skip
    names = "".join(f'<definedName name="{k}">{v}</definedName>' for k, v in meant.items())
    content = parts()
    del content[SHEET]
    keys = {name: f"s{number}" for number, name in enumerate(sheets)}
    content[BOOK] = workbook_xml(keys, names)
    for key in keys.values():
        content[f"xl/{key}.xml"] = sheet_xml(draw(_rows()))
    content[BOOK_RELS] = rels(*((key, "worksheet", f"{key}.xml") for key in keys.values()))
    return content
