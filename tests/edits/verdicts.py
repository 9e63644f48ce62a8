"""What `xlconv verify` says of an edited workbook, and what is missing in it."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from tests.edits.edit import Edit
from tests.helpers.command import run

EXIT_CODES = {"verified": 0, "findings": 1, "partly": 5, "unverified": 5}
_CODE = re.compile(r"[DGLMSTV]\d{1,3}")


class Verdict(Struct, frozen=True):
    """The verdict in a file's JSON report, the exit code, and the findings."""

    verdict: str
    exit_code: int
    findings: tuple[dict[str, Any], ...]

    @property
    def text(self) -> str:
        """What a user reads: every root finding in a line."""
        return "\n".join(
            f"{one['code']} {one['name']} {one['sheet']}!{one['cell']} {one['message']}"
            for one in self.findings
            if one["root"]
        )

    def missing(self, edit: Edit) -> list[str]:
        """Return the words that are wanted and not said."""
        if self.verdict != "findings" and "|" in edit.verdict:
            return []  # nobody says what is wrong with it: what is open is not praised
        return [words for words in edit.words if not any(map(self._says, words.split("|")))]

    def _says(self, word: str) -> bool:
        if _CODE.fullmatch(word):
            return any(one["code"].startswith(word) for one in self.findings if one["root"])
        return word in (self.text if word != word.lower() else self.text.lower())

    def wanted(self, edit: Edit) -> bool:
        """Whether verdict and exit code are the wanted ones."""
        known = self.verdict in edit.verdict.split("|")
        return known and self.exit_code == EXIT_CODES[self.verdict]


@cache
def knows_against() -> bool:
    """Whether `verify` can hold a file to another one."""
    return "--against" in run("verify", "--help").output


def verdict_of(edit: Edit, path: Path, original: Path) -> Verdict:
    """Verify an edited workbook, against the original where the edit asks for that."""
    assert path.exists(), "LibreOffice could not make it"
    more = ("--against", original) if edit.against else ()
    result = run("verify", path, "--format", "json", *more)
    (told,) = json.loads(result.stdout)["files"]
    return Verdict(told["verdict"], result.exit_code, tuple(told.get("findings", ())))
