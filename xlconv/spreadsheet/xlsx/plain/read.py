"""A whole worksheet part in the plain form -> its cells.

Rows are taken out and taken apart in bulk; what stands before and behind them goes through the
same parser and the same handlers as any part's, so that nothing there is trusted.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from xlconv.spreadsheet.xlsx.current_cell import CurrentCell
from xlconv.spreadsheet.xlsx.plain.attributes import Attributes
from xlconv.spreadsheet.xlsx.plain.keep import keep
from xlconv.spreadsheet.xlsx.plain.places import cell_tags
from xlconv.spreadsheet.xlsx.plain.tags import NotPlainError, tags_of

_BEGIN, _END, _ROW_END = b"<sheetData>", b"</sheetData>", b"</row>"
_ROOT = re.compile(rb"<worksheet [^>]*>")
_ENCODING = re.compile(rb"<\?xml[^>]*? encoding *= *[\"']([^\"']*)")
_BATCH = 1 << 20  # bytes of rows that are taken apart at once
_MOST = 1 << 24  # bytes before the first row, and in one


def without_rows(chunks: Iterator[bytes], current: CurrentCell) -> Iterator[bytes]:
    """Yield a worksheet part without its rows, whose cells are kept.

    Raises NotPlainError at the first byte outside the plain form, and ReadError for too many
    cells.
    """
    head, rows = _head(chunks)
    yield head
    root = _ROOT.search(head)
    attributes = Attributes(root[0] if root else b"")
    looked = 0
    while (end := rows.find(_END, looked)) < 0:
        looked = max(0, len(rows) - len(_END))
        if len(rows) >= _BATCH:
            cut = rows.rfind(_ROW_END) + len(_ROW_END)
            if cut >= len(_ROW_END):
                _keep_rows(rows[:cut], attributes, current)
                rows, looked = rows[cut:], 0
            elif len(rows) > _MOST:
                raise NotPlainError
        chunk = next(chunks, None)
        if chunk is None:
            raise NotPlainError
        rows += chunk
    if end:
        _keep_rows(rows[:end], attributes, current)
    yield rows[end:]
    yield from chunks


def _keep_rows(rows: bytes, attributes: Attributes, current: CurrentCell) -> None:
    tags = tags_of(rows)
    keep(tags, cell_tags(tags, attributes), attributes, current)


def _head(chunks: Iterator[bytes]) -> tuple[bytes, bytes]:
    """Return what stands before the first row, and the first bytes of rows."""
    found = b""
    for chunk in chunks:
        found += chunk
        end = found.find(_BEGIN)
        if end >= 0:
            head = found[: end + len(_BEGIN)]
            _check_head(head)
            return head, found[len(head) :]
        if len(found) > _MOST:
            break
    raise NotPlainError


def _check_head(head: bytes) -> None:
    """Raise NotPlainError where rows might be none, or be in other letters than UTF-8."""
    encoding = _ENCODING.search(head)
    is_utf8 = encoding is None or encoding[1].upper() == b"UTF-8"
    begins = head.removeprefix(codecs.BOM_UTF8).startswith(b"<?xml ")
    if b"<!" in head or head.count(b"<?") > begins or not is_utf8:
        raise NotPlainError
