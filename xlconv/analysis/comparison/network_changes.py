"""Two networks -> what changed in their layers, weights, places and values.

Layers are paired by kind, in their order. Names no layer and never writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np

from xlconv.analysis.comparison.changes import Change, arrow
from xlconv.arrays import Array, Shape
from xlconv.layers import Layer
from xlconv.layers.base.answers import Probabilities
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.lifting.networks import LiftedNetwork
from xlconv.plurals import counted
from xlconv.verification.tolerance import Tolerance

_ALL_SHOWN = 3  # changed numbers of a parameter are listed one by one up to so many
_UNCHANGED = Tolerance(rtol=1e-12, atol=1e-12)  # values of the same program, twice


@dataclass(frozen=True, slots=True)
class NetworkPair:
    """Two networks that stand for each other, in two workbooks; `prefix` begins every place."""

    before: LiftedWorkbook
    after: LiftedWorkbook
    one: LiftedNetwork
    other: LiftedNetwork
    prefix: str

    def changes(self) -> Iterator[Change]:
        """Yield what changed, layer by layer; then the input and the output."""
        one, other = self.one.network, self.other.network
        if one.input_shape != other.input_shape:
            yield self._change(
                "structure",
                "input",
                arrow(_by_shape(one.input_shape), _by_shape(other.input_shape)),
            )
        for i, j in self._matched():
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
                yield self._change("structure", name, f"{key} {arrow(str(was), str(now))}")
        shapes = self.one.network.shapes[i + 1], self.other.network.shapes[j + 1]
        if shapes[0] != shapes[1]:
            message = f"gives {arrow(_by_shape(shapes[0]), _by_shape(shapes[1]))}"
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
            for entry in changed:
                index = tuple(entry)
                message = arrow(f"{old[index]:.10g}", f"{new[index]:.10g}")
                cell = self._cell_of(j, key, index)
                name = f"{where}[{', '.join(map(str, index))}]"
                yield self._change("weights", name, message, cell)
            return
        far = float(np.abs(old - new).max())
        outputs = sorted({entry[0] for entry in changed})
        every = len(outputs) == len(old)
        which = "" if old.ndim == 1 or every else f", of outputs {_few_numbers(outputs)}"
        message = (
            f"{len(changed):,} of {counted(old.size, 'number')} changed{which}, by up to {far:.4g}"
        )
        yield self._change("weights", where, message)

    def _cell_of(self, j: int, key: str, index: tuple[int, ...]) -> str:
        """Return the cell of a parameter's entry in the second workbook."""
        tensor = self._tensor_of(j)
        if tensor < 0:
            return ""
        wanted = f"{self.after.tensor_name(tensor)}.{key}"
        for named in self.after.entries[tensor]:
            if named.name == wanted:
                return self.after.cell_name(named.sheet, named.cell(index))
        return ""

    def _tensor_of(self, j: int) -> int:
        """Return the tensor of the second workbook that a layer with parameters computes, or -1."""
        return next((tensor for tensor in self.other.tensors[j + 1 :] if tensor >= 0), -1)

    def _places(self, name: str, i: int, j: int) -> Iterator[Change]:
        tensors = self.one.tensors[i], self.other.tensors[j]
        if min(tensors) < 0:
            return
        ranges = [
            ", ".join(plane.range.name for plane in book.lifted.tensors[tensor].planes)
            for book, tensor in zip((self.before, self.after), tensors, strict=True)
        ]
        if ranges[0] != ranges[1]:
            yield self._change("place", name, f"moved: {arrow(*ranges)}")

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
        far = float(np.abs(old - new).max())
        message = (
            f"{int((~close).sum()):,} of {counted(old.size, 'number')} changed, by up to {far:.4g}"
        )
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


def _by_shape(shape: Shape) -> str:
    return "×".join(map(str, shape))


def _few_numbers(numbers: list[int]) -> str:
    if len(numbers) <= 6:
        return ", ".join(map(str, numbers))
    return f"{', '.join(map(str, numbers[:5]))} and {len(numbers) - 5} more"
