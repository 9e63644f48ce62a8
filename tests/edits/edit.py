"""One edit of a workbook as data: what is done, and what verify should say of it.

Never opens a file: `tests/edits/workbooks.py` has LibreOffice do it.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

Step = tuple[object, ...]


class Edit(Struct, frozen=True):
    """Steps that a person takes in a generated workbook.

    `words` must be in what verify says, each of them, in one of its spellings (`a|b`): the
    beginning of a code (`D7`), or a word, in capitals or not where it has none itself.
    `nameless` takes the names and the description away, and `against` holds the file to the
    workbook that it was made from. `changes` tells what the edit does to the network's numbers,
    see `tests.edits.truth`: `function` changes them for other inputs too, `stored` those in the
    file only, `beside` none at all, and `nowhere` (of an edit that is right) no output.
    """

    name: str
    steps: tuple[Step, ...]
    verdict: str
    words: tuple[str, ...] = ()
    base: str = "conv-example"
    nameless: bool = False
    against: bool = False
    changes: str = "nowhere"

    def all_steps(self) -> tuple[Step, ...]:
        """Return its steps, names taken away at the end."""
        bare: tuple[Step, ...] = (("drop_names",), ("drop_description",))
        return self.steps + bare if self.nameless else self.steps


def wrong(name: str, *steps: Step, words: tuple[str, ...], **more: object) -> Edit:
    """Return an edit after which the workbook is not what it says."""
    return replace(Edit(name, steps, "findings", words, changes="function"), **more)


def right(name: str, *steps: Step, words: tuple[str, ...] = (), **more: object) -> Edit:
    """Return an edit that leaves the network what it was."""
    return replace(Edit(name, steps, "verified", words), **more)


def unproven(name: str, *steps: Step, words: tuple[str, ...] = (), **more: object) -> Edit:
    """Return an edit that is right in a way that nobody can be expected to prove."""
    return replace(Edit(name, steps, "partly", words), **more)


def fill(where: str, formula: str) -> Step:
    """Write a formula into the first cell of a range, and drag it over the rest."""
    return ("fill", where, formula)


def fill_array(where: str, formula: str) -> Step:
    """Write an array formula into the first cell, and copy it over the rest, a cell each."""
    return ("fill_array", where, formula)


def array(where: str, formula: str) -> Step:
    """Write one array formula over a whole range."""
    return ("array", where, formula)


def put(cell: str, content: str | float) -> Step:
    """Type a number, a text or a formula into a cell."""
    return ("put", cell, content)


def write(where: str, rows: Sequence[Sequence[str | float]]) -> Step:
    """Type a formula or a number into every cell of a range."""
    return ("write", where, rows)


def column(where: str, *formulas: str) -> Step:
    """Type a formula into every cell of a column."""
    return write(where, [[one] for one in formulas])


def paste_values(where: str) -> Step:
    """Copy a range and paste its values over it."""
    return ("paste_values", where)


def clear(where: str) -> Step:
    """Delete the contents of a range."""
    return ("clear", where)


def move(where: str, to: str) -> Step:
    """Cut a range and paste it elsewhere: who reads it follows."""
    return ("move", where, to)


def copy(where: str, to: str) -> Step:
    """Copy a range and paste it elsewhere."""
    return ("copy", where, to)


def copy_values(where: str, to: str) -> Step:
    """Copy a range and paste its values elsewhere."""
    return ("copy_values", where, to)


def insert_rows(at: str, count: int = 1) -> Step:
    """Insert whole rows above a cell."""
    return ("insert_rows", at, count)


def insert_columns(at: str, count: int = 1) -> Step:
    """Insert whole columns left of a cell."""
    return ("insert_columns", at, count)


def delete_rows(at: str, count: int = 1) -> Step:
    """Delete whole rows from a cell on."""
    return ("delete_rows", at, count)


def delete_columns(at: str, count: int = 1) -> Step:
    """Delete whole columns from a cell on."""
    return ("delete_columns", at, count)


def insert_cells(where: str, direction: str) -> Step:
    """Insert cells where a range is, which goes `DOWN` or `RIGHT`."""
    return ("insert_cells", where, direction)


def delete_cells(where: str, direction: str) -> Step:
    """Delete the cells of a range; what is below or beside comes `UP` or `LEFT`."""
    return ("delete_cells", where, direction)
