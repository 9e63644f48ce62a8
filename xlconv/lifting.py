"""Blocks -> network + layout + what does not fit: the inverse of `lower`.

Layers say what a formula spells (`Layer.sight`) and whether the geometry makes one of
them (`Layer.lifted`); this finds out what references point at, joins planes to
tensors and tensors to networks. Names no layer; never reads a file; never writes a
cell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from xlconv.calculation import Calculation, Unit, reach, sheet_of, singles
from xlconv.formula import Node, Ref, corners
from xlconv.formula.cellwise import cellwise, without_matrices
from xlconv.formula.evaluate import is_volatile
from xlconv.formula.values import NUMBER
from xlconv.inlining import Inlined, inlined
from xlconv.layers import LAYERS, Elementwise, Layer, Shape
from xlconv.layers.base import OUTPUT, Array, Geometry
from xlconv.layers.partial import Part
from xlconv.layers.weighting import Reference, is_still
from xlconv.measures import named_ranges
from xlconv.mirror import MODES, repeat_of
from xlconv.parameters import Parameters
from xlconv.placing import (
    column_of,
    fill_of,
    placed,
    sides,
    table_step,
    whole_geometry,
)
from xlconv.plane import Plane
from xlconv.refs import Range
from xlconv.tensors import Lifted, Overhang, Repeated, Seen, Tensor

# Lines of zeros beside a plane are looked for as far as this.
_MOST_PADDING = 16
_ELEMENTWISE = [kind for kind in LAYERS.values() if issubclass(kind, Elementwise)]
# Layers that take a whole tensor are tried first: a convolution may look like one.
_KINDS = sorted(
    (kind for kind in LAYERS.values() if not issubclass(kind, Elementwise)),
    key=lambda kind: not kind.reads_flattened,
)


def lift(calculation: Calculation) -> Lifted:
    """Return the tensors and layers that the blocks of a calculated workbook spell."""
    return _Lifter(calculation).lift()


class _Lifter:
    def __init__(self, calculation: Calculation) -> None:
        self.calculation = calculation
        self.units = calculation.units
        self.lifted = Lifted()
        self.parameters = Parameters(calculation, self.lifted)
        self.home: dict[int, int] = {}  # unit -> tensor
        self.helper_of: dict[int, Seen] = {}  # helper unit -> how it is seen
        self.sums: dict[int, Inlined] = {}  # unit -> its sum of partial sums, written out
        self.inputs: list[tuple[int, Range]] = []  # ranges of numbers that blocks read
        self.seen: dict[int, list[Seen]] = {}
        self.touching: dict[tuple[int, Range], list[int]] = {}
        self.areas = _areas(self.units)
        self.is_deviant = self._deviants()
        self.borders: set[int] = set()  # units that repeat a plane around it
        self.declared = 0  # inputs that defined names declare
        self._declare_input()

    def _deviants(self) -> set[int]:
        """Return the units that are single cells inside a larger block."""
        owners = {
            (k, int(cell))
            for k, groups in enumerate(self.calculation.groups)
            for one in groups
            for cell in one.cells[~one.regular & (one.cells >= 0)]
        }
        return {
            k for k, unit in enumerate(self.units)
            if unit.cells.size == 1 and (unit.sheet, int(unit.cells[0, 0])) in owners
        }  # fmt: skip

    # -- the rounds ----------------------------------------------------------------

    def lift(self) -> Lifted:
        waiting = [k for knot in self.calculation.order for k in knot if k not in self.is_deviant]
        measured = self._measured()
        waiting = [k for k in waiting if k not in measured and self._usable(k)]
        for k in waiting:
            self._note_sum(k)
        while waiting:
            waiting = [k for k in waiting if not self._in_border(k)]
            ready = [k for k in waiting if self._sources_known(k, waiting)]
            if not ready:
                break
            parts = self._parts()
            self._round([k for k in ready if k not in parts])
            waiting = [k for k in waiting if k not in ready] + self._no_sums(ready)
        for k in self._parts() - self.home.keys() - self.helper_of.keys():
            self.lifted.unlifted[k] = "part of a sum that makes no layer"
        for k in waiting:
            self.lifted.unlifted[k] = "it depends on itself"
        for k in self.lifted.unlifted:
            if k in self.parameters.refused:
                self.lifted.mismatches[k] = self.parameters.refused[k]
            else:
                self._note_mismatch(k)
        return self.lifted

    def _measured(self) -> set[int]:
        """Return the blocks of cells that tell of layers, by their names, and are none."""
        book = self.calculation.workbook
        sheets = {sheet.name: k for k, sheet in enumerate(book.sheets)}
        areas = [(sheets.get(home, -1), area) for home, area in named_ranges(book.names).values()]
        return {
            k
            for k, unit in enumerate(self.units if areas else [])
            if all(
                any(home == unit.sheet and area.holds(Range(*cell, *cell)) for home, area in areas)
                for cell in _cells(unit)
            )
        }

    # -- sums in parts ---------------------------------------------------------------

    def _note_sum(self, k: int) -> None:
        found = inlined(self.units[k], self.units, self.read)
        if found is not None:
            self.sums[k] = found

    def _parts(self) -> set[int]:
        """Return the blocks that are only parts of others' sums."""
        return {part.unit for one in self.sums.values() for part in one.partials}

    def _no_sums(self, ready: list[int]) -> list[int]:
        """Return the blocks that were seen as sums of parts but make no layer, and their parts.

        They are looked at once more, as they stand.
        """
        failed = [k for k in ready if k in self.sums and k not in self.home]
        failed = [k for k in failed if self.units[k].mask.any()]
        parts = {part.unit for k in failed for part in self.sums.pop(k).partials}
        for k in failed:
            self.seen.pop(k, None)
            self.lifted.unlifted.pop(k, None)
        return sorted({*failed, *(parts - self._parts())})

    def _note_parts(self, tensor: Tensor, group: list[Seen]) -> bool:
        """Keep where the partial sums of a tensor stand; whether each sums channels in a row."""
        for index, one in enumerate(group):
            for part in self.sums[one.unit].partials if one.unit in self.sums else ():
                span = part.among(one.sighting.windows)
                if span is None:
                    return False
                tensor.helpers[Part(index, *span).name] = (part.unit, part.plane)
                self.helper_of[part.unit] = one
        return True

    def _note_mismatch(self, k: int) -> None:
        """Note what keeps a sum of products from being a layer: the part of a plane it reads."""
        unit = self.units[k]
        if unit.tree is None:
            return
        for seen in self._sightings(k):
            for window in seen.sighting.windows if seen.sighting.weights else ():
                area = reach(window, unit.lattice.shape)
                for other in self._touched(sheet_of(window, unit.sheet), area):
                    plane = self.units[other].lattice
                    alike = plane.range != area and plane.range.size == area.size
                    if other in self.home and is_still(window) and alike:
                        self.lifted.mismatches[k] = (
                            f"reads {area.name}, but the plane there is {plane.range.name}"
                        )
                        return

    def _usable(self, k: int) -> bool:
        unit = self.units[k]
        if unit.tree is None or unit.reason:
            self.lifted.unlifted[k] = unit.reason or "its formula cannot be read"
            return False
        return True

    def _sources_known(self, k: int, waiting: list[int]) -> bool:
        pending = set(waiting)
        return not any(
            other in pending and other != k
            for sheet, area in self.units[k].reads
            for other in self._touched(sheet, area)
        )

    def _touched(self, sheet: int, area: Range) -> list[int]:
        """Return the blocks that an area of a sheet has cells of."""
        if (sheet, area) not in self.touching:
            self.touching[sheet, area] = self._find_touched(sheet, area)
        return self.touching[sheet, area]

    def read(self, unit: Unit, reference: Reference) -> list[int]:
        """Return the blocks that a reference of a unit points to."""
        area = reach(reference, unit.lattice.shape)
        return self._touched(sheet_of(reference, unit.sheet), area)

    def _in_border(self, k: int) -> bool:
        """Take a block that repeats the plane it stands beside as a part of its border."""
        unit = self.units[k]
        if not isinstance(unit.tree, Ref) or unit.tree.sheet is not None or unit.spills:
            return False
        for tensor in self.lifted.tensors:
            for number, plane in enumerate(tensor.planes if tensor.sheet == unit.sheet else ()):
                near = plane.range.grown(*(_MOST_PADDING * step for step in _both(plane.step)))
                if near.holds(unit.lattice.range) and not tensor.is_vector:
                    found = repeat_of(unit.tree, unit.lattice, plane)
                    if found is not None:
                        tensor.border.append(Repeated(k, unit.lattice, number, *found))
                        self.is_deviant.add(k)  # of no interest to those who look for blocks
                        self.borders.add(k)
                        self.touching.clear()
                        return True
        return False

    def is_activation(self, unit: Unit, reference: Reference) -> bool:
        """Whether a reference of a unit points at computed cells, or at a declared input."""
        area = reach(reference, unit.lattice.shape)
        sheet = sheet_of(reference, unit.sheet)
        return bool(self._touched(sheet, area)) or self._declared_at(sheet, area) is not None

    def _find_touched(self, sheet: int, area: Range) -> list[int]:
        a = self.areas
        touching = (
            (a[:, 0] == sheet) & (a[:, 1] <= area.bottom) & (a[:, 3] >= area.top)
            & (a[:, 2] <= area.right) & (a[:, 4] >= area.left)
        )  # fmt: skip
        return [k for k in np.flatnonzero(touching).tolist() if k not in self.is_deviant]

    def _round(self, ready: list[int]) -> None:
        self._note_inputs(ready)
        left = self._joining(ready)
        apart = [part for k in left for part in self._apart(k)]
        if len(apart) > len(left):
            left = self._joining(apart)
        for k in left:
            if k not in self.home and k not in self.helper_of:
                self.lifted.unlifted.setdefault(k, "its references make no layer")
        for k in list(self.lifted.unlifted):
            if k in self.home or k in self.helper_of:
                del self.lifted.unlifted[k]

    def _apart(self, k: int) -> list[int]:
        """Return the cells of a spaced line as blocks of their own, any other block as it is.

        Planes of a single number that stand in a regular order look like one such line.
        """
        unit = self.units[k]
        if 1 not in unit.lattice.shape or unit.lattice.step == (1, 1) or unit.mask.sum() < 2:
            return [k]
        new = list(range(len(self.units), len(self.units) + int(unit.mask.sum())))
        self.units += singles(unit)
        self.sums.pop(k, None)
        unit.mask = np.zeros_like(unit.mask)  # its cells belong to others now
        order = self.calculation.order
        place = next(at for at, knot in enumerate(order) if k in knot)
        order[place + 1 : place + 1] = [[one] for one in new]
        self.is_deviant.add(k)
        self.areas = _areas(self.units)
        self.touching.clear()
        for one in new:
            self._note_sum(one)
        return new

    def _joining(self, ready: list[int]) -> list[int]:
        """Join blocks to tensors; return those that are left."""
        clusters: dict[tuple[object, ...], list[Seen]] = {}
        left: list[int] = []
        for k in ready:
            options = list(self._sightings(k))
            if not options:
                self.lifted.unlifted[k] = "no layer is spelled this way"
            for seen in options:
                clusters.setdefault(self._key(seen), []).append(seen)
        # A block alone may be seen in several ways; one that others share comes first.
        groups = [one for group in clusters.values() for one in self._twins(group)]
        for group in sorted(groups, key=len, reverse=True):
            fresh = [one for one in group if one.unit not in self.home]
            tensors, holes = len(self.lifted.tensors), len(self.lifted.holes)
            if fresh and not self._joined(fresh):
                # Inputs that were made for a layer that turned out to be none.
                del self.lifted.tensors[tensors:], self.lifted.holes[holes:]
                left += [one.unit for one in fresh]
        return [k for k in dict.fromkeys(left) if k not in self.home and k not in self.helper_of]

    def _twins(self, group: list[Seen]) -> list[list[Seen]]:
        """Return blocks in groups that read every plane once: a tensor may be read twice alike."""
        first = group[0]
        if first.sighting.weights or first.kind.flattens or first.sighting.role != OUTPUT:
            return [group]
        again: Counter[Range] = Counter()
        groups: dict[int, list[Seen]] = {}
        for one in sorted(group, key=lambda one: self.units[one.unit].lattice.origin[::-1]):
            area = reach(one.sighting.windows[0], self.units[one.unit].lattice.shape)
            groups.setdefault(again[area], []).append(one)
            again[area] += 1
        return list(groups.values())

    def _note_inputs(self, ready: list[int]) -> None:
        """Join the ranges of plain numbers that blocks read, where they are mostly the same.

        A plane whose windows are off by one still reads the same input.
        """
        read = {
            (sheet_of(window, self.units[k].sheet), reach(window, self.units[k].lattice.shape))
            for k in ready
            for seen in self._sightings(k)
            for window in seen.sighting.windows
            if not is_still(window)
        }
        for sheet, area in sorted(read, key=str):
            if area.top < 0 or area.left < 0 or self._touched(sheet, area):
                continue
            whole, kept = area, []
            for home, other in self.inputs:
                if home == sheet and whole.is_mostly(other):
                    whole = whole.union(other)
                else:
                    kept.append((home, other))
            self.inputs = [*kept, (sheet, whole)]

    def _sightings(self, k: int) -> list[Seen]:
        if k not in self.seen:
            self.seen[k] = list(self._find_sightings(k))
        return self.seen[k]

    def _find_sightings(self, k: int) -> Iterator[Seen]:
        unit = self.units[k]
        assert unit.tree is not None

        is_activation = _Pointing(self, unit)
        whole = k in self.sums
        tree = self.sums[k].tree if whole else self._spelled(unit)
        if tree is None:
            return
        fused: tuple[Elementwise, ...] = ()
        while True:
            for kind in (*_KINDS, *_ELEMENTWISE):
                sighting = kind.sight(tree, is_activation)
                if sighting is not None and (kind.sums_in_parts or not whole):
                    yield Seen(k, kind, fused, sighting)
            for kind in _ELEMENTWISE:
                peeled = kind.peeled(tree)
                if peeled is not None and not isinstance(peeled.inside, Ref):
                    fused = (peeled.layer, *fused)
                    tree = peeled.inside
                    break
            else:
                return

    def _spelled(self, unit: Unit) -> Node | None:
        """Return what each cell of a block computes, without matrix products."""
        assert unit.tree is not None
        tree = cellwise(unit.tree, unit.lattice.shape) if unit.spills else unit.tree
        return None if tree is None else without_matrices(tree)

    def _key(self, seen: Seen) -> tuple[object, ...]:
        """Return what the planes of one tensor have in common."""
        unit = self.units[seen.unit]
        windows: tuple[object, ...] = seen.sighting.windows
        shape: object = (unit.lattice.shape, unit.lattice.step)
        if seen.kind.joins > 1:
            sources = tuple(self._home_of(unit, one) for one in seen.sighting.windows)
            return (unit.sheet, seen.kind, seen.fused, sources, unit.lattice.shape)
        if not seen.sighting.weights:
            # Plane by plane: the sources are planes of one tensor, at the same offset.
            source = self._tensor_read(seen)
            if seen.kind.flattens or seen.sighting.role != OUTPUT:
                windows, shape = (), ()
            else:
                windows = tuple(self._relative(seen, source))
            facts = seen.sighting.facts
            kind = (seen.kind, seen.fused, seen.sighting.role, facts)
            return (unit.sheet, kind, source, shape, windows)
        if seen.kind.reads_flattened:
            shape = unit.lattice.origin[1] if unit.lattice.shape[1] == 1 else unit.lattice.origin[0]
        else:
            # Of a convolution in groups, the planes of each read planes of their own.
            source, count = self._tensor_read(seen), len(windows)
            if source is not None and source >= 0 and count < len(self._planes_of(source)):
                windows = (source, count, *dict.fromkeys(self._relative(seen, source)))
        return (unit.sheet, seen.kind, seen.fused, shape, windows, seen.sighting.bias is None)

    def _tensor_read(self, seen: Seen) -> int | None:
        unit = self.units[seen.unit]
        reference = seen.sighting.windows[0]
        for k in self.read(unit, reference):
            if k in self.home:
                return self.home[k]
            if k in self.helper_of:
                return -2 - k
        area = reach(reference, unit.lattice.shape)
        return self._declared_at(sheet_of(reference, unit.sheet), area)

    def _home_of(self, unit: Unit, window: Reference) -> int | None:
        """Return the tensor that a reference of a unit points at."""
        homes = {self.home.get(k) for k in self.read(unit, window)}
        if homes:
            return homes.pop() if len(homes) == 1 else None
        area = reach(window, unit.lattice.shape)
        return self._declared_at(sheet_of(window, unit.sheet), area)

    def _planes_of(self, tensor: int) -> tuple[Plane, ...]:
        return self.lifted.tensors[tensor].planes

    def _declared_at(self, sheet: int, area: Range) -> int | None:
        """Return the input that defined names declare, where an area reads it."""
        for k, tensor in enumerate(self.lifted.tensors[: self.declared]):
            if tensor.sheet == sheet and any(one.range.overlaps(area) for one in tensor.planes):
                return k
        return None

    def _declare_input(self) -> None:
        """Take the planes named input_0, input_1, ... as one input, as our own files have them."""
        book = self.calculation.workbook
        named = {name: ranges[0] for name, ranges in book.names if len(ranges) == 1}
        found = [named[f"input_{k}"] for k in range(len(named)) if f"input_{k}" in named]
        homes, sizes = {home for home, _ in found}, {area.size for _, area in found}
        if len(homes) != 1 or len(sizes) != 1:
            return
        sheets = [one.name for one in book.sheets]
        sheet = sheets.index(next(iter(homes))) if homes <= set(sheets) else -1
        areas = [area for _, area in found]
        if sheet < 0 or any(self._touched(sheet, area) for area in areas):
            return
        planes = tuple(Plane((area.top, area.left), area.size) for area in areas)
        self.lifted.tensors.append(Tensor(sheet, planes, (len(planes), *areas[0].size)))
        self.parameters.note_holes(sheet, list(planes), "the input")
        self.declared = 1

    def _relative(self, seen: Seen, source: int | None) -> Iterator[object]:
        unit = self.units[seen.unit]
        for window in seen.sighting.windows:
            first, last = corners(window)
            plane = None if source is None or source < 0 else self._plane_at(source, unit, window)
            top, left = (0, 0) if plane is None else plane.origin
            yield (
                first.row.offset - top, first.column.offset - left,
                last.row.offset - first.row.offset, last.column.offset - first.column.offset,
                first.row.by_row, first.column.by_column,
            )  # fmt: skip

    def _plane_at(self, tensor: int, unit: Unit, window: Reference) -> Plane | None:
        area = reach(window, unit.lattice.shape)
        for plane in self.lifted.tensors[tensor].planes:
            if plane.range.overlaps(area):
                return plane
        return None

    # -- joining planes to a tensor ----------------------------------------------------

    def _joined(self, group: list[Seen]) -> bool:
        first = group[0]
        if first.sighting.role != OUTPUT:
            return self._helper(group)
        if first.kind.flattens:
            return self._view(group)
        if first.kind.joins > 1:
            return self._joint(group)
        if not first.sighting.weights and first.sighting.whole is not None:
            return self._column(group)
        if first.kind.reads_flattened:
            return self._units_of_vector(group)
        return self._planes(group)

    def _planes(self, group: list[Seen]) -> bool:
        """Join blocks that are planes: convolutions, pools, elementwise layers."""
        group = sorted(group, key=lambda one: self.units[one.unit].lattice.origin[::-1])
        first = group[0]
        unit = self.units[first.unit]
        if first.sighting.weights:
            source, group = self._weighted_source(group)
            planes = [] if source is None else list(self._planes_of(source))
            first = group[0]
        else:
            source, planes = self._own_sources(group)
        if source is None:
            return False
        if not first.sighting.weights:
            places = self._planes_of(source)
            order = sorted(range(len(group)), key=lambda k: places.index(planes[k]))
            group, planes = [group[k] for k in order], [planes[k] for k in order]
            if tuple(planes) != places:
                return False
        geometry = self._geometry(group, source, planes)
        layer = None if geometry is None else first.kind.lifted(geometry)
        if layer is None or geometry is None:
            return False
        lattices = tuple(self.units[one.unit].lattice for one in group)
        shape = self._shape(source, lattices, layer)
        if shape is None:
            return False
        tensor = Tensor(
            unit.sheet, lattices, shape, tuple(one.unit for one in group),
            (layer, *first.fused), source, geometry=geometry,
        )  # fmt: skip
        if not self._note_parts(tensor, group):
            return False
        self.parameters.note_tables(tensor, group, geometry)
        self.parameters.note_scalars(tensor, group)
        self._note_masks(tensor, group)
        for k, plane in enumerate(planes):
            reader = first if first.sighting.weights else group[k]
            tensor.overhangs += self._overhangs(tensor, reader, plane, k, geometry, lattices)
        self._add(tensor)
        return True

    def _joint(self, group: list[Seen]) -> bool:
        """Join blocks that read several tensors, each at its own place."""
        first = group[0]
        unit = self.units[first.unit]
        sources = [self._home_of(unit, window) for window in first.sighting.windows]
        known = [one for one in sources if one is not None]
        if len(known) < len(sources) or len({self.lifted.tensors[k].shape for k in known}) != 1:
            return False
        ordered: list[Seen | None] = [None] * len(self._planes_of(known[0]))
        for one in group:
            lattice = self.units[one.unit].lattice
            numbers = {
                self._number_of(source, window, lattice)
                for source, window in zip(known, one.sighting.windows, strict=True)
            }
            number = numbers.pop() if len(numbers) == 1 else None
            if number is None or ordered[number] is not None:
                return False
            ordered[number] = one
        whole = [one for one in ordered if one is not None]
        if len(whole) < len(ordered):
            return False
        lattices = tuple(self.units[one.unit].lattice for one in whole)
        shape = self.lifted.tensors[known[0]].shape
        layer = first.kind.lifted(whole_geometry(self.lifted.tensors[known[0]]))
        if layer is None or lattices[0].shape != self._planes_of(known[0])[0].shape:
            return False
        source, *others = known
        units = tuple(one.unit for one in whole)
        layers = (layer, *first.fused)
        self._add(Tensor(unit.sheet, lattices, shape, units, layers, source, tuple(others)))
        return True

    def _number_of(self, source: int, window: Reference, lattice: Plane) -> int | None:
        """Return which plane of a tensor a block reads entry by entry, None if it does not."""
        for number, plane in enumerate(self._planes_of(source)):
            if placed(window, plane, lattice) == ((0, 0), (1, 1), (1, 1)):
                whole = reach(window, lattice.shape)
                if plane.range.holds(whole):
                    return number
        return None

    def _weighted_source(self, group: list[Seen]) -> tuple[int | None, list[Seen]]:
        """Return the tensor that blocks with kernels read, and them with their terms in order.

        All of them read all planes, or each its part of them, as convolutions in groups do.
        """
        found, parts = [], []
        source, planes = self._source(group[0], group[0].sighting.windows)
        if source is None:
            return None, group
        places = self._planes_of(source)
        if len(planes) == len(places):
            return source, self._in_order(group, source, planes)
        for one in group:
            own, planes = self._source(one, one.sighting.windows)
            first = min((places.index(plane) for plane in planes), default=0)
            part = places[first : first + len(planes)]
            if own != source or first % len(planes) or set(part) != set(planes):
                return None, group
            parts.append(first // len(planes))
            found += self._in_order([one], source, planes, part)
        count, each = len(places) // len(planes), len(parts) * len(planes) // len(places)
        even = parts == [part for part in range(count) for _ in range(each)]
        return (source if even else None), found

    def _in_order(
        self,
        group: list[Seen],
        source: int,
        planes: list[Plane],
        places: tuple[Plane, ...] | None = None,
    ) -> list[Seen]:
        """Return the blocks with their terms in the order of the source's channels."""
        order = [planes.index(plane) for plane in places or self._planes_of(source)]
        if order == sorted(order):
            return group

        def ordered(one: Seen) -> Seen:
            seen = one.sighting
            return replace(one, sighting=replace(
                seen,
                windows=tuple(seen.windows[k] for k in order),
                weights=tuple(seen.weights[k] for k in order),
            ))  # fmt: skip

        return [ordered(one) for one in group]

    def _shape(self, source: int, lattices: tuple[Plane, ...], layer: Layer) -> Shape | None:
        before = self.lifted.tensors[source].shape
        try:
            shape = layer.output_shape(before)
        except Exception:  # any shape error: it is no such layer
            return None
        n, m = lattices[0].shape
        if len(shape) == 1:
            return shape if (n, m) in ((shape[0], 1), (1, shape[0])) else None
        return shape if shape == (len(lattices), n, m) else None

    def _add(self, tensor: Tensor) -> None:
        for k in tensor.units:
            self.home[k] = len(self.lifted.tensors)
        self.lifted.tensors.append(tensor)

    def _units_of_vector(self, group: list[Seen]) -> bool:
        """Join blocks and single cells that are the units of one vector."""
        group = sorted(group, key=lambda one: self.units[one.unit].lattice.origin)
        first, sheet = group[0], self.units[group[0].unit].sheet
        column = column_of([self.units[one.unit].lattice for one in group])
        holes = len(self.lifted.holes)
        source, planes = self._source(first, first.sighting.windows)
        if column is None or source is None or len(self.lifted.holes) > holes:
            return False  # an input with holes is a kernel, seen the wrong way round
        if len(planes) < len(self._planes_of(source)):
            return False
        group, planes = self._in_order(group, source, planes), list(self._planes_of(source))
        first = group[0]
        geometry = self._geometry(group, source, planes)
        layer = None if geometry is None else first.kind.lifted(geometry)
        if layer is None or geometry is None:
            return False
        count = column.shape[0] * column.shape[1]
        if geometry.weights is None or len(geometry.weights) != count:
            return False
        tensor = Tensor(
            sheet, (column,), (count,), tuple(one.unit for one in group),
            (layer, *first.fused), source, geometry=geometry,
        )  # fmt: skip
        self.parameters.note_tables(tensor, group, geometry)
        self._add(tensor)
        return True

    def _column(self, group: list[Seen]) -> bool:
        """Take one block that computes a vector from a vector, perhaps through a helper."""
        if len(group) != 1:
            return False
        (seen,) = group
        unit = self.units[seen.unit]
        found = self._read_unit(unit, seen.sighting.windows[0])
        helpers: dict[str, tuple[int, Plane]] = {}
        if found in self.helper_of:
            helper = self.helper_of[found]
            if helper.kind is not seen.kind or not self._covers(
                unit, seen, self.units[found].lattice
            ):
                return False
            helpers[helper.sighting.role] = (found, self.units[found].lattice)
            found = self._read_unit(self.units[found], helper.sighting.windows[0])
        source = self.home.get(found) if found is not None else None
        if source is None or not self.lifted.tensors[source].is_vector:
            return False
        if not helpers and not self._covers(unit, seen, self.lifted.tensors[source].planes[0]):
            return False
        layer = seen.kind.lifted(whole_geometry(self.lifted.tensors[source]))
        shape = None if layer is None else self._shape(source, (unit.lattice,), layer)
        if layer is None or shape is None:
            return False
        self._add(
            Tensor(
                unit.sheet, (unit.lattice,), shape, (seen.unit,), (layer,), source, helpers=helpers
            )
        )
        return True

    def _covers(self, unit: Unit, seen: Seen, lattice: Plane) -> bool:
        every = seen.sighting.whole
        assert every is not None
        return reach(every, unit.lattice.shape) == lattice.range

    def _read_unit(self, unit: Unit, reference: Reference) -> int | None:
        touched = self.read(unit, reference)
        return touched[0] if len(touched) == 1 else self._same_home(touched)

    def _same_home(self, touched: list[int]) -> int | None:
        homes = {self.home.get(k) for k in touched}
        return touched[0] if len(homes) == 1 and None not in homes else None

    def _helper(self, group: list[Seen]) -> bool:
        for seen in group:
            self.helper_of[seen.unit] = seen
            unit = self.units[seen.unit]
            found = self._read_unit(unit, seen.sighting.windows[0])
            source = self.home.get(found) if found is not None else None
            if source is None:
                del self.helper_of[seen.unit]
                return False
            tensor = self.lifted.tensors[source]
            if seen.sighting.role in seen.kind.readouts:
                if not isinstance(tensor.layers[0], seen.kind):
                    del self.helper_of[seen.unit]
                    return False
                tensor.helpers[seen.sighting.role] = (seen.unit, unit.lattice)
        return True

    def _view(self, group: list[Seen]) -> bool:
        """Join references that lay a tensor's planes out as one vector."""
        group = sorted(group, key=lambda one: self.units[one.unit].lattice.origin)
        units = [self.units[one.unit] for one in group]
        column = column_of([unit.lattice for unit in units])
        source = self._tensor_read(group[0])
        if column is None or source is None or source < 0:
            return False
        wanted = [
            plane.cell(i, j)
            for plane in self.lifted.tensors[source].planes
            for i in range(plane.shape[0])
            for j in range(plane.shape[1])
        ]
        found = []
        for unit, one in zip(units, group, strict=True):
            reference = one.sighting.windows[0]
            assert isinstance(reference, Ref)
            found += [
                (reference.row.at(i, j), reference.column.at(i, j))
                for i in range(unit.lattice.shape[0])
                for j in range(unit.lattice.shape[1])
            ]
        layer = group[0].kind.lifted(whole_geometry(self.lifted.tensors[source]))
        if found != wanted or layer is None:
            return False
        units_ = tuple(one.unit for one in group)
        self._add(Tensor(units[0].sheet, (column,), (len(wanted),), units_, (layer,), source))
        return True

    # -- what references point at --------------------------------------------------------

    def _source(self, seen: Seen, windows: tuple[Reference, ...]) -> tuple[int | None, list[Plane]]:
        """Return the tensor that the windows read and the plane of each, in their order."""
        unit = self.units[seen.unit]
        areas = [reach(window, unit.lattice.shape) for window in windows]
        sheets = {sheet_of(window, unit.sheet) for window in windows}
        if len(sheets) != 1:
            return None, []
        (sheet,) = sheets
        touched = [self._touched(sheet, area) for area in areas]
        if not any(touched):
            declared = self._declared_at(sheet, areas[0])
            if declared is None:
                return self._input(sheet, areas)
            source = declared
        else:
            tensors = {self.home.get(k) for some in touched for k in some}
            if len(tensors) != 1 or None in tensors or not all(touched):
                return None, []
            (home,) = tensors
            assert home is not None
            source = home
        planes = []
        for area in areas:
            within = [p for p in self.lifted.tensors[source].planes if p.range.overlaps(area)]
            if len(within) != 1:
                return None, []
            planes += within
        return (source, planes) if len(set(planes)) == len(planes) else (None, [])

    def _own_sources(self, group: list[Seen]) -> tuple[int | None, list[Plane]]:
        planes: list[Plane] = []
        sources: set[int | None] = set()
        inputs: list[Range] = []
        for one in group:
            unit = self.units[one.unit]
            window = one.sighting.windows[0]
            sheet, area = sheet_of(window, unit.sheet), reach(window, unit.lattice.shape)
            touched = self._touched(sheet, area)
            declared = self._declared_at(sheet, area)
            if not touched and declared is None:
                inputs.append(area)
                continue
            homes = {self.home.get(k) for k in touched} if touched else {declared}
            sources |= homes
            if len(homes) == 1 and None not in homes:
                plane = self._plane_at(next(iter(homes)) or 0, unit, window)
                planes += [plane] if plane is not None else []
        if inputs and not sources:
            return self._input(self.units[group[0].unit].sheet, inputs)
        source = next(iter(sources)) if len(sources) == 1 else None
        return (source, planes) if source is not None and len(planes) == len(group) else (None, [])

    def _input(self, sheet: int, areas: list[Range]) -> tuple[int | None, list[Plane]]:
        """Return the input tensor whose planes the areas are read from; make it if it is new."""
        planes = [self._input_plane(sheet, area) for area in areas]
        if any(plane is None for plane in planes):
            return None, []
        found = [plane for plane in planes if plane is not None]
        order, sizes = sorted(map(_key_of, found)), {plane.shape for plane in found}
        for k, tensor in enumerate(self.lifted.tensors):
            same = tensor.sheet == sheet and sorted(map(_key_of, tensor.planes)) == order
            if tensor.source < 0 and same and {one.shape for one in tensor.planes} == sizes:
                return k, found
        if len(sizes) != 1 or len(set(order)) != len(found):
            return None, []
        n, m = found[0].shape
        # Channels in the order in which people read: down, then to the right.
        planes_ = tuple(sorted(found, key=lambda plane: plane.origin[::-1]))
        self.lifted.tensors.append(Tensor(sheet, planes_, (len(found), n, m)))
        self.parameters.note_holes(sheet, found, "the input")
        return len(self.lifted.tensors) - 1, found

    def _input_plane(self, sheet: int, area: Range) -> Plane | None:
        """Return the plane of numbers within an area, as a defined name says or as they stand."""
        wider = (one for home, one in self.inputs if home == sheet and one.holds(area))
        area = next(wider, area)
        name = self.calculation.workbook.sheets[sheet].name
        for _, ranges in self.calculation.workbook.names:
            for home, inner in ranges:
                if home == name and area.holds(inner) and inner.overlaps(area):
                    return Plane((inner.top, inner.left), inner.size)
        _, kinds = self.calculation.grids[sheet].region(area)
        numbers = kinds == NUMBER  # around them may stand a frame of texts, or nothing
        rows, columns = np.flatnonzero(numbers.any(axis=1)), np.flatnonzero(numbers.any(axis=0))
        if not len(rows):
            return None
        origin = area.top + int(rows[0]), area.left + int(columns[0])
        return Plane(origin, (int(rows[-1] - rows[0]) + 1, int(columns[-1] - columns[0]) + 1))

    def _geometry(self, group: list[Seen], source: int, planes: list[Plane]) -> Geometry | None:
        """Return where the windows of all blocks point, in entries of the planes they read."""
        first, tensor = group[0], self.lifted.tensors[source]
        unit = self.units[first.unit]
        found = set()
        whole = len(first.sighting.windows) == len(planes)
        for k, one in enumerate(group[:1] if first.sighting.weights and whole else group):
            windows, lattice = one.sighting.windows, self.units[one.unit].lattice
            own = planes[k : k + 1] if not first.sighting.weights else planes
            if first.sighting.weights and not whole:
                _, own = self._source(one, windows)
            for window, plane in zip(windows, own, strict=True):
                found.add(placed(window, plane, lattice))
        if len(found) != 1 or None in found:
            return None
        (place,) = found
        assert place is not None
        start, size, stride = place
        weights = biases = None
        step = (1, 1)
        if first.sighting.weights:
            tables = [self.parameters.weights(one, size) for one in group]
            if any(table is None for table in tables):
                return None
            weights = np.concatenate([table for table in tables if table is not None])
            kinds = self.parameters.kinds_of(group[0])
            spread = self.parameters.step_of(size, kinds.shape) or (1, 1)
            step = table_step(kinds[:: spread[0], :: spread[1]])
            biases = self.parameters.biases(group)
        seen = Geometry(
            tensor.shape, planes[0].shape, start, size, stride, unit.lattice.shape,
            weights, biases, step, self._zeros(tensor.sheet, planes[0]), first.sighting.facts,
        )  # fmt: skip
        grid = self.calculation.grids[tensor.sheet]
        if first.sighting.masks:
            seen = replace(seen, masks=self._masks(group))
        seen = replace(seen, scalars=self.parameters.scalars(group))
        fills = {
            fill_of(*grid.region(cells)) for plane in planes for _, cells in sides(seen, plane)
        }
        if tensor.mode and all(self._is_border(tensor, planes, seen)):
            fills = {tensor.mode}
        return replace(seen, fill=fills.pop() if len(fills) == 1 else "mixed" if fills else "")

    def _is_border(self, tensor: Tensor, planes: list[Plane], seen: Geometry) -> Iterator[bool]:
        """Yield whether what windows reach beyond each plane is its border."""
        cells = {
            (int(row), int(column)) for one in tensor.border
            for row, column in zip(*one.lattice.cells(), strict=True)
        }  # fmt: skip
        for plane in planes:
            for _, area in sides(seen, plane):
                rows = range(area.top, area.bottom + 1)
                columns = range(area.left, area.right + 1)
                on = [
                    (row, column) for row in rows for column in columns
                    if not (row - plane.origin[0]) % plane.step[0]
                    and not (column - plane.origin[1]) % plane.step[1]
                ]  # fmt: skip
                yield all(cell in cells for cell in on)

    def _masks(self, group: list[Seen]) -> Array | None:
        """Return the values of the cells that let activations through, plane by plane."""
        planes = [self._mask(one) for one in group]
        shape = self.units[group[0].unit].lattice.shape
        if any(plane is None or plane.shape != shape for plane in planes):
            return None
        values = []
        for one, plane in zip(group, planes, strict=True):
            assert plane is not None
            grid = self.calculation.grids[self.units[one.unit].sheet]
            values.append(grid.region(plane.range)[0][:: plane.step[0], :: plane.step[1]])
        return np.stack(values)

    def _mask(self, seen: Seen) -> Plane | None:
        """Return the plane of random cells that a block reads, cell by cell."""
        unit, (mask,) = self.units[seen.unit], seen.sighting.masks
        touched = self.read(unit, mask)
        if len(touched) != 1:
            return None
        plane = self.units[touched[0]].lattice
        return plane if placed(mask, plane, unit.lattice) == ((0, 0), (1, 1), (1, 1)) else None

    def _note_masks(self, tensor: Tensor, group: list[Seen]) -> None:
        for index, one in enumerate(group if group[0].sighting.masks else []):
            (unit,) = self.read(self.units[one.unit], one.sighting.masks[0])
            if one.sighting.facts[0] == one.kind.helper_planes[0]:
                tensor.helpers[f"{one.kind.helper_planes[0]}_{index}"] = (
                    unit, self.units[unit].lattice,
                )  # fmt: skip
            self.helper_of[unit] = one

    def _zeros(self, sheet: int, plane: Plane) -> tuple[int, int]:
        """Return how many lines of zeros are drawn below and to the right of a plane.

        Or of its own entries, where it stands in a border that repeats them.
        """
        area, found = plane.range, []
        own = [one.lattice.range for tensor in self.lifted.tensors if tensor.sheet == sheet
               for one in tensor.border if tensor.planes[one.plane] == plane]  # fmt: skip
        if own:
            down = max(one.bottom for one in own) - area.bottom
            across = max(one.right for one in own) - area.right
            return max(0, down // plane.step[0]), max(0, across // plane.step[1])
        for axis in (0, 1):
            for count in range(_MOST_PADDING + 1):
                far = (count + 1) * plane.step[axis]
                line = (
                    Range(area.bottom + far, area.left, area.bottom + far, area.right)
                    if axis == 0
                    else Range(area.top, area.right + far, area.bottom, area.right + far)
                )
                numbers, kinds = self.calculation.grids[sheet].region(line)
                computed = self._touched(sheet, line)
                if numbers.any() or not (kinds == NUMBER).all() or computed:
                    break
            found.append(count)
        return found[0], found[1]

    # -- what is noted for findings ------------------------------------------------------

    def _overhangs(
        self, tensor: Tensor, reader: Seen, plane: Plane, k: int, geometry: Geometry,
        lattices: tuple[Plane, ...],
    ) -> Iterator[Overhang]:  # fmt: skip
        """Yield the sides on which windows reach beyond a plane, with what stands there."""
        grid = self.calculation.grids[tensor.sheet]
        # All planes of a layer with kernels read the same windows.
        own = lattices[k] if not reader.sighting.weights else None
        for side, cells in sides(geometry, plane):
            fill = geometry.fill if geometry.fill in MODES else fill_of(*grid.region(cells))
            yield Overhang(own, plane, cells, fill, side)


def _key_of(plane: Plane) -> tuple[int, int]:
    return plane.origin


def _both(step: tuple[int, int]) -> tuple[int, int, int, int]:
    return step[0], step[0], step[1], step[1]


def _cells(unit: Unit) -> Iterator[tuple[int, int]]:
    places = zip(*np.nonzero(unit.mask), strict=True)
    return (unit.lattice.cell(int(i), int(j)) for i, j in places)


def _areas(units: list[Unit]) -> NDArray[np.int64]:
    """Return sheet, top, left, bottom and right of every block."""
    areas = [(one.sheet, one.lattice.range) for one in units]
    rows = [(k, area.top, area.left, area.bottom, area.right) for k, area in areas]
    return np.array(rows, np.int64).reshape(-1, 5)


class _Pointing:
    """What the references of a unit point at, for those who look at its formula."""

    def __init__(self, lifter: _Lifter, unit: Unit) -> None:
        self._lifter, self._unit = lifter, unit

    def __call__(self, reference: Reference) -> bool:
        return self._lifter.is_activation(self._unit, reference)

    def is_random(self, reference: Reference) -> bool:
        units = [self._lifter.units[k] for k in self._lifter.read(self._unit, reference)]
        return bool(units) and all(one.tree is not None and is_volatile(one.tree) for one in units)
