"""What the labels of a sheet say of its planes: the tensor of each, where it stands, its layer.

A sheet may list its layers, `relu1 · ReLU · 2@4×4` each, and caption the planes of each above
their first cell, `relu1[0]`. Of planes so small that several layers have the same formulas, only
that says which it is. Reads texts: whether the cells compute what is said is not asked here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct, field

from xlconv.arrays import Shape
from xlconv.layers import LAYERS, Layer
from xlconv.layout.labels import Heading
from xlconv.layout.naming_convention import INPUT, parse_plane_name, plane_name
from xlconv.spreadsheet.addresses import Cell, Range
from xlconv.spreadsheet.workbook import DefinedNames, Kind, Sheet, Workbook

_LINE = re.compile(r"(?P<name>\w+) · (?:(?P<kind>\w+)[^·]*· )?(?P<shape>\d+@\d+×\d+)(?: ·.*)?")
_CAPTION = re.compile(r"(?P<name>\w+)\[(?P<number>\d{1,5})\]")
_INPUT_TITLE = re.compile(rf"{INPUT}(?: · .*)?")
_SHOWN = re.compile(r"\$?[A-Z]+\$?\d+")  # a formula that shows another cell

# Of larger planes, and of more, their formulas tell enough.
MOST_CELLS, _MOST_PLANES = 400, 400

# What stands around a plane is looked at as far as this, both sides together.
_WIDEST_BORDER = 32


class LabelledPlanes(Struct, frozen=True):
    """The planes that labels tell of, as names of cells, and the layers of their tensors."""

    names: DefinedNames = ()
    kinds: Mapping[str, type[Layer]] = field(default_factory=dict)
    areas: tuple[tuple[int, Range], ...] = ()  # those of the names, by the number of the sheet


UNLABELLED = LabelledPlanes()


class ListedLayer(Struct, frozen=True):
    """A tensor of planes that a sheet lists, and where: its layer, None of an input, and shape."""

    cell: Cell
    name: str
    kind: type[Layer] | None
    shape: Shape


def labelled_planes(workbook: Workbook) -> LabelledPlanes:
    """Return what labels say of small planes where no name does; nothing where one is named."""
    if any(parse_plane_name(name) is not None for name, _ in workbook.names):
        return UNLABELLED
    names: dict[str, tuple[tuple[str, Range]]] = {}
    kinds: dict[str, type[Layer]] = {}
    areas: list[tuple[int, Range]] = []
    for number, sheet in enumerate(workbook.sheets):
        for tensor, kind, planes in _labelled_on(sheet):
            names |= {plane_name(tensor, k): ((sheet.name, one),) for k, one in enumerate(planes)}
            areas += [(number, one) for one in planes]
            if kind is not None:
                kinds[tensor] = kind
    return LabelledPlanes(tuple(names.items()), kinds, tuple(areas))


def listed_layers(sheet: Sheet) -> list[ListedLayer]:
    """Return the tensors of planes that a sheet lists, in its order."""
    return list(_listed(_texts(sheet)))


def _labelled_on(sheet: Sheet) -> Iterator[tuple[str, type[Layer] | None, list[Range]]]:
    """Yield the tensors that a sheet lists, with their layer and all of their planes."""
    texts = _texts(sheet)
    listed = {one.name: one for one in _listed(texts)}
    captions = _captions(texts) if INPUT in listed else {}
    for tensor, one in listed.items():
        count, height, width = shape = one.shape
        is_small = height * width <= MOST_CELLS and count <= len(captions) <= _MOST_PLANES
        numbers = range(count if is_small else 0)
        areas = [_plane_below(sheet, captions.get((tensor, k)), shape) for k in numbers]
        planes = [area for area in areas if area is not None]
        if planes and len(planes) == len(areas):
            yield tensor, one.kind, planes


# -- texts ---------------------------------------------------------------------------------


def _texts(sheet: Sheet) -> dict[Cell, str]:
    where = (sheet.kinds == Kind.TEXT).nonzero()[0].tolist()
    return {(int(sheet.rows[k]), int(sheet.columns[k])): sheet.texts[k] for k in where}


def _listed(texts: Mapping[Cell, str]) -> Iterator[ListedLayer]:
    for row, column in [cell for cell, text in texts.items() if text == Heading.LAYERS]:
        below = row + 1
        while (text := texts.get((below, column))) is not None:
            line = _LINE.fullmatch(text)
            if line is not None:
                count, height, width = map(int, re.split("[@×]", line["shape"]))
                kind = LAYERS.get(line["kind"] or "")
                yield ListedLayer((below, column), line["name"], kind, (count, height, width))
            below += 1


def _captions(texts: Mapping[Cell, str]) -> dict[tuple[str, int], Cell]:
    """Return the captions of planes, by tensor and number; of two alike none."""
    found: dict[tuple[str, int], list[Cell]] = {}
    for cell, text in texts.items():
        caption = _CAPTION.fullmatch(text)
        if caption is not None:
            found.setdefault((caption["name"], int(caption["number"])), []).append(cell)
    captions = {key: cells[0] for key, cells in found.items() if len(cells) == 1}
    titles = [cell for cell, text in texts.items() if _INPUT_TITLE.fullmatch(text)]
    return {(INPUT, 0): min(titles), **captions} if titles else captions


# -- planes --------------------------------------------------------------------------------


def _plane_below(sheet: Sheet, caption: Cell | None, shape: Shape) -> Range | None:
    """Return the plane below a caption, without what stands around it; None where none does."""
    if caption is None:
        return None
    (_, height, width), (top, left) = shape, (caption[0] + 1, caption[1])
    cells = _cells_from(sheet, (top, left), (height, width))
    more = (
        max((i for i, _ in cells), default=-1) + 1 - height,
        max((j for _, j in cells), default=-1) + 1 - width,
    )
    if min(more) < 0:
        return None
    fitting = [
        (down, right)
        for down in _evenly(more[0]) for right in _evenly(more[1])
        if _is_plane(cells, Range(down, right, down + height - 1, right + width - 1))
    ]  # fmt: skip
    if not fitting:
        return None
    down, right = fitting[0]
    return Range(top + down, left + right, top + down + height - 1, left + right + width - 1)


def _evenly(count: int) -> list[int]:
    """Return how many of so many lines may stand before a plane: as evenly as can be first."""
    return sorted(range(count + 1), key=lambda one: (abs(2 * one - count), one))


def _cells_from(sheet: Sheet, origin: Cell, size: tuple[int, int]) -> dict[Cell, str]:
    """Return what stands from a cell on up to the next blank line: `#`, `0`, `=`, `shown`, `text`.

    By row and column from the origin, and not farther than padding reaches.
    """
    most = [n + _WIDEST_BORDER for n in size]

    def held(i: int, j: int) -> str:
        return _held(sheet, (origin[0] + i, origin[1] + j))

    height = next((i for i in range(most[0]) if not held(i, 0)), most[0])
    width = next((j for j in range(most[1]) if not held(0, j)), most[1])
    return {(i, j): held(i, j) for i in range(height) for j in range(width)}


def _held(sheet: Sheet, cell: Cell) -> str:
    index = sheet.find(cell)
    kind = Kind.BLANK if index is None else sheet.kinds[index]
    if index is None or kind in (Kind.BLANK, Kind.BOOLEAN, Kind.ERROR, Kind.SPILLED):
        return ""
    if kind == Kind.NUMBER:
        return "#" if sheet.numbers[index] else "0"
    if kind == Kind.TEXT:
        return "" if _CAPTION.fullmatch(sheet.texts[index]) else "text"
    return "shown" if _SHOWN.fullmatch(sheet.texts[index]) else "="


def _is_plane(cells: Mapping[Cell, str], area: Range) -> bool:
    """Whether a plane of numbers or of formulas may stand in an area, and a border around it."""
    inside = {held for cell, held in cells.items() if area.holds(Range(*cell, *cell))}
    around = {held for cell, held in cells.items() if not area.holds(Range(*cell, *cell))}
    is_whole = inside <= {"#", "0"} or inside <= {"=", "shown"}
    return is_whole and around <= {"0", "text", "shown"}
