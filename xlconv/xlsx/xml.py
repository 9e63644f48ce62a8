"""Streams XML parts through expat: no DTD, no entities, bounded depth.

Handlers see local names; both the transitional and the strict namespaces of
SpreadsheetML serve.
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
    parser.StartElementHandler = start
    if end is not None:
        parser.EndElementHandler = end
    if text is not None:
        parser.CharacterDataHandler = text

    def refuse(*_: object) -> None:
        raise ReadError(f"part {part} has a document type; workbooks have none")

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise ReadError(f"part {part} is not well-formed XML: {error}") from None
    except (LookupError, ValueError) as error:  # an unknown encoding
        raise ReadError(f"part {part} cannot be decoded: {error}") from None


def local(name: str) -> str:
    """Return the local part of a `namespace local` name."""
    return name.rpartition(" ")[2]
