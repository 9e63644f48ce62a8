"""What the value of a cell means: its type attribute and its text -> kind, number and text.

Knows nothing of places: a ValueError says what is wrong, and whoever reads the cell says
where. Never calculates.
"""

from __future__ import annotations

from xlconv.spreadsheet.workbook import Kind

# Kind, number and text of a cell, as a Sheet holds them.
CellValue = tuple[Kind, float, str]

_NUMBER, _TEXT, _BOOLEAN, _ERROR = Kind.NUMBER, Kind.TEXT, Kind.BOOLEAN, Kind.ERROR


def number_of(text: str) -> float:
    """Return a number as files spell it. Raises ValueError for any other text."""
    try:
        found = float(text)
    except ValueError:
        found = float("nan")
    # float() takes digits of other scripts and 1_000 too.
    if found - found != 0 or not text.isascii() or "_" in text:  # NaN or infinity
        raise ValueError(f"{text!r} is not a number")
    return found


def value_of(
    kind: str | None, value: str | None, inline: str | None, strings: list[str], *, since_1904: bool
) -> CellValue:
    """Return what a cell of type `kind` holds: `value`, or the text that stands `inline`.

    Raises ValueError for what is no value of the type.
    """
    text = value or ""
    match kind:
        case None | "n":
            return _NUMBER, number_of(value or "0"), ""
        case "s":
            return _TEXT, 0.0, _shared(value, strings)
        case "str":
            return _TEXT, 0.0, text
        case "inlineStr":
            return _TEXT, 0.0, inline or ""
        case "b":
            if value is not None and value.strip() not in ("0", "1", "false", "true"):
                raise ValueError(f"{value!r} is neither true nor false")
            return _BOOLEAN, float(text.strip() in ("1", "true")), ""
        case "e":
            return _ERROR, 0.0, value or "#VALUE!"
        case "d":
            return _NUMBER, _date(text, since_1904=since_1904), ""
    raise ValueError(f"a value of unknown kind {kind!r}")


def _shared(value: str | None, strings: list[str]) -> str:
    text = value or ""
    try:
        index = int(text)
        if index < 0 or not text.isascii() or "_" in text:
            raise IndexError
        return strings[index]
    except (ValueError, IndexError):
        raise ValueError(f"shared string {value!r} is missing") from None


def _date(text: str, *, since_1904: bool) -> float:
    from xlconv.spreadsheet.xlsx.dates import serial_of  # noqa: PLC0415  rarely written so

    try:
        return serial_of(text, since_1904=since_1904)
    except ValueError:
        raise ValueError(f"{text!r} is no ISO date") from None
