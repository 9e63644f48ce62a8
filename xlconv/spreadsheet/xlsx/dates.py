"""Dates as the numbers that sheets calculate with: ISO text -> days since 1900, or 1904.

Excel's calendar has a 29 February 1900, a day that never was. Knows no time zones.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

# ECMA-376 part 1, 18.17.4.1: day 0 of either system.
_DAY_0 = date(1899, 12, 30)
_DAY_0_OF_1904 = date(1904, 1, 1)

# Before, the numbers of the 1900 system are one less: it counts a 29 February 1900.
_MARCH_1900 = date(1900, 3, 1)


def serial_of(text: str, *, since_1904: bool = False) -> float:
    """Return the serial number of an ISO 8601 date, date with time, or time of day.

    Offsets from UTC are left out of account. Raises ValueError for what is none.
    """
    text = text.strip()
    if "-" not in text:
        return _share(time.fromisoformat(text))
    moment = datetime.fromisoformat(text)
    day = moment.date()
    days = (day - (_DAY_0_OF_1904 if since_1904 else _DAY_0)).days
    if not since_1904 and day < _MARCH_1900:
        days -= 1
    return days + _share(moment.time())


def _share(moment: time) -> float:
    """Return the share of a day that has passed."""
    passed = timedelta(
        hours=moment.hour,
        minutes=moment.minute,
        seconds=moment.second,
        microseconds=moment.microsecond,
    )
    return passed / timedelta(days=1)
