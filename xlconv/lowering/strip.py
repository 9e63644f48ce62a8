"""The strip: the arrangement that xlconv gives any network.

Tensors stand side by side from left to right, planes of one tensor below each
other, kernels beside the plane they make; the panel that explains the sheet lies
under the input. Decides geometry and labels only; never looks at values.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from xlconv.layers.base.place import Place, Spelling
from xlconv.layout.labels import Label
from xlconv.layout.layout import Layout
from xlconv.layout.stages import fusible
from xlconv.lowering.panel import tensor_title
from xlconv.lowering.splitting import parts_needed
from xlconv.lowering.strip_builder import StripBuilder
from xlconv.network.network import Network
from xlconv.spreadsheet.addresses import MAX_COLUMNS

# A strip that would be wider than that gets more rows.
_MOST_COLUMNS_PER_ROW = 4


def strip(
    network: Network,
    *,
    spelling: Spelling = Spelling(),
    fuse: bool = True,
    sheet: str = "network",
    remarks: Sequence[str] = (),
    picture: bool = False,
    probed: str | None = None,
) -> Layout:
    """Return the strip of a network; `remarks` go to the panel.

    With `picture`, an input of three channels has the picture that they make beside it.
    With `fuse`, elementwise layers share the formula of the layer before them. `probed`
    names the layer that the probe is of: the last with kernels, where it does not.
    Raises LayoutError where the strip does not fit a sheet, or that layer has no planes.
    """
    heights = [shape[1] for shape in network.shapes if len(shape) == 3]
    height = 2 * (max(heights, default=20) + 1)  # two of the largest planes below each other
    best, narrowest = None, MAX_COLUMNS
    parts: dict[int, int] = {}  # in how many the sums of a layer are split
    while True:
        grown = _strip(network, height, parts, fuse=fuse, picture=picture)
        width = grown.column
        # More rows that save no column are only gaps between the planes.
        if best is None or width < narrowest:
            best, narrowest = grown, width
        if width > _MOST_COLUMNS_PER_ROW * height:
            height += height // 2
            continue
        layout = best.layout(spelling, sheet, remarks, probed)
        more = parts_needed(network, layout)
        if not more:
            return layout
        parts |= more
        best, narrowest = None, MAX_COLUMNS


def head_strip(head: Network, layout: Layout, number: int = 0) -> Layout:
    """Return the layout of a network that has all but its last layer in common with another's.

    `layout` is that of the other one; the last layer's cells stand to the right of it, and
    its title below the layers in the panel, where `number` other heads stand before it.
    """
    builder = StripBuilder(head, 0)
    builder.places += layout.places[:-1]
    builder.column = max(area.right for area in layout.ranges()) + 2
    builder.row = layout.places[-1].planes[0].origin[0]
    builder.add_stage(len(head.layers) - 1, len(head.layers) - 1)
    remarks = [label.cell for label in layout.labels if label.role == "remark"]
    if remarks:
        row, column = max(remarks)
        title = tensor_title(head.names[-1], head.shapes[-1], head.layers[-1])
        builder.labels.append(Label((row + 1 + number, column), title, "remark"))
    return Layout(layout.sheet, tuple(builder.places), layout.spelling, tuple(builder.labels))


def _strip(
    network: Network, height: int, parts: dict[int, int], *, fuse: bool, picture: bool
) -> StripBuilder:
    builder = StripBuilder(network, height, parts)
    builder.add_input(picture=picture)
    first = 0
    for index, layer in enumerate(network.layers):
        if fuse and fusible(network, index):
            continue
        if layer.is_view and builder.stays_planes(index):
            builder.places.append(Place())
        else:
            builder.add_stage(first, index)
        first = index + 1
    return builder


def sheet_name(name: str) -> str:
    r"""Return a name as Excel takes it for a sheet: up to 31 letters, none of []:*?/\."""
    return re.sub(r"[\[\]:*?/\\]+", "-", name)[:31].strip("' ") or "network"
