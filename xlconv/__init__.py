"""A convolutional network you can open in a spreadsheet, and the proof that it is right.

    >>> from xlconv import PRESETS, book_of
    >>> preset = PRESETS["conv-example"]
    >>> network = preset.network()
    >>> book_of(network, preset.layout(network), preset.sample()).write("conv-example.xlsx")

Names load their modules on first use, so that a command pays only for what it needs.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlconv.arrange import strip
    from xlconv.block import Block, expand
    from xlconv.book import Book, book_of
    from xlconv.errors import XlconvError
    from xlconv.initialise import initialised
    from xlconv.layers import LAYERS, Conv2d, Flatten, Layer, Linear, MaxPool2d, ReLU, Softmax
    from xlconv.layout import Layout
    from xlconv.lowering import lower, workbook_of
    from xlconv.network import Network
    from xlconv.plane import Halo, Label, Place, Plane, Spelling
    from xlconv.presets import PRESETS, Preset
    from xlconv.sheet import Sheet, Workbook
    from xlconv.spec import network_of, read_spec, spec_of
    from xlconv.xlsx.write import write_xlsx

_HOMES = {
    "arrange": ("strip",),
    "block": ("Block", "expand"),
    "book": ("Book", "book_of"),
    "errors": ("XlconvError",),
    "initialise": ("initialised",),
    "layers": (
        "LAYERS", "Conv2d", "Flatten", "Layer", "Linear", "MaxPool2d", "ReLU", "Softmax",
    ),
    "layout": ("Layout",),
    "lowering": ("lower", "workbook_of"),
    "network": ("Network",),
    "plane": ("Halo", "Label", "Place", "Plane", "Spelling"),
    "presets": ("PRESETS", "Preset"),
    "sheet": ("Sheet", "Workbook"),
    "spec": ("network_of", "read_spec", "spec_of"),
    "xlsx.write": ("write_xlsx",),
}  # fmt: skip
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [  # noqa: PLE0604  the table above is the list
    *_HOME_OF
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'xlconv' has no attribute {name!r}")
    return getattr(importlib.import_module(f"xlconv.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
