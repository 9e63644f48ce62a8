"""Formula cells -> blocks, each grown from its first cell, right and down.

The first cell's neighbours vote on how the pattern moves; then whole lines are compared
until they fit no more. Every formula cell is regular in one block, and in one only. Joins
no blocks, and calls no cell wrong: a cell that does not fit begins a block of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from xlconv.arrays import Index, Mask
from xlconv.errors import ReadError
from xlconv.spreadsheet.addresses import MAX_COLUMNS, MAX_ROWS
from xlconv.spreadsheet.blocks.formula_index import FormulaIndex
from xlconv.spreadsheet.blocks.interleaving import interleaved, moves_fixed
from xlconv.spreadsheet.blocks.matching_lines import lines, run_of
from xlconv.spreadsheet.blocks.pattern import FoundBlock, Pattern, PatternTexts, is_reference
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.blocks.strides import SAMPLE, WIDEST_STEP, Chain, Moves, steps
from xlconv.spreadsheet.formula import Template
from xlconv.spreadsheet.workbook import Kind

# References and letters in the first formulas of all of them.
_MOST_LETTERS = 2_500_000

# A pattern goes on past so many lines in a row without any cell that fits it.
_LINES_MISSED = 2


class Growing:
    """Walks over the formula cells of a sheet and grows patterns from them."""

    def __init__(self, formulas: FormulaIndex) -> None:
        self.formulas = formulas
        # How patterns of the same text moved, along rows and columns.
        self.known: dict[tuple[str, ...], list[tuple[Moves, Moves]]] = {}

    def blocks(self) -> Iterator[FoundBlock]:
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
        row, column = int(self.formulas.sheet.rows[seed]), int(self.formulas.sheet.columns[seed])
        template, kind = self.formulas.template(seed), int(self.formulas.sheet.kinds[seed])
        right = self._sample(
            (int(one) for one in self.formulas.in_row(
                row, column + 1, min(column + SAMPLE * WIDEST_STEP, MAX_COLUMNS - 1)
            )), template, kind, self.formulas.columns,
        )  # fmt: skip
        below = self._sample(
            self.formulas.below(row, column, SAMPLE * WIDEST_STEP, WIDEST_STEP),
            template,
            kind,
            self.formulas.sheet.rows,
        )
        known = self.known.get(template.pieces, [])
        along = [(column, template.values), *right]
        down = [(row, template.values), *below]
        beside = self._across(down, [at for at, _ in right], template, kind, by_row=True)
        under = self._across(along, [at for at, _ in below], template, kind, by_row=False)
        is_bare = is_reference(template.pieces)
        step_right, by_column = steps([along, *under], [b for _, b in known], is_bare=is_bare)
        step_down, by_row = steps([down, *beside], [a for a, _ in known], is_bare=is_bare)
        pattern = Pattern(template.pieces, template.values, by_row, by_column)
        fits_right = _fits(pattern, right, column, step_right, axis=1)
        fits_down = _fits(pattern, below, row, step_down, axis=0)
        apart = None if is_bare else self._apart(seed, pattern, (step_down, step_right))
        if apart is not None:
            pattern, (step_down, step_right) = apart
        most = MAX_ROWS, MAX_COLUMNS
        if is_bare and _few(fits_right) != _few(fits_down):
            # A line of the border around a block of bare references: the block tells nothing.
            still = (0,) * len(template.values)
            across = _few(fits_down)
            pattern = (
                replace(pattern, by_row=still) if across else replace(pattern, by_column=still)
            )
            most = (1, MAX_COLUMNS) if across else (MAX_ROWS, 1)
        elif apart is None and _few(fits_right + fits_down):
            # Most neighbours agree with each other but not with this one: it is alone.
            self.formulas.taken[seed] = True
            return self.formulas.alone(seed)
        is_array = bool(kind == Kind.ARRAY_FORMULA)
        return self._spread(seed, pattern, (step_down, step_right), most, is_array)

    def _apart(
        self, seed: int, pattern: Pattern, step: tuple[int, int]
    ) -> tuple[Pattern, tuple[int, int]] | None:
        """Return the pattern and steps of a block that others interleave with.

        None where the pattern that neighbours tell leaves fixed coordinates in their place,
        or no wider step does.
        """
        template = self.formulas.template(seed)
        moves = [pattern.by_row, pattern.by_column]
        moved = [axis for axis in (0, 1) if moves_fixed(pattern.pieces, moves[axis])]
        wider = {axis: interleaved(self.formulas, seed, template, axis) for axis in moved}
        found = {axis: one for axis, one in wider.items() if one is not None}
        if not moved or len(found) < len(moved):
            return None
        (down, by_row), (right, by_column) = (
            found.get(axis, (step[axis], moves[axis])) for axis in (0, 1)
        )
        return replace(pattern, by_row=by_row, by_column=by_column), (down, right)

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
                    if template.pieces == like.pieces:
                        chain.append((at, template.values))
            if len(chain) > 1:
                found.append(chain)
        return found

    def _sample(
        self, indices: Iterator[int], like: Template, kind: int, along: NDArray[np.int32]
    ) -> list[tuple[int, tuple[int, ...]]]:
        found: list[tuple[int, tuple[int, ...]]] = []
        for index in indices:
            if self.formulas.taken[index] or self.formulas.sheet.kinds[index] != kind:
                continue
            template = self.formulas.template(index)
            if template.pieces == like.pieces:
                found.append((int(along[index]), template.values))
                if len(found) == SAMPLE:
                    break
        return found

    def _spread(
        self,
        seed: int,
        pattern: Pattern,
        step: tuple[int, int],
        most: tuple[int, int],
        is_array: bool,
    ) -> FoundBlock:
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
        regular = np.array(fits)
        last = int(np.flatnonzero(regular.any(axis=0))[-1]) + 1
        whole = Plane((row, column), regular.shape, step)
        height, width = self._unbroken(regular[:, :last], whole, pattern)
        width = int(np.flatnonzero(regular[:height, :width].any(axis=0))[-1]) + 1
        regular, cells = regular[:height, :width], np.array(found)[:height, :width]
        self.formulas.taken[cells[regular]] = True
        if min(regular.shape) >= 2 and regular.sum() > SAMPLE:
            # How this pattern moves; small blocks of it have too few cells to tell.
            moves = (step[0], pattern.by_row), (step[1], pattern.by_column)
            if moves not in self.known.setdefault(pattern.pieces, []):
                self.known[pattern.pieces].append(moves)
        lattice = Plane((row, column), (height, width), step)
        return FoundBlock(lattice, pattern, is_array, cells, regular)

    def _is_gap(
        self, line: Plane, on: tuple[int, int], pattern: Pattern, at: tuple[int, int]
    ) -> bool:
        """Whether a line is blank; of a vector, whose line is one cell, the next one too.

        Or what it would repeat is blank: the border of planes side by side has their gap.
        """
        blank = (self.formulas.lattice_cells(line) < 0).all()
        if not blank or line.shape != (1, 1):
            return bool(blank)
        if pattern.is_bare:
            column, row = pattern.values(*at)
            if self.formulas.at(row, column) < 0:
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


def _fits(pattern: Pattern, samples: Chain, start: int, step: int, *, axis: int) -> list[bool]:
    """Return whether each sample at a multiple of the step holds what a pattern says."""
    times = [((at - start) // step, values) for at, values in samples if (at - start) % step == 0]
    return [
        tuple(pattern.values(*((k, 0) if axis == 0 else (0, k)))) == values for k, values in times
    ]


def _few(fits: list[bool]) -> bool:
    """Whether less than half of the samples fit."""
    return 2 * sum(fits) < len(fits)
