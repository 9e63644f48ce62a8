"""The parts of a workbook as openpyxl writes them -> the same as Excel would write them.

Excel reads both. But it has a workbook's texts in one table, an element's children in the
order of the schema, and the places of parts told from the part that needs them; some programs
read no other. Changes no value, and no look.
"""

from __future__ import annotations

import re

_STRINGS = "xl/sharedStrings.xml"
_TYPES, _RELATIONS = "[Content_Types].xml", "xl/_rels/workbook.xml.rels"
_SHEET_RELATIONS = re.compile(r"xl/worksheets/_rels/[^/]+\.rels")
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_INLINE = re.compile(
    r'<c r="(?P<place>[A-Z]+[0-9]+)"(?P<style>(?: s="[0-9]+")?) t="inlineStr">'
    r"<is>(?P<text><t(?: [^<>]*)?>[^<]*</t>)</is></c>"
)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"

_FONT = re.compile(r"<font>(.*?)</font>", re.DOTALL)
_CHILD = re.compile(r"<(?:\w+:)?(\w+)\b[^<>]*/>")
# CT_Font of the Open XML SDK.
_ORDER = (
    "b", "i", "strike", "condense", "extend", "outline", "shadow", "u", "vertAlign", "sz",
    "color", "name", "family", "charset", "scheme",
)  # fmt: skip


def canonical(parts: dict[str, bytes]) -> dict[str, bytes]:
    """Return the parts of a package with a table of texts, ordered fonts and relative places."""
    parts = dict(parts)
    if "xl/styles.xml" in parts:
        text = parts["xl/styles.xml"].decode()
        parts["xl/styles.xml"] = _FONT.sub(_ordered, text).encode()
    if _STRINGS not in parts:
        parts = _with_table(parts)
    for name, data in parts.items():
        way = "" if name == _RELATIONS else "../" if _SHEET_RELATIONS.fullmatch(name) else None
        if way is not None:
            parts[name] = data.replace(b' Target="/xl/', f' Target="{way}'.encode())
    return parts


def _ordered(font: re.Match[str]) -> str:
    children = [(one[1], one[0]) for one in _CHILD.finditer(font[1])]
    if "".join(text for _, text in children) != font[1] or {n for n, _ in children} - {*_ORDER}:
        return font[0]  # something else stands between
    return f"<font>{''.join(text for _, text in sorted(children, key=_place))}</font>"


def _place(child: tuple[str, str]) -> int:
    return _ORDER.index(child[0])


def _with_table(parts: dict[str, bytes]) -> dict[str, bytes]:
    """Return the parts with texts of cells in a table of their own, each once."""
    table: dict[str, int] = {}
    uses = 0

    def shared(cell: re.Match[str]) -> str:
        nonlocal uses
        uses += 1
        index = table.setdefault(cell["text"], len(table))
        return f'<c r="{cell["place"]}"{cell["style"]} t="s"><v>{index}</v></c>'

    for name, data in list(parts.items()):
        if _SHEET.fullmatch(name):
            parts[name] = _INLINE.sub(shared, data.decode()).encode()
    if not table:
        return parts
    items = "".join(f"<si>{text}</si>" for text in table)
    head = f'<sst xmlns="{_MAIN}" count="{uses}" uniqueCount="{len(table)}">'
    parts[_STRINGS] = f"{head}{items}</sst>".encode()
    kind = f'<Override PartName="/{_STRINGS}" ContentType="{_TYPE}"/></Types>'
    parts[_TYPES] = parts[_TYPES].replace(b"</Types>", kind.encode())
    link = (
        f'<Relationship Id="texts" Type="{_OFFICE}/sharedStrings" Target="/{_STRINGS}"/>'
        "</Relationships>"
    )
    parts[_RELATIONS] = parts[_RELATIONS].replace(b"</Relationships>", link.encode())
    return parts
