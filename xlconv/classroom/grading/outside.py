"""What in a workbook's file reaches out of it: macros, links to other files, DDE, the web.

Told to the teacher; nothing of it is opened or run. Looks at the names of the package's parts,
at what its sheets point to, and at the words of formulas.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import a1_name
from xlconv.spreadsheet.workbook import Kind, Workbook

_PARTS = (
    (re.compile(r"vbaproject\.bin$|/macrosheets/|activex"), "macros; they were not run"),
    (re.compile(r"/externallinks/externallink\d+\.xml$"),
     "links to other workbooks; none was opened"),
    (re.compile(r"/(connections\.xml|querytables/)"), "connections to data; none was opened"),
    (re.compile(r"/embeddings/"), "embedded objects; none was opened"),
)  # fmt: skip
_FUNCTIONS = (
    "WEBSERVICE", "FILTERXML", "RTD", "IMAGE", "STOCKHISTORY", "CALL", "REGISTER", "REGISTER.ID",
    "SQL.REQUEST", "DDE",
)  # fmt: skip
_CALLS = re.compile(rf"\b(?:{'|'.join(map(re.escape, _FUNCTIONS))})\s*\(", re.IGNORECASE)
_DDE = re.compile(r"^\s*'?\w+'?\s*\|")
_OTHER_BOOK = re.compile(r"\[(?:\d+|[^\[\]]+\.xls\w?)\]", re.IGNORECASE)
_MOST_BYTES = 1 << 16  # of the part with the names of people
_CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
_CHANGED_BY = (
    "{http://schemas.openxmlformats.org/package/2006/metadata/core-properties}lastModifiedBy"
)


def outside_of(path: Path, workbook: Workbook) -> tuple[str, ...]:
    """Return what a file has that reaches outside, a line for each kind."""
    return (*_in_parts(path), *_in_formulas(workbook))


def people_of(path: Path) -> tuple[str, str]:
    """Return whom a file's properties name: who made it, and who saved it last; "" for nobody."""
    try:
        with zipfile.ZipFile(path) as parts, parts.open("docProps/core.xml") as part:
            text = part.read(_MOST_BYTES)
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
            return "", ""
        root = ET.fromstring(text)
    except (KeyError, OSError, zipfile.BadZipFile, ET.ParseError, RuntimeError, ValueError):
        return "", ""
    return _said(root, _CREATOR), _said(root, _CHANGED_BY)


def _said(root: ET.Element, tag: str) -> str:
    return " ".join((root.findtext(tag) or "").split())[:80]


def _in_parts(path: Path) -> Iterator[str]:
    try:
        with zipfile.ZipFile(path) as parts:
            names = ["/" + name.replace("\\", "/").lower() for name in parts.namelist()]
    except (OSError, zipfile.BadZipFile, ValueError):
        return
    for pattern, said in _PARTS:
        if any(pattern.search(name) for name in names):
            yield said


def _in_formulas(workbook: Workbook) -> Iterator[str]:
    calls, books = [], []
    for sheet in workbook.sheets:
        # Of many formulas that are all alike, most need no look: one look at all of their text.
        text = sheet.texts.buffer + sheet.texts.wide
        letters = text.upper()
        may_call = any(name in letters for name in _FUNCTIONS)
        if not (may_call or "|" in text or "[" in text):
            continue
        for index in (sheet.kinds >= Kind.FORMULA).nonzero()[0].tolist():
            formula = sheet.texts[index]
            if not (may_call or "|" in formula or "[" in formula):
                continue
            place = f"{sheet.name}!{a1_name((int(sheet.rows[index]), int(sheet.columns[index])))}"
            if (may_call and _CALLS.search(formula)) or ("|" in formula and _DDE.match(formula)):
                calls.append(place)
            elif "[" in formula and _OTHER_BOOK.search(formula):
                books.append(place)
    if calls:
        number = counted(len(calls), "formula")
        yield f"{number} that would reach outside, from {calls[0]} on; none was evaluated"
    if books:
        number = counted(len(books), "formula")
        yield f"{number} that would read other workbooks, from {books[0]} on; none was opened"
