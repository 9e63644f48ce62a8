"""Where faults are put, and the ways in which formulas are changed by their text."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from tests.mutations.subject import Fault, Subject
from xlconv.lifting.matching.tensors import Tensor
from xlconv.spreadsheet.addresses import Cell, a1_name, parse_a1
from xlconv.spreadsheet.blocks.plane import Plane

Kind_ = Callable[[Subject, random.Random], Fault | None]
Change = Callable[[str, random.Random], str | None]
KINDS: dict[str, Kind_] = {}

WINDOW = re.compile(r"(?<![$A-Z])([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)")
FIXED = re.compile(r"\$[A-Z]{1,3}\$\d+:\$[A-Z]{1,3}\$\d+")
REFERENCE = re.compile(r"(?<![A-Z$.])(\$?)([A-Z]{1,3})(\$?)([1-9]\d*)(?![\d(.])")


def kind(function: Kind_) -> Kind_:
    """Count a function among the kinds of faults."""
    assert function.__name__ not in KINDS
    KINDS[function.__name__] = function
    return function


def named(name: str, function: Kind_) -> None:
    """Count a function among the kinds of faults, by another name than its own."""
    assert name not in KINDS
    KINDS[name] = function


# -- where -------------------------------------------------------------------------------


def any_cell(
    s: Subject, rng: random.Random, *kinds: str, least: int = 3
) -> tuple[Cell, str, Tensor] | None:
    """Return a cell of a tensor, made by a layer of some kinds or fused with one."""
    tensors = [t for t in s.tensors if not kinds or s.kinds(t).intersection(kinds)]
    tensors = [t for t in tensors if max(t.planes[0].shape) >= min(least, s.least)]
    if not tensors:
        return None
    tensor = rng.choice(tensors)
    cell = cell_in(rng.choice(tensor.planes), rng)
    return cell, s.text(cell), tensor


def cell_in(plane: Plane, rng: random.Random) -> Cell:
    """Return any cell of a plane."""
    return plane.cell(rng.randrange(plane.shape[0]), rng.randrange(plane.shape[1]))


def helper_cell(s: Subject, rng: random.Random, stem: str) -> Cell | None:
    """Return a cell of the helpers whose names begin with a stem."""
    planes = [
        plane for t in s.tensors for name, (_, plane) in t.helpers.items() if name.startswith(stem)
    ]
    return cell_in(rng.choice(planes), rng) if planes else None


def place_in(tensor: Tensor, cell: Cell) -> tuple[int, int, int]:
    """Return which entry of which plane of a tensor stands in a cell."""
    for number, plane in enumerate(tensor.planes):
        found = plane.index_of(cell)
        if found is not None:
            return number, *found
    raise AssertionError(f"{a1_name(cell)}: not of the tensor")


# -- how ---------------------------------------------------------------------------------


def rewritten(
    s: Subject, rng: random.Random, change: Change, *kinds: str, least: int = 3
) -> Fault | None:
    """Return the fault of a formula that is changed as a text, in a cell of some layers."""
    found = any_cell(s, rng, *kinds, least=least)
    if found is None:
        return None
    cell, text, _ = found
    return s.rewritten(cell, change(text, rng))


def in_layer(name: str, change: Change, *kinds: str, least: int = 3) -> None:
    """Add a kind: a change of the text of a formula, in a cell of some layers."""
    named(name, lambda s, rng: rewritten(s, rng, change, *kinds, least=least))


def in_helper(name: str, change: Change, stem: str) -> None:
    """Add a kind: a change of the text of a formula, in a helper of some name."""

    def fault(s: Subject, rng: random.Random) -> Fault | None:
        cell = helper_cell(s, rng, stem)
        return None if cell is None else s.rewritten(cell, change(s.text(cell), rng))

    named(name, fault)


def replacing(pattern: str, new: str) -> Change:
    """Return the change of one match of a pattern, anywhere in the text."""
    compiled = re.compile(pattern)

    def change(text: str, rng: random.Random) -> str | None:
        matches = list(compiled.finditer(text))
        if not matches:
            return None
        match = rng.choice(matches)
        return text[: match.start()] + match.expand(new) + text[match.end() :]

    return change


def moved(text: str, rng: random.Random, down: int, right: int) -> str | None:
    """Return the text with one of its windows moved."""
    matches = list(WINDOW.finditer(text))
    if not matches:
        return None
    match = rng.choice(matches)
    (top, left), (bottom, end) = parse_a1(match[1] + match[2]), parse_a1(match[3] + match[4])
    if top + down < 0 or left + right < 0:
        return None
    new = f"{a1_name((top + down, left + right))}:{a1_name((bottom + down, end + right))}"
    return text[: match.start()] + new + text[match.end() :]


def pointing_beside(text: str, rng: random.Random) -> str | None:
    """Return the text with one of its references, or corners of a range, a cell off."""
    matches = list(REFERENCE.finditer(text))
    if not matches:
        return None
    match = rng.choice(matches)
    down, right = rng.choice([(-1, 0), (1, 0), (0, -1), (0, 1)])
    new = shifted(match, down, right)
    return None if new is None else text[: match.start()] + new + text[match.end() :]


def shifted(match: re.Match[str], down: int, right: int) -> str | None:
    """Return a reference that points elsewhere, with its dollars."""
    row, column = parse_a1(match[2] + match[4])
    if row + down < 0 or column + right < 0:
        return None
    letters, digits = split_name((row + down, column + right))
    return f"{match[1]}{letters}{match[3]}{digits}"


def translated(text: str, down: int, right: int) -> str | None:
    """Return the text as copying a cell moves it: what has no dollar goes along."""
    wrong = False

    def move(match: re.Match[str]) -> str:
        nonlocal wrong
        new = shifted(match, 0 if match[3] else down, 0 if match[1] else right)
        wrong |= new is None
        return new or match[0]

    moved_ = REFERENCE.sub(move, text)
    return None if wrong else moved_


def shorter(text: str, rng: random.Random) -> str | None:
    """Return the text with one of its ranges shorter by a row, or a column where it has one."""
    ranges = re.compile(r"(\$?[A-Z]{1,3})(\$?)(\d+):(\$?[A-Z]{1,3})(\$?)(\d+)")
    matches = list(ranges.finditer(text))
    if not matches:
        return None
    match = rng.choice(matches)
    if int(match[6]) > int(match[3]):
        new = f"{match[1]}{match[2]}{match[3]}:{match[4]}{match[5]}{int(match[6]) - 1}"
    else:
        row, column = parse_a1(match[4].lstrip("$") + match[6])
        if column == 0 or match[1].lstrip("$") == match[4].lstrip("$"):
            return None
        dollar = "$" * match[4].startswith("$")
        letters, _ = split_name((row, column - 1))
        new = f"{match[1]}{match[2]}{match[3]}:{dollar}{letters}{match[5]}{match[6]}"
    return text[: match.start()] + new + text[match.end() :]


def split_name(cell: Cell) -> tuple[str, str]:
    """Return letters and digits of a cell's name."""
    name = a1_name(cell)
    letters = name.rstrip("0123456789")
    return letters, name[len(letters) :]
