"""The texts of a package that stand in no sheet: shared strings and custom properties.

Every text that is kept is counted against the package's budget. Never looks at a cell.
"""

from __future__ import annotations

from collections.abc import Callable

from xlconv.errors import ReadError
from xlconv.spreadsheet.xlsx.contents import Relation
from xlconv.spreadsheet.xlsx.package import Package
from xlconv.spreadsheet.xlsx.xml import local, parse

_CUSTOM_PROPERTIES = "docProps/custom.xml"


def shared_strings(package: Package, relations: dict[str, Relation]) -> list[str]:
    """Return the texts that cells share, [] where a workbook has none."""
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


def custom_properties(package: Package) -> tuple[tuple[str, str], ...]:
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
