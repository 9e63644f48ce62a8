"""Two networks -> what changed in their layers, weights, places and values.

Layers are paired by what they compute and read (`likeness`). Names no layer and never writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from msgspec import Struct, field

from xlconv.analysis.comparison.changes import Change, arrow
from xlconv.analysis.comparison.inserted_lines import Insertions
from xlconv.analysis.comparison.likeness import Pair, paired_layers
from xlconv.arrays import Array, by_shape
from xlconv.layers import Layer
from xlconv.layers.base.answers import Probabilities
from xlconv.lifting.cell_names import NamedCells
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.lifting.networks import LiftedNetwork
from xlconv.plurals import counted
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.verification.tolerance import Tolerance

_MOST_RANGES = 8
_ALL_SHOWN = 3  # changed numbers of a parameter are listed one by one up to so many
_UNCHANGED = Tolerance(rtol=1e-12, atol=1e-12)  # values of the same program, twice


class NetworkPair(Struct, frozen=True):
    """Two networks that stand for each other, in two workbooks; `prefix` begins every place.

    `moves` says where cells went by lines that are new or gone: that is no change of theirs.
    """

    before: LiftedWorkbook
    after: LiftedWorkbook
    one: LiftedNetwork
    other: LiftedNetwork
    prefix: str
    moves: Insertions = field(default_factory=Insertions)

    def changes(self) -> Iterator[Change]:
        """Yield what changed, layer by layer; then the input and the output."""
        one, other = self.one.network, self.other.network
        if one.input_shape != other.input_shape:
            yield self._change(
                "structure",
                "input",
                arrow(by_shape(one.input_shape), by_shape(other.input_shape)),
            )
        pairs = paired_layers(one, other)
        for i, j in pairs:
            if i is None and j is not None:
                layer = other.layers[j]
                yield self._change("structure", other.names[j], f"is new: {layer.title}")
            elif j is None and i is not None:
                layer = one.layers[i]
                yield self._change("structure", one.names[i], f"is gone: {layer.title}")
            elif i is not None and j is not None:
                yield from self._layers(i, j)
        yield from self._places("input", 0, 0)
        yield from self._values("input", 0, 0)
        yield from self._output(pairs)

    def _output(self, pairs: list[Pair]) -> Iterator[Change]:
        """Yield what changed of the output: where both come from layers that are paired."""
        last = len(self.one.network.layers), len(self.other.network.layers)
        if (last[0] - 1, last[1] - 1) in pairs or last == (0, 0):
            yield from self._values("output", *last)
            return
        names = (("input", *one.network.names)[-1] for one in (self.one, self.other))
        message = f"comes from {arrow(*names)}; its numbers are not compared"
        yield self._change("structure", "output", message)

    def _change(self, kind: str, where: str, message: str, cells: str = "") -> Change:
        return Change(kind, f"{self.prefix}{where}", message, cells)

    def _layers(self, i: int, j: int) -> Iterator[Change]:
        one, other = self.one.network.layers[i], self.other.network.layers[j]
        was_name, name = self.one.network.names[i], self.other.network.names[j]
        if was_name != name:
            yield self._change("structure", name, f"name {arrow(was_name, name)}")
        options = one.options(), other.options()
        for key in dict.fromkeys((*options[0], *options[1])):
            was, now = options[0].get(key, "default"), options[1].get(key, "default")
            if was != now:
                yield self._change("structure", name, f"{key} {arrow(str(was), str(now))}")
        shapes = self.one.network.shapes[i + 1], self.other.network.shapes[j + 1]
        if shapes[0] != shapes[1]:
            message = f"gives {arrow(by_shape(shapes[0]), by_shape(shapes[1]))}"
            yield self._change("structure", name, message)
        yield from self._weights(name, j, one, other)
        yield from self._parameter_places(name, i, j)
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
            for entry in changed:
                index = tuple(entry)
                message = arrow(f"{old[index]:.10g}", f"{new[index]:.10g}")
                cell = self._cell_of(j, key, index)
                name = f"{where}[{', '.join(map(str, index))}]"
                yield self._change("weights", name, message, cell)
            return
        outputs = sorted({entry[0] for entry in changed})
        every = len(outputs) == len(old)
        which = "" if old.ndim == 1 or every else f", of outputs {_few_numbers(outputs)}"
        message = (
            f"{len(changed):,} of {counted(old.size, 'number')} changed{which}, "
            f"{_how_far(old, new)}"
        )
        yield self._change("weights", where, message)

    def _cell_of(self, j: int, key: str, index: tuple[int, ...]) -> str:
        """Return the cell of a parameter's entry in the second workbook."""
        named = _entries(self.after, self.other, j, key)
        return "" if named is None else self.after.cell_name(named.sheet, named.cell(index))

    def _parameter_places(self, name: str, i: int, j: int) -> Iterator[Change]:
        """Yield the kernels, weights and biases that stand elsewhere."""
        for key in self.other.network.layers[j].parameters():
            was = _entries(self.before, self.one, i, key)
            now = _entries(self.after, self.other, j, key)
            if was is not None and now is not None and was.shape == now.shape:
                yield from self._moved(f"{name}.{key}", was.planes, now.planes)

    def _places(self, name: str, i: int, j: int) -> Iterator[Change]:
        tensors = self.one.tensors[i], self.other.tensors[j]
        if min(tensors) < 0:
            return
        planes = (
            book.lifted.tensors[tensor].planes
            for book, tensor in zip((self.before, self.after), tensors, strict=True)
        )
        yield from self._moved(name, *planes)

    def _moved(self, name: str, was: Sequence[Plane], now: Sequence[Plane]) -> Iterator[Change]:
        areas = [plane.range for plane in was], [plane.range for plane in now]
        if [self.moves.area(area) for area in areas[0]] == areas[1]:
            return
        if len(was) == len(now):  # only those that did
            pairs = [
                pair for pair in zip(*areas, strict=True) if self.moves.area(pair[0]) != pair[1]
            ]
            areas = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        ranges = ([area.name for area in some] for some in areas)
        yield self._change("place", name, f"moved: {arrow(*map(_few_ranges, ranges))}")

    def _values(self, what: str, i: int, j: int) -> Iterator[Change]:
        tensors = self.one.tensors[i], self.other.tensors[j]
        if min(tensors) < 0:
            return
        old, new = self.before.values(tensors[0]), self.after.values(tensors[1])
        if old.shape != new.shape:
            return
        close = _UNCHANGED.close(old, new)
        if close.all():
            return
        count = f"{int((~close).sum()):,} of {counted(old.size, 'number')}"
        message = f"{count} changed, {_how_far(old, new)}"
        if what == "output":
            message += self._prediction(old, new)
        yield self._change(what, what, message)

    def _prediction(self, old: Array, new: Array) -> str:
        """Return the predicted classes of a classifier where they differ, else nothing."""
        network = self.other.network
        if network.probabilities(len(network.layers)) is not Probabilities.OF_ONE_CLASS:
            return ""
        tops = int(old.argmax()), int(new.argmax())
        if tops[0] == tops[1]:
            return ""
        classes = (one.network.classes for one in (self.one, self.other))
        shown = [
            names[top] if names else str(top) for names, top in zip(classes, tops, strict=True)
        ]
        return f"; predicted class {arrow(*shown)}"


def _entries(book: LiftedWorkbook, one: LiftedNetwork, k: int, key: str) -> NamedCells | None:
    """Return the cells of a layer's parameter; None where it has none to be named by."""
    tensor = next((tensor for tensor in one.tensors[k + 1 :] if tensor >= 0), -1)
    if tensor < 0:
        return None
    wanted = f"{book.tensor_name(tensor)}.{key}"
    return next((named for named in book.entries[tensor] if named.name == wanted), None)


def _how_far(old: Array, new: Array) -> str:
    """Return the largest and the mean distance, over all numbers, in what they are measured in."""
    far = np.abs(old - new)
    return f"by up to {far.max():.4g}, on average {far.mean():.4g}"


def _few_ranges(ranges: list[str]) -> str:
    if len(ranges) <= _MOST_RANGES:
        return ", ".join(ranges)
    return f"{ranges[0]} … {ranges[-1]} ({len(ranges)} ranges)"


def _few_numbers(numbers: list[int]) -> str:
    if len(numbers) <= 6:
        return ", ".join(map(str, numbers))
    return f"{', '.join(map(str, numbers[:5]))} and {len(numbers) - 5} more"
