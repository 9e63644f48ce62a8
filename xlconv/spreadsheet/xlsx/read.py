""".xlsx -> Workbook, in one bounded streaming pass.

Formula and cached value come together, exactly as the file has them. Every sheet the
workbook lists is read or the file is refused: nothing is dropped silently. Never
evaluates, and never follows a link out of the package.
"""

from __future__ import annotations

from pathlib import Path

from xlconv.errors import ReadError
from xlconv.spreadsheet.workbook import Sheet, Workbook
from xlconv.spreadsheet.xlsx.cells import read_cells
from xlconv.spreadsheet.xlsx.contents import contents_of, relations_of
from xlconv.spreadsheet.xlsx.package import Budget, Package
from xlconv.spreadsheet.xlsx.texts import custom_properties, shared_strings
from xlconv.spreadsheet.xlsx.xml import RELATIONS

_WORKBOOK_TYPES = tuple(f"{space}/officeDocument" for space in RELATIONS)


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


def _read(package: Package) -> Workbook:
    home = _workbook_part(package)
    if "[Content_Types].xml" not in package:
        raise ReadError("part [Content_Types].xml is missing from the package")
    contents = contents_of(package, home)
    relations = relations_of(package, home)
    strings = shared_strings(package, relations)
    sheets: list[Sheet] = []
    cells = 0
    seen: set[str] = set()
    names: set[str] = set()
    for name, key in contents.sheets:
        if name.casefold() in names:
            raise ReadError(f"sheet {name!r} stands twice; expected names that differ")
        names.add(name.casefold())
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
    return Workbook(
        tuple(sheets), contents.names, custom_properties(package),
        contents.hidden, contents.as_displayed, contents.moving,
    )  # fmt: skip


def _workbook_part(package: Package) -> str:
    if "_rels/.rels" not in package and "content.xml" in package and "mimetype" in package:
        raise ReadError("an OpenDocument file; save it as .xlsx")
    if "_rels/.rels" not in package:
        raise ReadError("a zip package without relationships; expected an .xlsx file")
    for relation in relations_of(package, "").values():
        if relation.kind in _WORKBOOK_TYPES:
            if relation.external or relation.target not in package:
                raise ReadError(f"part {relation.target} is missing from the package")
            if relation.target.endswith(".bin"):
                raise ReadError("a binary workbook (.xlsb); expected an .xlsx file")
            return relation.target
    raise ReadError("a zip package without a workbook; expected an .xlsx file")
