"""Cells -> blocks: the inverse of `expand`.

A pattern is guessed from a few neighbouring cells and then rendered and compared in
bulk, so that no text is parsed twice. Cells that stand where a pattern's cell should
stand, but hold something else, are kept as deviants of it. Never evaluates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from xlconv.errors import FormulaError
from xlconv.formula import Axis, Node, Ref, Template, fill, mapped, scan
from xlconv.formula.parse import parse
from xlconv.plane import Plane
from xlconv.refs import MAX_COLUMNS, MAX_ROWS, Range, column_name
from xlconv.sheet import Kind, Sheet

Index = NDArray[np.int64]
# The lattice's step along an axis, and how far each coordinate moves with it.
_Moves = tuple[int, tuple[int, ...]]

# A pattern's cells may stand so far apart, as pools on every second cell do.
_WIDEST_STEP = 4
# Cells looked at on each side to guess a pattern.
_SAMPLE = 5
# A pattern goes on past so many lines in a row without any cell that fits it.
_LINES_MISSED = 2
# Odd lines at the edge belong to a block of at least so many lines each way.
_SMALLEST_PLANE = 3
# So many times more cells must follow a pattern than not, before those are wrong.
_TRUST_LINE, _TRUST_PLANE, _TRUST_CELLS = 3, 2, 4


@dataclass(frozen=True, slots=True)
class Law:
    """How the coordinates in a formula's text depend on the place in the block."""

    pieces: tuple[str, ...]
    base: tuple[int, ...]
    by_row: tuple[int, ...]
    by_column: tuple[int, ...]

    def values(self, i: int, j: int) -> list[int]:
        """Return the coordinates of cell (i, j)."""
        return [
            base + i * down + j * right
            for base, down, right in zip(self.base, self.by_row, self.by_column, strict=True)
        ]

    def text(self, i: int, j: int) -> str:
        """Return the formula of cell (i, j)."""
        return fill(self.pieces, self.values(i, j))

    def shifted(self, i: int, j: int) -> Law:
        """Return the law with its origin moved to cell (i, j)."""
        return replace(self, base=tuple(self.values(i, j)))


@dataclass(slots=True)
class Group:
    """A block as it was found: `cells` are indices into the sheet, -1 where one is blank.

    `regular` says which of them hold the pattern's formula; the others are deviants.
    """

    lattice: Plane
    law: Law
    is_array: bool
    cells: Index
    regular: NDArray[np.bool_]

    @property
    def size(self) -> int:
        """How many cells hold the pattern's formula."""
        return int(self.regular.sum())

    def tree(self) -> Node:
        """Return the formula, affine in the place. Raises FormulaError."""
        tree = parse(self.law.text(0, 0))
        steps = list(zip(self.law.base, self.law.by_row, self.law.by_column, strict=True))
        place = iter(range(0, len(steps), 2))

        def affine(reference: Ref) -> Ref:
            index = next(place, None)
            if index is None:
                raise FormulaError("references that cannot be told apart")
            return replace(
                reference,
                column=_axis(reference.column, steps[index]),
                row=_axis(reference.row, steps[index + 1]),
            )

        tree = mapped(tree, affine)
        if next(place, None) is not None:
            raise FormulaError("references that cannot be told apart")
        return tree


def _axis(axis: Axis, steps: tuple[int, int, int]) -> Axis:
    offset, down, right = steps
    if offset != axis.offset:
        raise FormulaError("references that cannot be told apart")
    return Axis(offset, down, right, axis.absolute)


def group(sheet: Sheet) -> list[Group]:
    """Return the blocks of a sheet; every formula cell is regular in one, or a deviant of one."""
    finder = _Finder(sheet)
    merged = _without_claimed(_merged(list(finder.groups()), finder), len(sheet))
    found = [part for one in merged for part in _trusted(one, finder)]
    for one in found:
        if not one.regular.all():
            # Growing looked at formulas only; a deviant may be any cell, or none.
            everything = finder.lattice_cells(one.lattice)
            one.cells = np.where(one.cells == -1, everything, one.cells)
    return _without_claimed(found, len(sheet))


class _Finder:
    """Walks over the formula cells of a sheet and grows patterns from them."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.formulas: Index = np.flatnonzero(sheet.is_formula)
        rows = sheet.rows.astype(np.int64)
        self.keys: Index = rows * MAX_COLUMNS + sheet.columns
        self.formula_keys: Index = self.keys[self.formulas]
        self.columns = sheet.columns
        self.taken = np.zeros(len(sheet), np.bool_)
        self.templates: dict[int, Template] = {}
        self.known: dict[tuple[str, ...], tuple[_Moves, _Moves]] = {}
        # Where each row's formula cells begin.
        self.row_starts = (
            np.searchsorted(
                self.formula_keys, np.arange(int(rows[-1]) + 2 if len(rows) else 1) * MAX_COLUMNS
            )
            if len(rows) and rows[-1] < 4 * len(rows) + 1000
            else None
        )

    def groups(self) -> Iterator[Group]:
        taken, formulas = self.taken, self.formulas
        position = 0
        while position < len(formulas):
            rest = np.flatnonzero(~taken[formulas[position : position + 4096]])
            if not len(rest):
                position += 4096
                continue
            position += int(rest[0])
            yield self._grown(int(formulas[position]))

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
        keys = rows * MAX_COLUMNS + columns
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[places] == keys, places, -1).reshape(lattice.shape)

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
        known = self.known.get(template.pieces)
        step_right, by_column = _steps(template, column, right, known and known[1])
        step_down, by_row = _steps(template, row, below, known and known[0])
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
        texts = _RowTexts(law, width)
        lines: list[NDArray[np.bool_]] = []
        found: list[Index] = []
        missed = 0
        for i in range((MAX_ROWS - row - 1) // step[0] + 1):
            cells, fit = self._line(row + i * step[0], column, step[1], texts, i, is_array)
            missed = 0 if fit.any() else missed + 1
            if missed > _LINES_MISSED or (missed and not any(law.by_row) and i and not len(cells)):
                break
            lines.append(fit)
            found.append(cells)
            if not any(self._down(row, column, step, i + 1)) and missed:
                break
        while lines and not lines[-1].any():
            lines.pop()
            found.pop()
        regular = np.array(lines)
        last = int(np.flatnonzero(regular.any(axis=0))[-1]) + 1
        height, width = self._unbroken(regular[:, :last], Plane((row, column), regular.shape, step))
        regular, cells = regular[:height, :width], np.array(found)[:height, :width]
        self.taken[cells[regular]] = True
        if min(regular.shape) >= 2 and regular.sum() > _SAMPLE:
            # How this pattern moves; small blocks of it have too few cells to tell.
            self.known[law.pieces] = (step[0], law.by_row), (step[1], law.by_column)
        lattice = Plane((row, column), (height, width), step)
        return Group(lattice, law, is_array, cells, regular)

    def _unbroken(self, regular: NDArray[np.bool_], lattice: Plane) -> tuple[int, int]:
        """Return how many rows and columns there are before one that is wholly blank.

        Planes of one tensor may stand side by side with the same pattern: what lies
        beyond a blank line is another block.
        """
        n, m = regular.shape
        for j in np.flatnonzero(~regular.any(axis=0)).tolist():
            if (self.lattice_cells(Plane(lattice.cell(0, j), (n, 1), lattice.step)) < 0).all():
                m = j
                break
        for i in np.flatnonzero(~regular[:, :m].any(axis=1)).tolist():
            if (self.lattice_cells(Plane(lattice.cell(i, 0), (1, m), lattice.step)) < 0).all():
                n = i
                break
        return n, m

    def _down(self, row: int, column: int, step: tuple[int, int], i: int) -> list[bool]:
        return [row + i * step[0] < MAX_ROWS and len(self.sheet) > 0]

    def _run(self, row: int, column: int, step: int) -> int:
        """Return how many lattice positions the row's run of formulas has; one may be missing."""
        cells = self.row_formulas(row, column, MAX_COLUMNS - 1)
        columns = self.columns[cells].astype(np.int64)
        places = columns[(columns - column) % step == 0]
        gaps = np.flatnonzero(np.diff(places) > 2 * step)
        end = places[gaps[0]] if len(gaps) else places[-1]
        return int(end - column) // step + 1

    def _line(
        self, row: int, column: int, step: int, texts: _RowTexts, i: int, is_array: bool
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


class _RowTexts:
    """The texts that a law gives along its rows, made with as little work per cell as can be."""

    def __init__(self, law: Law, width: int) -> None:
        self.law, self.width = law, width
        varying = [k for k, step in enumerate(law.by_column) if step and width > 1]
        self._varying = set(varying)
        self._shared = None
        if all(law.by_row[k] == 0 for k in varying):
            self._shared = self._fillings(varying, 0)
        self._order = varying

    def line(self, i: int) -> Sequence[str]:
        """Return the texts of row i of the block."""
        values = self.law.values(i, 0)
        if not self._on_sheet(values):
            return [self.law.text(i, j) for j in range(self.width)]
        parts = []
        for k, piece in enumerate(self.law.pieces[:-1]):
            parts.append(piece.replace("%", "%%"))
            parts.append("%s" if k in self._varying else _coordinate(k, values[k]))
        template = "".join(parts) + self.law.pieces[-1].replace("%", "%%")
        if not self._varying:
            return [template % ()] * self.width
        fillings = self._shared or self._fillings(self._order, i)
        return [template % filling for filling in fillings or ()]

    def _on_sheet(self, values: list[int]) -> bool:
        last = self.width - 1
        for k, (value, right) in enumerate(zip(values, self.law.by_column, strict=True)):
            most = MAX_ROWS if k % 2 else MAX_COLUMNS
            if not (0 <= value < most and 0 <= value + right * last < most):
                return False
        return True

    def _fillings(self, varying: list[int], i: int) -> list[tuple[str, ...]] | None:
        values = self.law.values(i, 0)
        if not self._on_sheet(values):
            return None
        texts = [
            [_coordinate(k, values[k] + self.law.by_column[k] * j) for j in range(self.width)]
            for k in varying
        ]
        return list(zip(*texts, strict=True))


def _coordinate(k: int, value: int) -> str:
    return str(value + 1) if k % 2 else column_name(value)


def _steps(
    template: Template,
    start: int,
    samples: list[tuple[int, tuple[int, ...]]],
    known: _Moves | None,
) -> tuple[int, tuple[int, ...]]:
    """Return the lattice's step along an axis and how far coordinates move with it, by vote."""
    still = (0,) * len(template.values)
    if not samples:
        return 1, still
    if known is not None and len(samples) < _SAMPLE - 1:
        return known
    chain = [(start, template.values), *samples]
    gaps = Counter(b[0] - a[0] for a, b in pairwise(chain))
    step = min(gaps, key=lambda gap: (-gaps[gap], gap))
    if step > _WIDEST_STEP or (step > 1 and len(samples) < 2):
        return 1, still  # any two cells lie on some lattice
    # Every pair votes, so that one odd cell is outvoted wherever it stands.
    votes: Counter[tuple[int, ...]] = Counter()
    for k, a in enumerate(chain):
        for b in chain[k + 1 :]:
            times, rest = divmod(b[0] - a[0], step)
            moves = [y - x for x, y in zip(a[1], b[1], strict=True)]
            if not rest and not any(move % times for move in moves):
                votes[tuple(move // times for move in moves)] += 1
    return (step, votes.most_common(1)[0][0]) if votes else (1, still)


def _trusted(one: Group, finder: _Finder) -> list[Group]:
    """Return the group, or its cells one by one where too many differ to call them wrong."""
    odd = int((~one.regular).sum())
    times = _TRUST_LINE if min(one.lattice.shape) == 1 else _TRUST_PLANE
    if not odd or (one.size >= times * odd and one.size >= _TRUST_CELLS):
        return [one]
    indices = one.cells[one.cells >= 0].tolist()
    return [finder.alone(index) for index in indices if finder.sheet.is_formula[index]]


# -- merging -----------------------------------------------------------------------------


def _merged(groups: list[Group], finder: _Finder) -> list[Group]:
    """Join groups of one law, and make small ones inside a larger one its deviants."""
    by_shape: dict[tuple[object, ...], list[Group]] = {}
    for one in groups:
        by_shape.setdefault((one.law.pieces, one.is_array), []).append(one)
    joined: list[Group] = []
    for alike in by_shape.values():
        whole = _joined(sorted(alike, key=lambda one: -one.size), finder)
        joined += _with_odd_lines(whole, finder)
    return _absorbed(_completed(joined, finder))


def _completed(groups: list[Group], finder: _Finder) -> list[Group]:
    """Widen blocks up to the range that other formulas read them by.

    What reads $FQ$4:$FQ$13 tells that a block of FQ4:FQ12 goes on for one cell more,
    whatever stands there. A range that moves from cell to cell tells less: it may
    reach into padding, so that only odd formulas are taken in.
    """
    read = sorted({area for one in groups for area in _read_areas(one)}, key=str)
    if not read:
        return groups
    areas = np.array([(a.top, a.left, a.bottom, a.right, still) for a, still in read], np.int64)
    owner = np.full(len(finder.taken), -1, np.int64)
    sizes = np.array([one.size for one in groups], np.int64)
    for number, one in enumerate(groups):
        owner[one.cells[one.regular]] = number
    found = []
    for number, one in enumerate(groups):
        area = one.lattice.range
        around = (
            (areas[:, 0] <= area.top) & (areas[:, 2] >= area.bottom)
            & (areas[:, 1] <= area.left) & (areas[:, 3] >= area.right)
        )  # fmt: skip
        wider = one
        for k in np.flatnonzero(around).tolist() if one.size > 1 else ():
            wider = _widened_to(wider, read[k][0], bool(read[k][1]), (number, owner, sizes), finder)
        found.append(wider)
    return found


def _read_areas(one: Group) -> Iterator[tuple[Range, bool]]:
    """Yield the ranges that a block reads, and whether they are the same for all its cells."""
    law, (n, m) = one.law, one.lattice.shape
    for k in range(0, len(law.base) - 3, 2):
        if law.pieces[k + 2] not in (":", ":$"):
            continue
        slots = range(k, k + 4)
        still = not any(law.by_row[s] or law.by_column[s] for s in slots)
        ends = [law.values(i, j)[k : k + 4] for i in {0, n - 1} for j in {0, m - 1}]
        yield Range(
            min(e[1] for e in ends), min(e[0] for e in ends),
            max(e[3] for e in ends), max(e[2] for e in ends),
        ), still  # fmt: skip


def _widened_to(
    one: Group, area: Range, still: bool, owners: tuple[int, Index, Index], finder: _Finder
) -> Group:
    number, owner, sizes = owners
    for down, right in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        most = max(1, one.lattice.shape[0 if down else 1] // 4)
        for _ in range(most):
            lattice = _line_beside(one.lattice, down, right)
            line = lattice.range
            rows = area.top <= line.top and line.bottom <= area.bottom
            if not (rows and area.left <= line.left and line.right <= area.right):
                break
            cells = finder.lattice_cells(lattice).ravel()
            if still and not _same_span(one.lattice, area, down):
                break
            there = cells[cells >= 0]
            homes = owner[there]
            others = homes[(homes >= 0) & (homes != number)]
            if (sizes[others] > max(1, len(cells))).any():
                break
            # Only of a vector does a range that is read whole tell that a blank belongs to it.
            if not (still and len(cells) == 1) and (len(there) < len(cells) or (homes < 0).any()):
                break
            if not still and one.size < 2 * len(cells):
                break
            one = _with_line(one, down, right, finder)
    return one


def _same_span(lattice: Plane, area: Range, down: int) -> bool:
    own = lattice.range
    if down:
        return (own.left, own.right) == (area.left, area.right)
    return (own.top, own.bottom) == (area.top, area.bottom)


def _line_beside(lattice: Plane, down: int, right: int) -> Plane:
    (n, m), (sr, sc), (row, column) = lattice.shape, lattice.step, lattice.origin
    if down:
        return Plane((row + (n if down > 0 else -1) * sr, column), (1, m), (sr, sc))
    return Plane((row, column + (m if right > 0 else -1) * sc), (n, 1), (sr, sc))


def _with_line(one: Group, down: int, right: int, finder: _Finder) -> Group:
    """Return the block with one more line of its lattice, all of it deviant."""
    (n, m), (sr, sc), (row, column) = one.lattice.shape, one.lattice.step, one.lattice.origin
    i, j = min(0, down), min(0, right)
    shape = n + abs(down), m + abs(right)
    lattice = Plane((row + i * sr, column + j * sc), shape, (sr, sc))
    regular = np.zeros(shape, np.bool_)
    regular[-i : n - i, -j : m - j] = one.regular
    law = one.law.shifted(i, j)
    return Group(lattice, law, one.is_array, finder.lattice_cells(lattice), regular)


def _with_odd_lines(alike: list[Group], finder: _Finder) -> list[Group]:
    """Widen blocks by a line at their edge that has their pattern but points elsewhere.

    A line that was overwritten with another's formulas is still a line of the block.
    """
    lines = [one for one in alike if min(one.lattice.shape) == 1]
    if not lines:
        return alike
    cells = {cell for one in lines for cell in one.cells[one.regular].tolist()}
    return [_widened(one, cells, finder) for one in alike]


def _widened(one: Group, odd: set[int], finder: _Finder) -> Group:
    if min(one.lattice.shape) < _SMALLEST_PLANE:
        return one
    for down, right in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        lattice = _line_beside(one.lattice, down, right)
        if min(lattice.origin) < 0:
            continue
        line = finder.lattice_cells(lattice).ravel().tolist()
        if sum(cell in odd for cell in line) * 2 > len(line):
            return _widened(_with_line(one, down, right, finder), odd - set(line), finder)
    return one


def _joined(alike: list[Group], finder: _Finder) -> list[Group]:
    kept: list[Group] = []
    pending = alike
    while pending:
        home, *rest = pending
        pending = []
        for other in rest:
            union = _union(home, other, finder)
            if union is None:
                pending.append(other)
            else:
                home = union
        if len(pending) < len(rest):
            pending.insert(0, home)  # larger now: look again
        else:
            kept.append(home)
    return kept


def _union(home: Group, other: Group, finder: _Finder) -> Group | None:
    """Return both as one group where the law of the first holds for the other, and they touch."""
    (sr, sc), (row, column) = home.lattice.step, home.lattice.origin
    down, right = other.lattice.origin[0] - row, other.lattice.origin[1] - column
    if down % sr or right % sc:
        return None
    n, m = other.lattice.shape
    if (n > 1 and other.lattice.step[0] != sr) or (m > 1 and other.lattice.step[1] != sc):
        return None
    i, j = down // sr, right // sc
    height, width = home.lattice.shape
    if i > height or j > width or i + n < 0 or j + m < 0:
        return None  # apart
    law = _fitted(home, other, i, j)
    if law is None:
        return None
    top, left = min(0, i), min(0, j)
    bottom, end = max(height, i + n), max(width, j + m)
    if (bottom - top) * (end - left) > 2 * (home.size + other.size) + 8:
        return None  # mostly holes: two blocks, not one
    lattice = Plane((row + top * sr, column + left * sc), (bottom - top, end - left), (sr, sc))
    regular = np.zeros(lattice.shape, np.bool_)
    regular[-top : height - top, -left : width - left] |= home.regular
    regular[i - top : i + n - top, j - left : j + m - left] |= other.regular
    return Group(
        lattice, law.shifted(top, left), home.is_array, finder.lattice_cells(lattice), regular
    )


def _fitted(home: Group, other: Group, i: int, j: int) -> Law | None:
    """Return the law that holds for both, or None. A single line leaves its own step open."""
    law, theirs = home.law, other.law
    if home.lattice.shape[0] == 1 and i and not any(law.by_row):
        steps = [
            (b - a - j * r) for a, b, r in zip(law.base, theirs.base, law.by_column, strict=True)
        ]
        if any(step % i for step in steps):
            return None
        law = replace(law, by_row=tuple(step // i for step in steps))
    if home.lattice.shape[1] == 1 and j and not any(law.by_column):
        steps = [(b - a - i * d) for a, b, d in zip(law.base, theirs.base, law.by_row, strict=True)]
        if any(step % j for step in steps):
            return None
        law = replace(law, by_column=tuple(step // j for step in steps))
    if tuple(law.values(i, j)) != theirs.base:
        return None
    n, m = other.lattice.shape
    if (n > 1 and theirs.by_row != law.by_row) or (m > 1 and theirs.by_column != law.by_column):
        return None
    return law


def _absorbed(groups: list[Group]) -> list[Group]:
    """Drop the groups that lie within a larger one's lattice: their cells are its deviants."""
    groups = sorted(groups, key=lambda one: -one.size)
    kept: list[Group] = []
    owner: dict[int, int] = {}
    for one in groups:
        cells = one.cells[one.regular].tolist()
        owners = {owner.get(cell) for cell in cells}
        home = owners.pop() if len(owners) == 1 else None
        if home is not None and 2 * one.size < kept[home].size:
            continue
        for cell in one.cells[~one.regular].tolist():
            if cell >= 0:
                owner.setdefault(cell, len(kept))
        kept.append(one)
    return kept


def _without_claimed(groups: list[Group], count: int) -> list[Group]:
    """Leave out of a group's deviants the cells, of `count`, that are regular in another."""
    owner = np.full(count, -1, np.int64)
    for number, one in enumerate(groups):
        owner[one.cells[one.regular]] = number
    for number, one in enumerate(groups):
        if not one.regular.all():
            odd = ~one.regular & (one.cells >= 0)
            home = np.where(odd, owner[one.cells], -1)
            one.cells[odd & (home >= 0) & (home != number)] = -2
    return groups
