"""A result -> its drawing: the module that `shown.drawn_by` names.

Which function draws which type; a type that derives from one of these is drawn alike.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch
from typing import Any

from xlconv.analysis.diff import Diff
from xlconv.analysis.explanation import Explanation
from xlconv.analysis.extraction import Extraction
from xlconv.analysis.inspection import Inspection
from xlconv.analysis.reproduction import Reproduction
from xlconv.analysis.trace import Trace
from xlconv.generation.generate import Generated
from xlconv.layout.placed_network import PlacedNetwork, PlacedNetworks
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.network.network import Network
from xlconv.report.notebook import answer_pages, network_pages, report_page, texts
from xlconv.runs.file_report import FileReport
from xlconv.verification.report import Report


@singledispatch
def text_of(shown: object) -> str:
    """Return a result as at most a screen of text. Raises TypeError for what is none."""
    raise TypeError(f"{type(shown).__name__}: no drawing")


@singledispatch
def html_of(shown: object) -> str:
    """Return a result as HTML that stands by itself. Raises TypeError for what is none."""
    raise TypeError(f"{type(shown).__name__}: no drawing")


_DRAWN: tuple[tuple[type, Callable[[Any], str], Callable[[Any], str]], ...] = (
    (Report, texts.report_text, report_page.report_page),
    (FileReport, texts.report_text, report_page.report_page),
    (Network, texts.network_text, network_pages.network_page),
    (LiftedWorkbook, texts.workbook_text, network_pages.workbook_page),
    (Inspection, texts.inspection_text, network_pages.inspection_page),
    (Explanation, texts.explanation_text, answer_pages.explanation_page),
    (Trace, texts.trace_text, answer_pages.trace_page),
    (Diff, texts.diff_text, answer_pages.diff_page),
    (Reproduction, texts.reproduction_text, answer_pages.reproduction_page),
    (Extraction, texts.extraction_text, network_pages.extraction_page),
    (PlacedNetwork, texts.placed_text, network_pages.placed_page),
    (PlacedNetworks, texts.layouts_text, network_pages.layouts_page),
    (Generated, texts.generated_text, network_pages.generated_page),
)
for _type, _text, _page in _DRAWN:
    text_of.register(_type, _text)
    html_of.register(_type, _page)
