"""The workbooks that benchmarks read: the default preset, and networks of many cells."""

from __future__ import annotations

from pathlib import Path

WIDTHS = {"30k": 52, "300k": 156, "1m": 284}


def written(size: str, folder: Path) -> Path:
    """Write the workbook of a size and return its path."""
    import numpy as np

    from xlconv import PRESETS, book_of, initialised, network_of, strip

    path = folder / f"{size}.xlsx"
    if size == "default":
        preset = PRESETS["conv-example"]
        network = preset.network()
        book_of(network, preset.layout(network), preset.sample()).write(path)
        return path
    width = WIDTHS[size]
    conv = [{"type": "Conv2d", "out_channels": 4, "kernel_size": 3}, {"type": "ReLU"}]
    layers = [*conv, *conv, *conv, {"type": "MaxPool2d", "kernel_size": 2}]
    network = initialised(network_of({"input": [1, width, width], "layers": layers}))
    x = np.round(np.random.default_rng(0).uniform(size=(1, width, width)), 2)
    book_of(network, strip(network), x).write(path)
    return path
