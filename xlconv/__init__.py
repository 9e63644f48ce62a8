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
        book_of as book_of,
    )
    from xlconv.calculation import (
        calculate as calculate,
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
    from xlconv.layers import (
        LAYERS as LAYERS,
    )
    from xlconv.layers import (
        Conv2d as Conv2d,
    )
    from xlconv.layers import (
        Flatten as Flatten,
    )
    from xlconv.layers import (
        Layer as Layer,
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
        Softmax as Softmax,
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
    "book": ("Book", "book_of"),
    "errors": ("XlconvError",),
    "explaining": ("Explanation", "explain_cell"),
    "initialise": ("initialised",),
    "inspecting": ("Inspection", "inspect_workbook"),
    "layers": (
        "LAYERS", "Conv2d", "Flatten", "Layer", "Linear", "MaxPool2d", "ReLU", "Softmax",
    ),
    "layout": ("Layout",),
    "calculation": ("calculate",),
    "lifting": ("lift",),
    "lowering": ("lower", "workbook_of"),
    "network": ("Network",),
    "plane": ("Halo", "Label", "Place", "Plane", "Spelling"),
    "presets": ("PRESETS", "Preset"),
    "sheet": ("Sheet", "Workbook"),
    "spec": ("network_of", "read_spec", "spec_of"),
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
