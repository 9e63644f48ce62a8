"""A formula cell and its neighbours -> how the pattern moves that they may all be of.

Neighbours to the right and below vote; what larger blocks of the same text have shown is
remembered for small ones. Only guesses: whoever asks compares them with every cell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from xlconv.spreadsheet.addresses import MAX_COLUMNS, MAX_ROWS
from xlconv.spreadsheet.blocks.grouping.formula_index import FormulaIndex
from xlconv.spreadsheet.blocks.grouping.interleaving import interleaved, moves_fixed
from xlconv.spreadsheet.blocks.grouping.strides import SAMPLE, WIDEST_STEP, Chain, Moves, steps
from xlconv.spreadsheet.blocks.pattern import Pattern, is_reference
from xlconv.spreadsheet.formula import Template, undollared_pieces


class Guess(NamedTuple):
    """A pattern with the steps of its lattice; it holds for `most` rows and columns at most."""

    pattern: Pattern
    step: tuple[int, int]
    most: tuple[int, int] = (MAX_ROWS, MAX_COLUMNS)


class Guesses:
    """Guesses the patterns of a sheet's formula cells that have no block yet."""

    def __init__(self, formulas: FormulaIndex) -> None:
        self.formulas = formulas
        # How patterns of the same text moved, along rows and columns.
        self.known: dict[tuple[str, ...], list[tuple[Moves, Moves]]] = {}

    def note(self, guess: Guess) -> None:
        """Remember how a pattern moves: small blocks of it have too few cells to show it."""
        pattern, step = guess.pattern, guess.step
        moves = (step[0], pattern.by_row), (step[1], pattern.by_column)
        if moves not in self.known.setdefault(pattern.pieces, []):
            self.known[pattern.pieces].append(moves)

    def of(self, seed: int) -> Guess | None:
        """Return the pattern that begins with a cell, None where it is alone."""
        row, column = int(self.formulas.sheet.rows[seed]), int(self.formulas.sheet.columns[seed])
        template = self.formulas.template(seed)
        right, below = self._samples(seed)
        (step_down, by_row), (step_right, by_column) = self._moves(seed, right, below)
        pieces = self._pieces(seed, [at for at, _ in right], [at for at, _ in below])
        pattern = Pattern(pieces, template.values, by_row, by_column)
        guess = Guess(pattern, (step_down, step_right))
        apart = None if pattern.is_bare else self._apart(seed, guess)
        if apart is not None:
            return apart
        fits_right = _fits(pattern, right, column, step_right, axis=1)
        fits_down = _fits(pattern, below, row, step_down, axis=0)
        if pattern.is_bare and _few(fits_right) != _few(fits_down):
            # A line of the halo around a block of bare references: it has no other lines.
            still = (0,) * len(template.values)
            if _few(fits_down):
                return guess._replace(pattern=replace(pattern, by_row=still), most=(1, MAX_COLUMNS))
            return guess._replace(pattern=replace(pattern, by_column=still), most=(MAX_ROWS, 1))
        # Most neighbours may agree with each other but not with this one.
        return None if _few(fits_right + fits_down) else guess

    def _pieces(self, seed: int, right: list[int], below: list[int]) -> tuple[str, ...]:
        """Return the seed's pieces with the dollars that most of it and its samples have."""
        formulas = self.formulas
        row, column = int(formulas.sheet.rows[seed]), int(formulas.sheet.columns[seed])
        cells = [seed, *(formulas.at(row, at) for at in right)]
        cells += [formulas.at(at, column) for at in below]
        votes = Counter(formulas.template(cell).pieces for cell in cells)
        return max(votes, key=votes.__getitem__)  # the first of those that have as many

    def _apart(self, seed: int, guess: Guess) -> Guess | None:
        """Return the pattern and steps of a block that others interleave with.

        None where the pattern that neighbours tell leaves fixed coordinates in their place,
        or no wider step does.
        """
        pattern, template = guess.pattern, self.formulas.template(seed)
        moves = [pattern.by_row, pattern.by_column]
        moved = [axis for axis in (0, 1) if moves_fixed(pattern.pieces, moves[axis])]
        wider = {axis: interleaved(self.formulas, seed, template, axis) for axis in moved}
        found = {axis: one for axis, one in wider.items() if one is not None}
        if not moved or len(found) < len(moved):
            return None
        (down, by_row), (right, by_column) = (
            found.get(axis, (guess.step[axis], moves[axis])) for axis in (0, 1)
        )
        return Guess(replace(pattern, by_row=by_row, by_column=by_column), (down, right))

    def _samples(self, seed: int) -> tuple[Chain, Chain]:
        """Return a few cells to the right and a few below that have the same text."""
        formulas, sheet = self.formulas, self.formulas.sheet
        row, column = int(sheet.rows[seed]), int(sheet.columns[seed])
        last = min(column + SAMPLE * WIDEST_STEP, MAX_COLUMNS - 1)
        right = (int(one) for one in formulas.in_row(row, column + 1, last))
        below = formulas.below(row, column, SAMPLE * WIDEST_STEP, WIDEST_STEP)
        like, kind = formulas.template(seed), int(sheet.kinds[seed])
        return (
            self._sample(right, like, kind, formulas.columns),
            self._sample(below, like, kind, sheet.rows),
        )

    def _moves(self, seed: int, right: Chain, below: Chain) -> tuple[Moves, Moves]:
        """Return how the pattern moves from row to row, and from column to column."""
        row, column = int(self.formulas.sheet.rows[seed]), int(self.formulas.sheet.columns[seed])
        template, kind = self.formulas.template(seed), int(self.formulas.sheet.kinds[seed])
        known = self.known.get(template.pieces, [])
        along = [(column, template.values), *right]
        down = [(row, template.values), *below]
        beside = self._across(down, [at for at, _ in right], template, kind, by_row=True)
        under = self._across(along, [at for at, _ in below], template, kind, by_row=False)
        is_bare = is_reference(template.pieces)
        return (
            steps([down, *beside], [a for a, _ in known], is_bare=is_bare),
            steps([along, *under], [b for _, b in known], is_bare=is_bare),
        )

    def _across(
        self, line: Chain, others: list[int], like: Template, kind: int, *, by_row: bool
    ) -> list[Chain]:
        """Return the chains beside one of few samples, which tell whether one of them is odd.

        They are looked at from its first cell to its last, cell by cell: where one is
        missing in the line itself, they have it.
        """
        if len(line) not in (2, 3):
            return []
        found: list[Chain] = []
        for other in others:
            chain: Chain = []
            for at in range(line[0][0], line[-1][0] + 1):
                cell = self.formulas.at(*((at, other) if by_row else (other, at)))
                if cell >= 0 and self.formulas.sheet.kinds[cell] == kind:
                    template = self.formulas.template(cell)
                    if _is_like(template, like):
                        chain.append((at, template.values))
            if len(chain) > 1:
                found.append(chain)
        return found

    def _sample(
        self, indices: Iterator[int], like: Template, kind: int, along: NDArray[np.int32]
    ) -> Chain:
        found: Chain = []
        for index in indices:
            if self.formulas.taken[index] or self.formulas.sheet.kinds[index] != kind:
                continue
            template = self.formulas.template(index)
            if _is_like(template, like):
                found.append((int(along[index]), template.values))
                if len(found) == SAMPLE:
                    break
        return found


def _is_like(one: Template, other: Template) -> bool:
    """Whether two formulas are the same but for where they point; dollars are no difference."""
    if one.pieces == other.pieces:
        return True
    alike = len(one.pieces) == len(other.pieces)
    return alike and undollared_pieces(one.pieces) == undollared_pieces(other.pieces)


def _fits(pattern: Pattern, samples: Chain, start: int, step: int, *, axis: int) -> list[bool]:
    """Return whether each sample at a multiple of the step holds what a pattern says."""
    times = [((at - start) // step, values) for at, values in samples if (at - start) % step == 0]
    return [
        tuple(pattern.values(*((k, 0) if axis == 0 else (0, k)))) == values for k, values in times
    ]


def _few(fits: list[bool]) -> bool:
    """Whether less than half of the samples fit."""
    return 2 * sum(fits) < len(fits)
