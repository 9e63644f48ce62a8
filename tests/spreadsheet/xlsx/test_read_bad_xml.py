"""XML that is damaged or made to explode is refused."""

import re
from pathlib import Path

import pytest

from tests.helpers.packages import (
    EVERY_PART,
    MAIN,
    SHEET,
    full,
    parts,
    refused,
    save,
    sheet_xml,
)
from xlconv.spreadsheet.xlsx.package import Budget

# What is refused: XML that is damaged or made to explode.
LAUGHS = "".join(f'<!ENTITY l{k + 1} "{f"&l{k};" * 10}">' for k in range(9))

DOCTYPES = {
    "alone": "<!DOCTYPE worksheet>",
    "of a file": '<!DOCTYPE worksheet SYSTEM "file:///etc/passwd">',
    "of an address": '<!DOCTYPE worksheet PUBLIC "-//X" "http://127.0.0.1:9/x.dtd">',
    "internal entity": '<!DOCTYPE worksheet [<!ENTITY l9 "x">]>',
    "external entity": '<!DOCTYPE worksheet [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>',
    "parameter entity": '<!DOCTYPE worksheet [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
    "billion laughs": f'<!DOCTYPE worksheet [<!ENTITY l0 "ha">{LAUGHS}]>',
    "attribute defaults": '<!DOCTYPE worksheet [<!ATTLIST c r CDATA "A1">]>',
    "unparsed entity": '<!DOCTYPE a [<!NOTATION n SYSTEM "x"><!ENTITY l9 SYSTEM "x" NDATA n>]>',
}


@pytest.mark.parametrize("part", EVERY_PART)
@pytest.mark.parametrize("case", DOCTYPES)
def test_document_types_are_refused(tmp_path: Path, part: str, case: str) -> None:
    content = full()
    body = re.sub(r"^<\?xml.*?\?>\s*", "", str(content[part]))
    content[part] = DOCTYPES[case] + body.replace("</", "&l9;</", 1)
    refused(save(tmp_path / "x.xlsx", content), "has a document type")


BAD_XML: dict[str, str | bytes] = {
    "nothing": "",
    "spaces": "  \n",
    "a text": "text",
    "zeros": b"\0" * 1000,
    "an open element": "<a>",
    "a wrong end": "<a></b>",
    "two roots": "<a/><a/>",
    "an undefined entity": "<a>&nbsp;</a>",
    "a forbidden character": "<a>&#0;</a>",
    "a control character": "<a>\x01</a>",
    "a lone surrogate": "<a>&#xD800;</a>",
    "an unbound prefix": "<a:b/>",
    "an attribute twice": '<a b="1" b="2"/>',
    "an unclosed comment": "<a><!-- </a>",
    "invalid UTF-8": b"<a>\xff\xfe\xfd</a>",
    "overlong UTF-8": b"<a>\xc0\x80</a>",
    "Latin-1 said to be UTF-8": "<a>é</a>".encode("latin-1"),
    "an unknown encoding": '<?xml version="1.0" encoding="nope"?><a/>',
    "an encoding of several bytes": '<?xml version="1.0" encoding="Shift_JIS"?><a/>',
    "an encoding that is no text": '<?xml version="1.0" encoding="rot13"?><a/>',
    "an encoding with a long name": f'<?xml version="1.0" encoding="{"x" * 100_000}"?><a/>',
    "half a UTF-16 letter": '<?xml version="1.0"?><a/>'.encode("utf-16")[:-1],
    "UTF-32": '<?xml version="1.0" encoding="UTF-32"?><a/>'.encode("utf-32"),
    "XML 1.1": '<?xml version="1.1"?><a>&#1;</a>',
}


@pytest.mark.many
@pytest.mark.parametrize("part", EVERY_PART)
@pytest.mark.parametrize("case", BAD_XML)
def test_bad_xml_is_refused(tmp_path: Path, part: str, case: str) -> None:
    refused(save(tmp_path / "x.xlsx", full() | {part: BAD_XML[case]}))


@pytest.mark.parametrize(
    "encoding",
    ["unicode_escape", "raw_unicode_escape", "utf-7", "punycode"],
)
def test_strange_encodings_are_refused(tmp_path: Path, encoding: str) -> None:
    content = parts() | {SHEET: f'<?xml version="1.0" encoding="{encoding}"?>{sheet_xml("")}'}
    refused(save(tmp_path / "x.xlsx", content))


@pytest.mark.parametrize("tag", ["a", "row", "c", "sheetData", "is"])
def test_deep_nesting_is_refused(tmp_path: Path, tag: str) -> None:
    content = parts(f"<{tag}>" * 100_000 + f"</{tag}>" * 100_000)
    refused(save(tmp_path / "x.xlsx", content), "", Budget(ratio=10_000))


NO_SHEETS = {
    "another root": f'<chartsheet xmlns="{MAIN}"/>',
    "another namespace": '<worksheet xmlns="urn:x"/>',
    "no namespace": "<worksheet/>",
    "data twice": sheet_xml("", after="<sheetData/>"),
    "data in data": sheet_xml("<sheetData/>"),
}


@pytest.mark.parametrize("case", NO_SHEETS)
def test_parts_that_are_no_sheet_are_refused(tmp_path: Path, case: str) -> None:
    refused(save(tmp_path / "x.xlsx", parts() | {SHEET: NO_SHEETS[case]}))
