"""What a file may be by chance, bytes and texts changed at random, is read or refused."""

import re
import zipfile
from pathlib import Path

from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from tests.helpers.examples import examples
from tests.helpers.packages import (
    BOOK_RELS,
    CUSTOM,
    EVERY_PART,
    STRINGS,
    Parts,
    custom,
    parts,
    save,
    several,
)
from tests.helpers.paths import WORKBOOKS
from tests.helpers.sheet_cases import READ, SHARED
from tests.helpers.sheet_values import cells
from xlconv.errors import ReadError
from xlconv.spreadsheet.addresses import parse_a1
from xlconv.spreadsheet.workbook import Workbook
from xlconv.spreadsheet.xlsx.read import read_xlsx

# What a file may be by chance: bytes and texts changed at random.
FRAGMENTS = (
    [f.encode() for f in ("<c>", "</c>", "<v>", "<f>", "<row>", "</row>", "<is>", "<t>", "<rPh>")]
    + [f' {f}="'.encode() for f in ("r", "t", "si", "ref", "Id", "Target", "xmlns", "name", "r:id")]
    + [b"shared", b"array", b"inlineStr", b"str", b"A0", b"XFE1", b"0000000000", b"999999999999999"]
    + [b"&#10;", b"&lt;", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<?", b"<!DOCTYPE a>", b"$A$1:B2"]
    + [b"'", b'"', b",", b"!", b"\0", b"\xff", b"\xc3", b"1e999", b"nan", b"-1", b"../../", b"\\"]
    + [b"PK\1\2", b"PK\3\4", b"PK\5\6", b"PK\6\6", b"\xff\xff\xff\xff", b"\0\0\0\0"]
    + [b'encoding="utf-7"', b'encoding="nope"', b'<?xml version="1.0" encoding="UTF-16"?>']
)

Edit = tuple[str, float, int, bytes]

EDITS = st.lists(
    st.tuples(
        st.sampled_from(["flip", "delete", "insert", "duplicate", "overwrite"]),
        st.floats(0, 1, exclude_max=True),
        st.integers(1, 60),
        st.sampled_from(FRAGMENTS) | st.binary(min_size=1, max_size=4),
    ),
    min_size=1,
    max_size=6,
)


def mutated(data: bytes, edits: list[Edit]) -> bytes:
    out = bytearray(data)
    for kind, place, length, payload in edits:
        at = int(place * len(out))
        if kind == "flip" and out:
            out[at] ^= 1 << length % 8
        elif kind == "delete":
            del out[at : at + length]
        elif kind == "insert":
            out[at:at] = payload
        elif kind == "duplicate":
            out[at:at] = out[at : at + length]
        elif kind == "overwrite":
            out[at : at + len(payload)] = payload
    return bytes(out)


def read_or_refused(path: Path) -> Workbook | None:
    try:
        found = read_xlsx(path)
    except ReadError as error:
        assert str(error).startswith(f"{path}: ")
        assert len(str(error).splitlines()) == 1
        return None
    for sheet in found.sheets:
        assert all(parse_a1(name) is not None for name in cells(sheet))
    return found


def sources() -> dict[str, Parts]:
    """Workbooks to change: a published one, and one with something of everything."""
    with zipfile.ZipFile(WORKBOOKS / "edges.xlsx") as package:
        edges: Parts = {name: package.read(name) for name in package.namelist()}
    everything = several({f"S{k}": rows for k, (rows, _) in enumerate(READ.values())})
    strings = parts(strings=SHARED)
    tail = re.search(r'<Relationship Id="st".*', str(strings[BOOK_RELS]))
    assert tail is not None
    everything[BOOK_RELS] = str(everything[BOOK_RELS]).replace("</Relationships>", tail[0])
    everything |= {STRINGS: strings[STRINGS], CUSTOM: custom(("a", "1"), ("a.2", "2"))}
    return {"edges": edges, "everything": everything}


SOURCES = sources()

READABLE = [
    (source, part)
    for source, content in SOURCES.items()
    for part in content
    if part in EVERY_PART or part.startswith("xl/s")
]

FUZZED = examples(100, suppress_health_check=[HealthCheck.too_slow])


def test_the_workbooks_to_change_are_read(tmp_path: Path) -> None:
    for name, content in SOURCES.items():
        assert read_or_refused(save(tmp_path / f"{name}.xlsx", content))


@FUZZED
@given(st.sampled_from(sorted(SOURCES)), EDITS)
def test_changed_packages_are_read_or_refused(tmp_path_factory, source: str, edits: list) -> None:
    path = save(tmp_path_factory.mktemp("raw") / "x.xlsx", SOURCES[source])
    path.write_bytes(mutated(path.read_bytes(), edits))
    read_or_refused(path)


@FUZZED
@given(st.sampled_from(READABLE), EDITS)
def test_changed_parts_are_read_or_refused(
    tmp_path_factory, place: tuple[str, str], edits: list
) -> None:
    source, part = place
    data = SOURCES[source][part]
    data = data.encode() if isinstance(data, str) else data
    content = SOURCES[source] | {part: mutated(data, edits)}
    read_or_refused(save(tmp_path_factory.mktemp("xml") / "x.xlsx", content, zipfile.ZIP_STORED))
