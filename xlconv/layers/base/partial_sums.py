"""Sums of many products in parts: helper planes, each the sum over some of the channels.

Excel takes no formula of more than 8,192 characters. A sum over more channels than that
has room for is written as a few sums, each in a plane of its own, and one of those.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from xlconv.layers.base.layer import Written
from xlconv.layers.base.place import Place
from xlconv.spreadsheet.blocks.block import Block
from xlconv.spreadsheet.formula import Node, plus

# So many terms make one sum: trees that are deeper than 180 operations are not read back.
MAX_TERMS = 160
_NAME = re.compile(r"sum_([0-9]+)_([0-9]+)_([0-9]+)")


class Part(NamedTuple):
    """The terms `start` to `stop - 1` of the sum of one output channel."""

    output: int
    start: int
    stop: int

    @property
    def name(self) -> str:
        """The name of the helper plane."""
        return f"sum_{self.output}_{self.start}_{self.stop}"

    @property
    def caption(self) -> str:
        """The part for people: `Σ of 0–127`."""
        return f"Σ of {self.start}–{self.stop - 1}"


def parts_of(names: Iterable[str]) -> dict[int, list[Part]]:
    """Return the parts that helpers are named after, by output and in order."""
    found: dict[int, list[Part]] = {}
    for name in names:
        match = _NAME.fullmatch(name)
        if match is not None:
            part = Part(*map(int, match.groups()))
            found.setdefault(part.output, []).append(part)
    return {output: sorted(parts) for output, parts in found.items()}


def even_parts(output: int, terms: int, count: int) -> list[Part]:
    """Return `count` parts of about as many terms each."""
    ends = [k * terms // count for k in range(count + 1)]
    return [Part(output, start, stop) for start, stop in pairwise(ends)]


def written_parts(
    parts: list[Part], terms: list[Node], place: Place, *, array: bool
) -> tuple[list[Written], list[Node]]:
    """Return the blocks of the parts of a sum, and the terms that are left to be added."""
    if not parts:
        return [], terms
    blocks = [
        Written(
            part.name,
            part.output,
            Block(place.helpers[part.name], plus(terms[part.start : part.stop]), array),
        )
        for part in parts
    ]
    return blocks, [place.helpers[part.name].entry() for part in parts]
