"""Streams XML parts through expat: no DTD, no entities, bounded depth.

Handlers get names as `namespace local`, and both the transitional and the strict namespaces
of SpreadsheetML serve. Never says what an element means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from xml.parsers import expat

from xlconv.errors import ReadError

# ECMA-376 part 1 (strict) and part 4 (transitional).
MAIN = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
RELATIONS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
_ENCODINGS = ("UTF-8", "UTF-16", "US-ASCII", "ISO-8859-1")  # those that expat knows
_DEEPEST = 256
Start = Callable[[str, dict[str, str]], Any]
End = Callable[[str], Any]
Text = Callable[[str], Any]


def parse(
    chunks: Iterable[bytes],
    part: str,
    *,
    start: Start,
    end: End | None = None,
    text: Text | None = None,
) -> None:
    """Feed a part to handlers, whose element names are `namespace local`.

    Raises ReadError for what is not well-formed, and for document types and entities.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.buffer_size = 1 << 16
    parser.StartElementHandler, parser.EndElementHandler = _bounded(part, start, end)
    if text is not None:
        parser.CharacterDataHandler = text
    _refuse_declarations(parser, part)
    try:
        _feed(parser, chunks)
    except expat.ExpatError as error:
        raise ReadError(f"part {part} is not well-formed XML: {error}") from None
    except (LookupError, ValueError) as error:  # an unknown encoding
        raise ReadError(f"part {part} cannot be decoded: {error}") from None


def _bounded(part: str, start: Start, end: End | None) -> tuple[Start, End]:
    """Return the handlers of elements with a watch on how deep they are nested."""
    depth = 0

    def deeper(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise ReadError(f"part {part} is nested deeper than {_DEEPEST} elements")
        start(tag, attributes)

    def back(tag: str) -> None:
        nonlocal depth
        depth -= 1
        if end is not None:
            end(tag)

    return deeper, back


def _refuse_declarations(parser: expat.XMLParserType, part: str) -> None:
    """Make a parser refuse document types, entities and encodings that expat does not know."""

    def refuse(*_: object) -> None:
        raise ReadError(f"part {part} has a document type; workbooks have none")

    def declared(_: str, encoding: str | None, __: int) -> None:
        if encoding is not None and encoding.upper() not in _ENCODINGS:
            raise ReadError(f"part {part} is in an unknown encoding: {encoding!r}")

    parser.XmlDeclHandler = declared
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse


def _feed(parser: expat.XMLParserType, chunks: Iterable[bytes]) -> None:
    """Parse chunks one after the other.

    A token that no chunk ends is fed again in twice as large a piece, or expat scans it
    anew with every chunk: quadratic time.
    """
    waiting: list[bytes] = []
    held = least = 0
    for chunk in chunks:
        waiting.append(chunk)
        held += len(chunk)
        if held < least:
            continue
        before = parser.CurrentByteIndex
        parser.Parse(b"".join(waiting), False)
        stuck = parser.CurrentByteIndex <= max(0, before)
        least = 2 * max(least, held) if stuck else 0
        waiting, held = [], 0
    if waiting:
        parser.Parse(b"".join(waiting), False)
    parser.Parse(b"", True)


def local(name: str) -> str:
    """Return the local part of a `namespace local` name."""
    return name.rpartition(" ")[2]
