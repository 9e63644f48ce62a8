"""A workbook of XlsxWriter whose sheets cannot be shown, added or renamed without a password.

The lock keeps a click from it, not a person: it encrypts nothing. Its hash is that of ECMA-376,
18.2.29: SHA-512 over salt and password in UTF-16, then over hash and number, so many times.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha512
from typing import Any

from xlsxwriter.workbook import Workbook

_SPINS = 100_000


class LockedBook(Workbook):  # type: ignore[misc]
    """XlsxWriter's workbook, its structure locked by a password."""

    def __init__(self, path: str, password: str, **options: Any) -> None:
        super().__init__(path, options)
        # Of the password alone, so that the same workbook gives the same bytes.
        self._salt = sha512(password.encode()).digest()[:16]
        self._hash = locked(password, self._salt)

    def _write_workbook_pr(self) -> None:
        super()._write_workbook_pr()
        attributes = {
            "workbookAlgorithmName": "SHA-512",
            "workbookHashValue": b64encode(self._hash).decode(),
            "workbookSaltValue": b64encode(self._salt).decode(),
            "workbookSpinCount": str(_SPINS),
            "lockStructure": "1",
        }
        self._xml_empty_tag("workbookProtection", list(attributes.items()))


def locked(password: str, salt: bytes) -> bytes:
    """Return the hash by which a spreadsheet knows the password again."""
    found = sha512(salt + password.encode("utf-16-le")).digest()
    for number in range(_SPINS):
        found = sha512(found + number.to_bytes(4, "little")).digest()
    return found
