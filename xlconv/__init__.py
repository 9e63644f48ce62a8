"""A convolutional network you can open in a spreadsheet, and the proof that it is right.

    >>> from xlconv import PRESETS
    >>> PRESETS["conv-example"].book().write("conv-example.xlsx")

Names load their modules on first use, so that a command pays only for what it needs.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlconv.arrange import (
        strip as strip,
    )
    from xlconv.block import (
        Block as Block,
    )
    from xlconv.block import (
        expand as expand,
    )
    from xlconv.book import (
        Book as Book,
    )
    from xlconv.book import (
        Head as Head,
    )
    from xlconv.book import (
        book_of as book_of,
    )
    from xlconv.calculation import (
        calculate as calculate,
    )
    from xlconv.diffing import (
        diff as diff,
    )
    from xlconv.errors import (
        XlconvError as XlconvError,
    )
    from xlconv.explaining import (
        Explanation as Explanation,
    )
    from xlconv.explaining import (
        explain_cell as explain_cell,
    )
    from xlconv.initialise import (
        initialised as initialised,
    )
    from xlconv.inspecting import (
        Inspection as Inspection,
    )
    from xlconv.inspecting import (
        inspect_workbook as inspect_workbook,
    )
    from xlconv.interop import (
        load_network as load_network,
    )
    from xlconv.interop import (
        save_network as save_network,
    )
    from xlconv.interop.extracting import (
        extract as extract,
    )
    from xlconv.layers import (
        LAYERS as LAYERS,
    )
    from xlconv.layers import (
        AdaptiveAvgPool2d as AdaptiveAvgPool2d,
    )
    from xlconv.layers import (
        Add as Add,
    )
    from xlconv.layers import (
        AvgPool2d as AvgPool2d,
    )
    from xlconv.layers import (
        BatchNorm2d as BatchNorm2d,
    )
    from xlconv.layers import (
        Conv2d as Conv2d,
    )
    from xlconv.layers import (
        Dropout as Dropout,
    )
    from xlconv.layers import (
        Flatten as Flatten,
    )
    from xlconv.layers import (
        Identity as Identity,
    )
    from xlconv.layers import (
        Layer as Layer,
    )
    from xlconv.layers import (
        LeakyReLU as LeakyReLU,
    )
    from xlconv.layers import (
        Linear as Linear,
    )
    from xlconv.layers import (
        MaxPool2d as MaxPool2d,
    )
    from xlconv.layers import (
        ReLU as ReLU,
    )
    from xlconv.layers import (
        Sigmoid as Sigmoid,
    )
    from xlconv.layers import (
        Softmax as Softmax,
    )
    from xlconv.layers import (
        Tanh as Tanh,
    )
    from xlconv.layout import (
        Layout as Layout,
    )
    from xlconv.lifting import (
        lift as lift,
    )
    from xlconv.lowering import (
        lower as lower,
    )
    from xlconv.lowering import (
        workbook_of as workbook_of,
    )
    from xlconv.network import (
        Network as Network,
    )
    from xlconv.opened import (
        Opened as Opened,
    )
    from xlconv.opened import (
        open_workbook as open_workbook,
    )
    from xlconv.plane import (
        Halo as Halo,
    )
    from xlconv.plane import (
        Label as Label,
    )
    from xlconv.plane import (
        Place as Place,
    )
    from xlconv.plane import (
        Plane as Plane,
    )
    from xlconv.plane import (
        Spelling as Spelling,
    )
    from xlconv.presets import (
        PRESETS as PRESETS,
    )
    from xlconv.presets import (
        Preset as Preset,
    )
    from xlconv.relaying import (
        layouts_of as layouts_of,
    )
    from xlconv.reproducing import (
        reproduce as reproduce,
    )
    from xlconv.sheet import (
        Sheet as Sheet,
    )
    from xlconv.sheet import (
        Workbook as Workbook,
    )
    from xlconv.spec import (
        network_of as network_of,
    )
    from xlconv.spec import (
        read_spec as read_spec,
    )
    from xlconv.spec import (
        spec_of as spec_of,
    )
    from xlconv.tracing import (
        Trace as Trace,
    )
    from xlconv.tracing import (
        trace as trace,
    )
    from xlconv.verifying import (
        Report as Report,
    )
    from xlconv.verifying import (
        verify as verify,
    )
    from xlconv.xlsx.read import (
        read_xlsx as read_xlsx,
    )
    from xlconv.xlsx.write import (
        write_xlsx as write_xlsx,
    )

_HOMES = {
    "arrange": ("strip",),
    "block": ("Block", "expand"),
    "book": ("Book", "Head", "book_of"),
    "diffing": ("diff",),
    "errors": ("XlconvError",),
    "explaining": ("Explanation", "explain_cell"),
    "initialise": ("initialised",),
    "interop": ("load_network", "save_network"),
    "interop.extracting": ("extract",),
    "inspecting": ("Inspection", "inspect_workbook"),
    "layers": (
        "LAYERS", "Add", "AdaptiveAvgPool2d", "AvgPool2d", "BatchNorm2d", "Conv2d", "Dropout",
        "Flatten", "Identity", "Layer", "LeakyReLU", "Linear", "MaxPool2d", "ReLU", "Sigmoid",
        "Softmax", "Tanh",
    ),
    "layout": ("Layout",),
    "calculation": ("calculate",),
    "lifting": ("lift",),
    "lowering": ("lower", "workbook_of"),
    "network": ("Network",),
    "opened": ("Opened", "open_workbook"),
    "plane": ("Halo", "Label", "Place", "Plane", "Spelling"),
    "presets": ("PRESETS", "Preset"),
    "relaying": ("layouts_of",),
    "reproducing": ("reproduce",),
    "sheet": ("Sheet", "Workbook"),
    "spec": ("network_of", "read_spec", "spec_of"),
    "tracing": ("Trace", "trace"),
    "verifying": ("Report", "verify"),
    "xlsx.read": ("read_xlsx",),
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
