"""Whether an edit does to the numbers what the table says: the table itself is under test."""

from __future__ import annotations

from tests.edits.bases import FINALS
from tests.edits.edit import Edit


def provable(edit: Edit) -> bool:
    """Whether LibreOffice can find the tensors of the edited workbook: by their names."""
    return ("drop_names",) not in edit.all_steps()


def untrue(edit: Edit, differ: list[list[str]]) -> str:
    """Return why an edit is not what the table says, or nothing.

    `differ` are the tensors that are not the base's, for the stored numbers and for drawn ones.
    """
    stored, *drawn = differ
    changed = any(drawn)
    ends = FINALS.get(edit.base, ())  # of none: it is only saved
    other_ends = [name for names in drawn for name in names if name in ends]
    match edit.changes:
        case "function":
            return "" if changed else "no tensor differs for any drawn numbers"
        case "stored":
            return "" if stored and not other_ends else f"stored {stored}, drawn {other_ends}"
        case "beside":
            return "" if not stored and not changed else f"changed {differ}"
    if other_ends or set(stored) & set(ends):
        return f"other outputs: {sorted(set(other_ends) | set(stored) & set(ends))}"
    return ""
