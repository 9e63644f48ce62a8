"""What a package is made of: the relations between its parts, its sheets and defined names.

Reads the small parts only. A name that stands for no ranges is left out; nothing else is
dropped, and no link out of the package is followed.
"""

from __future__ import annotations

import posixpath
import re
from typing import NamedTuple

from msgspec import Struct

from xlconv.errors import ReadError
from xlconv.spreadsheet.addresses import Range, parse_a1
from xlconv.spreadsheet.formula import MAX_FORMULA_LENGTH
from xlconv.spreadsheet.workbook import DefinedNames
from xlconv.spreadsheet.xlsx.package import Package
from xlconv.spreadsheet.xlsx.xml import RELATIONS, local, parse

# Areas with commas between them; a quoted sheet name may hold commas of its own.
_AREA = re.compile(r"(?:[^,']|'(?:[^']|'')*+'(?!'))++")
# All coordinates after a sheet's name have a dollar.
_FIXED = re.compile(r"(?:.*!)?\$[A-Za-z]+\$\d+(?::\$[A-Za-z]+\$\d+)?", re.DOTALL)
_AREAS = re.compile(rf"{_AREA.pattern}(?:,{_AREA.pattern})*")


class Relation(Struct, frozen=True):
    """What a part is, and where it stands: the name of another part, or a place outside."""

    kind: str
    target: str
    external: bool


def relations_of(package: Package, part: str) -> dict[str, Relation]:
    """Return what a part points to, by the ids that it uses."""
    folder, name = posixpath.split(part)
    listing = posixpath.join(folder, "_rels", f"{name}.rels")
    found: dict[str, Relation] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if local(tag) != "Relationship":
            return
        if len(found) >= package.budget.entries:
            raise ReadError(f"part {listing} lists too many parts")
        external = attributes.get("TargetMode") == "External"
        target = attributes.get("Target", "")
        if not external:
            target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        found[attributes.get("Id", "")] = Relation(attributes.get("Type", ""), target, external)

    parse(package.small(listing), listing, start=start)
    return found


class Contents(NamedTuple):
    """What the workbook part lists: (name, relation) of every sheet, and names of ranges."""

    sheets: list[tuple[str, str]]
    names: DefinedNames
    since_1904: bool  # days are counted from there
    hidden: frozenset[str]  # sheets
    as_displayed: bool  # numbers are rounded to what is shown
    moving: frozenset[str]  # names that move with the cell that uses them


def contents_of(package: Package, home: str) -> Contents:
    """Return what the workbook part `home` lists. Raises ReadError where that is too much."""
    sheets: list[tuple[str, str]] = []
    names: list[tuple[str, str]] = []
    current: list[str] | None = None
    since_1904 = as_displayed = False
    hidden: set[str] = set()

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal current, since_1904, as_displayed
        kind = local(tag)
        if len(sheets) + len(names) > 2 * package.budget.entries:
            raise ReadError(f"part {home} lists too many sheets or names")
        if kind == "sheet":
            keys = [attributes[f"{space} id"] for space in RELATIONS if f"{space} id" in attributes]
            sheets.append((attributes.get("name", ""), keys[0] if keys else ""))
            if attributes.get("state") in ("hidden", "veryHidden"):
                hidden.add(sheets[-1][0])
        elif kind == "workbookPr":
            since_1904 = attributes.get("date1904") in ("1", "true")
        elif kind == "calcPr":
            as_displayed = attributes.get("fullPrecision") in ("0", "false")
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
    known = tuple((name, areas) for name, areas in ranges if areas)
    moving = frozenset(name for name, written in names if not _FIXED.fullmatch(written))
    return Contents(sheets, known, since_1904, frozenset(hidden), as_displayed, moving)


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
