"""Cells -> blocks: the inverse of `expand`.

A pattern is guessed from a few neighbouring cells and then rendered and compared in
bulk, so that no text is parsed twice. Cells that stand where a pattern's cell should
stand, but hold something else, are kept as deviants of it. Small letters in references
and names of functions are taken for capitals. Never evaluates.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import count, pairwise

import numpy as np
from numpy.typing import NDArray

from xlconv.capitals import in_capitals
from xlconv.errors import ReadError
from xlconv.formula import Template, scan
from xlconv.law import Group, Index, Law, RowTexts, is_reference
from xlconv.merging import merged, trusted, without_claimed
from xlconv.plane import Plane
from xlconv.refs import MAX_COLUMNS, MAX_ROWS, Cell
from xlconv.sheet import Kind, Sheet, indices_of

# The lattice's step along an axis, and how far each coordinate moves with it.
_Moves = tuple[int, tuple[int, ...]]
# Cells along an axis: where each stands, and the coordinates in its formula.
_Chain = list[tuple[int, tuple[int, ...]]]

# A pattern's cells may stand so far apart, as pools on every second cell do.
_WIDEST_STEP = 4
_LONE = re.compile(r"\$[A-Z]{1,3}\$[0-9]{1,7}")
_LONGEST_REFERENCE = len("$XFD$1048576")
# Cells looked at on each side to guess a pattern.
_SAMPLE = 5
# More patterns than any network needs: such a workbook is refused.
MOST_GROUPS = 5_000
# References and letters in the first formulas of all of them.
_MOST_LETTERS = 2_500_000
# Blocks so narrow are compared column by column.
_NARROW, _LINES_AT_ONCE = 8, 4096
# A pattern goes on past so many lines in a row without any cell that fits it.
_LINES_MISSED = 2


def group(sheet: Sheet) -> list[Group]:
    """Return the blocks of a sheet; every formula cell is regular in one, or a deviant of one."""
    finder = _Finder(in_capitals(sheet))
    whole = without_claimed(merged(list(finder.groups()), finder), len(sheet))
    found: list[Group] = []
    for one in whole:
        found += trusted(one, finder)
        finder.check_count(len(found))
    for one in found:
        if not one.regular.all():
            # Growing looked at formulas only; a deviant may be any cell, or none.
            everything = finder.lattice_cells(one.lattice)
            one.cells = np.where(one.cells == -1, everything, one.cells)
    # A lone absolute reference inside a pattern is an odd cell of that pattern.
    odd = {cell for one in found for cell in one.cells[~one.regular].tolist()}
    found += [one for one in finder.standing() if not odd.intersection(one.cells.ravel().tolist())]
    return without_claimed(found, len(sheet))


class _Finder:
    """Walks over the formula cells of a sheet and grows patterns from them."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        # Array formulas over several cells are no pattern: each is a block of its own.
        single = sheet.is_formula & (sheet.kinds != Kind.SPILLED)
        single[list(sheet.arrays)] = False
        # A formula that is only =$G$3 says where it points by itself: it moves with no
        # pattern, so that its neighbours tell nothing of it.
        self.lone: Index = _lone(sheet, single)
        single[self.lone] = False
        self.formulas: Index = np.flatnonzero(single)
        rows = sheet.rows.astype(np.int64)
        self.keys: Index = rows * MAX_COLUMNS + sheet.columns
        self.formula_keys: Index = self.keys[self.formulas]
        self.columns = sheet.columns
        self.taken = np.zeros(len(sheet), np.bool_)
        self.templates: dict[int, Template] = {}
        self.known: dict[tuple[str, ...], list[tuple[_Moves, _Moves]]] = {}

    def groups(self) -> Iterator[Group]:
        taken, formulas = self.taken, self.formulas
        position = count = letters = 0
        while position < len(formulas):
            rest = np.flatnonzero(~taken[formulas[position : position + 4096]])
            if not len(rest):
                position += 4096
                continue
            position += int(rest[0])
            count += 1
            self.check_count(count)
            pieces = self.template(int(formulas[position])).pieces
            letters += len(pieces) + sum(map(len, pieces))
            if letters > _MOST_LETTERS:
                raise ReadError(
                    f"sheet {self.sheet.name!r}: formulas that have no pattern in common are "
                    "too long together; expected the blocks of a network"
                )
            yield self._grown(int(formulas[position]))

    def check_count(self, count: int) -> None:
        """Refuse a sheet with more groups than any network has."""
        if count > MOST_GROUPS:
            raise ReadError(
                f"sheet {self.sheet.name!r}: more than {MOST_GROUPS:,} formulas that have no "
                "pattern in common; expected the blocks of a network"
            )

    def standing(self) -> Iterator[Group]:
        """Yield the lone absolute references, neighbours that are the same as one block."""
        sheet = self.sheet
        texts = {k: (int(sheet.kinds[k]), sheet.texts[k]) for k in self.lone.tolist()}
        while texts:
            seed = next(iter(texts))
            row, column = int(sheet.rows[seed]), int(sheet.columns[seed])

            def same(i: int, j: int, seed: int = seed, at: Cell = (row, column)) -> bool:
                return texts.get(self.index(at[0] + i, at[1] + j)) == texts[seed]

            width = next(j for j in count(1) if not same(0, j))
            height = next(i for i in count(1) if not all(same(i, j) for j in range(width)))
            lattice = Plane((row, column), (height, width))
            cells = self.lattice_cells(lattice)
            for cell in cells.ravel().tolist():
                del texts[cell]
            one = self.alone(seed)
            every = np.ones(lattice.shape, np.bool_)
            yield Group(lattice, one.law, one.is_array, cells, every)

    # -- looking at cells --------------------------------------------------------

    def index(self, row: int, column: int) -> int:
        """Return the index of a cell, -1 where it is blank."""
        key = row * MAX_COLUMNS + column
        place = int(np.searchsorted(self.keys, key))
        return place if place < len(self.keys) and self.keys[place] == key else -1

    def template(self, index: int) -> Template:
        if index not in self.templates:
            if len(self.templates) > 100_000:
                self.templates.clear()
            self.templates[index] = scan(self.sheet.texts[index])
        return self.templates[index]

    def row_formulas(self, row: int, first: int, last: int) -> Index:
        """Return the indices of the formula cells of a row between two columns."""
        start = np.searchsorted(self.formula_keys, row * MAX_COLUMNS + first)
        end = np.searchsorted(self.formula_keys, row * MAX_COLUMNS + last, side="right")
        return self.formulas[start:end]

    def lattice_cells(self, lattice: Plane) -> Index:
        """Return the indices of all cells of a lattice, -1 where blank."""
        rows, columns = lattice.cells()
        return indices_of(self.keys, rows, columns).reshape(lattice.shape)

    # -- growing -----------------------------------------------------------------

    def _grown(self, seed: int) -> Group:
        row, column = int(self.sheet.rows[seed]), int(self.sheet.columns[seed])
        template, kind = self.template(seed), int(self.sheet.kinds[seed])
        right = self._sample(
            (int(one) for one in self.row_formulas(
                row, column + 1, min(column + _SAMPLE * _WIDEST_STEP, MAX_COLUMNS - 1)
            )), template, kind, self.columns,
        )  # fmt: skip
        below = self._sample(self._column_below(row, column), template, kind, self.sheet.rows)
        known = self.known.get(template.pieces, [])
        along = [(column, template.values), *right]
        down = [(row, template.values), *below]
        beside = self._across(down, [at for at, _ in right], template, kind, by_row=True)
        under = self._across(along, [at for at, _ in below], template, kind, by_row=False)
        is_bare = is_reference(template.pieces)
        step_right, by_column = _steps([along, *under], [b for _, b in known], is_bare=is_bare)
        step_down, by_row = _steps([down, *beside], [a for a, _ in known], is_bare=is_bare)
        law = Law(template.pieces, template.values, by_row, by_column)
        samples = [(0, (at - column) // step_right, values) for at, values in right
                   if (at - column) % step_right == 0]  # fmt: skip
        samples += [((at - row) // step_down, 0, values) for at, values in below
                    if (at - row) % step_down == 0]  # fmt: skip
        fits = sum(tuple(law.values(i, j)) == values for i, j, values in samples)
        if samples and fits * 2 < len(samples):
            # Most neighbours agree with each other but not with this one: it is alone.
            self.taken[seed] = True
            return self.alone(seed)
        return self._spread(seed, law, (step_down, step_right), bool(kind == Kind.ARRAY_FORMULA))

    def _across(
        self, line: _Chain, others: list[int], like: Template, kind: int, *, by_row: bool
    ) -> list[_Chain]:
        """Return the chains beside one of a single sample, which tell whether that is odd."""
        if len(line) != 2:
            return []
        found = []
        for other in others:
            cells = [self.index(*((at, other) if by_row else (other, at))) for at, _ in line]
            if min(cells) >= 0 and all(self.sheet.kinds[cell] == kind for cell in cells):
                templates = [self.template(cell) for cell in cells]
                if all(one.pieces == like.pieces for one in templates):
                    ends = zip(line, templates, strict=True)
                    found.append([(at, one.values) for (at, _), one in ends])
        return found

    def alone(self, seed: int) -> Group:
        """Return a formula cell as a group of its own."""
        template = self.template(seed)
        still = (0,) * len(template.values)
        cell = int(self.sheet.rows[seed]), int(self.sheet.columns[seed])
        is_array = bool(self.sheet.kinds[seed] == Kind.ARRAY_FORMULA)
        law = Law(template.pieces, template.values, still, still)
        return Group(Plane(cell, (1, 1)), law, is_array, np.array([[seed]]), np.ones((1, 1), bool))

    def _column_below(self, row: int, column: int) -> Iterator[int]:
        last = min(row + _SAMPLE * _WIDEST_STEP, MAX_ROWS - 1)
        misses = 0
        for below in range(row + 1, last + 1):
            index = self.index(below, column)
            if index >= 0 and self.sheet.kinds[index] >= Kind.FORMULA:
                misses = 0
                yield index
            else:
                misses += 1
                if misses > _WIDEST_STEP:
                    return

    def _sample(
        self, indices: Iterator[int], like: Template, kind: int, along: NDArray[np.int32]
    ) -> list[tuple[int, tuple[int, ...]]]:
        found: list[tuple[int, tuple[int, ...]]] = []
        for index in indices:
            if self.taken[index] or self.sheet.kinds[index] != kind:
                continue
            template = self.template(index)
            if template.pieces == like.pieces:
                found.append((int(along[index]), template.values))
                if len(found) == _SAMPLE:
                    break
        return found

    def _spread(self, seed: int, law: Law, step: tuple[int, int], is_array: bool) -> Group:
        row, column = int(self.sheet.rows[seed]), int(self.sheet.columns[seed])
        width = self._run(row, column, step[1])
        texts = RowTexts(law, width)
        lines: list[NDArray[np.bool_]] = []
        found: list[Index] = []
        missed = 0
        for cells, fit in self._lines((row, column), step, texts, is_array=is_array):
            missed = 0 if fit.any() else missed + 1
            if missed > _LINES_MISSED:
                break
            lines.append(fit)
            found.append(cells)
        while lines and not lines[-1].any():
            lines.pop()
            found.pop()
        regular = np.array(lines)
        last = int(np.flatnonzero(regular.any(axis=0))[-1]) + 1
        whole = Plane((row, column), regular.shape, step)
        height, width = self._unbroken(regular[:, :last], whole, law)
        width = int(np.flatnonzero(regular[:height, :width].any(axis=0))[-1]) + 1
        regular, cells = regular[:height, :width], np.array(found)[:height, :width]
        self.taken[cells[regular]] = True
        if min(regular.shape) >= 2 and regular.sum() > _SAMPLE:
            # How this pattern moves; small blocks of it have too few cells to tell.
            moves = (step[0], law.by_row), (step[1], law.by_column)
            if moves not in self.known.setdefault(law.pieces, []):
                self.known[law.pieces].append(moves)
        lattice = Plane((row, column), (height, width), step)
        return Group(lattice, law, is_array, cells, regular)

    def _lines(
        self, origin: Cell, step: tuple[int, int], texts: RowTexts, *, is_array: bool
    ) -> Iterator[tuple[Index, NDArray[np.bool_]]]:
        """Yield the cells of every line of the lattice, and which fit the law."""
        (row, column), count = origin, (MAX_ROWS - origin[0] - 1) // step[0] + 1
        i, many = 0, 1
        while i < count:
            if texts.width >= _NARROW:
                yield self._line(row + i * step[0], column, step[1], texts, i, is_array)
                i += 1
                continue
            many = min(4 * many, _LINES_AT_ONCE, count - i)
            columns = [
                self._column(
                    Plane((row + i * step[0], column + j * step[1]), (many, 1), step),
                    texts.law.shifted(i, j), is_array=is_array,
                )
                for j in range(texts.width)
            ]  # fmt: skip
            cells, fit = (np.stack(both, axis=1) for both in zip(*columns, strict=True))
            yield from zip(cells, fit, strict=True)
            i += many

    def _column(
        self, lattice: Plane, law: Law, *, is_array: bool
    ) -> tuple[Index, NDArray[np.bool_]]:
        """Return the cells of a column of the lattice, and which fit the law."""
        cells = indices_of(self.formula_keys, *lattice.cells())
        there = np.flatnonzero(cells >= 0)
        indices = self.formulas[cells[there]]
        cells[there] = indices
        fit = np.zeros(len(cells), np.bool_)
        kind = Kind.ARRAY_FORMULA if is_array else Kind.FORMULA
        free = ~self.taken[indices] & (self.sheet.kinds[indices] == kind)
        places, indices = there[free], indices[free]
        if len(places):
            turned = replace(law, by_row=law.by_column, by_column=law.by_row)
            expected = RowTexts(turned, int(places[-1]) + 1).line(0)
            texts = self.sheet.texts
            fit[places] = [
                texts.buffer[start:end] == expected[place]
                for place, start, end in zip(
                    places.tolist(), texts.starts[indices].tolist(),
                    texts.ends[indices].tolist(), strict=True,
                )
            ]  # fmt: skip
        return cells, fit

    def _is_gap(self, line: Plane, on: tuple[int, int], law: Law, at: tuple[int, int]) -> bool:
        """Whether a line is blank; of a vector, whose line is one cell, the next one too.

        Or what it would repeat is blank: the border of planes side by side has their gap.
        """
        blank = (self.lattice_cells(line) < 0).all()
        if not blank or line.shape != (1, 1):
            return bool(blank)
        if law.is_bare:
            column, row = law.values(*at)
            if self.index(row, column) < 0:
                return True
        (down, right), (sr, sc) = on, line.step
        after = line.origin[0] + down * sr, line.origin[1] + right * sc
        return bool((self.lattice_cells(Plane(after, (1, 1), line.step)) < 0).all())

    def _unbroken(self, regular: NDArray[np.bool_], lattice: Plane, law: Law) -> tuple[int, int]:
        """Return how many rows and columns there are before one that is wholly blank.

        Planes of one tensor may stand side by side with the same pattern: what lies
        beyond a blank line is another block.
        """
        n, m = regular.shape
        for j in np.flatnonzero(~regular.any(axis=0)).tolist():
            if self._is_gap(Plane(lattice.cell(0, j), (n, 1), lattice.step), (0, 1), law, (0, j)):
                m = j
                break
        for i in np.flatnonzero(~regular[:, :m].any(axis=1)).tolist():
            if self._is_gap(Plane(lattice.cell(i, 0), (1, m), lattice.step), (1, 0), law, (i, 0)):
                n = i
                break
        return n, m

    def _run(self, row: int, column: int, step: int) -> int:
        """Return how many lattice positions the row's run of formulas has; one may be missing."""
        cells = self.row_formulas(row, column, MAX_COLUMNS - 1)
        columns = self.columns[cells].astype(np.int64)
        places = columns[(columns - column) % step == 0]
        gaps = np.flatnonzero(np.diff(places) > 2 * step)
        end = places[gaps[0]] if len(gaps) else places[-1]
        return int(end - column) // step + 1

    def _line(
        self, row: int, column: int, step: int, texts: RowTexts, i: int, is_array: bool
    ) -> tuple[Index, NDArray[np.bool_]]:
        """Return the cells of a line of the lattice, and which fit the law."""
        width = texts.width
        indices = self.row_formulas(row, column, column + (width - 1) * step)
        cells = np.full(width, -1, np.int64)
        fit = np.zeros(width, np.bool_)
        if not len(indices):
            return cells, fit
        offsets = self.columns[indices].astype(np.int64) - column
        places = offsets // step
        if step > 1:
            on = offsets % step == 0
            indices, places = indices[on], places[on]
        cells[places] = indices
        free = ~self.taken[indices]
        kind = Kind.ARRAY_FORMULA if is_array else Kind.FORMULA
        free &= self.sheet.kinds[indices] == kind
        expected = texts.line(i)
        column_texts = self.sheet.texts
        starts, ends = column_texts.starts[indices], column_texts.ends[indices]
        if len(indices) == width and free.all() and (starts[1:] == ends[:-1]).all():
            whole = column_texts.buffer[int(starts[0]) : int(ends[-1])]
            if whole == "".join(expected):
                fit[:] = True
                return cells, fit
        buffer = column_texts.buffer
        for place, start, end, usable in zip(
            places.tolist(), starts.tolist(), ends.tolist(), free.tolist(), strict=True
        ):
            fit[place] = usable and buffer[start:end] == expected[place]
        return cells, fit


def _lone(sheet: Sheet, among: NDArray[np.bool_]) -> Index:
    """Return the cells, of some formulas, that hold an absolute reference and nothing else."""
    texts = sheet.texts
    short: Index = np.flatnonzero(among & (texts.ends - texts.starts <= _LONGEST_REFERENCE))
    lone = [index for index in short.tolist() if _LONE.fullmatch(texts[index])]
    return np.array(lone, np.int64)


def _steps(chains: list[_Chain], known: list[_Moves], *, is_bare: bool) -> _Moves:
    """Return the lattice's step along an axis and how far coordinates move with it, by vote.

    The first chain is the cell with its samples along the axis, the others are lines
    beside it. Of few samples, what is known of blocks alike decides if it fits them.
    """
    still = (0,) * len(chains[0][0][1])
    samples = sum(len(chain) - 1 for chain in chains)
    if not samples:
        return 1, still
    if known and samples < _SAMPLE - 1:
        fitting, best = max((_fits(one, chains), -k) for k, one in enumerate(known))
        if 2 * fitting >= samples:
            return known[-best]
    gaps = Counter(b[0] - a[0] for chain in chains for a, b in pairwise(chain))
    step = min(gaps, key=lambda gap: (-gaps[gap], gap))
    if step > _WIDEST_STEP or (step > 1 and (samples < 2 or is_bare)):
        return 1, still  # any two cells lie on some lattice
    # Every pair votes, so that one odd cell is outvoted wherever it stands.
    votes: Counter[tuple[int, ...]] = Counter()
    for chain in chains:
        for k, a in enumerate(chain):
            for b in chain[k + 1 :]:
                times, rest = divmod(b[0] - a[0], step)
                moves = [y - x for x, y in zip(a[1], b[1], strict=True)]
                if not rest and not any(move % times for move in moves):
                    votes[tuple(move // times for move in moves)] += 1
    return (step, votes.most_common(1)[0][0]) if votes else (1, still)


def _fits(moves: _Moves, chains: list[_Chain]) -> int:
    """Return how many samples stand where a movement from the first of their chain says."""
    step, each = moves
    count = 0
    for (start, values), *samples in chains:
        for at, found in samples:
            times, rest = divmod(at - start, step)
            count += not rest and all(
                y - x == times * move for x, y, move in zip(values, found, each, strict=True)
            )
    return count
