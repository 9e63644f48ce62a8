"""Makes the edited workbooks and verifies them: `python -m tests.edits OUT_DIR [NAME ...]`.

A name stands for all edits that begin with it. With --check, ahead of the folder, LibreOffice
tells instead what each edit does to the numbers: that proves the table.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tests.edits import TABLE, Edit
from tests.edits.bases import base
from tests.edits.truth import provable, untrue
from tests.edits.verdicts import Verdict, knows_against, verdict_of
from tests.edits.workbooks import differences, make

_PYTHON = Path("/usr/bin/python3")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", default=[""])
    parser.add_argument("--check", action="store_true", help="prove the table, verify nothing")
    parser.add_argument("--keep", action="store_true", help="verify the files that are there")
    parser.add_argument("--bad", action="store_true", help="print only what is not as wanted")
    asked = parser.parse_args()
    chosen = [one for one in TABLE if one.name.startswith(tuple(asked.names))]
    if asked.check:
        _check(chosen, asked.folder)
        return
    if not asked.keep:
        for name, error in make(chosen, asked.folder, _PYTHON).items():
            print(f"{name}: LibreOffice could not: {error}")
            chosen = [one for one in chosen if one.name != name]
        (asked.folder / "table.json").write_text(
            json.dumps([_row(one, asked.folder) for one in TABLE], indent=1)
        )
    _tell(chosen, asked.folder, only_bad=asked.bad)


def _check(edits: list[Edit], folder: Path) -> None:
    by_name = {one.name: one for one in edits if provable(one)}
    for name, found in differences(by_name.values(), folder, _PYTHON):
        why = untrue(by_name[name], found)
        print(f"{why or 'true'}: {name} {by_name[name].verdict}: {found}", flush=True)


def _row(edit: Edit, folder: Path) -> dict[str, object]:
    original = str(base(edit.base, folder / "bases"))
    return {
        "name": edit.name,
        "path": str(folder / f"{edit.name}.xlsx"),
        "base": original,
        "verdict": edit.verdict,
        "words": edit.words,
        "against": original if edit.against else None,
    }


def _tell(edits: list[Edit], folder: Path, *, only_bad: bool) -> None:
    totals = dict.fromkeys(
        ("edits", "skipped", "wrong verified", "right refused", "other verdicts", "words missing"),
        0,
    )
    for edit in edits:
        totals["edits"] += 1
        if edit.against and not knows_against():
            totals["skipped"] += 1
            continue
        got = verdict_of(edit, folder / f"{edit.name}.xlsx", base(edit.base, folder / "bases"))
        fault = _fault(edit, got)
        if fault:
            totals[fault] += 1
        if fault or not only_bad:
            _tell_one(edit, got, fault)
    print(*(f"{name}: {number}" for name, number in totals.items()), sep="\n")


def _fault(edit: Edit, got: Verdict) -> str:
    if got.wanted(edit):
        return "words missing" if got.missing(edit) else ""
    if got.exit_code == 0:
        return "wrong verified"
    return "right refused" if edit.verdict == "verified" else "other verdicts"


def _tell_one(edit: Edit, got: Verdict, fault: str) -> None:
    codes = ",".join(sorted({one["code"] for one in got.findings if one["root"]}))
    print(f"{edit.name}: wanted {edit.verdict}, got {got.verdict} ({got.exit_code}) {codes}"
          f"{'  <- ' + fault if fault else ''}")  # fmt: skip
    if got.missing(edit):
        print("    not said:", *got.missing(edit))
    for line in got.text.splitlines()[:3]:
        print("   ", line[:200])


if __name__ == "__main__":
    main()
