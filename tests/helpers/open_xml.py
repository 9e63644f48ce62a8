"""Whether Excel would open a workbook: what openxml-audit says, and what it does not see.

The audit holds every part against the Open XML SDK's schemas. It does not follow an index
into another part, nor look into formulas, and a part that is no XML it leaves out: those are
the rules here, of ECMA-376 Part 1 and of Microsoft's page "Excel specifications and limits".
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tests.helpers import marks
from xlconv.spreadsheet.addresses import parse_a1

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRINGS = re.compile(r'"[^"]*"')
_FUNCTION = re.compile(r"([A-Za-z_][\w.]*)\(")
_AREA = re.compile(r"\$?[A-Z]{1,3}\$?[1-9]\d*(:\$?[A-Z]{1,3}\$?[1-9]\d*)?")
_NAME = re.compile(r"[A-Za-z_\\][\w.\\]*")

# Of 18.17.7, those that we write: they need no prefix. Any other is a question to be asked.
_FUNCTIONS = frozenset(
    {
        "ABS", "AND", "AVERAGE", "COLUMN", "COUNT", "COUNTIF", "EXP", "IF", "IFERROR", "INDEX",
        "INT", "ISBLANK", "ISNUMBER", "LARGE", "MATCH", "MAX", "MIN", "MMULT", "MOD", "NOT",
        "OR", "RAND", "ROUND", "ROW", "SMALL", "SQRT", "STDEV", "SUM", "SUMPRODUCT", "SUMXMY2",
        "TANH", "TEXT",
    }
)  # fmt: skip
_LONGEST_FORMULA, _LONGEST_NAME = 8192, 255
_LONGEST_SHEET, _LONGEST_TEXT = 31, 32_767
_LENGTHS = {"promptTitle": 32, "prompt": 255, "errorTitle": 32, "error": 255}


@cache
def _validator() -> Any:
    from openxml_audit import OpenXmlValidator

    return OpenXmlValidator(max_errors=0)


def audit(path: Path) -> list[str]:
    """Return what openxml-audit finds, errors and warnings; skip the test, or fail, without it."""
    if find_spec("openxml_audit") is None:
        marks.missing("openxml-audit")
    result = _validator().validate(path)
    return [one.description for one in result.errors]


def broken_rules(path: Path) -> list[str]:
    """Return what a workbook has that Excel mends or refuses, and that the audit does not see."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    trees: dict[str, ElementTree.Element] = {}
    for name, data in parts.items():
        if name.endswith((".xml", ".rels", ".vml")):
            try:
                trees[name] = ElementTree.fromstring(data)
            except ElementTree.ParseError as error:
                return [f"{name}: no XML: {error}"]
    styles = trees["xl/styles.xml"]
    found = [*_style_rules(styles), *_book_rules(trees["xl/workbook.xml"])]
    found += _property_rules(trees.get("docProps/custom.xml"))
    for name, tree in trees.items():
        if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
            found += _cell_rules(tree, len(_children(styles, "cellXfs")))
            found += _sheet_rules(tree, len(_children(styles, "dxfs")))
        elif re.fullmatch(r"xl/comments[^/]*\.xml|xl/comments/[^/]+\.xml", name):
            authors = len(_children(tree, "authors"))
            for one in tree.iter(f"{_MAIN}comment"):
                if int(one.get("authorId", "0")) >= authors:
                    found.append(f"comment at {one.get('ref')}: no such author")
                found += _areas(one.get("ref", ""), "comment")
    return found


def _children(tree: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return list(tree.find(f"{_MAIN}{name}") or ())


def _style_rules(styles: ElementTree.Element) -> Iterator[str]:
    formats = {int(one.get("numFmtId", "0")) for one in _children(styles, "numFmts")}
    formats |= set(range(164))
    for one in _children(styles, "cellXfs"):
        for index, table in (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders")):
            if int(one.get(index, "0")) >= len(_children(styles, table)):
                yield f"cell format: {index} {one.get(index)} of {table}"
        if int(one.get("numFmtId", "0")) not in formats:
            yield f"cell format: no number format {one.get('numFmtId')}"


def _book_rules(book: ElementTree.Element) -> Iterator[str]:
    sheets = [one.get("name", "") for one in _children(book, "sheets")]
    for sheet in sheets:
        if not 0 < len(sheet) <= _LONGEST_SHEET or re.search(r"[][:*?/\\]|^'|'$", sheet):
            yield f"sheet {sheet!r}: no name of a sheet"
    if len({one.lower() for one in sheets}) < len(sheets):
        yield "two sheets of one name"
    known: set[tuple[str, str | None]] = set()
    for one in _children(book, "definedNames"):
        name = one.get("name", "")
        is_place = _AREA.fullmatch(name.upper()) or name.upper() in {"R", "C"}
        if not _NAME.fullmatch(name) or is_place or len(name) > _LONGEST_NAME:
            yield f"defined name {name!r}: no name"
        key = name.lower(), one.get("localSheetId")
        if key in known:
            yield f"defined name {name!r}: twice"
        known.add(key)
        yield from _formula_rules(one.text or "", f"defined name {name}")


def _property_rules(properties: ElementTree.Element | None) -> Iterator[str]:
    for one in () if properties is None else properties:
        if len("".join(one.itertext())) > 255:
            yield f"property {one.get('name')}: longer than 255"


def _cell_rules(sheet: ElementTree.Element, formats: int) -> Iterator[str]:
    last_row = 0
    for row in sheet.iter(f"{_MAIN}row"):
        number, last_column = int(row.get("r", "0")), -1
        if number <= last_row:
            yield f"row {number} after row {last_row}"
        last_row = number
        for cell in row:
            place = cell.get("r", "")
            try:
                at = parse_a1(place)
            except ValueError:
                yield f"{place}: no cell"
                continue
            if at[0] != number - 1 or at[1] <= last_column:
                yield f"{place}: out of order"
            last_column = at[1]
            if int(cell.get("s", "0")) >= formats:
                yield f"{place}: no such cell format"
            yield from _content_rules(cell, place)


def _content_rules(cell: ElementTree.Element, place: str) -> Iterator[str]:
    formula, value = cell.find(f"{_MAIN}f"), cell.findtext(f"{_MAIN}v")
    if formula is not None:
        yield from _formula_rules(formula.text or "", place)
        if formula.get("t") == "array" and not _AREA.fullmatch(formula.get("ref", "")):
            yield f"{place}: an array formula without its cells"
    if value is None:
        return
    match cell.get("t", "n"):
        case "n":
            try:
                float(value)
            except ValueError:
                yield f"{place}: {value!r} is no number"
        case "e" if value not in _ERRORS:
            yield f"{place}: {value!r} is no error"
        case "str" if len(value) > _LONGEST_TEXT:
            yield f"{place}: a longer text than a cell takes"


_ERRORS = {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"}


def _sheet_rules(sheet: ElementTree.Element, looks: int) -> Iterator[str]:
    priorities: set[str] = set()
    for area in sheet.iter(f"{_MAIN}conditionalFormatting"):
        yield from _areas(area.get("sqref", ""), "conditional format")
    for rule in sheet.iter(f"{_MAIN}cfRule"):
        look, priority = rule.get("dxfId"), rule.get("priority", "")
        if look is not None and int(look) >= looks:
            yield f"conditional format: no look {look}"
        if priority in priorities:
            yield f"conditional format: priority {priority} twice"
        priorities.add(priority)
        for formula in rule.iter(f"{_MAIN}formula"):
            yield from _formula_rules(formula.text or "", "conditional format")
        for scale in rule.iter(f"{_MAIN}colorScale"):
            ends, colours = (len(scale.findall(_MAIN + one)) for one in ("cfvo", "color"))
            if ends != colours or ends not in {2, 3}:
                yield f"conditional format: {ends} ends and {colours} colours"
    for rule in sheet.iter(f"{_MAIN}dataValidation"):
        yield from _areas(rule.get("sqref", ""), "validation")
        for key, most in _LENGTHS.items():
            if len(rule.get(key, "")) > most:
                yield f"validation: {key} longer than {most}"
        for formula in rule:
            if len(formula.text or "") > 257:  # with its quotes
                yield "validation: a list longer than 255"
            yield from _formula_rules(formula.text or "", "validation")
    merged = [one.get("ref", "") for one in sheet.iter(f"{_MAIN}mergeCell")]
    for one in merged:
        yield from _areas(one, "merged cells")
    for one in sheet.iter(f"{_MAIN}sheetView"):
        if not 10 <= int(one.get("zoomScale", "100")) <= 400:
            yield "zoom: not from 10 to 400"
    for one in sheet.iter(f"{_MAIN}col"):
        if not 1 <= int(one.get("min", "0")) <= int(one.get("max", "0")) <= 16_384:
            yield "columns: no range"


def _areas(text: str, what: str) -> Iterator[str]:
    if not text or any(not _AREA.fullmatch(one) for one in text.split()):
        yield f"{what}: {text!r} are no cells"


def _formula_rules(formula: str, place: str) -> Iterator[str]:
    if len(formula) > _LONGEST_FORMULA:
        yield f"{place}: a formula of {len(formula)} characters"
    bare = _STRINGS.sub('""', formula)
    if bare.count("(") != bare.count(")"):
        yield f"{place}: brackets that do not match"
    for name in set(_FUNCTION.findall(bare)):
        if name not in _FUNCTIONS:
            yield f"{place}: function {name} without its prefix"
