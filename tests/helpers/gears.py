"""Worksheet parts read by both gears: in bulk, and streamed; what each says must be the same.

`python -m tests.helpers.gears 200000 --seed 1` draws so many parts, most of them damaged.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterator

from xlconv.errors import ReadError
from xlconv.spreadsheet.workbook import Sheet
from xlconv.spreadsheet.xlsx import cells
from xlconv.spreadsheet.xlsx.package import Budget

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRINGS = ["one", "two & three", "é"]

_TYPES = ("", "", "", ' t="n"', ' t="s"', ' t="str"', ' t="b"', ' t="e"', ' t="inlineStr"',
          ' t="d"', ' t="q"')  # fmt: skip
_STYLES = ("", ' s="1"', ' s="22"', ' cm="1" s="3"', ' x:a="1"', " ")
_VALUES = ("0", "1", "-1.5", "1E-7", "0.30000000000000004", "12345678901234567890", "1e999", "nan",
           "#N/A", "2000-01-01", "x", "1_0", " 1", "a&amp;b", "a&#10;b", "é", "\ufffe",
           "]]&gt;", "'", '"', "true", "99999")  # fmt: skip
_TEXTS = ("A1", "SUM($A$1:B2)*2", "IF(A1&gt;0,&quot;y&quot;,1)", "'é'!A1", "", "A1 / B2", "a&b",
          "A1>0", "1:1", "$A1&amp;A$1", "MAX(0,A1)")  # fmt: skip
_SAYS = ("", "", "", ' aca="false"', ' t="array" ref="{n}"', ' aca="false" t="array" ref="{n}:{n}"',
         ' t="array" ref="{n}:D9"', ' t="array" ref="A1"', ' t="shared" ref="A1:B9" si="0"',
         ' t="shared" si="0"', ' t="shared" si="1"', ' t="dataTable" ref="{n}" r1="A1"', ' ca="1"',
         ' t="array"', ' ref="{n}" ref="{n}"', ' ref="{n}" t="array"')  # fmt: skip
_ROWS = ("", "", ' spans="1:4"', ' ht="18" customHeight="1"', ' y:dyDescent="0.3"', ' r="2"')
_FRAGMENTS = (
    b"<!-- -->", b"<![CDATA[x]]>", b"&#10;", b"&lt;", b"]]>", b"<row>", b"</row>", b"<c>", b"</c>",
    b"<sheetData>", b"</sheetData>", b"<sheetData/>", b"\r\n", b"\t", b"\0", b"\xff", b"\xc3\xa9",
    b" ", b"<f>", b"</f>", b"<v/>", b"<v />", b"<v>", b"<x:c>", b"<?pi?>", b' xmlns="u"',
    b"<is><t>a</t></is>", b"<t>", b"/", b">", b"<", b'"', b"'", b"=", b"<f/>", b"<row/>",
    b'<c r="A1"/>', b"<cols/>", b"<rowx>", b'<row r="1"><!--', b"-->", b"<is>", b"<t/>",
    b"<r><t>b</t></r>", b"\xef\xbf\xbe", b"1", b"A",
)  # fmt: skip
_HEADS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n', "", '<?xml version="1.0"?>',
    "<?xml version='1.0' encoding='ISO-8859-1'?>", '<?xml version="1.0" encoding="utf-8"?>',
    "\ufeff",
)  # fmt: skip


class FewParts:
    """A package of one worksheet part, handed out in pieces."""

    def __init__(self, part: bytes, piece: int, budget: Budget | None = None) -> None:
        self.budget = budget or Budget()
        self.text_left = self.budget.text_mib << 20
        self.handed_out = (0, 0)
        self._part, self._piece = part, piece

    def chunks(self, _: str) -> Iterator[bytes]:
        for k in range(0, len(self._part), self._piece):
            yield self._part[k : k + self._piece]

    def declared(self, _: str) -> int:
        return len(self._part)

    def take_back(self, _: tuple[int, int]) -> None:
        pass

    def keep_text(self, _: int) -> None:
        pass


def read_by(part: bytes, piece: int, *, in_bulk: bool, budget: Budget | None = None) -> object:
    """Return all that one gear says of a part; None where it hands the part to the other one."""
    package = FewParts(part, piece, budget)
    if in_bulk and cells._plain(package, "p", _fresh(package), "S") is None:  # type: ignore[arg-type]
        return None
    try:
        return said(cells.read_cells(package, "p", "S", STRINGS, 0))  # type: ignore[arg-type]
    except ReadError as error:
        return str(error)


def streamed(part: bytes, piece: int, budget: Budget | None = None) -> object:
    """Return all that the streaming reader says of a part."""
    bulk, cells._plain = cells._plain, lambda *_: None  # type: ignore[assignment]
    try:
        return read_by(part, piece, in_bulk=False, budget=budget)
    finally:
        cells._plain = bulk


def _fresh(package: FewParts) -> cells.CurrentCell:
    most = package.budget.cells, package.text_left, package.budget.cells_allowed
    return cells.CurrentCell("S", STRINGS, most, since_1904=False)


def said(sheet: Sheet) -> object:
    """Return everything of a sheet, to the bit."""
    arrays = (sheet.rows, sheet.columns, sheet.kinds, sheet.cached, sheet.numbers)
    return (
        sheet.name, [(one.dtype.str, one.tobytes()) for one in arrays], list(sheet.texts),
        sheet.results, sheet.arrays,
    )  # fmt: skip


# -- drawn parts ---------------------------------------------------------------------------


def drawn_part(rng: random.Random) -> bytes:
    """Return a part of few rows: plain, or with something in it that few files have."""
    plain = rng.random() < 0.5
    rows = []
    number = 0
    for _ in range(rng.randint(0, 4)):
        number += rng.choice((1, 1, 1, 2, 9, 990)) if plain else rng.choice((1, 1, 0, 2, 1 << 20))
        column = 0
        found = []
        for _ in range(rng.randint(0, 5)):
            column += rng.choice((1, 1, 1, 3, 26, 700)) if plain else rng.choice((1, 1, 0, 20_000))
            found.append(_cell(rng, _name(column) + str(number), plain))
        tail = rng.choice(_ROWS[:4] if plain else _ROWS)
        rows.append(f'<row r="{number}"{tail}>{"".join(found)}</row>' if found or rng.random() < 0.5
                    else f'<row r="{number}"{tail}/>')  # fmt: skip
    head = rng.choice(_HEADS[:3] if plain else _HEADS)
    more = rng.choice(("", ' xmlns:y="u"', ' xmlns:y="u" xmlns:x="u"'))
    return (
        f'{head}<worksheet xmlns="{MAIN}"{more}><cols/><sheetData>{"".join(rows)}</sheetData>'
        "<pageMargins/></worksheet>"
    ).encode()


def _cell(rng: random.Random, name: str, plain: bool) -> str:
    kind = rng.choice(_TYPES[:4] if plain and rng.random() < 0.8 else _TYPES)
    style = rng.choice(_STYLES[:3] if plain else _STYLES)
    tag = f'<c r="{name}"{style}{kind}'
    if rng.random() < 0.1:
        return tag + rng.choice(("/>", "></c>", " />"))
    value = rng.choice(_VALUES[:5] if plain else _VALUES)
    if "inlineStr" in kind:
        space = rng.choice(("", ' xml:space="preserve"'))
        return f"{tag}><is><t{space}>{value}</t></is></c>"
    if "s" in kind and "str" not in kind and rng.random() < 0.8:
        value = str(rng.randint(0, 3))
    held = rng.choice((f"<v>{value}</v>",) * 6 + ("", "<v></v>", "<v/>", "<v />"))
    if rng.random() < 0.5:
        says = rng.choice(_SAYS[:9] if plain else _SAYS).format(n=name)
        text = rng.choice(_TEXTS[:5] if plain else _TEXTS)
        held = (f"<f{says}>{text}</f>" if text or rng.random() < 0.5 else f"<f{says}/>") + held
    return f"{tag}>{held}</c>"


def _name(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def damaged(part: bytes, rng: random.Random) -> bytes:
    """Return a part with a few bytes that are others, more or fewer."""
    found = bytearray(part)
    for _ in range(rng.choice((0, 0, 0, 1, 2))):
        at, size = rng.randrange(len(found) + 1), rng.randint(1, 30)
        match rng.randrange(5):
            case 0:
                found[at:at] = rng.choice(_FRAGMENTS)
            case 1:
                del found[at : at + rng.choice((1, 1, size))]
            case 2:
                found[at:at] = found[at : at + size]
            case 3 if at < len(found):
                found[at] ^= 1 << rng.randrange(8)
            case _:
                one = rng.choice(_FRAGMENTS)
                found[at : at + len(one)] = one
    return bytes(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    rng = random.Random(asked.seed)
    ended: Counter[str] = Counter()
    for _ in range(asked.count):
        part = damaged(drawn_part(rng), rng)
        piece = rng.choice((1 << 20, 100, 7))
        one, other = read_by(part, piece, in_bulk=True), streamed(part, piece)
        ended["streamed" if one is None else "in bulk"] += 1
        ended["refused" if isinstance(other, str) else "read"] += 1
        if one is not None and one != other:
            ended["DIFFERENT"] += 1
            print(part, one, other, sep="\n", end="\n\n")
    print(dict(ended))


if __name__ == "__main__":
    main()
