""".xlsx -> Workbook, in one bounded streaming pass.

Formula and cached value come together, exactly as the file has them. Every sheet the
workbook lists is read or the file is refused: nothing is dropped silently. Never
evaluates, and never follows a link out of the package.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from xlconv.errors import ReadError
from xlconv.spreadsheet.addresses import Range, parse_a1
from xlconv.spreadsheet.formula import MAX_FORMULA_LENGTH
from xlconv.spreadsheet.workbook import Sheet, Workbook
from xlconv.spreadsheet.xlsx.cells import read_cells
from xlconv.spreadsheet.xlsx.package import Budget, Package
from xlconv.spreadsheet.xlsx.xml import RELATIONS, local, parse

_WORKBOOK_TYPES = tuple(f"{space}/officeDocument" for space in RELATIONS)

# Areas with commas between them; a quoted sheet name may hold commas of its own.
_AREA = re.compile(r"(?:[^,']|'(?:[^']|'')*+'(?!'))++")
_AREAS = re.compile(rf"{_AREA.pattern}(?:,{_AREA.pattern})*")
_CUSTOM_PROPERTIES = "docProps/custom.xml"


def read_xlsx(path: str | Path, budget: Budget | None = None) -> Workbook:
    """Read a workbook: worksheets in their order, hidden ones too, names and properties.

    Raises ReadError, with the path in front, for whatever is not an .xlsx or .xlsm
    workbook, is damaged, or asks for more than the budget.
    """
    path = Path(path)
    try:
        with Package(path, budget or Budget()) as package:
            return _read(package)
    except ReadError as error:
        raise ReadError(_line(str(error))).at(path) from None
    except (RecursionError, MemoryError):
        raise ReadError(f"{path}: asks for more than there is; expected a workbook") from None


def _line(text: str) -> str:
    """Return a message that quotes a file as one short line of printable letters."""
    if len(text) > 300:
        text = f"{text[:200]}…{text[-90:]}"
    return "".join(one if one.isprintable() else "�" for one in text)


@dataclass(frozen=True, slots=True)
class _Relation:
    kind: str
    target: str
    external: bool


def _read(package: Package) -> Workbook:
    home = _workbook_part(package)
    contents = _contents(package, home)
    relations = _relations(package, home)
    strings = _shared_strings(package, relations)
    sheets: list[Sheet] = []
    cells = 0
    seen: set[str] = set()
    for name, key in contents.sheets:
        relation = relations.get(key)
        if relation is None:
            raise ReadError(f"sheet {name!r} has no part in the package")
        if relation.external:
            raise ReadError(f"sheet {name!r} lies outside the package")
        if not relation.kind.endswith("/worksheet"):
            if relation.kind.endswith(("/chartsheet", "/dialogsheet")):
                continue  # no cells
            raise ReadError(f"sheet {name!r} is of a kind that cannot be read")
        if relation.target.lower() in seen:
            raise ReadError(f"sheet {name!r} shares its part with another sheet")
        seen.add(relation.target.lower())
        sheet = read_cells(
            package, relation.target, name, strings, cells, since_1904=contents.since_1904
        )
        cells += len(sheet)
        sheets.append(sheet)
    if not sheets:
        raise ReadError("no worksheet; expected at least one")
    return Workbook(tuple(sheets), contents.names, _properties(package))


def _workbook_part(package: Package) -> str:
    if "_rels/.rels" not in package:
        raise ReadError("a zip package without relationships; expected an .xlsx file")
    for relation in _relations(package, "").values():
        if relation.kind in _WORKBOOK_TYPES:
            if relation.external or relation.target not in package:
                raise ReadError(f"part {relation.target} is missing from the package")
            if relation.target.endswith(".bin"):
                raise ReadError("a binary workbook (.xlsb); expected an .xlsx file")
            return relation.target
    raise ReadError("a zip package without a workbook; expected an .xlsx file")


def _relations(package: Package, part: str) -> dict[str, _Relation]:
    folder, name = posixpath.split(part)
    listing = posixpath.join(folder, "_rels", f"{name}.rels")
    found: dict[str, _Relation] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if local(tag) != "Relationship":
            return
        if len(found) >= package.budget.entries:
            raise ReadError(f"part {listing} lists too many parts")
        external = attributes.get("TargetMode") == "External"
        target = attributes.get("Target", "")
        if not external:
            target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        found[attributes.get("Id", "")] = _Relation(attributes.get("Type", ""), target, external)

    parse(package.small(listing), listing, start=start)
    return found


class _Contents(NamedTuple):
    """What the workbook part lists: (name, relation) of every sheet, and names of ranges."""

    sheets: list[tuple[str, str]]
    names: tuple[tuple[str, tuple[tuple[str, Range], ...]], ...]
    since_1904: bool  # days are counted from there


def _contents(package: Package, home: str) -> _Contents:
    sheets: list[tuple[str, str]] = []
    names: list[tuple[str, str]] = []
    current: list[str] | None = None
    since_1904 = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal current, since_1904
        kind = local(tag)
        if len(sheets) + len(names) > 2 * package.budget.entries:
            raise ReadError(f"part {home} lists too many sheets or names")
        if kind == "sheet":
            keys = [attributes[f"{space} id"] for space in RELATIONS if f"{space} id" in attributes]
            sheets.append((attributes.get("name", ""), keys[0] if keys else ""))
        elif kind == "workbookPr":
            since_1904 = attributes.get("date1904") in ("1", "true")
        elif kind == "definedName":
            current = []
            names.append((attributes.get("name", ""), ""))

    def text(data: str) -> None:
        if current is not None:
            current.append(data)

    def end(tag: str) -> None:
        nonlocal current
        if current is not None and local(tag) == "definedName":
            names[-1] = (names[-1][0], "".join(current))
            current = None

    parse(package.small(home), home, start=start, end=end, text=text)
    ranges, count = [], 0
    for name, written in names:
        ranges.append((name, _ranges(written)))
        count += len(ranges[-1][1])
        if count > package.budget.areas:
            raise ReadError(f"part {home} has names for more than {package.budget.areas:,} ranges")
    return _Contents(sheets, tuple((name, areas) for name, areas in ranges if areas), since_1904)


def _ranges(text: str) -> tuple[tuple[str, Range], ...]:
    """Return the ranges of a defined name such as `'a sheet'!$A$2:$C$4,...`; () if it is none."""
    found = []
    if len(text) > MAX_FORMULA_LENGTH:
        return ()
    for area in _AREA.findall(text) if _AREAS.fullmatch(text) else ():
        sheet, mark, cells = area.rpartition("!")
        first, _, last = cells.partition(":")
        try:
            (top, left), (bottom, right) = parse_a1(first), parse_a1(last or first)
        except ValueError:
            return ()
        if not mark:
            return ()
        name = sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet
        found.append(
            (name, Range(min(top, bottom), min(left, right), max(top, bottom), max(left, right)))
        )
    return tuple(found)


def _shared_strings(package: Package, relations: dict[str, _Relation]) -> list[str]:
    parts = [one for one in relations.values() if one.kind.endswith("/sharedStrings")]
    if not parts:
        return []
    if parts[0].external:
        raise ReadError("the shared strings lie outside the package")
    return _texts(package, parts[0].target, "si", lambda tag: tag == "t")


def _texts(package: Package, part: str, item: str, is_text: Callable[[str], bool]) -> list[str]:
    """Return the text of every `item`, without phonetic hints."""
    strings: list[str] = []
    collected: list[str] = []
    inside = phonetic = False

    def start(tag: str, _: dict[str, str]) -> None:
        nonlocal inside, phonetic
        kind = local(tag)
        if kind == item:
            collected.clear()
        elif kind == "rPh":
            phonetic = True
        inside = is_text(kind) and not phonetic

    def text(data: str) -> None:
        if inside:
            collected.append(data)
            package.keep_text(len(data) if data.isascii() else 4 * len(data))

    def end(tag: str) -> None:
        nonlocal inside, phonetic
        inside = False
        kind = local(tag)
        if kind == "rPh":
            phonetic = False
        elif kind == item:
            strings.append("".join(collected))
            package.keep_text(64)  # what each one takes beside its letters
            if len(strings) > package.budget.cells:
                allowed = package.budget.cells_allowed
                raise ReadError(f"part {part} has more texts than {allowed}")

    parse(package.chunks(part), part, start=start, end=end, text=text)
    return strings


def _properties(package: Package) -> tuple[tuple[str, str], ...]:
    """Return the custom document properties; a text that was split is joined again."""
    if _CUSTOM_PROPERTIES not in package:
        return ()
    names: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if local(tag) == "property":
            names.append(attributes.get("name", ""))
            if len(names) > package.budget.entries:
                raise ReadError(f"part {_CUSTOM_PROPERTIES} lists too many properties")

    parse(package.small(_CUSTOM_PROPERTIES), _CUSTOM_PROPERTIES, start=start)
    values = _texts(package, _CUSTOM_PROPERTIES, "property", lambda tag: tag != "property")
    joined: dict[str, list[str]] = {}
    for name, value in zip(names, values, strict=True):
        stem, _, number = name.rpartition(".")
        if number.isdigit() and stem in joined:
            joined[stem].append(value)
        else:
            joined[name] = [value]
    return tuple((name, "".join(values)) for name, values in joined.items())
