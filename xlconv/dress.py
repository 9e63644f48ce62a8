"""Network + layout -> look: colours, frames, number formats, notes and the probe.

Decides only appearance: no formula or number of the network depends on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from xlconv.borrowing import Check, Menu, Tie
from xlconv.formula import areas_of
from xlconv.layers.base import OUTPUT, Layer
from xlconv.layers.geometry import Array
from xlconv.layers.partial import parts_of
from xlconv.layout import STATISTICS, Layout, Measure, Stage, stages_of
from xlconv.lowering import Lowered, lower
from xlconv.measures import numbers_of, result_of
from xlconv.network import Network
from xlconv.plane import Halo, Place, Plane
from xlconv.probe import probe_rules
from xlconv.refs import Cell, Range, column_name, name_of
from xlconv.xlsx.look import (
    DOTTED,
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


@dataclass(frozen=True, slots=True)
class Tone:
    """The colours of 0 and of 1 in a plane that is a picture."""

    low: str
    high: str


_GREY = Tone("#7E8894", "#FFFFFF")
_CHANNELS = (Tone("#FFFFFF", "#F0857C"), Tone("#FFFFFF", "#7CCB86"), Tone("#FFFFFF", "#82ABF0"))
# Of tied weights, a colour for each number that they share.
_SHARED = (
    "#F9B4AB", "#A9CBF5", "#B5E0A8", "#F7DC8B", "#D5BCF2", "#A5E0DC", "#F6BFDD", "#D9D2BE",
    "#C5D0DE",
)  # fmt: skip
_FAINT = "#9CA3AF"
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

# As many decimals as a number has: where it may become any other.
_ANY_NUMBER = 'General;-General;"·"'
_CHOICE = CellStyle(size=10, bold=True, align="left", fill=_YELLOW)
_CHOSEN = CellStyle(bold=True, borders=Borders(THIN, THIN, THIN, THIN, "#B91C1C"))
_SAME = "0.000000001"
_AGREED = CellStyle(
    number_format=f'[<{_SAME}]"both agree";0.00" apart"', size=10, bold=True, color="#15803D",
    fill="#DCFCE7", borders=Borders(THIN, THIN, THIN, THIN, "#15803D"),
)  # fmt: skip
_DIFFERS = CellStyle(
    bold=True, color="#B91C1C", fill="#FEE2E2", borders=Borders(THIN, THIN, THIN, THIN, "#B91C1C")
)
_CHECK_WIDTH = 96

_LABELS = {
    "title": CellStyle(size=9, bold=True, align="left", color="#FFFFFF"),
    "caption": CellStyle(size=8, italic=True, align="left", color="#6B7280"),
    "header": CellStyle(size=8, italic=True, color="#6B7280", shrink=True),
    "choice": CellStyle(size=10, bold=True, align="left"),
    "class": CellStyle(size=8, bold=True, color="#374151", shrink=True),
    "heading": CellStyle(size=10, bold=True, align="left", color="#1F2937"),
    "remark": CellStyle(size=9, align="left", color="#374151"),
    "headline": CellStyle(size=14, bold=True, align="left", color="#1F2937"),
    "sign": CellStyle(size=9, color="#374151"),
}
_READOUT = CellStyle(
    number_format="0", size=14, bold=True, color="#B91C1C", fill="#FEE2E2",
    borders=Borders(THIN, THIN, THIN, THIN, "#B91C1C"),
)  # fmt: skip
_PROBE = CellStyle(
    number_format="0", size=10, bold=True, fill=_YELLOW,
    borders=Borders(THIN, THIN, THIN, THIN, "#A16207"),
)  # fmt: skip
_SETTING = replace(_PROBE, number_format="0.0##", shrink=True)
_TITLE_ROW = 0
_TITLE_LETTER = 6  # pixels, about
_TINY = 0.02  # below that, decimals show nothing
# Excel takes no longer formula in a conditional format.
_RULE_LENGTH = 255
_CLASS_WIDTH = 150
_VECTOR_WIDTH, _BAR_WIDTH, _TABLE_WIDTH = 44, 72, 30


def dress(
    network: Network, layout: Layout, values: list[Array], look: Look,
    *, shared: int = 0, number: int = 0,
) -> None:  # fmt: skip
    """Put a network's appearance into its sheet's; `values` are its activations for the input.

    The first `shared` tensors are those of a network that is there already; `number` says
    how many networks are.
    """
    look.title = look.title or network.name
    _dress_labels(look, layout)
    if not shared:
        _title_band(look, layout, 0, 0, _INPUT)
        _dress_tensor(look, layout, 0, values[0], _INPUT)
        _note_input(look, layout)
        if layout.picture is not None:
            _dress_picture(look, layout.picture, values[0])
    palettes = _palettes(network, layout, number)
    for stage in lower(network, layout):
        if stage.stage.tensor < shared:
            continue
        _dress_stage(look, network, layout, stage.stage, values, palettes[stage.stage.tensor])
        _note_stage(look, network, layout, stage)
    for measure in layout.measures:
        _dress_measure(look, measure)
    for one in layout.borrowed if not shared else ():
        if isinstance(one, Menu):
            _dress_menu(look, one)
    for check in layout.checks:
        _dress_check(look, check)
    if layout.probe is not None and layout.probe.tensor >= shared:
        _dress_probe(look, network, layout, shared)


def _palettes(network: Network, layout: Layout, number: int) -> dict[int, Palette]:
    """Return the colours of every tensor: those of a network differ from the ones beside it."""
    palettes = {0: _INPUT}
    for stage in stages_of(network, layout):
        if network.layers[stage.last].is_copy:
            palettes[stage.tensor] = palettes[stage.source]
        else:
            palettes[stage.tensor] = _STAGES[number % len(_STAGES)]
            number += 1
    return palettes


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
        if network.layers[stage.first].helper_planes:  # to be played with, as the probe is
            for plane in planes:
                look.canvas.fill(plane.range, _SETTING)
        else:
            _dress_tables(look, planes, np.concatenate(matrices), layout)
    layer = network.layers[stage.last]
    if layer.squashes or network.has_odds(stage.tensor):
        _dress_probabilities(look, layout, place, layer)
    else:
        _dress_tensor(look, layout, stage.tensor, values[stage.tensor], palette)
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


def _tones(layout: Layout, tensor: int) -> tuple[Tone, ...]:
    """Return the colours of 0 and 1 for each plane of a tensor that is a picture, if it is.

    The kernels of a menu make pictures of pictures; an input of three channels is one
    in red, green and blue.
    """
    count = len(layout.places[tensor].planes)
    if any(isinstance(one, Menu) for one in layout.borrowed):
        return (_GREY,) * count
    return _CHANNELS if tensor == 0 and count == len(_CHANNELS) else ()


def _dress_tensor(look: Look, layout: Layout, tensor: int, values: Array, palette: Palette) -> None:
    place, tones = layout.places[tensor], _tones(layout, tensor)
    exact = layout.scale is not None
    style = CellStyle(_ANY_NUMBER if exact else _number_format(values), shrink=True)
    # LibreOffice applies one conditional format to a cell: the scale has to be in that
    # of the probe, which stands for the plane with its halo.
    ranges = tuple(plane.halo_range(place.halo) for plane in place.planes)
    for plane in place.planes:
        if not place.halo.is_empty:
            faint = _faint(place.halo, style.number_format, exact=exact)
            look.canvas.frame(plane.halo_range(place.halo), faint, HAIR, "#D5D9E0")
        line, color = (THIN, "#374151") if exact else (DOTTED, Borders().color)
        look.canvas.frame(plane.range, style, line, color)
    if tones:
        look.scales += [
            ColorScale((area,), ((0, tone.low), (1, tone.high)))
            for area, tone in zip(ranges, tones, strict=True)
        ]
    elif layout.scale is not None and palette is not _INPUT:
        look.scales += [_diverging((area,), np.array(layout.scale)) for area in ranges]
    elif values.min(initial=0) < 0:
        look.scales += [_diverging((area,), values) for area in ranges]
    else:
        most = _live_maximum(ranges, values)
        look.scales += [ColorScale((area,), ((0, _ZERO), (most, palette.high))) for area in ranges]
    if len(place.planes) == 1 and place.planes[0].shape[1] == 1 and not exact:
        column = place.planes[0].origin[1]
        look.widths[column] = max(look.widths.get(column, 0), _VECTOR_WIDTH)


def _faint(halo: Halo, number_format: str, *, exact: bool) -> CellStyle:
    """Return the style of padding; what repeats a picture lies on its colours."""
    shown = number_format if halo.repeats else "0"
    color = ("#4B5563" if halo.repeats else _FAINT) if exact else "#B6BCC6"
    return CellStyle(shown, size=7, color=color, shrink=halo.repeats)


def _dress_tables(
    look: Look, planes: Sequence[Plane], values: Array, layout: Layout | None = None
) -> None:
    wide = max(plane.shape[1] for plane in planes) <= 5
    style = CellStyle(_weight_format(values, wide=wide), shrink=True)
    borrowed = layout.borrowed if layout is not None else ()
    if any(isinstance(one, Menu) and one.plane in planes for one in borrowed):
        style = replace(style, number_format=_ANY_NUMBER)
    for plane in planes:
        look.canvas.frame(plane.range, style)
        if wide and (layout is None or layout.scale is None):
            area = plane.range
            look.widths |= dict.fromkeys(range(area.left, area.right + 1), _TABLE_WIDTH)
    shared = _shared_styles(borrowed)
    cells = [cell for plane in planes for cell in zip(*map(list, plane.cells()), strict=True)]
    if shared.keys() & set(cells):
        # Fills instead of a scale, which would lie above them.
        for plane in planes:
            look.canvas.frame(plane.range, replace(style, color=_FAINT))
        for cell in shared.keys() & set(cells):
            look.canvas.fill(Range(*cell, *cell), shared[cell])
        return
    look.scales.append(_diverging(tuple(plane.range for plane in planes), values))


def _dress_sums(look: Look, planes: list[Plane], values: list[Array]) -> None:
    """Dress partial sums: numbers in grey, as they are only on the way to the plane."""
    style = CellStyle(_number_format(np.concatenate(values)), color="#6B7280", shrink=True)
    for plane, matrix in zip(planes, values, strict=True):
        look.canvas.frame(plane.range, style)
        look.scales.append(_diverging((plane.range,), matrix))


def _shared_styles(borrowed: Sequence[Tie | Menu]) -> dict[Cell, CellStyle]:
    """Return the style of tied weights and of the numbers they show: a colour per number."""
    ties = [one for one in borrowed if isinstance(one, Tie)]
    numbers = sorted({tie.number for tie in ties})
    line = Borders(THIN, THIN, THIN, THIN, _ZERO)
    styles = {
        number: CellStyle(
            _ANY_NUMBER, bold=True, fill=_SHARED[k % len(_SHARED)], shrink=True, borders=line
        )
        for k, number in enumerate(numbers)
    }
    return styles | {tie.cell: styles[tie.number] for tie in ties}


def _dress_picture(look: Look, picture: Plane, values: Array) -> None:
    """Paint cells in the colours that red, green and blue between 0 and 1 make."""
    shades = np.clip(np.round(values * 255), 0, 255).astype(int)
    for i in range(picture.shape[0]):
        for j in range(picture.shape[1]):
            color = "#{:02X}{:02X}{:02X}".format(*shades[:, i, j])
            cell = picture.cell(i, j)
            look.canvas.fill(Range(*cell, *cell), CellStyle(fill=color))


def _dress_menu(look: Look, menu: Menu) -> None:
    row, column = menu.key
    right = column + menu.plane.shape[1] - 1
    look.canvas.frame(Range(row, column, row, right), _CHOICE, THIN, "#A16207")
    right = menu.first[1] + menu.plane.shape[1] - 1
    band = replace(_LABELS["title"], fill=_INPUT.title)
    look.canvas.fill(Range(_TITLE_ROW, menu.names.left, _TITLE_ROW, right), band)
    chosen = name_of(menu.key, absolute=True)
    names = tuple(option.name for option in menu.options)
    hint = "Which kernel of the table the picture is filtered with"
    look.choices.append(Choice(menu.key, 0, "Kernel", hint, names))
    for option in menu.options:
        area = option.plane.range
        _dress_tables(look, [option.plane], np.array(option.numbers))
        named = Range(area.top, menu.names.left, area.top, menu.names.left)
        look.canvas.fill(named, replace(_LABELS["class"], align="right"))
        widest = look.widths.get(menu.names.left, look.column_width)
        look.widths[menu.names.left] = max(widest, len(option.name) * _TITLE_LETTER + 12)
        is_chosen = f"={chosen}={name_of((area.top, menu.names.left), absolute=True)}"
        look.rules += [Rule(named, is_chosen, _PREDICTED), Rule(area, is_chosen, _CHOSEN)]


def _dress_check(look: Look, check: Check) -> None:
    area = Range(*check.cell, *check.cell)
    look.canvas.fill(area, _AGREED)
    look.rules.append(Rule(area, f"={name_of(check.cell, absolute=True)}>={_SAME}", _DIFFERS))
    look.widths[area.left] = _CHECK_WIDTH


def _dress_probabilities(look: Look, layout: Layout, place: Place, layer: Layer) -> None:
    (column,) = place.planes
    area = column.range
    look.canvas.frame(area, CellStyle("0.0%", shrink=True))
    look.widths[area.left] = _BAR_WIDTH
    look.bars.append(DataBar(area, _BAR))
    first = f"=${column_name(area.left)}{area.top + 1}"
    chosen = f"{first}=MAX({area.absolute_name})" if layer.squashes else f"{first}>=0.5"
    names = [
        label.cell[1] for label in layout.labels
        if label.role == "class" and label.cell[0] == area.top and label.cell[1] < area.left
    ]  # fmt: skip
    if names:  # from there on
        beside = Range(area.top, max(names), area.bottom, area.left - 1)
        look.rules.append(Rule(beside, chosen, _PREDICTED))
    look.rules.append(Rule(area, chosen, _PREDICTED))  # the bars need one in their own format


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
    # LibreOffice shows -1.47 as 1-.47 by the plain one.
    return '.00;-.00;"·"' if most < 1 else '#.00;-#.00;"·"'


def _dress_measure(look: Look, measure: Measure) -> None:
    for area in numbers_of(measure):
        digits = "0.00" if measure.kind == STATISTICS else "0"
        fill = _YELLOW if measure.sentence else ""  # to be played with, as the probe is
        look.canvas.frame(area, CellStyle(digits, fill=fill, shrink=True))
    style = (
        CellStyle("0%", shrink=True) if measure.kind == STATISTICS else CellStyle("0", bold=True)
    )
    look.canvas.frame(result_of(measure), style)


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
    if layout.bands:
        for area in layout.bands:
            look.canvas.fill(area, replace(_LABELS["title"], fill=palette.title))
        return
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


def _dress_probe(look: Look, network: Network, layout: Layout, shared: int) -> None:
    probe = layout.probe
    assert probe is not None
    _, *size = network.shapes[probe.tensor]
    height, width = probe.most or size
    for cell, last, axis in ((probe.row, height - 1, "row"), (probe.column, width - 1, "column")):
        look.canvas.fill(Range(*cell, *cell), _PROBE)
        what = "an output" if probe.most else f"a unit of {probe.name}"
        hint = f"The {axis} of {what}, counted from 0 to {last}"
        if cell not in {one.cell for one in look.choices}:  # networks may share the cells
            look.choices.append(Choice(cell, last, "Probe", hint))
    look.rules += probe_rules(network, layout, shared)
