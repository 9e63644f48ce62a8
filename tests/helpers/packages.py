"""Minimal .xlsx packages, part by part, for what a reader takes and refuses."""

import zipfile
from pathlib import Path

import pytest

from xlconv.errors import ReadError
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
