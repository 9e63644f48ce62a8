"""One small convolution, twice: as it is, and as one matrix times the flattened picture."""

from __future__ import annotations

from typing import Any

from xlconv.layers.base.place import Place
from xlconv.layout.labels import Label
from xlconv.layout.layout import Layout
from xlconv.layout.links import PlaneComparison, TiedCell
from xlconv.layout.placed_network import PlacedNetwork
from xlconv.lowering.panel import panel_of
from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.network.unrolling import matrix_of, unrolled
from xlconv.presets.base import Preset, image_of, kernels_of
from xlconv.spreadsheet.blocks.plane import Plane

_KERNEL = ((1, 2), (-1, 3))
_INPUT = ((1, 2, 0, 3), (4, 1, 1, 0), (0, 2, 5, 1), (3, 0, 1, 2))

# Where things begin, from left to right; captions stand a row above.
_TOP = 3
_PICTURE, _TABLE, _DIRECT, _MATRIX, _VECTOR = (0, 5, 8, 14, 31)
_PRODUCT, _VERDICT, _FLAT = (33, 35, 37)
_PANEL_ROW = 22


def matmul_spec() -> dict[str, Any]:
    """Return the description of the direct convolution, without weights."""
    return {
        "name": "matmul",
        "input": [1, 4, 4],
        "layers": [
            {"type": "Conv2d", "out_channels": 1, "kernel_size": 2, "bias": False},
            {"type": "Flatten"},
        ],
    }


def _network() -> Network:
    return network_of(matmul_spec()).with_state({"conv1.weight": kernels_of(_KERNEL)})


def as_product(network: Network) -> Network:
    """Return the network that does the same by one matrix: Flatten, Linear."""
    conv, shape = network.layers[0], network.input_shape
    matrix = matrix_of(conv, shape)
    layers = [
        {"type": "Flatten"},
        {"type": "Linear", "out_features": len(matrix), "bias": False},
    ]
    product = network_of({"name": "matmul", "input": list(shape), "layers": layers})
    return product.with_state({"fc1.weight": matrix})


def tied_cells(network: Network, kernel: Plane, rows: list[Plane]) -> tuple[TiedCell, ...]:
    """Return which entry of the kernel each entry of the matrix shows; the others are zeros."""
    index = unrolled(network.layers[0], network.input_shape)
    assert index is not None
    return tuple(
        TiedCell(row.cell(0, q), kernel.cell(*divmod(int(index[p, q]), kernel.shape[1])))
        for p, row in enumerate(rows)
        for q in range(index.shape[1])
        if index[p, q] >= 0
    )


def matmul_layout(network: Network) -> Layout:
    """Return the layout of the direct convolution, and of its result as one column."""
    picture = Plane((_TOP, _PICTURE), (4, 4))
    kernel, direct = Plane((_TOP, _TABLE), (2, 2)), Plane((_TOP, _DIRECT), (3, 3))
    places = (
        Place((picture,)),
        Place((direct,), tables={"weight": ((kernel,),)}),
        Place((Plane((_TOP, _FLAT), (9, 1)),)),
    )
    panel = panel_of(network, places, (_PANEL_ROW, 0), _REMARKS)
    return Layout(
        "matmul", places, labels=(*_LABELS, *panel.labels), probe=panel.probe,
        links=tied_cells(network, kernel, _rows()),
    )  # fmt: skip


def product_head(network: Network, layout: Layout) -> PlacedNetwork:
    """Return the same convolution as one matrix, beside the direct one on its sheet."""
    flat, product = Plane((_TOP, _VECTOR), (16, 1)), Plane((_TOP, _PRODUCT), (9, 1))
    weights = tuple((row,) for row in _rows())
    places = (
        layout.places[0],
        Place((flat,)),
        Place((product,), tables={"weight": weights}),
    )
    comparison = PlaneComparison((_TOP, _VERDICT), product, layout.places[2].planes[0])
    labels = [Label((_TOP - 1, _MATRIX + q), f"{q // 4},{q % 4}", "header") for q in range(16)] + [
        Label((_TOP + p, _MATRIX - 1), f"{p // 3},{p % 3}", "header") for p in range(9)
    ]
    return PlacedNetwork(
        as_product(network),
        Layout(
            "matmul", places, labels=tuple(labels), links=layout.links, comparisons=(comparison,)
        ),
    )


def _rows() -> list[Plane]:
    return [Plane((_TOP + p, _MATRIX), (1, 16)) for p in range(9)]


_LABELS = (
    Label((0, _PICTURE), "input", "title"),
    Label((0, _TABLE), "conv1 · Conv2d 2×2", "title"),
    Label(
        (0, _MATRIX),
        "the same as one matrix: a row for each output, a column for each pixel",
        "title",
    ),
    Label((0, _VECTOR), "pixels", "title"),
    Label((0, _PRODUCT), "product", "title"),
    Label((0, _FLAT), "conv1", "title"),
    Label((_TOP - 1, _PICTURE), "input", "caption"),
    Label((_TOP - 1, _TABLE), "kernel", "caption"),
    Label((_TOP - 1, _DIRECT), "conv1", "caption"),
    Label((_TOP - 2, _MATRIX), "pixel", "caption"),
    Label((_TOP - 1, _VECTOR), "flat", "header"),
    Label((_TOP - 1, _PRODUCT), "product", "header"),
    Label((_TOP - 1, _FLAT), "flatten", "header"),
    Label((_TOP + 4, _VECTOR - 1), "×", "header"),
    Label((_TOP + 4, _PRODUCT - 1), "=", "header"),
    Label((_TOP - 1, _VERDICT), "← is it? →", "header"),
)
_REMARKS = (
    "Equal colours are one weight: change it in the kernel, and the whole matrix follows.",
    "Each row of the matrix is the kernel laid over the flat picture, for one more output.",
)
PRESET = Preset(
    "matmul",
    "a convolution twice: directly, and as one matrix with tied weights times the flat picture",
    _network,
    arrange=matmul_layout,
    picture=lambda: image_of(_INPUT),
    beside=lambda network, layout: (product_head(network, layout),),
)
