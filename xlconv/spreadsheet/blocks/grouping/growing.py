"""Formula cells -> blocks, each grown from its first cell, right and down.

How the pattern moves is guessed (`guesses`); then whole lines are compared until they fit
no more. Every formula cell is regular in one block, and in one only. Joins no blocks, and
calls no cell wrong: a cell that does not fit begins a block of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np

from xlconv.arrays import Index, Mask
from xlconv.errors import ReadError
from xlconv.spreadsheet.blocks.grouping.formula_index import FormulaIndex
from xlconv.spreadsheet.blocks.grouping.guesses import Guess, Guesses
from xlconv.spreadsheet.blocks.grouping.matching_lines import lines, run_of
from xlconv.spreadsheet.blocks.grouping.strides import SAMPLE
from xlconv.spreadsheet.blocks.pattern import FoundBlock, Pattern, PatternTexts
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.workbook import Kind

# References and letters in the first formulas of all of them.
_MOST_LETTERS = 2_500_000

# A pattern goes on past so many lines in a row without any cell that fits it.
_LINES_MISSED = 2


class Growing:
    """Walks over the formula cells of a sheet and grows blocks from them."""

    def __init__(self, formulas: FormulaIndex) -> None:
        self.formulas = formulas
        self.guesses = Guesses(formulas)

    def blocks(self) -> Iterator[FoundBlock]:
        """Yield the blocks in the order of their first cells; raise ReadError for too many."""
        taken, cells = self.formulas.taken, self.formulas.cells
        position = count = letters = 0
        while position < len(cells):
            rest = np.flatnonzero(~taken[cells[position : position + 4096]])
            if not len(rest):
                position += 4096
                continue
            position += int(rest[0])
            count += 1
            self.formulas.check_count(count)
            pieces = self.formulas.template(int(cells[position])).pieces
            letters += len(pieces) + sum(map(len, pieces))
            if letters > _MOST_LETTERS:
                raise ReadError(
                    f"sheet {self.formulas.sheet.name!r}: formulas that have no pattern in common "
                    "are too long together; expected the blocks of a network"
                )
            yield self._grown(int(cells[position]))

    def _grown(self, seed: int) -> FoundBlock:
        guess = self.guesses.of(seed)
        if guess is None:
            self.formulas.taken[seed] = True
            return self.formulas.alone(seed)
        return self._spread(seed, guess)

    def _spread(self, seed: int, guess: Guess) -> FoundBlock:
        pattern, step, most = guess
        is_array = bool(self.formulas.sheet.kinds[seed] == Kind.ARRAY_FORMULA)
        row, column = int(self.formulas.sheet.rows[seed]), int(self.formulas.sheet.columns[seed])
        width = min(most[1], run_of(self.formulas, row, column, step[1]))
        texts = PatternTexts(pattern, width)
        fits: list[Mask] = []
        found: list[Index] = []
        missed = 0
        every = lines(self.formulas, (row, column), step, texts, is_array=is_array)
        for cells, fit in islice(every, most[0]):
            missed = 0 if fit.any() else missed + 1
            if missed > _LINES_MISSED:
                break
            fits.append(fit)
            found.append(cells)
        while fits and not fits[-1].any():
            fits.pop()
            found.pop()
        if not fits or not fits[0][0]:  # a text too long to be compared
            self.formulas.taken[seed] = True
            return self.formulas.alone(seed)
        regular = np.array(fits)
        last = int(np.flatnonzero(regular.any(axis=0))[-1]) + 1
        whole = Plane((row, column), regular.shape, step)
        height, width = self._unbroken(regular[:, :last], whole, pattern)
        width = int(np.flatnonzero(regular[:height, :width].any(axis=0))[-1]) + 1
        regular, cells = regular[:height, :width], np.array(found)[:height, :width]
        self.formulas.taken[cells[regular]] = True
        if min(regular.shape) >= 2 and regular.sum() > SAMPLE:
            self.guesses.note(guess)
        lattice = Plane((row, column), (height, width), step)
        return FoundBlock(lattice, pattern, is_array, cells, regular)

    def _is_gap(
        self, line: Plane, on: tuple[int, int], pattern: Pattern, at: tuple[int, int]
    ) -> bool:
        """Whether a line is blank; of a vector, whose line is one cell, the next one too.

        Or what it would read is blank: planes side by side have the gap of those they read.
        """
        blank = (self.formulas.lattice_cells(line) < 0).all()
        if not blank or line.shape != (1, 1):
            return bool(blank)
        values = pattern.values(*at)
        moving = [
            k for k in range(0, len(values), 2)
            if any(pattern.by_row[k : k + 2]) or any(pattern.by_column[k : k + 2])
        ]  # fmt: skip
        if moving and all(self.formulas.at(values[k + 1], values[k]) < 0 for k in moving):
            return True
        (down, right), (sr, sc) = on, line.step
        after = line.origin[0] + down * sr, line.origin[1] + right * sc
        return bool((self.formulas.lattice_cells(Plane(after, (1, 1), line.step)) < 0).all())

    def _unbroken(self, regular: Mask, lattice: Plane, pattern: Pattern) -> tuple[int, int]:
        """Return how many rows and columns there are before one that is wholly blank.

        Planes of one tensor may stand side by side with the same pattern: what lies
        beyond a blank line is another block.
        """
        n, m = regular.shape
        for j in np.flatnonzero(~regular.any(axis=0)).tolist():
            if self._is_gap(
                Plane(lattice.cell(0, j), (n, 1), lattice.step), (0, 1), pattern, (0, j)
            ):
                m = j
                break
        for i in np.flatnonzero(~regular[:, :m].any(axis=1)).tolist():
            if self._is_gap(
                Plane(lattice.cell(i, 0), (1, m), lattice.step), (1, 0), pattern, (i, 0)
            ):
                n = i
                break
        return n, m
