"""Minimal .xlsx packages, part by part, for what a reader takes and refuses."""

import struct
import zipfile
from pathlib import Path

import pytest

from xlconv.errors import (
    ReadError,
)
from xlconv.spreadsheet.xlsx.package import Budget
from xlconv.spreadsheet.xlsx.read import read_xlsx

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_OFFICE = "http://purl.oclc.org/ooxml/officeDocument/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
BOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

BOOK, BOOK_RELS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
STRINGS, CUSTOM = "xl/sharedStrings.xml", "docProps/custom.xml"
SHEET = "xl/worksheets/sheet1.xml"

Parts = dict[str, str | bytes]


def rels(*relations: tuple[str, str, str], mode: str = "") -> str:
    """Relationships, each (id, last word of its type or the whole type, target)."""
    rows = "".join(
        f'<Relationship Id="{key}" Type="{kind if ":" in kind else f"{OFFICE}/{kind}"}" '
        f'Target="{target}"{mode}/>'
        for key, kind, target in relations
    )
    return f'<?xml version="1.0"?>\n<Relationships xmlns="{RELATIONS}">{rows}</Relationships>'


def sheet_xml(rows: str, before: str = "", after: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def workbook_xml(sheets: dict[str, str], names: str = "") -> str:
    listed = "".join(
        f'<sheet name="{name}" sheetId="{number}" r:id="{key}"/>'
        for number, (name, key) in enumerate(sheets.items(), 1)
    )
    names = names and f"<definedNames>{names}</definedNames>"
    return (
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets>{names}</workbook>'
    )


def parts(rows: str = "", *, strings: str | None = None, names: str = "") -> Parts:
    """The parts of a minimal workbook with one sheet, `S`, that openpyxl opens as well."""
    relations = [("s1", "worksheet", "worksheets/sheet1.xml")]
    types = [(BOOK, "sheet.main"), (SHEET, "worksheet")]
    found: Parts = {}
    if strings is not None:
        relations.append(("st", "sharedStrings", "sharedStrings.xml"))
        types.append((STRINGS, "sharedStrings"))
        found[STRINGS] = f'<sst xmlns="{MAIN}">{strings}</sst>'
    overrides = "".join(
        f'<Override PartName="/{part}" ContentType="{BOOK_TYPE}.{kind}+xml"/>'
        for part, kind in types
    )
    return {
        "[Content_Types].xml": f'<Types xmlns="{TYPES}"><Default Extension="rels" ContentType='
        f'"application/vnd.openxmlformats-package.relationships+xml"/>{overrides}</Types>',
        "_rels/.rels": rels(("b", "officeDocument", BOOK)),
        BOOK: workbook_xml({"S": "s1"}, names),
        BOOK_RELS: rels(*relations),
        **found,
        SHEET: sheet_xml(rows),
    }


def save(path: Path, content: Parts, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as package:
        for name, data in content.items():
            package.writestr(name, data)
    return path


def refused(path: Path, message: str = "", budget: Budget | None = None) -> None:
    """Expect a refusal of one short line that starts with the path."""
    with pytest.raises(ReadError, match=message or None) as caught:
        read_xlsx(path, budget)
    line = str(caught.value)
    assert line.startswith(f"{path}: ")
    assert len(line.splitlines()) == 1
    assert line.isprintable()
    assert len(line) < len(str(path)) + 400


# The same small workbook, packed in every lawful way.
ROWS = (
    '<row r="1"><c r="A1"><v>1.5</v></c><c r="B1" t="s"><v>1</v></c>'
    '<c r="C1"><f t="shared" ref="C1:D1" si="0">A1*2</f><v>3</v></c>'
    '<c r="D1"><f t="shared" si="0"/><v>0</v></c>'
    '<c r="E1" t="inlineStr"><is><t>in</t></is></c></row>'
)

TEXTS = "<si><t>no</t></si><si><t>yes</t></si>"

NAMES = '<definedName name="here">S!$A$1:$B$2</definedName>'


def several(
    sheets: dict[str, str], kinds: dict[str, str] | None = None, attributes: str = ""
) -> Parts:
    """A workbook with a sheet for each name; `kinds` gives the types of sheets with no cells."""
    content = parts()
    del content[SHEET]
    keys = {name: f"s{number}" for number, name in enumerate(sheets)}
    content[BOOK] = workbook_xml(keys).replace(" sheetId", f" {attributes} sheetId")
    found = []
    for name, rows in sheets.items():
        content[f"xl/{keys[name]}.xml"] = sheet_xml(rows)
        found.append((keys[name], (kinds or {}).get(name, "worksheet"), f"{keys[name]}.xml"))
    content[BOOK_RELS] = rels(*reversed(found))
    return content


def custom(*properties: tuple[str, str]) -> str:
    rows = "".join(
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{pid}" name="{name}">'
        f"<vt:lpwstr>{value}</vt:lpwstr></property>"
        for pid, (name, value) in enumerate(properties, 2)
    )
    return (
        '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"'
        ' xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">'
        f"{rows}</Properties>"
    )


# What is refused: packages that are damaged or made to explode.
def central(data: bytes, name: str) -> int:
    """The place of a part's entry in the list at the end of a package."""
    at = data.rindex(name.encode()) - 46
    assert data[at : at + 4] == b"PK\1\2"
    return at


def patched(path: Path, name: str, *changes: tuple[int, str, int]) -> Path:
    """Overwrite fields of a part's entry: (offset, struct format, value)."""
    data = bytearray(path.read_bytes())
    at = central(bytes(data), name)
    for offset, form, value in changes:
        struct.pack_into("<" + form, data, at + offset, value)
    path.write_bytes(data)
    return path


EVERY_PART = [SHEET, STRINGS, BOOK, BOOK_RELS, "_rels/.rels", CUSTOM]


def full() -> Parts:
    return parts(ROWS, strings=TEXTS, names=NAMES) | {CUSTOM: custom(("a", "1"))}


def blown(path: Path, method: int) -> Path:
    """A workbook with 300 MB of spaces for its shared strings."""
    content = parts(strings="")
    del content[STRINGS]
    save(path, content)
    with zipfile.ZipFile(path, "a", method) as package, package.open(STRINGS, "w") as part:
        for _ in range(300):
            part.write(b" " * 1_000_000)
    return path


def part_of(path: Path, name: str) -> str:
    with zipfile.ZipFile(path) as file:
        return file.read(name).decode()
