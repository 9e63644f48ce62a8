"""Measures what `xlconv verify` does with hostile files. Run by hand:

    python tests/benchmarks/hostile.py [--only words]

Each file is made by a process of its own in a temporary folder, then verified by
`python -m xlconv verify FILE` in another, whose peak memory and wall time are shown with
its exit code and the line it said (and its CPU time, which a busy machine hardly changes).
The marks at the end: SLOW over 10 s, BIG over 500 MB,
UNCLEAR where it crashed or said more or less than a line. Workbooks that are large but
honest, as `generate` writes them, are marked so, and may take more of both.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from struct import pack
from threading import Timer
from time import monotonic
from typing import NamedTuple

# Only what costs little memory: a child's peak is at least that of the process it is
# started from, so that this one stays small.

TIMEOUT = 120
SECONDS, MEGABYTES = 10, 500
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
BOOK, SHEET, STRINGS = "xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
BOOK_RELS = "xl/_rels/workbook.xml.rels"
GOOD = {0, 1, 2, 5}
MOST_LINES = 3  # of a file that is refused: the line, and the summary

Part = Iterable[str]


# -- making files ----------------------------------------------------------------------


def many(count: int, text: Callable[[int], str], step: int = 5_000) -> Iterator[str]:
    """Yield `text(0)` to `text(count - 1)`, many at a time."""
    for start in range(0, count, step):
        yield "".join(map(text, range(start, min(start + step, count))))


def sheet(rows: Part, before: str = "", after: Part = ()) -> Iterator[str]:
    yield f'<worksheet xmlns="{MAIN}">{before}<sheetData>'
    yield from rows
    yield "</sheetData>"
    yield from after
    yield "</worksheet>"


def strings(items: Part) -> Iterator[str]:
    yield f'<sst xmlns="{MAIN}">'
    yield from items
    yield "</sst>"


def book(sheets: Part = ('<sheet name="S" sheetId="1" r:id="s1"/>',), names: Part = ()) -> Part:
    yield f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
    yield from sheets
    yield "</sheets><definedNames>"
    yield from names
    yield "</definedNames></workbook>"


def relations(*rows: str | Part) -> Iterator[str]:
    yield f'<Relationships xmlns="{RELATIONS}">'
    for row in rows:
        yield from (row,) if isinstance(row, str) else row
    yield "</Relationships>"


def relation(key: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{key}" Type="{OFFICE}/{kind}" Target="{target}"/>'


def save(path: Path, method: int = zipfile.ZIP_DEFLATED, **changes: Part) -> None:
    """Write a workbook of one sheet; `changes` are parts by their short names or paths."""
    parts: dict[str, Part] = {
        "[Content_Types].xml": ('<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
                                'content-types"/>',),
        "_rels/.rels": relations(relation("b", "officeDocument", BOOK)),
        BOOK: book(),
        BOOK_RELS: relations(
            relation("s1", "worksheet", "worksheets/sheet1.xml"),
            relation("st", "sharedStrings", "sharedStrings.xml"),
            relation("sy", "styles", "styles.xml"),
        ),
        STRINGS: strings(()),
        SHEET: sheet(()),
    }  # fmt: skip
    short = {"book": BOOK, "rels": BOOK_RELS, "strings": STRINGS, "sheet": SHEET}
    parts |= {short.get(name, name): part for name, part in changes.items()}
    with zipfile.ZipFile(path, "w", method, compresslevel=1) as package:
        for name, part in parts.items():
            with package.open(name, "w", force_zip64=True) as file:
                for text in part:
                    file.write(text.encode())


def formula_rows(count: int, width: int, text: Callable[[int], str]) -> Iterator[str]:
    """Rows of formulas, `width` to a row, from column B on, beside a number in A."""

    def row(i: int) -> str:
        cells = "".join(
            f"<c><f>{text(k)}</f><v>{k}</v></c>" for k in range(i * width, (i + 1) * width)
        )
        return f'<row r="{i + 1}"><c><v>{i}</v></c>{cells}</row>'

    return many(count // width, row, 20)


def formulas(count: int, width: int, text: Callable[[int], str]) -> Callable[[Path], None]:
    return lambda path: save(path, sheet=sheet(formula_rows(count, width, text)))


def numbers(rows: int, width: int, *, backwards: bool = False) -> Iterator[str]:
    def row(i: int) -> str:
        i = rows - 1 - i if backwards else i
        places = range(width - 1, -1, -1) if backwards else range(width)
        return (
            f'<row r="{i + 1}">'
            + "".join(f'<c r="{a1(k)}{i + 1}"><v>{(i * k) % 9973}</v></c>' for k in places)
            + "</row>"
        )

    return many(rows, row, 50)


def a1(column: int) -> str:
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def noise(k: int) -> int:
    """Digits that no compression takes for the same."""
    return (k * 2654435761) % 4294967291


def tail(size: int, per: int = 150) -> str:
    """A comment of random letters, so that a part of `size` stays under the ratio allowed."""
    return f"<!--{os.urandom(size // per // 2).hex()}-->"


def spaces(count: int) -> Iterator[str]:
    """Yield so many MB of spaces, with enough random letters to stay under the ratio allowed."""
    for _ in range(count):
        yield " " * 1_000_000 + tail(1_000_000)


def raw(data: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(data) and None


def renamed(kind: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as package:
            if kind == "ods":
                package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
                package.writestr("content.xml", "<office:document/>")
            else:
                package.writestr("_rels/.rels", "".join(
                    relations(relation("b", "officeDocument", "xl/workbook.bin"))))  # fmt: skip
                package.writestr("xl/workbook.bin", b"\x83\x01\x00" * 100)

    return make


def truncated(path: Path) -> None:
    save(path, sheet=sheet(numbers(1_000, 20)))
    path.write_bytes(path.read_bytes()[:-3_000])


def bomb(part: str, megabytes: int = 4_000) -> Callable[[Path], None]:
    """A part of nothing but spaces inside its root: 1,000 to 1."""
    root = {SHEET: "worksheet", STRINGS: "sst", BOOK: "workbook", "xl/styles.xml": "styleSheet"}

    def body() -> Iterator[str]:
        yield f'<{root[part]} xmlns="{MAIN}">'
        for _ in range(megabytes):
            yield " " * 1_000_000
        yield f"</{root[part]}>"

    return lambda path: save(path, **{part: body()})


def overlapping(path: Path, count: int = 400) -> None:
    """Sheets that share one run of compressed bytes, each under a header within the last's."""
    names = [f"xl/worksheets/s{k:04}.xml" for k in range(count)]
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = "".join(sheet((" " * 3_000_000, tail(3_000_000)))).encode()
    packed = packer.compress(data) + packer.flush()
    listed = (f'<sheet name="S{k}" sheetId="{k + 1}" r:id="s{k}"/>' for k in range(count))
    linked = (relation(f"s{k}", "worksheet", f"worksheets/s{k:04}.xml") for k in range(count))
    save(path, book=book(listed), rels=relations(linked))
    with zipfile.ZipFile(path) as package:
        kept = {one.filename: package.read(one) for one in package.infolist()}
    body, listing = bytearray(), bytearray()

    def head(raw_: bytes, packed_: bytes) -> bytes:
        sizes = zlib.crc32(raw_), len(packed_), len(raw_)
        return pack("<5H3L", 20, 0, 8 if raw_ is data else 0, 0, 33, *sizes)

    def note(name: str, common: bytes) -> None:
        ends = pack("<HHHHHLL", len(name), 0, 0, 0, 0, 0, len(body))
        listing.extend(b"PK\1\2" + pack("<H", 20) + common + ends + name.encode())

    for name, content in kept.items():
        note(name, head(content, content))
        body += b"PK\3\4" + head(content, content) + pack("<HH", len(name), 0) + name.encode()
        body += content
    for k, name in enumerate(names):
        note(name, head(data, packed))
        rest = (count - 1 - k) * (30 + len(names[0]))
        body += b"PK\3\4" + head(data, packed) + pack("<HH", len(name), rest) + name.encode()
    body += packed
    total = len(kept) + count
    ends = pack("<4s4H2LH", b"PK\5\6", 0, 0, total, total, len(listing), len(body), 0)
    path.write_bytes(bytes(body + listing + ends))


def nested(path: Path) -> None:
    """A package in a package in a package, nine deep, under the name of the sheet."""
    save(path)
    for _ in range(9):
        inner = path.read_bytes()
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
            package.writestr("_rels/.rels", "".join(relations(
                relation("b", "officeDocument", "xl/workbook.xml"))))  # fmt: skip
            package.writestr(BOOK, inner)


def many_parts(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as package:
        for k in range(65_535):
            package.writestr(f"x/{k}", b"")


def dtd(body: str, use: str) -> Callable[[Path], None]:
    text = f'<!DOCTYPE worksheet [{body}]><worksheet xmlns="{MAIN}"><sheetData><row><c t="str">'
    return lambda path: save(path, sheet=(f"{text}<v>{use}</v></c></row></sheetData></worksheet>",))


LAUGHS = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{k + 1} "{f"&a{k};" * 10}">' for k in range(12))


def shared(path: Path, count: int = 1_040_000) -> None:
    def row(i: int) -> str:
        cells = "".join(f'<c r="{a1(k)}{i + 2}"><f t="shared" si="0"/></c>' for k in range(26))
        return f'<row r="{i + 2}">{cells}</row>'

    first = '<row r="1"><c r="A1"><f t="shared" si="0" ref="A1:Z99999">SUM(AB1:AD3)*2</f></c></row>'
    rows = (text for part in ((first,), many(count // 26, row, 100)) for text in part)
    save(path, sheet=sheet(rows))


def arrays(path: Path) -> None:
    def cell(k: int) -> str:
        first = f"{a1(k)}1"
        return f'<c r="{first}"><f t="array" ref="{first}:XFD1048576">A1*{k}</f><v>1</v></c>'

    last = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    save(path, sheet=sheet(('<row r="1">', *many(1_000, cell), "</row>", last)))


def long_texts(path: Path) -> None:
    """100,000 cells with a text of 32,767 characters of their own: 3.3 GB."""
    filling = os.urandom(16_000).hex()

    def cell(k: int) -> str:
        return f'<row><c t="inlineStr"><is><t>{k:06}{filling}{"x" * 761}</t></is></c></row>'

    save(path, sheet=sheet(many(100_000, cell, 100)))


def one_long_text(path: Path) -> None:
    """100,000 cells that share a text of 32,767 characters."""
    item = f"<si><t>{'x' * 32_767}</t></si>"
    cells = many(100_000, lambda k: '<row><c t="s"><v>0</v></c></row>')
    save(path, strings=strings((item,)), sheet=sheet(cells, after=(tail(4_000_000),)))


def deep_formula(path: Path, count: int = 10_000) -> None:
    """Formulas of 8,190 characters, nested 64 deep, each of its own."""

    def text(k: int) -> str:
        inner = "+".join(["A1"] * 2_500) + f"+{k}"
        return "MAX(0," * 64 + inner + ")" * 64

    save(path, sheet=sheet(formula_rows(count, 100, text)))


def unlike(k: int) -> str:
    """A formula that has its pattern with no other."""
    return "SIN(A1)" + "".join("+-*"[(k >> 2 * bit) % 3] + f"A{bit + 1}" for bit in range(12))


def boxes(k: int) -> str:
    """A sum over a range of its own, near the top left."""
    row, column = noise(k) % 900 + 1, noise(k + 7) % 90
    high, wide = noise(k + 11) % 50 + 1, noise(k + 13) % 9 + 1
    return f"SUM({a1(column)}{row}:{a1(column + wide)}{row + high})"


def wild_boxes(path: Path, count: int = 10_000) -> None:
    save(path, sheet=sheet(formula_rows(count, 10, boxes)))


def evaluation(path: Path) -> None:
    """A million formulas that each sum a range of 1,000 x 1,000."""

    def text(k: int) -> str:
        return f"SUM($AAA$1:${a1(702 + 999)}${1000})+{k % 7}"

    save(path, sheet=sheet(formula_rows(1_000_000, 100, text)))


def moving_evaluation(path: Path) -> None:
    """A million formulas that each sum a range of 1,000 x 1,000 of their own."""

    def text(k: int) -> str:
        i, j = k // 100, k % 100
        return f"SUM({a1(702 + j)}{i + 1}:{a1(1701 + j)}{i + 1000})"

    save(path, sheet=sheet(formula_rows(1_000_000, 100, text)))


def evaluations(path: Path, formula: str, *, texts: bool = False) -> None:
    """Formulas of one pattern each, a thousand in all, over the same 990,000 cells."""

    def row(i: int) -> str:
        kind = ' t="str"' if texts else ""
        cells = "".join(f"<c{kind}><v>{noise(i * 100 + k) % 999}</v></c>" for k in range(100))
        far = f'<c r="DA{i + 1}"><f>{formula.format(noise(i))}</f><v>1</v></c>' if i < 1000 else ""
        return f'<row r="{i + 1}">{cells}{far}</row>'

    save(path, sheet=sheet(many(9_900, row, 20)))


def cycle(path: Path, count: int = 100_000, *, closed: bool = True) -> None:
    """Cells A1 = A2 + 1 and so on down, the last one back to the first, or a number."""

    def row(i: int) -> str:
        after = (i + 2) if i + 1 < count else 1
        body = f"<f>A{after}+1</f>" if closed or i + 1 < count else ""
        return f'<row><c r="A{i + 1}">{body}<v>1</v></c></row>'

    save(path, sheet=sheet(many(count, row)))


def scattered_cycle(path: Path, count: int = 100_000) -> None:
    """One cycle through 100,000 cells in no order that a pattern could follow."""
    step = 38_197  # has no divisor in common with the count

    def row(i: int) -> str:
        return f'<row><c r="A{i + 1}"><f>A{(i * step + 1) % count + 1}+1</f><v>1</v></c></row>'

    save(path, sheet=sheet(many(count, row)))


def deep_xml(path: Path) -> None:
    save(path, sheet=sheet(many(5_000_000, lambda k: f"<a{noise(k) % 10}>")))


def unread(kind: str, count: int) -> Callable[[Path], None]:
    """Millions of elements behind the cells, or in a part of their own."""
    if kind == "formats":
        after = many(count, lambda k: f'<conditionalFormatting sqref="A{k + 1}"><cfRule type="'
                     f'expression" priority="{k}"><formula>A{k}</formula></cfRule>'
                     "</conditionalFormatting>")  # fmt: skip
        return lambda path: save(path, sheet=sheet(("<row><c><v>1</v></c></row>",), after=after))
    if kind == "merges":
        after = many(count, lambda k: f'<mergeCell ref="A{k + 1}:XFD{k + 1}"/>')
        return lambda path: save(path, sheet=sheet(("<row><c><v>1</v></c></row>",), after=after))
    comments = many(count, lambda k: f'<comment ref="A{k + 1}"><text><t>{k}</t></text></comment>')
    return lambda path: save(path, **{"xl/comments1.xml": comments, "sheet": sheet(())})


def empty_elements(path: Path, count: int = 150_000_000) -> None:
    """The shortest elements that there are, in a part as large as is allowed."""
    one = "<a/>" * 250_000 + tail(1_000_000)
    save(path, sheet=sheet((), after=(one for _ in range(count // 250_000))))


def attributes(path: Path) -> None:
    """Elements with a thousand attributes each."""

    def element(k: int) -> str:
        return "<row " + " ".join(f'a{j}="{noise(k) % 100}"' for j in range(1_000)) + "/>"

    save(path, sheet=sheet(many(30_000, element, 50)))


def one_long_attribute(path: Path) -> None:
    save(path, sheet=(f'<worksheet xmlns="{MAIN}" a="', *spaces(600), '"/>'))


def honest(size: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        from tests.benchmarks.verify import written

        written(size, path.parent).rename(path)

    return make


def wide(path: Path) -> None:
    def row(i: int) -> str:
        cells = "".join(f"<c><f>{a1(k)}{i + 301}*2</f><v>0</v></c>" for k in range(16_384))
        return f"<row>{cells}</row>"

    save(path, sheet=sheet(many(300, row, 1)))


def chain_of_knots(path: Path) -> None:
    """Cells that each read all cells above them: 20,000 of them read 200 million."""

    def row(i: int) -> str:
        body = f"<f>SUM(A$1:A{i})</f>" if i else ""
        return f'<row><c r="A{i + 1}">{body}<v>1</v></c></row>'

    save(path, sheet=sheet(many(20_000, row)))


def named_million(path: Path) -> None:
    names = many(1_000_000, lambda k: f'<definedName name="n{k}">S!$A${k + 1}</definedName>')
    save(path, book=book(names=names))


def wide_names(path: Path) -> None:
    areas = ",".join(f"S!$A${k + 1}" for k in range(700))
    names = many(15_000, lambda k: f'<definedName name="n{k}">{areas}</definedName>', 100)
    save(path, book=book(names=names))


class Case(NamedTuple):
    """A file: what makes it; whether somebody may have made it in good faith."""

    name: str
    make: Callable[[Path], None]
    honest: bool = False


CASES = (
    Case("empty", raw(b"")),
    Case("not a zip", raw(b"name,value\r\n" * 100)),
    Case("csv renamed", raw(b"1,2,3\r\n" * 1_000_000)),
    Case("truncated", truncated),
    Case("encrypted or xls (OLE2)", raw(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100_000))),
    Case("ods renamed", renamed("ods")),
    Case("xlsb renamed", renamed("xlsb")),
    Case("device /dev/zero", lambda path: path.symlink_to("/dev/zero")),
    Case("FIFO", os.mkfifo),
    Case("directory", lambda path: path.mkdir()),
    Case("missing", lambda path: None),
    Case("no sheet", lambda path: save(path, book=book(()))),
    Case("zip bomb: sheet", bomb(SHEET)),
    Case("zip bomb: shared strings", bomb(STRINGS)),
    Case("zip bomb: styles (not read)", bomb("xl/styles.xml")),
    Case("zip bomb: workbook.xml", bomb(BOOK)),
    Case("overlapping entries", overlapping),
    Case("nested packages", nested),
    Case("65,535 small parts", many_parts),
    Case("sheet of 1.5 GB of spaces", lambda path: save(path, sheet=sheet(spaces(1_500)))),
    Case("sheet of 1.0 GB of spaces", lambda path: save(path, sheet=sheet(spaces(1_000)))),
    Case("billion laughs", dtd(LAUGHS, "&a12;")),
    Case("external entity", dtd('<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;")),
    Case("5,000,000 open elements", deep_xml),
    Case("150,000,000 empty elements", empty_elements),
    Case("30,000,000 attributes", attributes),
    Case("1.0 GB of line breaks", lambda path: save(path, sheet=sheet(
        "\n" * 1_000_000 + tail(1_000_000) for _ in range(1_000)))),
    Case("200,000,000 entities", lambda path: save(path, sheet=sheet(
        "&amp;" * 200_000 + tail(1_000_000) for _ in range(1_000)))),
    Case("100,000,000 comments", lambda path: save(path, sheet=sheet(
        "<!---->" * 150_000 + tail(1_000_000) for _ in range(900)))),
    Case("100,000,000 instructions", lambda path: save(path, sheet=sheet(
        "<?a?>" * 200_000 + tail(1_000_000) for _ in range(900)))),
    Case("attribute of 600 MB", one_long_attribute),
    Case("3,000,000 sheets", lambda path: save(path, book=book(
        many(3_000_000, lambda k: f'<sheet name="S{k}" sheetId="{k}" r:id="s{k}"/>')))),
    Case("3,000,000 relationships", lambda path: save(path, rels=relations(
        many(3_000_000, lambda k: relation(f"s{k}", "worksheet", f"worksheets/s{k}.xml"))))),
    Case("1,000,000 defined names", named_million),
    Case("10,500,000 areas in names", wide_names),
    Case("10,000,000 shared strings", lambda path: save(path, strings=strings(
        many(10_000_000, lambda k: f"<si><t>{k}</t></si>")))),
    Case("1,500,000 shared strings", lambda path: save(path, strings=strings(
        many(1_500_000, lambda k: f"<si><t>{noise(k)}</t></si>")))),
    Case("5,100,000 cells", lambda path: save(path, sheet=sheet(numbers(51_000, 100)))),
    Case("4,000,000 cells in reverse", lambda path: save(
        path, sheet=sheet(numbers(40_000, 100, backwards=True)))),
    Case("1,500,000 cells in reverse", lambda path: save(
        path, sheet=sheet(numbers(15_000, 100, backwards=True)))),
    Case("absurd dimension", lambda path: save(path, sheet=sheet(
        ('<row r="1048576"><c r="XFD1048576"><f>A1+1</f><v>1</v></c></row>',),
        before='<dimension ref="A1:ZZZZZ99999999999"/>'))),
    Case("1,000,000 merged cells", unread("merges", 1_000_000)),
    Case("2,000,000 conditional formats", unread("formats", 2_000_000)),
    Case("3,000,000 comments", unread("comments", 3_000_000)),
    Case("100,000 texts of 32,767", long_texts),
    Case("a text of 32,767 in 100,000 cells", one_long_text),
    Case("1,040,000 shared children", shared),
    Case("1,000 array formulas to XFD1048576", arrays),
    Case("300 rows x 16,384 formulas", wide),
    Case("cycle of 100,000", cycle),
    Case("cycle of 100,000, scattered", scattered_cycle),
    Case("chain of 100,000", lambda path: cycle(path, closed=False)),
    Case("chain of 1,000,000", lambda path: cycle(path, 1_000_000, closed=False)),
    Case("20,000 running sums", chain_of_knots),
    Case("1,000,000 distinct formulas", formulas(1_000_000, 100, unlike)),
    Case("4,900 distinct formulas", formulas(4_900, 10, unlike)),
    Case("10,000 irregular ranges", wild_boxes),
    Case("4,900 irregular ranges", lambda path: wild_boxes(path, 4_900)),
    Case("10,000 x SUM(A:A)", formulas(10_000, 10, lambda k: "SUM(A:A)")),
    Case("10,000 x SUM(A:A), each else", formulas(
        10_000, 10, lambda k: f"SUM({a1(noise(k) % 5)}:{a1(noise(k + 1) % 16_000)})")),
    Case("4,000 x SUM(A:XFD), each else", formulas(
        4_000, 10, lambda k: f"SUM(A{k % 9 + 1}:XFD1048576)+{noise(k)}*{unlike(k)}")),
    Case("10,000 of 8,190 letters, 64 deep", deep_formula),
    Case("100 of 8,190 letters, 64 deep", lambda path: deep_formula(path, 100)),
    Case("1,000,000 x SUM of 1000x1000", evaluation),
    Case("1,000,000 moving SUM of 1000x1000", moving_evaluation),
    Case("SUMPRODUCT over the whole sheet", formulas(
        100, 10, lambda k: "SUMPRODUCT(A1:XFD1048576,A1:XFD1048576)")),
    Case("1,000 x SUM of a million cells", lambda path: evaluations(path, "SUM(A1:CV9900)+{}")),
    Case("1,000 comparisons of a million texts", lambda path: evaluations(
        path, 'SUMPRODUCT(--(A1:CV9900="x{}"))', texts=True)),
    Case("1,000 x COUNTIF of a million texts", lambda path: evaluations(
        path, 'COUNTIF(A1:CV9900,"x{}")', texts=True)),
    Case("outer products of 9,900 x 9,900", lambda path: evaluations(
        path, "SUMPRODUCT(A1:A9900*TRANSPOSE(B1:B9900))+{}")),
    Case("2,000 operations on a million cells", lambda path: evaluations(
        path, f"SUMPRODUCT(A1:CV9900{'+1' * 170})" + "+{}")),
    Case("products of 100 x 9,900 matrices", lambda path: evaluations(
        path, "SUM(MMULT(A1:CV9900,TRANSPOSE(A1:CV9900)))+{}")),
    Case("joined texts of a million cells", lambda path: evaluations(
        path, 'SUMPRODUCT(--(A1:CV9900&amp;"x"="{}"))', texts=True)),
    Case("8,000 open parentheses", formulas(10, 10, lambda k: "(" * 8_000)),
    Case("4,000 nested parentheses", formulas(10, 10, lambda k: "(" * 4_000 + "1" + ")" * 4_000)),
    Case("8,000 signs", formulas(10, 10, lambda k: "-" * 8_000 + "1")),
    Case("4,000 powers", formulas(10, 10, lambda k: "^".join(["2"] * 4_000))),
    Case("default preset", honest("default"), honest=True),
    Case("30k network", honest("30k"), honest=True),
    Case("300k network", honest("300k"), honest=True),
    Case("1m network", honest("1m"), honest=True),
)  # fmt: skip


# -- measuring -------------------------------------------------------------------------


class Run(NamedTuple):
    """What a process did: its exit code, None where it was ended, and all that it said."""

    code: int | None
    seconds: float
    cpu: float
    megabytes: float
    said: str


def verified(path: Path, folder: Path) -> Run:
    """Verify a file in a process of its own, which is ended after a time."""
    told = folder / "told"
    with told.open("wb") as out:
        start = monotonic()
        command = [sys.executable, "-m", "xlconv", "verify", str(path)]
        child = subprocess.Popen(command, stdout=out, stderr=out)
        late = Timer(TIMEOUT, child.kill)
        late.start()
        _, status, used = os.wait4(child.pid, 0)  # what this one child used
        late.cancel()
        seconds = monotonic() - start
        child.returncode = os.waitstatus_to_exitcode(status)
    cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    return Run(child.returncode, seconds, cpu, peak, told.read_text(errors="replace"))


def marks(case: Case, run: Run) -> str:
    """Return what is wrong with a run, in a word each."""
    found = []
    if run.code not in GOOD or "Traceback" in run.said:
        found.append("CRASH" if run.seconds < TIMEOUT else "ENDLESS")
    elif run.code == 2 and len(run.said.splitlines()) > MOST_LINES:
        found.append("UNCLEAR")
    if not case.honest:
        found += ["SLOW"] * (run.seconds > SECONDS) + ["BIG"] * (run.megabytes > MEGABYTES)
    return " ".join(["honest"] * case.honest + found)


def line_of(run: Run, path: Path) -> str:
    """Return the first line that was said, without the file's path."""
    lines = [one for one in run.said.splitlines() if one.strip()] or ["(nothing)"]
    first = next((one for one in lines if "Error" in one), lines[0])
    return first.replace(f"{path}: ", "").replace(str(path), "FILE")[:110]


def size_of(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.2f}" if path.is_file() else "-"


def report(only: str) -> None:
    chosen = [one for one in CASES if all(word in one.name for word in only.split())]
    print(f"{'file':<36} {'MB':>7} {'exit':>4} {'s':>6} {'cpu':>6} {'MB':>5}  {'':<6} what it said")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for case in chosen:
            path = folder / "x.xlsx"
            subprocess.run([sys.executable, __file__, "--make", case.name, path], check=True)
            run = verified(path, folder)
            print(
                f"{case.name:<36} {size_of(path):>7} {run.code!s:>4} {run.seconds:>6.2f} {run.cpu:>6.2f} "
                f"{run.megabytes:>5.0f}  {marks(case, run):<6} {line_of(run, path)}",
                flush=True,
            )
            if path.is_symlink() or path.exists():
                path.rmdir() if path.is_dir() else path.unlink()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--only", default="", help="cases with these words in their names")
    # What a child is started with.
    options.add_argument("--make", nargs=2, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.make:
        next(one for one in CASES if one.name == given.make[0]).make(Path(given.make[1]))
    else:
        report(given.only)


if __name__ == "__main__":
    main()
