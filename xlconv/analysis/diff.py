"""What changed between two workbooks, in the network's terms.

Networks are paired in their order and their layers by kind; cells count only where no
layer speaks for them. Never writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from xlconv.analysis.reproduction import ranges_of, shown
from xlconv.arrays import Array
from xlconv.layers import Layer
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.lifting.networks import LiftedNetwork
from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import a1_name
from xlconv.spreadsheet.workbook import Kind, Sheet, indices_of, keys_of
from xlconv.verification.tolerance import Tolerance
from xlconv.verification.verify import verify_lifted

_ALL_SHOWN = 3  # changed numbers of a parameter are told one by one up to so many
_UNCHANGED = Tolerance(rtol=1e-12, atol=1e-12)  # values of the same program, twice
_MEASURE = "measure"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: its kind, where it is, and what it was and is now.

    `kind` is "structure", "weights", "input", "output", "place", "finding" or "cells".
    """

    kind: str
    where: str
    message: str
    cells: str = ""


def diff(before: LiftedWorkbook, after: LiftedWorkbook) -> list[Change]:
    """Return what changed from one workbook to another; nothing where they are alike."""
    changes: list[Change] = []
    pairs = list(zip_longest(before.networks, after.networks))
    for number, (one, other) in enumerate(pairs):
        prefix = f"network {number}: " if len(pairs) > 1 else ""
        if one is None or other is None:
            present = one or other
            assert present is not None
            what = "is gone" if other is None else "is new"
            names = ", ".join(present.network.names)
            changes.append(
                Change("structure", prefix.rstrip(": ") or "network", f"{what}: {names}")
            )
        else:
            changes += _Pair(before, after, one, other, prefix).changes()
    return changes + list(_findings(before, after)) + list(_cells(before, after))


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two networks that stand for each other."""

    before: LiftedWorkbook
    after: LiftedWorkbook
    one: LiftedNetwork
    other: LiftedNetwork
    prefix: str

    def changes(self) -> Iterator[Change]:
        one, other = self.one.network, self.other.network
        if one.input_shape != other.input_shape:
            yield self._change(
                "structure", "input", _arrow(_by(one.input_shape), _by(other.input_shape))
            )
        matched = list(self._matched())
        for i, j in matched:
            if i is None and j is not None:
                layer = other.layers[j]
                yield self._change("structure", other.names[j], f"is new: {_told(layer)}")
            elif j is None and i is not None:
                layer = one.layers[i]
                yield self._change("structure", one.names[i], f"is gone: {_told(layer)}")
            elif i is not None and j is not None:
                yield from self._layers(i, j)
        yield from self._places("input", 0, 0)
        yield from self._values("input", 0, 0)
        yield from self._values("output", len(one.layers), len(other.layers))

    def _change(self, kind: str, where: str, message: str, cells: str = "") -> Change:
        return Change(kind, f"{self.prefix}{where}", message, cells)

    def _matched(self) -> Iterator[tuple[int | None, int | None]]:
        """Yield the layers that stand for each other, None where one has no other."""
        old, new = (
            [type(layer).__name__ for layer in one.network.layers] for one in (self.one, self.other)
        )
        matcher = SequenceMatcher(None, old, new, autojunk=False)
        for what, i, end_i, j, end_j in matcher.get_opcodes():
            if what == "equal":
                yield from zip(range(i, end_i), range(j, end_j), strict=True)
            else:
                yield from ((k, None) for k in range(i, end_i))
                yield from ((None, k) for k in range(j, end_j))

    def _layers(self, i: int, j: int) -> Iterator[Change]:
        one, other = self.one.network.layers[i], self.other.network.layers[j]
        name = self.other.network.names[j]
        options = one.options(), other.options()
        for key in dict.fromkeys((*options[0], *options[1])):
            was, now = options[0].get(key, "default"), options[1].get(key, "default")
            if was != now:
                yield self._change("structure", name, f"{key} {_arrow(str(was), str(now))}")
        shapes = self.one.network.shapes[i + 1], self.other.network.shapes[j + 1]
        if shapes[0] != shapes[1]:
            message = f"gives {_arrow(_by(shapes[0]), _by(shapes[1]))}"
            yield self._change("structure", name, message)
        yield from self._weights(name, j, one, other)
        yield from self._places(name, i + 1, j + 1)

    def _weights(self, name: str, j: int, one: Layer, other: Layer) -> Iterator[Change]:
        old, new = one.parameters(), other.parameters()
        for key in dict.fromkeys((*old, *new)):
            if key not in old or key not in new:
                what = "is gone" if key not in new else "is new"
                yield self._change("weights", f"{name}.{key}", what)
            elif old[key].shape == new[key].shape:
                yield from self._numbers(f"{name}.{key}", j, key, old[key], new[key])

    def _numbers(self, where: str, j: int, key: str, old: Array, new: Array) -> Iterator[Change]:
        """Yield the changed numbers one by one where they are few, else by output."""
        changed = np.argwhere(old != new).tolist()
        if not changed:
            return
        if len(changed) <= _ALL_SHOWN:
            for place in changed:
                index = tuple(place)
                message = _arrow(f"{old[index]:.10g}", f"{new[index]:.10g}")
                cell = self._cell_of(j, key, index)
                entry = f"{where}[{', '.join(map(str, index))}]"
                yield self._change("weights", entry, message, cell)
            return
        far = float(np.abs(old - new).max())
        outputs = sorted({place[0] for place in changed})
        every = len(outputs) == len(old)
        where_ = "" if old.ndim == 1 or every else f", of outputs {_numbers_told(outputs)}"
        message = (
            f"{len(changed):,} of {counted(old.size, 'number')} changed{where_}, by up to {far:.4g}"
        )
        yield self._change("weights", where, message)

    def _cell_of(self, j: int, key: str, index: tuple[int, ...]) -> str:
        """Return the cell of a parameter's entry in the second workbook."""
        number = self._tensor_of(j)
        if number < 0:
            return ""
        wanted = f"{self.after.tensor_name(number)}.{key}"
        for entries in self.after.entries[number]:
            if entries.name == wanted:
                return self.after.cell_name(entries.sheet, entries.cell(index))
        return ""

    def _tensor_of(self, j: int) -> int:
        """Return the tensor of the second workbook that a layer with parameters computes, or -1."""
        return next((place for place in self.other.tensors[j + 1 :] if place >= 0), -1)

    def _places(self, name: str, i: int, j: int) -> Iterator[Change]:
        places = self.one.tensors[i], self.other.tensors[j]
        if min(places) < 0:
            return
        ranges = [
            ", ".join(plane.range.name for plane in opened.lifted.tensors[place].planes)
            for opened, place in zip((self.before, self.after), places, strict=True)
        ]
        if ranges[0] != ranges[1]:
            yield self._change("place", name, f"moved: {_arrow(*ranges)}")

    def _values(self, what: str, i: int, j: int) -> Iterator[Change]:
        places = self.one.tensors[i], self.other.tensors[j]
        if min(places) < 0:
            return
        old, new = self.before.values(places[0]), self.after.values(places[1])
        if old.shape != new.shape:
            return
        close = _UNCHANGED.close(old, new)
        if close.all():
            return
        far = float(np.abs(old - new).max())
        message = (
            f"{int((~close).sum()):,} of {counted(old.size, 'number')} changed, by up to {far:.4g}"
        )
        last = self.other.network.layers[-1] if self.other.network.layers else None
        if (
            what == "output"
            and last is not None
            and last.is_softmax_like
            and old.argmax() != new.argmax()
        ):
            names = [model.network.classes for model in (self.one, self.other)]
            tops = [
                classes[top] if classes else str(top)
                for classes, top in zip(names, (int(old.argmax()), int(new.argmax())), strict=True)
            ]
            message += f"; predicted class {_arrow(*tops)}"
        yield self._change(what, what, message)


def _findings(before: LiftedWorkbook, after: LiftedWorkbook) -> Iterator[Change]:
    """Yield the cells that left the pattern or came back to it."""

    def roots(opened: LiftedWorkbook) -> dict[tuple[str, str, str], str]:
        found = verify_lifted(opened).findings
        return {(one.code, one.sheet, one.cell): one.message for one in found if one.root}

    old, new = roots(before), roots(after)
    for (code, sheet, cell), message in new.items():
        if (code, sheet, cell) not in old:
            yield Change("finding", f"{sheet}!{cell}", f"{code} {message}", f"{sheet}!{cell}")
    for code, sheet, cell in old:
        if (code, sheet, cell) not in new:
            yield Change("finding", f"{sheet}!{cell}", f"{code} is gone", f"{sheet}!{cell}")


def _cells(before: LiftedWorkbook, after: LiftedWorkbook) -> Iterator[Change]:
    """Yield the cells that belong to no network and differ."""
    sheets = {one.name: one for one in after.workbook.sheets}
    for number, sheet in enumerate(before.workbook.sheets):
        if sheet.name not in sheets:
            yield Change("cells", sheet.name, "the sheet is gone")
            continue
        other = sheets.pop(sheet.name)
        there = next(k for k, one in enumerate(after.workbook.sheets) if one is other)
        yield from _loose(before, number, sheet, after, there, other)
    for name in sheets:
        yield Change("cells", name, "the sheet is new")


def _loose(
    before: LiftedWorkbook,
    number: int,
    sheet: Sheet,
    after: LiftedWorkbook,
    there: int,
    other: Sheet,
) -> Iterator[Change]:
    old, new = keys_of(sheet.rows, sheet.columns), keys_of(other.rows, other.columns)
    every = np.union1d(old, new)
    rows, columns = np.divmod(every, 16_384)
    i, j = indices_of(old, rows, columns), indices_of(new, rows, columns)
    groups: dict[str, list[int]] = {}
    examples: dict[str, tuple[str, str]] = {}
    differ = ~_same_numbers(sheet, i, other, j)
    pairs = (axis[differ].tolist() for axis in (every, i, j))
    for key, a, b in zip(*pairs, strict=True):
        was = shown(sheet, a) if a >= 0 else ""
        now = shown(other, b) if b >= 0 else ""
        if was == now:
            continue
        cell = divmod(key, 16_384)
        if before.role(number, cell) is not None or after.role(there, cell) is not None:
            continue
        is_text = {int(one.kinds[k]) for one, k in ((sheet, a), (other, b)) if k >= 0}
        what = "text" if is_text == {Kind.TEXT} else "cell"
        if after.annotation(there, cell) or before.annotation(number, cell):
            what = _MEASURE
        groups.setdefault(what, []).append(key)
        examples.setdefault(what, (was, now))
    for what, keys in groups.items():
        was, now = examples[what]
        place = divmod(keys[0], 16_384)
        telling = after.annotation(there, place) or before.annotation(number, place)
        kind = "of no layer" if what != _MEASURE or telling is None else ""
        first = f"{a1_name(place)} ({telling.what})" if telling and not kind else a1_name(place)
        words = f"{counted(len(keys), what)} {kind}".strip()
        message = f"{words} changed, such as {first}: {_arrow(was, now)}"
        cells = ranges_of(np.array(keys))
        yield Change("cells", sheet.name, message, cells)


def _same_numbers(
    sheet: Sheet, i: NDArray[np.int64], other: Sheet, j: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return where both sheets hold the same number, -1 being no cell; most cells do."""
    same = np.zeros(len(i), np.bool_)
    both = np.flatnonzero((i >= 0) & (j >= 0))
    a, b = i[both], j[both]
    numbers = (sheet.kinds[a] == Kind.NUMBER) & (other.kinds[b] == Kind.NUMBER)
    same[both] = numbers & (sheet.numbers[a] == other.numbers[b])
    return same


def _told(layer: Layer) -> str:
    return f"{type(layer).__name__} {layer.describe()}".strip()


def _arrow(was: str, now: str) -> str:
    return f"{was or 'nothing'} → {now or 'nothing'}"


def _by(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))


def _numbers_told(numbers: list[int]) -> str:
    if len(numbers) <= 6:
        return ", ".join(map(str, numbers))
    return f"{', '.join(map(str, numbers[:5]))} and {len(numbers) - 5} more"
