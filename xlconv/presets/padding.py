"""One input and one kernel through six convolutions: padding, stride and dilation side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from xlconv.arrays import Array
from xlconv.layers.base.place import Place
from xlconv.layers.base.shapes import by_size
from xlconv.layout.labels import Label
from xlconv.layout.layout import Layout
from xlconv.layout.links import TiedCell
from xlconv.layout.metric_rows import sentence
from xlconv.layout.placed_network import PlacedNetwork
from xlconv.layout.probe import Probe
from xlconv.layout.stages import halo_of
from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.presets.base import Preset, image_of, kernels_of
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.plane import Plane

# Dark on the left, bright on the right; the edge between them leans.
_INPUT = (
    (1, 1, 1, 7, 7),
    (1, 1, 4, 7, 7),
    (1, 1, 7, 7, 7),
    (1, 4, 7, 7, 7),
    (1, 7, 7, 7, 7),
)

# The right side of the window less its left.
_KERNEL = ((-1, 0, 1), (-1, 0, 1), (-1, 0, 1))

# Three pixels of 7 less three of nothing.
_SCALE = 21.0
_LEGEND_ROW = 33


class _Columns(Struct, frozen=True):
    """A column of panels: the first one, and how wide the planes of all of them are."""

    left: int
    source: int
    kernel: int
    output: int

    @property
    def count(self) -> int:
        """How many columns a panel takes, with a sign between its planes."""
        return self.source + self.kernel + self.output + 2


class _Rows(Struct, frozen=True):
    """A row of panels: that of the middle of all planes, and how far they reach from there."""

    middle: int
    half: int

    @property
    def title(self) -> int:
        """The row of the titles; captions stand between."""
        return self.middle - self.half - 2

    @property
    def rule(self) -> int:
        """The row of the rules; the names of their numbers stand above, words below."""
        return self.middle + self.half + 3


class Panel(Struct, frozen=True):
    """One of the six: the options of its convolution, its words, and where it stands."""

    name: str
    title: str
    words: str
    options: dict[str, Any]
    rows: _Rows
    columns: _Columns

    @property
    def kernel(self) -> Plane:
        """Where the kernel stands, with holes where it is dilated."""
        middle = self.columns.left + self.columns.source + 1 + self.columns.kernel // 2
        step: int = self.options.get("dilation", 1)
        return _centred(self.rows.middle, middle, (3, 3), step)


_KINDS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    (
        "no_padding", "no padding",
        "The kernel stays inside: k − 1 lines are lost.", {},
    ),
    (
        "same", "same (padding 1)",
        "One line of zeros around: the size stays. Blue is a false edge.", {"padding": 1},
    ),
    (
        "full", "full (padding 2)",
        "Zeros as far as the kernel reaches: it may touch a single pixel.", {"padding": 2},
    ),
    (
        "reflect", "reflect (padding 1)",
        "The frame mirrors the picture: the size stays, without false edges.",
        {"padding": 1, "padding_mode": "reflect"},
    ),
    (
        "stride2", "stride 2",
        "The kernel moves by two: every other output of no padding.", {"stride": 2},
    ),
    (
        "dilation2", "dilation 2",
        "The kernel is pulled apart: its three lines reach over five.", {"dilation": 2},
    ),
)  # fmt: skip
_ROWS = (_Rows(9, 4), _Rows(24, 3))
_COLUMNS = (_Columns(0, 7, 3, 5), _Columns(19, 7, 3, 5), _Columns(38, 9, 5, 7))
PANELS = tuple(Panel(*kind, _ROWS[k // 3], _COLUMNS[k % 3]) for k, kind in enumerate(_KINDS))
_FIRST = PANELS[0]


def padding_spec(panel: Panel = _FIRST) -> dict[str, Any]:
    """Return the description of a panel's network, without weights.

    The first reads the input itself, the others a copy with a halo of its own.
    """
    copy = {"type": "Identity", "name": f"{panel.name}_input"}
    conv = {"type": "Conv2d", "out_channels": 1, "kernel_size": 3, "bias": False}
    conv |= {"name": panel.name} | panel.options
    layers = [conv] if panel is _FIRST else [copy, conv]
    return {"name": "padding", "input": [1, 5, 5], "layers": layers}


def _network() -> Network:
    return _of(_FIRST, kernels_of(_KERNEL))


def _of(panel: Panel, kernel: Array) -> Network:
    return network_of(padding_spec(panel)).with_state({f"{panel.name}.weight": kernel})


def padding_layout(network: Network) -> Layout:
    """Return the layout of the first panel, with what stands around all of them."""
    layout = _panel_layout(_FIRST, network, _centred_source(_FIRST))
    return replace(layout, labels=(*_around(), *layout.labels))


def other_panels(network: Network, layout: Layout) -> tuple[PlacedNetwork, ...]:
    """Return the other five networks, of the first one's kernel."""
    (kernel,) = network.state().values()
    heads = []
    for panel in PANELS[1:]:
        other = _of(panel, kernel)
        heads.append(PlacedNetwork(other, _panel_layout(panel, other, layout.places[0].planes[0])))
    return tuple(heads)


def _panel_layout(panel: Panel, network: Network, source: Plane) -> Layout:
    rows, columns, last = panel.rows, panel.columns, len(network.layers)
    (_, *size) = network.shapes[-1]
    right = columns.left + columns.count - 1
    output = _centred(rows.middle, right - columns.output // 2, (size[0], size[1]))
    copy, halo = _centred_source(panel), halo_of(network, last - 1)
    places = [] if panel is _FIRST else [Place((source,))]
    places.append(Place((copy,), halo))
    places.append(Place((output,), tables={"weight": ((panel.kernel,),)}))
    rule, words = sentence(last - 1, (rows.rule, columns.left + 1))
    around = copy.halo_range(halo)
    title = f"{panel.title}: {by_size(copy.shape)} → {by_size(output.shape)}"
    which = "{}: change it" if panel is _FIRST else "the same {}"
    labels = [
        Label((rows.title, columns.left), title, "title"),
        Label((around.top - 1, around.left), which.format("input")),
        Label((panel.kernel.origin[0] - 1, panel.kernel.origin[1]), which.format("kernel")),
        Label((output.origin[0] - 1, output.origin[1]), "output"),
        Label((rows.middle, columns.left + columns.source), "∗", "sign"),
        Label((rows.middle, right - columns.output), "=", "sign"),
        *words,
        Label((rows.rule + 1, columns.left), panel.words, "remark"),
    ]
    band = Range(rows.title, columns.left, rows.title, right)
    return Layout(
        "padding", tuple(places), labels=tuple(labels), probe=_probe(panel, last),
        links=_tied_cells(), metrics=(rule,), bands=(band,), scale=_SCALE,
    )  # fmt: skip


def _probe(panel: Panel, tensor: int) -> Probe:
    """Return the probe of a panel: all of them share its two cells."""
    row = _LEGEND_ROW + 1
    return Probe((row, 0), (row + 1, 0), tensor, panel.name, (0.0, 0.0), (7, 7))


def _tied_cells() -> tuple[TiedCell, ...]:
    """Return the entries of all other kernels, which show those of the first."""
    return tuple(
        TiedCell(panel.kernel.cell(i, j), _FIRST.kernel.cell(i, j))
        for panel in PANELS[1:]
        for i, j in np.ndindex(3, 3)
    )


def _centred_source(panel: Panel) -> Plane:
    columns = panel.columns
    return _centred(panel.rows.middle, columns.left + columns.source // 2, (5, 5))


def _centred(row: int, column: int, size: tuple[int, int], step: int = 1) -> Plane:
    """Return the plane whose middle stands at a cell, or just before it."""
    origin = row - step * (size[0] - 1) // 2, column - step * (size[1] - 1) // 2
    return Plane(origin, size, (step, step))


_RULE = (
    "Size of the output = (n + 2p − d·(k − 1) − 1)//s + 1: n lines, with p of padding on both "
    "sides. Of those the kernel covers d·(k − 1) + 1, and it moves by s; // rounds down."
)

# Below the panels, at their columns: a heading, and lines that begin so many columns on.
_LEGENDS: tuple[tuple[int, str, int, tuple[str, ...]], ...] = (
    (0, "Probe: one output, and what it sees", 1, (
        "← the row of an output, 0 to 6: it is boxed in every panel that has it,",
        "← its column, 0 to 6: and so are the numbers that the kernel lies on",
    )),
    (19, "How to read this sheet", 0, (
        "Change the input or the kernel of no padding: all six follow.",
        "Equal colours are one weight, a dot is a zero. Faint numbers are a frame:",
        "zeros, or formulas that point at the pixel they mirror.",
    )),
    (38, "Try", 0, (
        "Change p, d, k or s in a yellow rule, but say the size first. (The drawing stays.)",
        "Which p keeps the size with a 5×5 kernel? And with a dilated one?",
        "Put 9s along one side: which panels find an edge that is none?",
    )),
)  # fmt: skip


def _around() -> Iterator[Label]:
    """Yield the words above and below the panels."""
    yield Label((0, 0), "One 5×5 input, one 3×3 kernel, six convolutions", "headline")
    yield Label((1, 0), _RULE, "remark")
    for column, heading, start, lines in _LEGENDS:
        yield Label((_LEGEND_ROW, column), heading, "heading")
        for row, line in enumerate(lines, _LEGEND_ROW + 1):
            yield Label((row, column + start), line, "remark")


PRESET = Preset(
    "padding",
    "one 5×5 input through six convolutions: padding, stride and dilation, each with its rule",
    _network,
    arrange=padding_layout,
    picture=lambda: image_of(_INPUT),
    beside=other_panels,
)
