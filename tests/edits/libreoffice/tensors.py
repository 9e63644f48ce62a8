"""The tensors of an open workbook by their defined names, which follow every edit.

Numbers are drawn for those that hold numbers, and those of formulas are read again: that
tells whether an edit changes what the network computes.
"""

import random

_FORMULA = 16
_ERRORS = 4
CLOSE = 1e-12


def ranges(document, name):
    """Return the ranges of a name; none where it is gone or points nowhere."""
    if not document.NamedRanges.hasByName(name):
        return []
    text = document.NamedRanges.getByName(name).Content
    if "#REF!" in text:
        return []
    return [_range(document, one) for one in text.replace(";", "~").split("~")]


def _range(document, text):
    """Return what `$'a sheet'.$A$1:$B$2` names."""
    sheet, _, _ = text.split(":")[0].rpartition(".")
    ends = [end.rpartition(".")[2].replace("$", "") for end in text.split(":")]
    return document.Sheets.getByName(sheet.lstrip("$").strip("'")).getCellRangeByName(
        ":".join(ends)
    )


def split(document):
    """Return the names of tensors that hold numbers, and of those that hold formulas."""
    given, computed = [], []
    for name in sorted(document.NamedRanges.ElementNames):
        if name.startswith("probe"):
            continue
        found = ranges(document, name)
        formulas = sum(len(one.queryContentCells(_FORMULA).RangeAddresses) for one in found)
        (computed if formulas else given).append(name)
    return given, computed


def draw(document, names, seed):
    """Write drawn numbers into tensors, the same ones for the same seed and name."""
    for name in names:
        found = ranges(document, name)
        cells = sum(len(rows) * len(rows[0]) for rows in (one.getDataArray() for one in found))
        for number, one in enumerate(found):
            rng = random.Random(f"{seed} {name} {number}")
            size = one.RangeAddress
            one.setDataArray(
                tuple(
                    tuple(
                        _drawn(rng, name, cells, seed)
                        for _ in range(size.StartColumn, size.EndColumn + 1)
                    )
                    for _ in range(size.StartRow, size.EndRow + 1)
                )
            )


def _drawn(rng, name, cells, seed):
    if name.startswith("input"):
        return rng.uniform(-1, 1) * (1 if seed < 2 else seed)  # ever larger, to find a limit
    if "var" in name:
        return rng.uniform(0.5, 1.5)
    if "bias" in name:  # large ones leave nothing for a ReLU to let through
        return rng.uniform(-0.3, 0.3)
    return rng.uniform(-1, 1) * 2 / cells**0.5


def read(document, names):
    """Return the values of tensors, None for a tensor that is gone."""
    document.calculateAll()
    found = {}
    for name in names:
        values = [_values(one) for one in ranges(document, name)]
        found[name] = values or None
    return found


def _values(found):
    rows = [list(row) for row in found.getDataArray()]
    at = found.RangeAddress
    for one in found.queryFormulaCells(_ERRORS).RangeAddresses:
        for row in range(one.StartRow, one.EndRow + 1):
            for column in range(one.StartColumn, one.EndColumn + 1):
                rows[row - at.StartRow][column - at.StartColumn] = "error"
    return rows


def differing(old, new):
    """Return the names of tensors that are not the same to 1e-12."""
    return sorted(name for name in old if not _same(old[name], new[name]))


def _same(old, new):
    if old is None or new is None:
        return False
    if isinstance(old, list):
        return isinstance(new, list) and len(old) == len(new) and all(map(_same, old, new))
    old, new = _number(old), _number(new)
    if isinstance(old, str) or isinstance(new, str):
        return old == new
    return abs(old - new) <= CLOSE * max(1.0, abs(old))


def _number(value):
    """Return a value as a number where it spells one: a class may be the text of its label."""
    try:
        return float(value)
    except ValueError:
        return value
