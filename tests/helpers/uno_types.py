"""Types into a workbook in LibreOffice, and prints what cells then show. Run by its Python.

/usr/bin/python3 uno_types.py PROFILE_OPTION FILE.xlsx STEPS.json

STEPS is a list of steps: [sheet, cell, what is typed], or [sheet, cell] of which the shown
text is told. Prints the texts as JSON.
"""

import json
import sys
from pathlib import Path

import uno  # noqa: F401  lets the next line work
from com.sun.star.beans import PropertyValue
from uno_trace import office_at


def main(profile: str, path: str, steps: str) -> None:
    with office_at(profile) as desktop:
        hidden = PropertyValue("Hidden", 0, True, 0)
        document = desktop.loadComponentFromURL(Path(path).as_uri(), "_blank", 0, (hidden,))
        shown = []
        for sheet, name, *typed in json.loads(Path(steps).read_text()):
            cell = document.Sheets.getByName(sheet).getCellRangeByName(name)
            if typed:
                cell.Formula = typed[0]  # as it is typed, in English, with ; between arguments
            else:
                shown.append(cell.String)
        print(json.dumps(shown))
        document.close(True)


if __name__ == "__main__":
    main(*sys.argv[1:])
