"""Faults that are put into workbooks, one at a time, to see whether verify names the cell.

Each kind takes a workbook and a random generator and returns where the fault is, which
codes would be right, and whether caches are refreshed afterwards; None where the kind
has no place in this workbook, or what it drew there is no fault.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from tests.mutations import anywhere, borders, cells, layers, links, windows
from tests.mutations.choosing import KINDS
from tests.mutations.subject import Fault, Subject, contents, killed, rebuilt, refreshed

Counts = Callable[[Subject, Fault], bool]

# A kind is tried so often in every workbook before it is given up there.
_TRIES = 4


def faults(
    subjects: list[Subject], count: int, seed: int, counts: Counts = lambda subject, fault: True
) -> Iterator[tuple[str, Subject, Fault]]:
    """Yield `count` faults, the kinds in turn and each in another workbook, at random places.

    `counts` says which are faults at all.
    """
    rng = random.Random(seed)
    names, places = list(KINDS), {name: rng.randrange(len(subjects)) for name in KINDS}
    made = 0
    while made < count and names:
        for name in list(names):
            found = _next_fault(name, subjects, places, rng, counts)
            if found is None:
                names.remove(name)
            elif made < count:
                made += 1
                yield name, *found


def _next_fault(
    name: str,
    subjects: list[Subject],
    places: dict[str, int],
    rng: random.Random,
    counts: Counts,
) -> tuple[Subject, Fault] | None:
    for _ in subjects:
        places[name] = (places[name] + 1) % len(subjects)
        subject = subjects[places[name]]
        for _ in range(_TRIES):
            fault = KINDS[name](subject, rng)
            if fault is not None and counts(subject, fault):
                return subject, fault
    return None


__all__ = [
    "KINDS",
    "Counts",
    "Fault",
    "Subject",
    "anywhere",
    "borders",
    "cells",
    "contents",
    "faults",
    "killed",
    "layers",
    "links",
    "rebuilt",
    "refreshed",
    "windows",
]  # fmt: skip
