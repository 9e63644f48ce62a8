"""Three answers per formula cell -> Report: cached, formula, network.

A cell is verified when all three exist and agree. Wrong cells are data; only files
that cannot be read raise. Names no layer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xlconv.borrowing import Menu, Tie
from xlconv.calculation import Calculation, Status, Unit, evaluated, singles
from xlconv.comparing import ATOL, RTOL, compare_fingerprint, compare_model
from xlconv.deriving import chosen, number_at, text_at
from xlconv.errors import FormulaError
from xlconv.findings import CODES, Finding, Severity
from xlconv.formula import Node, render
from xlconv.formula.parse import parse
from xlconv.formula.values import BLANK, ERROR, ERRORS, NUMBER, TEXT, Unsupported
from xlconv.grid import Grid
from xlconv.law import Group
from xlconv.layers.base import Array
from xlconv.layout import STATISTICS
from xlconv.measures import Filled, filled, measure_name, named_measures, named_ranges
from xlconv.models import Model, tensor_names, tensor_values
from xlconv.network import Network
from xlconv.opened import Opened, opened
from xlconv.plane import Plane
from xlconv.refs import Cell, name_of
from xlconv.sheet import Kind, Sheet, Workbook, indices_of
from xlconv.tensors import Lifted, Tensor
from xlconv.xlsx.package import Budget
from xlconv.xlsx.read import read_xlsx

if TYPE_CHECKING:
    import pandas as pd

# Findings of one sort that are listed one by one.
_MOST_LISTED = 10_000

# Labels that state a size stand at most so many rows above their plane.
_LABEL_ROWS = 3
_BEGIN = re.compile(r"([A-Z]+)(\d+)")
_LABELLED_SIZE = re.compile(r"\b([0-9]{1,5}) ?[x×] ?([0-9]{1,5})\)?\s*$")


@dataclass(slots=True)
class Report:
    """What is known of a workbook, cell by cell; findings with root causes first."""

    path: str
    formulas: int = 0
    pinned: int = 0
    verified: int = 0
    knock_on: int = 0
    findings: list[Finding] = field(default_factory=list)
    models: list[Model] = field(default_factory=list)
    lifted: Lifted = field(default_factory=Lifted)
    calculation: Calculation | None = None

    @property
    def coverage(self) -> float:
        """Verified cells over formula cells that are not pinned."""
        counted = self.formulas - self.pinned
        return self.verified / counted if counted else 0.0

    @property
    def network(self) -> Network | None:
        """The longest network that the workbook spells."""
        return self.models[0].network if self.models else None

    def to_frame(self) -> pd.DataFrame:
        """Return the findings as a table, a row each."""
        import pandas as pd  # noqa: PLC0415  slow to import, and rarely used

        rows = [asdict(one) | {"severity": str(one.severity)} for one in self.findings]
        columns = [*(one.name for one in fields(Finding)), "severity"]
        return pd.DataFrame(rows, columns=columns)

    def count(self, severity: Severity) -> int:
        """Return how many findings have a severity, knock-on ones left out."""
        return sum(one.severity == severity and one.root for one in self.findings)

    def verdict(self, *, strict: bool = False) -> str:
        """Return `verified`, `findings` or `unverified`."""
        wrong = self.count(Severity.ERROR) + (self.count(Severity.WARNING) if strict else 0)
        if wrong:
            return "findings"
        return "verified" if self.verified else "unverified"


def verify(
    path: str | Path,
    *,
    rtol: float = RTOL,
    atol: float = ATOL,
    budget: Budget | None = None,
    model: Mapping[str, ArrayLike] | None = None,
) -> Report:
    """Read a workbook and check every formula cell, and its weights against a model's.

    `model` has parameters as `Network.state` has them. Raises ReadError for what is no
    workbook.
    """
    workbook = read_xlsx(path, budget)
    return verify_workbook(workbook, str(path), rtol=rtol, atol=atol, model=model)


def verify_workbook(
    workbook: Workbook,
    path: str = "workbook",
    *,
    rtol: float = RTOL,
    atol: float = ATOL,
    model: Mapping[str, ArrayLike] | None = None,
) -> Report:
    """Check every formula cell of a workbook in memory."""
    return verify_opened(opened(workbook, path), rtol=rtol, atol=atol, model=model)


def verify_opened(
    seen: Opened,
    *,
    rtol: float = RTOL,
    atol: float = ATOL,
    model: Mapping[str, ArrayLike] | None = None,
) -> Report:
    """Check every formula cell of a workbook that was opened."""
    report = Report(seen.path, lifted=seen.lifted, models=seen.models, calculation=seen.calculation)
    _Check(report, seen.calculation, seen.lifted, rtol, atol).run(model)
    return report


@dataclass(slots=True)
class _Check:
    report: Report
    calculation: Calculation
    lifted: Lifted
    rtol: float
    atol: float
    network: list[Array] = field(default_factory=list)  # the third answer, NaN where none
    values: dict[int, Array | None] = field(default_factory=dict)  # of tensors, by the layers
    measured: set[tuple[int, Cell]] = field(default_factory=set)  # cells that tell of layers
    wrong: list[NDArray[np.bool_]] = field(default_factory=list)  # cells with an error of their own

    def run(self, model: Mapping[str, ArrayLike] | None) -> None:
        sheets = self.calculation.workbook.sheets
        self.network = [np.full(len(sheet), np.nan) for sheet in sheets]
        self.wrong = [np.zeros(len(sheet), np.bool_) for sheet in sheets]
        self._network_answers()
        measures = list(self._measures())
        groups = self.calculation.groups
        deviants = (
            one for number, own in enumerate(groups) for group in own
            for one in self._deviants(number, group)
        )  # fmt: skip
        found = self.report.findings
        for some in (
            deviants, iter(measures), self._strays(), self._choices(), self._holes(),
            self._overhangs(), self._statuses(), self._values(), self._unlifted(),
            self._siblings(), self._pools(), self._labels(), self._compared(model),
        ):  # fmt: skip
            found += _first_of(some)
        found.sort(key=_order)

    def _compared(self, given: Mapping[str, ArrayLike] | None) -> Iterator[Finding]:
        workbook = self.calculation.workbook
        if not self.report.models:
            if given is not None:
                message = "no network found; expected that of the model"
                yield Finding("M503", workbook.sheets[0].name, "A1", message)
            return
        first = self.report.models[0]
        if given is None:
            yield from compare_fingerprint(first, self.lifted, workbook)
            return
        values = {
            k: np.stack([self._numbers(tensor, plane) for plane in tensor.planes]).reshape(
                tensor.shape
            )
            for k, tensor in enumerate(self.lifted.tensors)
            if k in (first.places[0], first.places[-1])
        }
        yield from compare_model(first, self.lifted, workbook, given, values)

    # -- the network's answer --------------------------------------------------------

    def _network_answers(self) -> None:
        inputs = {
            k: np.stack([self._numbers(tensor, plane) for plane in tensor.planes])
            for k, tensor in enumerate(self.lifted.tensors)
            if tensor.source < 0
        }
        values = self.values = tensor_values(self.lifted, inputs)
        for k, tensor in enumerate(self.lifted.tensors):
            y = values[k]
            for one in tensor.border if y is not None else ():
                assert y is not None
                repeated = y[one.plane][np.ix_(one.rows, one.columns)]
                self._answer(tensor.sheet, one.lattice.cells(), repeated)
            if tensor.source < 0 or y is None:
                continue
            planes = [y.reshape(tensor.planes[0].shape)] if y.ndim == 1 else list(y)
            for plane, matrix in zip(tensor.planes, planes, strict=True):
                self._answer(tensor.sheet, plane.cells(), matrix)
            x = values[tensor.source]
            if tensor.helpers and x is not None:
                given = tensor.layers[0].helpers(x, y, tensor.helpers)
                for name, (_, lattice) in tensor.helpers.items():
                    matrix = given[name].reshape(lattice.shape)
                    self._answer(tensor.sheet, lattice.cells(), matrix)

        self._borrowed_answers()
        for pair in self.lifted.compared:
            a, b = (self._plane_of(values, *place) for place in (pair.one, pair.other))
            if a is not None and b is not None:
                square = np.array([((a - b) ** 2).sum()])
                self._answer(pair.sheet, pair.check.block().lattice.cells(), square)

    def _borrowed_answers(self) -> None:
        """Answer for parameters that show other cells' numbers: what is typed in there."""
        for one in self.lifted.borrowed:
            sheet = self.calculation.workbook.sheets[one.sheet]
            if isinstance(one.what, Tie):
                cell = one.what.cell
                source = Plane(one.what.number, (1, 1))
                here = Plane(cell, (1, 1))
            else:
                option = chosen(one.what, sheet)
                if option is None:
                    continue
                here, source = one.what.plane, option.plane
            cells = zip(*(axis.tolist() for axis in source.cells()), strict=True)
            numbers = [number_at(sheet, cell) for cell in cells]
            typed = np.array([np.nan if number is None else number for number in numbers])
            self._answer(one.sheet, here.cells(), typed)

    def _plane_of(self, values: dict[int, Array | None], tensor: int, plane: int) -> Array | None:
        found = values[tensor]
        if found is None or found.ndim == 3:
            return None if found is None else found[plane]
        return found.reshape(self.lifted.tensors[tensor].planes[0].shape)

    def _measures(self) -> Iterator[Finding]:
        """Answer for the cells that tell of tensors and layers; yield what is wrong in them."""
        book = self.calculation.workbook
        sheets = [sheet.name for sheet in book.sheets]
        left = {
            (sheets.index(home), (area.top, area.left + k))
            for home, area in named_ranges(book.names).values()
            if home in sheets
            for k in range(area.size[1])
        }
        self.measured = set(left)
        for model in self.report.models:
            measures = named_measures(model.network, book.names, sheets[model.sheet])
            for one in measures:
                tensor = model.places[one.index]
                if one.kind == STATISTICS and tensor < 0:
                    continue
                planes = self.lifted.tensors[tensor].planes if tensor >= 0 else ()
                for cell in filled(model.network, one, measures, planes, self.values.get(tensor)):
                    if (model.sheet, cell.cell) in left:
                        left.remove((model.sheet, cell.cell))
                        name = measure_name(model.network, one)
                        yield from self._measure(model.sheet, cell, name)
        for sheet, place in sorted(left):
            index = book.sheets[sheet].find(place)
            if index is not None and book.sheets[sheet].is_formula[index]:
                message = "it has the name of a measure, but there is no such tensor or layer"
                yield Finding("L601", sheets[sheet], name_of(place), message)

    def _measure(self, number: int, cell: Filled, name: str) -> Iterator[Finding]:
        sheet, place = self.calculation.workbook.sheets[number], name_of(cell.cell)
        index = sheet.find(cell.cell)
        what = f"the {cell.what} of {name.rpartition('_')[0]}"
        if isinstance(cell.content, float | int):
            found = None if index is None else self.calculation.grids[number].numbers[index]
            if index is None or sheet.kinds[index] != Kind.NUMBER or found != cell.content:
                said = "blank" if index is None else _held(sheet, index)
                message = f"{said}; {what} is {cell.content:g}"
                yield Finding("G404", sheet.name, place, message, said, f"{cell.content:g}")
            return
        expected = f"={render(cell.content)}"
        if index is None or not sheet.is_formula[index]:
            code, said = _what(
                sheet.kinds, sheet.numbers, sheet.texts, -1 if index is None else index
            )
        elif _is_same_formula(sheet.texts[index], cell.content):
            self.network[number][index] = cell.value
            return
        else:
            code, said = "S201", f"={sheet.texts[index]}"
        if index is not None:
            self.wrong[number][index] = True
        message = f"{said}; expected {expected}, {what}"
        yield Finding(code, sheet.name, place, message, said, expected, place)

    def _numbers(self, tensor: Tensor, plane) -> Array:  # type: ignore[no-untyped-def]
        numbers, kinds = self.calculation.grids[tensor.sheet].region(plane.range)
        step = (slice(None, None, plane.step[0]), slice(None, None, plane.step[1]))
        return np.where(kinds == NUMBER, numbers, 0.0)[step]

    def _answer(self, sheet: int, cells, matrix: Array) -> None:  # type: ignore[no-untyped-def]
        indices = indices_of(self.calculation.grids[sheet].keys, *cells)
        there = indices >= 0
        self.network[sheet][indices[there]] = matrix.ravel()[there]

    # -- findings --------------------------------------------------------------------

    def _sheet(self, number: int) -> str:
        return self.calculation.workbook.sheets[number].name

    def _deviants(self, number: int, one: Group) -> Iterator[Finding]:
        """Yield a finding for every cell of a block that does not hold its pattern."""
        sheet = self.calculation.workbook.sheets[number]
        block = one.lattice.range.name
        for i, j in zip(*np.nonzero(~one.regular), strict=True):
            index = int(one.cells[i, j])
            if index == -2:
                continue  # it belongs to another block
            if (number, one.lattice.cell(int(i), int(j))) in self.measured:
                continue  # rows of measures look like each other, but each has its own
            cell = name_of(one.lattice.cell(int(i), int(j)))
            mark = ("{=", "}") if one.is_array else ("=", "")
            expected = f"{mark[0]}{one.law.text(int(i), int(j))}{mark[1]}"
            code, what = _what(sheet.kinds, sheet.numbers, sheet.texts, index)
            if code == "S201":
                array = sheet.kinds[index] == Kind.ARRAY_FORMULA
                what = f"{{={what}}}" if array else f"={what}"
            if index >= 0:
                self.wrong[number][index] = True
            found = what if index >= 0 else ""
            message = f"{what}; expected {expected}"
            yield Finding(code, sheet.name, cell, message, found, expected, block)

    def _strays(self) -> Iterator[Finding]:
        """Yield the tied weights that are not as the layer they are tied to has them."""
        for one in self.lifted.strays:
            sheet = self.calculation.workbook.sheets[one.sheet]
            index = sheet.find(one.cell)
            code, what = _what(
                sheet.kinds, sheet.numbers, sheet.texts, -1 if index is None else index
            )
            what = f"={what}" if code == "S201" else what
            if index is not None:
                self.wrong[one.sheet][index] = True
            message = f"{what}; expected {one.expected}"
            cell = name_of(one.cell)
            yield Finding(code, sheet.name, cell, message, what, one.expected, one.block)

    def _choices(self) -> Iterator[Finding]:
        """Yield the cells that choose a kernel by a name that none has."""
        for one in self.lifted.borrowed:
            sheet = self.calculation.workbook.sheets[one.sheet]
            if isinstance(one.what, Menu) and chosen(one.what, sheet) is None:
                names = ", ".join(option.name for option in one.what.options)
                text = text_at(sheet, one.what.key)
                what = f"the text {text!r}" if text else "no name"
                message = f"{what}; expected one of {names}"
                yield Finding("T302", sheet.name, name_of(one.what.key), message, what, names)

    def _holes(self) -> Iterator[Finding]:
        seen = set()
        for hole in self.lifted.holes:
            if (hole.sheet, hole.cell) in seen:
                continue
            seen.add((hole.sheet, hole.cell))
            code = "T302" if hole.kind == TEXT else "T301"
            what = "blank"
            if hole.kind == TEXT:
                sheet = self.calculation.workbook.sheets[hole.sheet]
                index = sheet.find(hole.cell)
                what = f"the text {sheet.texts[index]!r}" if index is not None else "a text"
            message = f"{what}; expected a number of {hole.where}"
            place = name_of(hole.cell)
            yield Finding(code, self._sheet(hole.sheet), place, message, what, "a number")

    def _overhangs(self) -> Iterator[Finding]:
        """Yield one finding for every plane whose windows reach past what they read."""
        names = tensor_names(self.report.models)
        for k, tensor in enumerate(self.lifted.tensors):
            for plane in tensor.planes:
                own = [one for one in tensor.overhangs if one.reader in (None, plane)]
                for fill, code in (("blank", "G401"), ("mixed", "G403")):
                    here = [one for one in own if one.fill == fill]
                    if not here:
                        continue
                    name = names.get(k, "the plane")
                    past = " and ".join(
                        f"past {one.plane.range.name} into {one.cells.name}" for one in here
                    )
                    what = "which is blank" if fill == "blank" else "which holds something else"
                    message = (
                        f"{name} is {plane.shape[0]}×{plane.shape[1]} because its windows "
                        f"reach {past}, {what}"
                    )
                    cells = ", ".join(one.cells.name for one in here)
                    area = plane.range.name
                    yield Finding(code, self._sheet(tensor.sheet), area, message, cells, block=area)

    def _statuses(self) -> Iterator[Finding]:
        for unit in self.calculation.units:
            status = self.calculation.statuses[unit.sheet]
            cells = unit.cells[unit.mask]
            for code, state, text in (
                ("V103", Status.UNSUPPORTED, "not evaluated: {reason}"),
                ("V104", Status.CIRCULAR, "depends on itself"),
                ("V105", Status.PINNED, "a random or outside value; the stored one is an input"),
            ):
                here = cells[status[cells] == state]
                if len(here):
                    reason = self.calculation.reasons.get((unit.sheet, int(here[0])), unit.reason)
                    yield self._at(unit, int(here[0]), code, text.format(reason=reason), len(here))
        for number, sheet in enumerate(self.calculation.workbook.sheets):
            missing = np.flatnonzero(sheet.is_formula & (sheet.cached == BLANK))
            if len(missing):
                first = int(missing[0])
                cell = name_of((int(sheet.rows[first]), int(sheet.columns[first])))
                message = f"no stored value in {len(missing):,} cells"
                yield Finding("V102", self._sheet(number), cell, message, count=len(missing))

    def _at(self, unit: Unit, index: int, code: str, message: str, count: int) -> Finding:
        sheet = self.calculation.workbook.sheets[unit.sheet]
        cell = name_of((int(sheet.rows[index]), int(sheet.columns[index])))
        more = f" ({count:,} cells)" if count > 1 else ""
        block = unit.lattice.range.name
        return Finding(code, sheet.name, cell, message + more, block=block, count=count)

    def _values(self) -> Iterator[Finding]:
        """Compare the three answers; yield stale values, and count what is verified."""
        fresh: list[Grid] | None = None
        for number, sheet in enumerate(self.calculation.workbook.sheets):
            grid, status = self.calculation.grids[number], self.calculation.statuses[number]
            formula = sheet.is_formula
            self.report.formulas += int(formula.sum())
            self.report.pinned += int((formula & (status == Status.PINNED)).sum())
            known = formula & (status == Status.CALCULATED)
            has_cache = sheet.cached != BLANK
            same = (sheet.cached == grid.kinds) & _close(
                self._cached_errors(number), grid.numbers, self.rtol, self.atol
            )
            stale = known & has_cache & ~same
            if stale.any():
                if fresh is None:
                    pool = self.calculation.pool
                    fresh = [Grid(one, pool) for one in self.calculation.workbook.sheets]
                yield from self._stale(number, stale, fresh)
            agrees = _close(self.network[number], grid.numbers, self.rtol, self.atol)
            agrees &= grid.kinds == NUMBER
            verified = known & (same | ~has_cache) & agrees & has_cache & ~self.wrong[number]
            self.report.verified += int(verified.sum())
            off = known & ~np.isnan(self.network[number]) & ~agrees & ~self.wrong[number]
            self.report.knock_on += int((off | (stale & ~self.wrong[number])).sum())

    def _cached_errors(self, number: int) -> NDArray[np.float64]:
        """Return the cached values with errors as their numbers, as the grid has them."""
        sheet = self.calculation.workbook.sheets[number]
        numbers = sheet.numbers.copy()
        for index in np.flatnonzero(sheet.is_formula & (sheet.cached == ERROR)).tolist():
            code = sheet.results.get(index, "")
            numbers[index] = ERRORS.index(code) if code in ERRORS else -1
        for index in np.flatnonzero(sheet.is_formula & (sheet.cached == TEXT)).tolist():
            numbers[index] = self.calculation.pool.index(sheet.results.get(index, ""))
        return numbers

    def _stale(self, number: int, stale: NDArray[np.bool_], fresh: list[Grid]) -> Iterator[Finding]:
        """Yield stale cells; a root is stale even for the values stored in what it reads."""
        sheet, grid = self.calculation.workbook.sheets[number], self.calculation.grids[number]
        for unit in self.calculation.units:
            if unit.sheet != number:
                continue
            cells = unit.cells[unit.mask]
            here = cells[stale[cells]]
            if not len(here):
                continue
            own = self._stale_of_themselves(unit, fresh)
            for index, root in zip(here.tolist(), own[stale[cells]].tolist(), strict=True):
                cell = name_of((int(sheet.rows[index]), int(sheet.columns[index])))
                was = _shown(sheet.numbers[index], sheet.cached[index], sheet.results.get(index))
                now = _shown(grid.numbers[index], grid.kinds[index], None)
                message = f"stored {was}; the formula gives {now}"
                block = unit.lattice.range.name
                yield Finding("V101", sheet.name, cell, message, was, now, block, root)

    def _stale_of_themselves(self, unit: Unit, fresh: list[Grid]) -> NDArray[np.bool_]:
        """Return which cells are stale for the values that are stored in what they read."""
        sheet, cells = self.calculation.workbook.sheets[unit.sheet], unit.cells[unit.mask]
        own = np.zeros(len(cells), np.bool_)
        try:
            found = evaluated(unit, fresh, self.calculation.pool)
        except Unsupported:  # ranges that differ from cell to cell, as when it was calculated
            for place, one in enumerate(singles(unit) if len(cells) > 1 else ()):
                own[place] = self._stale_of_themselves(one, fresh)[0]
            return own
        if found is not None:
            numbers, kinds = found[0][unit.mask], found[1][unit.mask]
            local = _close(sheet.numbers[cells], numbers, self.rtol, self.atol)
            own = ~(local & (kinds == sheet.cached[cells]))
        return own

    def _siblings(self) -> Iterator[Finding]:
        """Yield planes of one layer that are made from other windows than the rest of it."""
        tensors = [one for one in self.lifted.tensors if one.kernels and one.geometry is not None]
        for one in tensors:
            for other in tensors:
                if one is other or not _odd_beside(one, other):
                    continue
                assert one.geometry is not None and other.geometry is not None
                for k, plane in zip(one.units, one.planes, strict=False):
                    unit = self.calculation.units[k]
                    message = (
                        f"its windows begin at {_entry(one.geometry.start)} of what it reads and "
                        f"give {_by(one.geometry.count)}; those of the other planes of the layer "
                        f"({other.planes[0].range.name}) at {_entry(other.geometry.start)}, "
                        f"and give {_by(other.geometry.count)}"
                    )
                    cell, block = name_of(plane.origin), unit.lattice.range.name
                    yield Finding("G403", self._sheet(one.sheet), cell, message, block=block)

    def _pools(self) -> Iterator[Finding]:
        names = tensor_names(self.report.models)
        for k, tensor in enumerate(self.lifted.tensors):
            seen = tensor.geometry
            if seen is None or tensor.kernels or tensor.layers[0].is_elementwise:
                continue
            moving = [a for a in (0, 1) if seen.count[a] > 1 and seen.stride[a] != seen.size[a]]
            if moving:
                over = seen.stride[moving[0]] < seen.size[moving[0]]
                what = "overlap" if over else "leave gaps"
                message = (
                    f"windows of {_by(seen.size)} of {names.get(k, 'the pool')} move by "
                    f"{_by(seen.stride)}: they {what}"
                )
                cell = tensor.planes[0].range.name
                yield Finding("G402", self._sheet(tensor.sheet), cell, message, block=cell)

    def _labels(self) -> Iterator[Finding]:
        """Yield labels above a plane that end in another size than the plane has."""
        for tensor in self.lifted.tensors:
            sheet = self.calculation.workbook.sheets[tensor.sheet]
            for plane in tensor.planes:
                area, (n, m) = plane.range, plane.shape
                above = (sheet.rows < area.top) & (sheet.rows >= area.top - _LABEL_ROWS)
                above &= (sheet.columns >= area.left) & (sheet.columns <= area.right)
                for index in np.flatnonzero(above & (sheet.kinds == Kind.TEXT)).tolist():
                    said = _LABELLED_SIZE.search(sheet.texts[index])
                    if said is not None and (int(said[1]), int(said[2])) != (n, m):
                        cell = name_of((int(sheet.rows[index]), int(sheet.columns[index])))
                        message = f"says {said[1]}×{said[2]}; the plane {area.name} is {n}×{m}"
                        found, wanted = sheet.texts[index], f"{n}×{m}"
                        yield Finding("G404", sheet.name, cell, message, found, wanted)

    def _unlifted(self) -> Iterator[Finding]:
        for k, reason in self.lifted.unlifted.items():
            unit = self.calculation.units[k]
            index, count = int(unit.cells[unit.mask][0]), int(unit.mask.sum())
            known = self.calculation.statuses[unit.sheet][index] <= Status.TAINTED
            if known and k not in self.lifted.mismatches:
                yield self._at(unit, index, "L601", reason, count)
        for k, mismatch in self.lifted.mismatches.items():
            unit = self.calculation.units[k]
            index, count = int(unit.cells[unit.mask][0]), int(unit.mask.sum())
            yield self._at(unit, index, "G403", mismatch, count)


def _first_of(found: Iterator[Finding]) -> list[Finding]:
    """Return the findings; of very many the first, and one that counts the others."""
    kept = list(islice(found, _MOST_LISTED))
    count, last, root = 0, None, False
    for last in found:
        count += 1
        root = root or last.root
    if last is not None:
        message = f"and {count:,} more, which are not listed"
        kept.append(replace(last, message=message, root=root, count=count))
    return kept


def _odd_beside(one: Tensor, other: Tensor) -> bool:
    """Whether `one` should be planes of the same layer as `other`, but is made differently."""
    a, b = one.geometry, other.geometry
    if a is None or b is None or (one.source, one.sheet) != (other.source, other.sheet):
        return False
    if [type(x) for x in one.layers] != [type(x) for x in other.layers]:
        return False
    if (a.size, a.stride, one.is_vector) != (b.size, b.stride, False):
        return False
    far = max(abs(x - y) for x, y in zip((*a.start, *a.count), (*b.start, *b.count), strict=True))
    if far == 0 or far > max(a.size):
        return False
    # The odd one is the one with fewer planes, or else that does not begin at the corner.
    return (len(one.planes), a.start == (0, 0)) < (len(other.planes), b.start == (0, 0))


def _entry(place: tuple[int, int]) -> str:
    return f"row {place[0]}, column {place[1]}"


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]}×{size[1]}"


def _what(kinds, numbers, texts, index: int) -> tuple[str, str]:  # type: ignore[no-untyped-def]
    """Return the code for what stands where a pattern's formula should, and what it is."""
    if index < 0:
        return "S203", "no formula"
    kind = kinds[index]
    if kind >= Kind.FORMULA:
        return "S201", texts[index]
    if kind == Kind.NUMBER:
        return "S202", f"the number {numbers[index]:.10g}"
    if kind == Kind.TEXT:
        return "T302", f"the text {texts[index]!r}"
    return "S202", "a constant"


def _is_same_formula(text: str, tree: Node) -> bool:
    """Whether a text spells a tree, however spaced; some programs write it another way."""
    if text == render(tree):
        return True
    # Gnumeric saves STDEV under its newer name.
    text = text.replace("_xlfn.", "").replace("STDEV.S(", "STDEV(")
    try:
        return parse(text) == parse(render(tree))
    except FormulaError:
        return False


def _held(sheet: Sheet, index: int) -> str:
    """Return what a cell holds where a number is written down."""
    if sheet.is_formula[index]:
        return f"={sheet.texts[index]}"
    return (
        repr(sheet.texts[index])
        if sheet.kinds[index] == Kind.TEXT
        else (f"{sheet.numbers[index]:.10g}")
    )


def _shown(number: float, kind: int, text: str | None) -> str:
    if kind == ERROR:
        return text or ERRORS[int(number)]
    return text if text is not None else f"{number:.10g}"


def _close(a: Array, b: Array, rtol: float, atol: float) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        close: NDArray[np.bool_] = np.abs(a - b) <= atol + rtol * np.maximum(np.abs(a), np.abs(b))
    return close


def _order(one: Finding) -> tuple[object, ...]:
    ranks = list(Severity)
    begin = _BEGIN.match(one.block)
    letters, row = begin.groups() if begin else ("", "0")
    place = len(letters), letters, int(row), one.block
    return not one.root, ranks.index(one.severity), one.code, one.sheet, place


__all__ = ["ATOL", "CODES", "RTOL", "Report", "verify", "verify_workbook"]
