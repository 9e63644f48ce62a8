"""Puts the stored values back that a program lost when it wrote a workbook again.

openpyxl keeps formulas and drops their values, and writes numbers with 16 digits, which
may be others. One pass over the text of each sheet's part, as openpyxl writes it; the other
parts are made `canonical`. Never computes a value.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from html import escape
from pathlib import Path

from xlconv.spreadsheet.addresses import parse_a1
from xlconv.spreadsheet.formula import number_text
from xlconv.spreadsheet.workbook import Kind, Sheet
from xlconv.spreadsheet.xlsx.canonical import canonical

# A formula cell without a value, whose element is there, and empty; or a number.
_CELL = re.compile(
    r'<c r="(?P<name>[A-Z]{1,3}[0-9]{1,7})"(?P<rest>(?: [^<>]*)?)>'
    r"(?:(?P<formula><f\b[^<>]*>(?:[^<]*</f>)?)<v(?: ?/>|></v>)|<v>[^<]*</v>)</c>"
)


def restore_values(written: Path, target: Path, sheets: Mapping[str, Sheet]) -> None:
    """Copy a workbook, with the values its cells had in `sheets`, by the sheets' parts.

    A stale value comes back as it was; a formula that had none stays without.
    """
    with zipfile.ZipFile(written) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    for name, sheet in sheets.items():
        parts[name] = _restored(parts[name].decode(), sheet).encode()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in canonical(parts).items():
            new.writestr(name, data)


def _restored(text: str, sheet: Sheet) -> str:
    places = zip(sheet.rows.tolist(), sheet.columns.tolist(), strict=True)
    index = {place: k for k, place in enumerate(places)}

    def filled(cell: re.Match[str]) -> str:
        found = index.get(parse_a1(cell["name"]))
        stored = None if found is None else _stored(sheet, found)
        if stored is None:
            return cell[0]
        kind, value = stored
        formula = cell["formula"] or ""
        if not formula and (kind or ' t="n"' not in cell["rest"]):
            return cell[0]
        return f'<c r="{cell["name"]}"{cell["rest"]}{kind}>{formula}<v>{value}</v></c>'

    return _CELL.sub(filled, text)


def _stored(sheet: Sheet, index: int) -> tuple[str, str] | None:
    """Return the type of a stored value, as a formula's attribute has it, and its text."""
    number = float(sheet.numbers[index])
    match sheet.cached[index]:
        case Kind.NUMBER:
            return "", number_text(number)
        case Kind.BOOLEAN:
            return ' t="b"', str(int(number))
        case Kind.TEXT:
            # A bare carriage return would be read as the end of a line.
            text = escape(sheet.results.get(index, ""), quote=False)
            return ' t="str"', text.replace("\r", "&#13;")
        case Kind.ERROR:
            return ' t="e"', escape(sheet.results.get(index, "#VALUE!"), quote=False)
    return None
