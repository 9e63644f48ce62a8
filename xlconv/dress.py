"""Network + layout -> look: colours, frames, number formats, notes and the probe.

Decides only appearance: no formula or number of the network depends on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from xlconv.formula import areas_of
from xlconv.layers.base import OUTPUT, Array
from xlconv.layers.partial import parts_of
from xlconv.layout import STATISTICS, Layout, Measure, Stage
from xlconv.lowering import Lowered, lower
from xlconv.measures import measure_range
from xlconv.network import Network
from xlconv.plane import Place, Plane
from xlconv.probe import probe_rules
from xlconv.refs import Range, column_name
from xlconv.xlsx.look import (
    HAIR,
    THIN,
    Borders,
    CellStyle,
    Choice,
    ColorScale,
    DataBar,
    Look,
    Note,
    Rule,
)


@dataclass(frozen=True, slots=True)
class Palette:
    """The dark colour of a title and the palest dark of its numbers."""

    title: str
    high: str


_INPUT = Palette("#475569", "#9AA8BC")
_STAGES = (
    Palette("#B45309", "#F5B97A"),  # orange
    Palette("#15803D", "#93D5AB"),  # green
    Palette("#6D28D9", "#C6B0F2"),  # violet
    Palette("#0E7490", "#8CD3E3"),  # cyan
    Palette("#BE185D", "#F2A7C6"),  # rose
    Palette("#4D7C0F", "#C3DC8F"),  # lime
)
_NEGATIVE, _ZERO, _POSITIVE = "#8FB4EA", "#FFFFFF", "#F09A8E"
_BAR = "#7FB3E6"
_YELLOW = "#FFF3A3"
_PREDICTED = CellStyle(
    bold=True, color="#B91C1C", borders=Borders(THIN, THIN, THIN, THIN, "#B91C1C")
)

_LABELS = {
    "title": CellStyle(size=9, bold=True, align="left", color="#FFFFFF"),
    "caption": CellStyle(size=8, italic=True, align="left", color="#6B7280"),
    "header": CellStyle(size=8, italic=True, color="#6B7280", shrink=True),
    "class": CellStyle(size=8, bold=True, color="#374151", shrink=True),
    "heading": CellStyle(size=10, bold=True, align="left", color="#1F2937"),
    "remark": CellStyle(size=9, align="left", color="#374151"),
}
_READOUT = CellStyle(
    number_format="0", size=14, bold=True, color="#B91C1C", fill="#FEE2E2",
    borders=Borders(THIN, THIN, THIN, THIN, "#B91C1C"),
)  # fmt: skip
_PROBE = CellStyle(
    number_format="0", size=10, bold=True, fill=_YELLOW,
    borders=Borders(THIN, THIN, THIN, THIN, "#A16207"),
)  # fmt: skip
_TITLE_ROW = 0
_TITLE_LETTER = 6  # pixels, about
_TINY = 0.02  # below that, decimals show nothing
# Excel takes no longer formula in a conditional format.
_RULE_LENGTH = 255
_CLASS_WIDTH = 150
_VECTOR_WIDTH, _BAR_WIDTH, _TABLE_WIDTH = 44, 72, 30


def dress(network: Network, layout: Layout, values: list[Array]) -> Look:
    """Return the look of a network's sheet; `values` are its activations for the input shown."""
    look = Look(title=network.name)
    _dress_labels(look, layout)
    stages = lower(network, layout)
    _title_band(look, layout, 0, 0, _INPUT)
    _dress_tensor(look, layout.places[0], values[0], _INPUT)
    _note_input(look, layout)
    for number, stage in enumerate(stages):
        palette = _STAGES[number % len(_STAGES)]
        _dress_stage(look, network, layout, stage.stage, values, palette)
        _note_stage(look, network, layout, stage)
    for one in layout.measures:
        _dress_measure(look, one)
    if layout.probe is not None:
        _dress_probe(look, network, layout)
    return look


# -- tensors -------------------------------------------------------------------------


def _dress_stage(
    look: Look,
    network: Network,
    layout: Layout,
    stage: Stage,
    values: list[Array],
    palette: Palette,
) -> None:
    first, place = layout.places[stage.first + 1], layout.places[stage.tensor]
    _title_band(look, layout, stage.first + 1, stage.tensor, palette)
    tables = network.layers[stage.first].tables(network.shapes[stage.source])
    for name, groups in first.tables.items():
        matrices = [matrix.ravel() for group in tables[name] for matrix in group]
        planes = [plane for group in groups for plane in group]
        _dress_tables(look, planes, np.concatenate(matrices))
    layer = network.layers[stage.last]
    if layer.squashes:
        _dress_probabilities(look, place)
    else:
        _dress_tensor(look, place, values[stage.tensor], palette)
    for name in layer.helper_columns:
        plane = place.helpers[name]
        look.canvas.frame(plane.range, CellStyle("0.000", shrink=True))
        look.widths[plane.origin[1]] = _VECTOR_WIDTH
    for name, plane in place.helpers.items():
        if name.rpartition("_")[0] in layer.helper_planes:
            look.canvas.frame(plane.range, CellStyle('0;-0;"·"', color="#6B7280", shrink=True))
            look.scales.append(ColorScale((plane.range,), ((0, "#E5E7EB"), (1, _ZERO))))
    sums = [part.name for parts in parts_of(place.helpers).values() for part in parts]
    if sums:
        before, after = values[stage.source], values[stage.tensor]
        found = network.layers[stage.first].helpers(before, after, sums)
        _dress_sums(look, [place.helpers[name] for name in sums], [found[name] for name in sums])
    for name in layer.readouts:
        look.canvas.fill(place.helpers[name].range, _READOUT)


def _dress_tensor(look: Look, place: Place, values: Array, palette: Palette) -> None:
    style = CellStyle(_number_format(values), shrink=True)
    # LibreOffice applies one conditional format to a cell: the scale has to be in that
    # of the probe, which stands for the plane with its halo.
    ranges = tuple(plane.halo_range(place.halo) for plane in place.planes)
    for plane in place.planes:
        if not place.halo.is_empty:
            shown = style.number_format if place.halo.repeats else "0"
            faint = CellStyle(shown, size=7, color="#B6BCC6", shrink=place.halo.repeats)
            look.canvas.frame(plane.halo_range(place.halo), faint, HAIR, "#D5D9E0")
        look.canvas.frame(plane.range, style)
    if values.min(initial=0) < 0:
        look.scales += [_diverging((area,), values) for area in ranges]
    else:
        most = _live_maximum(ranges, values)
        look.scales += [ColorScale((area,), ((0, _ZERO), (most, palette.high))) for area in ranges]
    if len(place.planes) == 1 and place.planes[0].shape[1] == 1:
        column = place.planes[0].origin[1]
        look.widths[column] = max(look.widths.get(column, 0), _VECTOR_WIDTH)


def _dress_tables(look: Look, planes: Sequence[Plane], values: Array) -> None:
    wide = max(plane.shape[1] for plane in planes) <= 5
    style = CellStyle(_weight_format(values, wide=wide), shrink=True)
    for plane in planes:
        look.canvas.frame(plane.range, style)
        if wide:
            area = plane.range
            look.widths |= dict.fromkeys(range(area.left, area.right + 1), _TABLE_WIDTH)
    look.scales.append(_diverging(tuple(plane.range for plane in planes), values))


def _dress_sums(look: Look, planes: list[Plane], values: list[Array]) -> None:
    """Dress partial sums: numbers in grey, as they are only on the way to the plane."""
    style = CellStyle(_number_format(np.concatenate(values)), color="#6B7280", shrink=True)
    for plane, matrix in zip(planes, values, strict=True):
        look.canvas.frame(plane.range, style)
        look.scales.append(_diverging((plane.range,), matrix))


def _dress_probabilities(look: Look, place: Place) -> None:
    (column,) = place.planes
    area = column.range
    look.canvas.frame(area, CellStyle("0.0%", shrink=True))
    look.widths[area.left] = _BAR_WIDTH
    look.bars.append(DataBar(area, _BAR))
    largest = f"=${column_name(area.left)}{area.top + 1}=MAX({area.absolute_name})"
    # The class names and exponentials to the left; the bars need a rule in their own format.
    beside = Range(area.top, area.left - 2, area.bottom, area.left - 1)
    look.rules += [Rule(beside, largest, _PREDICTED), Rule(area, largest, _PREDICTED)]


def _live_maximum(ranges: tuple[Range, ...], values: Array) -> float | str:
    """Return the formula of the largest number of all planes, or the number where that is long."""
    formula = f"=MAX({','.join(area.absolute_name for area in ranges)})"
    if len(formula) <= _RULE_LENGTH and values.max(initial=0) > 0:
        return formula
    return float(values.max(initial=0)) or 1.0


def _diverging(ranges: tuple[Range, ...], values: Array) -> ColorScale:
    most = float(np.abs(values).max(initial=0)) or 1.0
    return ColorScale(ranges, ((-most, _NEGATIVE), (0, _ZERO), (most, _POSITIVE)))


def _number_format(values: Array) -> str:
    most = float(np.abs(values).max(initial=0))
    if 0 < most < _TINY:
        return '0E+0;-0E+0;"·"'
    if most < 100:
        return '0.0;-0.0;"·"'
    return '0;-0;"·"' if most < 10_000 else '0E+0;-0E+0;"·"'


def _weight_format(values: Array, *, wide: bool) -> str:
    most = float(np.abs(values).max(initial=0))
    if np.array_equal(values, np.round(values)) and most < 100:
        return '0;-0;"·"'
    if most >= 10 or 0 < most < _TINY:
        return _number_format(values)
    if wide:
        return '0.00;-0.00;"·"'
    return '.00;-.00;"·"'


def _dress_measure(look: Look, measure: Measure) -> None:
    area = measure_range(measure)
    look.canvas.frame(area, CellStyle("0.00" if measure.kind == STATISTICS else "0", shrink=True))
    last = Range(area.top, area.right, area.bottom, area.right)
    style = (
        CellStyle("0%", shrink=True) if measure.kind == STATISTICS else CellStyle("0", bold=True)
    )
    look.canvas.frame(last, style)


# -- words ---------------------------------------------------------------------------


def _dress_labels(look: Look, layout: Layout) -> None:
    for label in layout.labels:
        area = Range(*label.cell, *label.cell)
        look.canvas.fill(area, _LABELS[label.role])
        if label.role == "class":
            if _looks_like_number(label.text):
                look.text_numbers.append(area)
            wanted = min(_CLASS_WIDTH, len(label.text) * _TITLE_LETTER + 8)
            look.widths[area.left] = max(look.widths.get(area.left, look.column_width), wanted)


def _looks_like_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _title_band(look: Look, layout: Layout, first: int, last: int, palette: Palette) -> None:
    """Colour the titles' row over the columns of the places `first` to `last`."""
    titles = {label.cell for label in layout.labels if label.role == "title"}
    areas = [area for place in layout.places[first : last + 1] for area in _areas(place)]
    left, right = min(area.left for area in areas), max(area.right for area in areas)
    if not any(left <= column <= right for _, column in titles):
        left = max((column for _, column in titles if column < left), default=left)
    style = replace(_LABELS["title"], fill=palette.title)
    look.canvas.fill(Range(_TITLE_ROW, left, _TITLE_ROW, right), style)
    title = max(
        (label.text for label in layout.labels if label.cell == (_TITLE_ROW, left)), default=""
    )
    if left == right:
        look.widths[left] = max(look.widths.get(left, 0), len(title) * _TITLE_LETTER + 10)


def _areas(place: Place) -> list[Range]:
    planes = [plane.halo_range(place.halo) for plane in place.planes]
    tables = [
        plane.range for groups in place.tables.values() for group in groups for plane in group
    ]
    columns = [plane.range for plane in place.helpers.values() if plane.shape[0] > 1]
    return planes + tables + columns


def _note_input(look: Look, layout: Layout) -> None:
    for index, plane in enumerate(layout.places[0].planes):
        text = f"input[{index}]: {_size(plane)} numbers\nChange any of them."
        look.notes.append(Note(plane.origin, text))


def _note_stage(look: Look, network: Network, layout: Layout, lowered: Lowered) -> None:
    stage = lowered.stage
    layers = network.layers[stage.first : stage.last + 1]
    place, seen = layout.places[stage.tensor], set()
    name = network.names[stage.last]
    for one in lowered.blocks:
        if one.name != OUTPUT or one.index in seen:
            continue
        seen.add(one.index)
        plane = place.planes[one.index]
        lines = [f"{name}[{one.index}]: {_size(plane)} cells, each of them"]
        lines += [f"• {layer.meaning}" for layer in layers]
        reads = [area.name for area in areas_of(one.block.tree)]
        more = f" and {len(reads) - 6} more" if len(reads) > 6 else ""
        lines.append(f"This one reads {', '.join(reads[:6])}{more}")
        look.notes.append(Note(plane.origin, "\n".join(lines)))


def _size(plane: Plane) -> str:
    return f"{plane.shape[0]}×{plane.shape[1]}"


# -- the probe -----------------------------------------------------------------------


def _dress_probe(look: Look, network: Network, layout: Layout) -> None:
    probe = layout.probe
    assert probe is not None
    _, height, width = network.shapes[probe.tensor]
    for cell, last, axis in ((probe.row, height - 1, "row"), (probe.column, width - 1, "column")):
        look.canvas.fill(Range(*cell, *cell), _PROBE)
        hint = f"The {axis} of a unit of {probe.name}, counted from 0 to {last}"
        look.choices.append(Choice(cell, last, "Probe", hint))
    look.rules += probe_rules(network, layout)
