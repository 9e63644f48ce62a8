"""Prints LibreOffice's own trace of cells, as JSON. Run by the system's Python, which has UNO.

/usr/bin/python3 uno_trace.py PROFILE_OPTION FILE.xlsx CELL...
"""

import json
import subprocess
import sys
import time
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


def ranges(found) -> list[list[int]]:
    return [
        [one.StartRow, one.StartColumn, one.EndRow, one.EndColumn] for one in found.RangeAddresses
    ]


def main(profile: str, path: str, *cells: str) -> None:
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
        hidden = PropertyValue("Hidden", 0, True, 0)
        document = desktop.loadComponentFromURL(Path(path).as_uri(), "_blank", 0, (hidden,))
        sheet = document.Sheets.getByIndex(0)
        traced = {}
        for name in cells:
            cell = sheet.getCellRangeByName(name)
            traced[name] = {
                "direct": ranges(cell.queryPrecedents(False)),
                "all": ranges(cell.queryPrecedents(True)),
            }
        print(json.dumps(traced))
        document.close(True)
        desktop.terminate()
    finally:
        office.wait(timeout=60)


main(*sys.argv[1:])
