"""A convolutional network you can open in a spreadsheet, and the proof that it is right.

Write a workbook, every activation a live formula, and verify it:

    >>> import xlconv
    >>> made = xlconv.generate("edges.xlsx", preset="edges", digit=3)
    >>> made.network.names, made.output.shape
    (('conv1',), (4, 26, 26))
    >>> report = xlconv.verify("edges.xlsx")
    >>> report.verdict, report.coverage
    ('verified', 1.0)

Whatever takes a workbook takes a path or an open one, which is read once. At a prompt every
result is a screen at most; in a notebook it is a page with tables and heat maps:

    >>> book = xlconv.open_workbook("edges.xlsx")
    >>> xlconv.verify(book).network
    edges: 1 layer, 36 parameters, 24,336 multiplications
     name    type         output    parameters   multiplications
     ───────────────────────────────────────────────────────────
     input                1×28×28
     conv1   Conv2d 3×3   4×26×26           36            24,336

A cell is called by its address, or by what it is in the network:

    >>> found = xlconv.explain_cell(book, "conv1[1, 5, 7]")
    >>> found.name, found.kind, found.fields[0].ranges
    ('edges!AO37', 'formula', ('H7:J9',))
    >>> found.formula
    '=SUMPRODUCT(H7:J9,$AD$41:$AF$43)'
    >>> [node.label for node in xlconv.trace(book, "AO37").nodes]
    ['conv1[1, 5, 7]', 'input[0] 3×3 at rows 5..7, columns 7..9', 'conv1.weight[1, 0] 3×3']

Tensors and parameters are arrays, or tables whose axes have names:

    >>> book.to_frame("conv1.weight").xs(0, level="output channel")
    column                0    1    2
    input channel row
    0             0    -1.0 -1.0 -1.0
                  1     0.0  0.0  0.0
                  2     1.0  1.0  1.0
    >>> book.networks[0].network.state()["conv1.weight"].shape
    (4, 1, 3, 3)

A network may be described, drawn, moved between formats, and compared:

    >>> network = xlconv.network_of({
    ...     "input": [1, 28, 28], "layers": [{"type": "Conv2d", "out_channels": 4,
    ...     "kernel_size": 3, "bias": False, "stride": 2}],
    ... })
    >>> xlconv.save_network(xlconv.initialised(network, seed=1), "net.npz")
    >>> _ = xlconv.generate("stride.xlsx", model="net.npz")
    >>> [change.where for change in xlconv.diff(book, "stride.xlsx") if change.kind == "weights"]
    ['conv1.weight']

What is wrong with a cell is a finding, never an error; an XlconvError says that something
cannot be read, written or found:

    >>> book.to_frame("conv2")
    Traceback (most recent call last):
        ...
    xlconv.errors.CellError: no tensor 'conv2'; expected one of input, conv1; did you mean conv1?

Names load their modules on first use, so that a command pays only for what it needs.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from xlconv.network.shown import drawn_by

if TYPE_CHECKING:
    from xlconv.analysis.comparison.changes import Change as Change
    from xlconv.analysis.diff import Diff as Diff
    from xlconv.analysis.diff import diff as diff
    from xlconv.analysis.explanation import Explanation as Explanation
    from xlconv.analysis.explanation import explain_cell as explain_cell
    from xlconv.analysis.extraction import Extraction as Extraction
    from xlconv.analysis.extraction import extract as extract
    from xlconv.analysis.inspection import Inspection as Inspection
    from xlconv.analysis.inspection import inspect_workbook as inspect_workbook
    from xlconv.analysis.reproduction import Reproduction as Reproduction
    from xlconv.analysis.reproduction import reproduce as reproduce
    from xlconv.analysis.trace import Trace as Trace
    from xlconv.analysis.trace import trace as trace
    from xlconv.errors import XlconvError as XlconvError
    from xlconv.generation.generate import Generated as Generated
    from xlconv.generation.generate import generate as generate
    from xlconv.interop import load_network as load_network
    from xlconv.interop import save_network as save_network
    from xlconv.layers import ELU as ELU
    from xlconv.layers import GELU as GELU
    from xlconv.layers import LAYERS as LAYERS
    from xlconv.layers import AdaptiveAvgPool2d as AdaptiveAvgPool2d
    from xlconv.layers import Add as Add
    from xlconv.layers import AvgPool2d as AvgPool2d
    from xlconv.layers import BatchNorm2d as BatchNorm2d
    from xlconv.layers import Concat as Concat
    from xlconv.layers import Conv2d as Conv2d
    from xlconv.layers import ConvTranspose2d as ConvTranspose2d
    from xlconv.layers import Dropout as Dropout
    from xlconv.layers import Flatten as Flatten
    from xlconv.layers import Identity as Identity
    from xlconv.layers import Layer as Layer
    from xlconv.layers import LeakyReLU as LeakyReLU
    from xlconv.layers import Linear as Linear
    from xlconv.layers import MaxPool2d as MaxPool2d
    from xlconv.layers import ReLU as ReLU
    from xlconv.layers import Sigmoid as Sigmoid
    from xlconv.layers import Softmax as Softmax
    from xlconv.layers import Tanh as Tanh
    from xlconv.layers.base.place import Place as Place
    from xlconv.layers.base.place import Spelling as Spelling
    from xlconv.layout.labels import Label as Label
    from xlconv.layout.layout import Layout as Layout
    from xlconv.layout.placed_network import PlacedNetwork as PlacedNetwork
    from xlconv.lifting.layouts import layouts_of as layouts_of
    from xlconv.lifting.lifted_workbook import LiftedWorkbook as LiftedWorkbook
    from xlconv.lifting.lifted_workbook import open_workbook as open_workbook
    from xlconv.lifting.matching.lift import lift as lift
    from xlconv.lowering.book import Book as Book
    from xlconv.lowering.book import book_of as book_of
    from xlconv.lowering.lower import lower as lower
    from xlconv.lowering.sheet_cells import workbook_of as workbook_of
    from xlconv.lowering.strip import strip as strip
    from xlconv.network.initialise import initialised as initialised
    from xlconv.network.network import Network as Network
    from xlconv.network.spec import network_of as network_of
    from xlconv.network.spec import read_spec as read_spec
    from xlconv.network.spec import spec_of as spec_of
    from xlconv.page.view import Page as Page
    from xlconv.page.view import view as view
    from xlconv.presets import PRESETS as PRESETS
    from xlconv.presets import Preset as Preset
    from xlconv.runs.file_report import FileReport as FileReport
    from xlconv.runs.verify_many import verify_many as verify_many
    from xlconv.spreadsheet.blocks.block import Block as Block
    from xlconv.spreadsheet.blocks.block import expand as expand
    from xlconv.spreadsheet.blocks.halo import Halo as Halo
    from xlconv.spreadsheet.blocks.plane import Plane as Plane
    from xlconv.spreadsheet.calculation.calculate import calculate as calculate
    from xlconv.spreadsheet.workbook import Sheet as Sheet
    from xlconv.spreadsheet.workbook import Workbook as Workbook
    from xlconv.spreadsheet.xlsx.read import read_xlsx as read_xlsx
    from xlconv.spreadsheet.xlsx.write import write_xlsx as write_xlsx
    from xlconv.verification.findings import Finding as Finding
    from xlconv.verification.report import Report as Report
    from xlconv.verification.verify import verify as verify

_HOMES = {
    "analysis.comparison.changes": ("Change",),
    "analysis.diff": ("Diff", "diff"),
    "analysis.explanation": ("Explanation", "explain_cell"),
    "analysis.extraction": ("Extraction", "extract"),
    "analysis.inspection": ("Inspection", "inspect_workbook"),
    "analysis.reproduction": ("Reproduction", "reproduce"),
    "analysis.trace": ("Trace", "trace"),
    "errors": ("XlconvError",),
    "generation.generate": ("Generated", "generate"),
    "interop": ("load_network", "save_network"),
    "layers": (
        "LAYERS", "Add", "AdaptiveAvgPool2d", "AvgPool2d", "BatchNorm2d", "Concat", "Conv2d",
        "ConvTranspose2d", "Dropout", "ELU", "Flatten", "GELU", "Identity", "Layer", "LeakyReLU",
        "Linear", "MaxPool2d", "ReLU", "Sigmoid", "Softmax", "Tanh",
    ),
    "layers.base.place": ("Place", "Spelling"),
    "layout.labels": ("Label",),
    "layout.layout": ("Layout",),
    "layout.placed_network": ("PlacedNetwork",),
    "lifting.layouts": ("layouts_of",),
    "lifting.lifted_workbook": ("LiftedWorkbook", "open_workbook"),
    "lifting.matching.lift": ("lift",),
    "lowering.book": ("Book", "book_of"),
    "lowering.lower": ("lower",),
    "lowering.sheet_cells": ("workbook_of",),
    "lowering.strip": ("strip",),
    "network.initialise": ("initialised",),
    "network.network": ("Network",),
    "network.spec": ("network_of", "read_spec", "spec_of"),
    "page.view": ("Page", "view"),
    "presets": ("PRESETS", "Preset"),
    "runs.file_report": ("FileReport",),
    "runs.verify_many": ("verify_many",),
    "spreadsheet.blocks.block": ("Block", "expand"),
    "spreadsheet.blocks.halo": ("Halo",),
    "spreadsheet.blocks.plane": ("Plane",),
    "spreadsheet.calculation.calculate": ("calculate",),
    "spreadsheet.workbook": ("Sheet", "Workbook"),
    "spreadsheet.xlsx.read": ("read_xlsx",),
    "spreadsheet.xlsx.write": ("write_xlsx",),
    "verification.findings": ("Finding",),
    "verification.report": ("Report",),
    "verification.verify": ("verify",),
}  # fmt: skip
__version__ = "0.1.0"  # what the package is built with

# Nothing below `report` may import it; the door, above all, says that it draws what is shown.
drawn_by("xlconv.report.notebook.drawings")

_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [  # noqa: PLE0604  the table above is the list
    *_HOME_OF
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'xlconv' has no attribute {name!r}")
    return getattr(importlib.import_module(f"xlconv.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted((*__all__, "__version__"))
