"""Formatting of the words of a sheet: titles, labels, and the comments on a tensor's first cell.

Decides no text of a label and no place.
"""

from __future__ import annotations

from msgspec.structs import replace

from xlconv.layers.base.layer import OUTPUT
from xlconv.layers.base.place import Place
from xlconv.layout.layout import Layout
from xlconv.layout.stages import Lowered
from xlconv.lowering.formatting.colours import LABELS, TITLE_LETTER, TITLE_ROW, Palette
from xlconv.network.network import Network
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import areas_of
from xlconv.spreadsheet.xlsx.formatting import Comment, Formatting

_CLASS_WIDTH = 150


def format_labels(formatting: Formatting, layout: Layout) -> None:
    """Format the labels, and widen the columns that hold names of classes."""
    for label in layout.labels:
        area = Range(*label.cell, *label.cell)
        formatting.canvas.fill(area, LABELS[label.role])
        if label.role == "class":
            if _looks_like_number(label.text):
                formatting.text_numbers.append(area)
            wanted = min(_CLASS_WIDTH, len(label.text) * TITLE_LETTER + 8)
            formatting.widths[area.left] = max(
                formatting.widths.get(area.left, formatting.column_width), wanted
            )


def _looks_like_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def title_band(
    formatting: Formatting, layout: Layout, first: int, last: int, palette: Palette
) -> None:
    """Colour the titles' row over the columns of the places `first` to `last`."""
    if layout.bands:
        for area in layout.bands:
            formatting.canvas.fill(area, replace(LABELS["title"], fill=palette.title))
        return
    titles = {label.cell for label in layout.labels if label.role == "title"}
    areas = [area for place in layout.places[first : last + 1] for area in _areas(place)]
    left, right = min(area.left for area in areas), max(area.right for area in areas)
    if not any(left <= column <= right for _, column in titles):
        left = max((column for _, column in titles if column < left), default=left)
    style = replace(LABELS["title"], fill=palette.title)
    formatting.canvas.fill(Range(TITLE_ROW, left, TITLE_ROW, right), style)
    title = max(
        (label.text for label in layout.labels if label.cell == (TITLE_ROW, left)), default=""
    )
    if left == right:
        formatting.widths[left] = max(
            formatting.widths.get(left, 0), len(title) * TITLE_LETTER + 10
        )


def _areas(place: Place) -> list[Range]:
    planes = [plane.halo_range(place.halo) for plane in place.planes]
    tables = [
        plane.range for groups in place.tables.values() for group in groups for plane in group
    ]
    columns = [plane.range for plane in place.helpers.values() if plane.shape[0] > 1]
    return planes + tables + columns


def comment_input(formatting: Formatting, layout: Layout) -> None:
    """Comment on the first cell of each plane of the input."""
    for index, plane in enumerate(layout.places[0].planes):
        text = f"input[{index}]: {_size(plane)} numbers\nChange any of them."
        formatting.comments.append(Comment(plane.origin, text))


def comment_stage(
    formatting: Formatting, network: Network, layout: Layout, lowered: Lowered
) -> None:
    """Comment on the first cell of each plane of a stage: what it computes, and what it reads."""
    stage = lowered.stage
    layers = network.layers[stage.first : stage.last + 1]
    place, commented = layout.places[stage.tensor], set()
    name = network.names[stage.last]
    for one in lowered.blocks:
        if one.name != OUTPUT or one.index in commented:
            continue
        commented.add(one.index)
        plane = place.planes[one.index]
        lines = [f"{name}[{one.index}]: {_size(plane)} cells, each of them"]
        lines += [f"• {layer.meaning}" for layer in layers]
        reads = [area.name for area in areas_of(one.block.tree)]
        more = f" and {len(reads) - 6} more" if len(reads) > 6 else ""
        lines.append(f"This one reads {', '.join(reads[:6])}{more}")
        formatting.comments.append(Comment(plane.origin, "\n".join(lines)))


def _size(plane: Plane) -> str:
    return f"{plane.shape[0]}×{plane.shape[1]}"
