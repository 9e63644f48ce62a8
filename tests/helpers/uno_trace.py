"""Prints LibreOffice's own trace of cells, as JSON. Run by the system's Python, which has UNO.

/usr/bin/python3 uno_trace.py PROFILE_OPTION FILE.xlsx CELL...

A cell of the first sheet is A1, of the second 1!A1. Only ranges on the cell's own sheet
are told: what LibreOffice says of others is wrong. With dependents where they are asked
for, as A1/d.
"""

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue


def connect(context, pipe: str):
    resolver = context.ServiceManager.createInstanceWithContext(
        "com.sun.star.bridge.UnoUrlResolver", context
    )
    for _ in range(240):
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except Exception:  # not there yet
            time.sleep(0.25)
    raise SystemExit("LibreOffice did not answer")


def ranges(found, sheet: int) -> list[list[int]]:
    return [
        [one.StartRow, one.StartColumn, one.EndRow, one.EndColumn]
        for one in found.RangeAddresses
        if one.Sheet == sheet
    ]


@contextmanager
def office_at(profile: str):
    """Start LibreOffice, give its desktop, and end it."""
    pipe = f"xlconv{time.time_ns()}"
    office = subprocess.Popen(
        ["soffice", profile, "--headless", "--norestore",
         f"--accept=pipe,name={pipe};urp;StarOffice.ComponentContext"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        remote = connect(uno.getComponentContext(), pipe)
        desktop = remote.ServiceManager.createInstanceWithContext(
            "com.sun.star.frame.Desktop", remote
        )
        yield desktop
        desktop.terminate()
    finally:
        office.wait(timeout=60)


def main(profile: str, path: str, *cells: str) -> None:
    with office_at(profile) as desktop:
        hidden = PropertyValue("Hidden", 0, True, 0)
        document = desktop.loadComponentFromURL(Path(path).as_uri(), "_blank", 0, (hidden,))
        traced = {}
        for name in cells:
            place, _, which = name.partition("/")
            number, _, address = place.rpartition("!")
            number = int(number or 0)
            cell = document.Sheets.getByIndex(number).getCellRangeByName(address)
            query = cell.queryDependents if which == "d" else cell.queryPrecedents
            traced[name] = {
                "direct": ranges(query(False), number),
                "all": ranges(query(True), number),
            }
        print(json.dumps(traced))
        document.close(True)


if __name__ == "__main__":
    main(*sys.argv[1:])
