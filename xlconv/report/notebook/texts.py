"""What each result looks like at a prompt: at most a screen, the most important first."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from click import unstyle
from msgspec.structs import replace

from xlconv.analysis.diff import Diff
from xlconv.analysis.explanation import Explanation
from xlconv.analysis.extraction import Extraction
from xlconv.analysis.inspection import InspectedNetwork, Inspection
from xlconv.analysis.reproduction import Reproduction
from xlconv.analysis.trace import Trace
from xlconv.generation.generate import Generated
from xlconv.layout.placed_network import PlacedNetwork
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.network.network import Network
from xlconv.network.summary import Line, Row, joined, predicted, summary_of
from xlconv.plurals import counted
from xlconv.report.console import page_console
from xlconv.report.diff import diff_lines
from xlconv.report.explanation import print_explanation
from xlconv.report.inspection import heading, joined_heads, nothing_found, number_text
from xlconv.report.layer_table import NUMBERS, TITLES, row_of
from xlconv.report.notebook.screen import (
    HEIGHT,
    WIDTH,
    folded,
    screen,
    short_path,
    without_middle,
    wrapped,
)
from xlconv.report.reproduction import reproduction_lines
from xlconv.report.text import finding_lines, verdict_line
from xlconv.report.text_table import table_lines
from xlconv.report.trace.text import WIDE, draw_trace
from xlconv.runs.file_report import FileReport
from xlconv.runs.results import Selection, result_of
from xlconv.verification.report import Report

_LAYERS = 12  # lines of a table that follows findings, or of what stands before a table


def report_text(shown: Report | FileReport) -> str:
    """Return the verdict, the causes of what is wrong, and the layers."""
    result = result_of(shown, Selection())
    report = result.report
    result = replace(result, report=replace(report, path=short_path(report.path)))
    lines = wrapped(unstyle(verdict_line(result)), 3)
    if report.against:
        lines.append(f"  held against {report.against}")
    tables = _tables(joined((one.number, one.rows) for one in report.networks))
    roots = sum(one.root for one in report.findings)
    found = [
        line
        for one in islice(finding_lines(result.findings), HEIGHT)
        for line in wrapped(unstyle(one))
    ]
    more = f"{counted(roots, 'finding')} in all: .findings, and .to_frame() for a table"
    room = HEIGHT - len(lines)
    lines += folded(found, max(room - len(tables), room - _LAYERS), more)
    return screen([*lines, *folded(tables, max(HEIGHT - len(lines), 1))])


def network_text(network: Network) -> str:
    """Return the layers with their options, shapes and costs."""
    return _network_with(network)


def extraction_text(found: Extraction) -> str:
    """Return the network, and before its layers what is not in it."""
    return _network_with(found.network, found.remarks)


def _network_with(network: Network, remarks: Sequence[str] = ()) -> str:
    rows = [row_of(one)[:-1] for one in summary_of(network)]
    told = [line for one in remarks for line in wrapped(f"  {one}")]
    lines = [*wrapped(totals(network)), *folded(told, _LAYERS)]
    table = [*table_lines(TITLES[:-1], rows, right=NUMBERS)]
    return screen([*lines, *folded(table, HEIGHT - len(lines))])


def totals(network: Network) -> str:
    """Return a network's name, and how many layers, parameters and multiplications it has."""
    lines = summary_of(network)
    parameters = counted(sum(one.parameters for one in lines), "parameter")
    products = counted(sum(one.multiplications for one in lines), "multiplication")
    return f"{network.name}: {counted(len(network.layers), 'layer')}, {parameters}, {products}"


def placed_text(one: PlacedNetwork) -> str:
    """Return a network's layers and where they stand."""
    return layouts_text([one])


def layouts_text(every: Sequence[PlacedNetwork]) -> str:
    """Return the layers of networks and where they stand."""
    lines = [line for one in every for line in wrapped(placed_totals(one))] or ["no network"]
    lines = folded(lines, _LAYERS)
    return screen([*lines, *folded(_tables(placed_tables(every)), HEIGHT - len(lines))])


def placed_totals(one: PlacedNetwork) -> str:
    """Return how much there is of a network, and on which sheet."""
    return f"{totals(one.network)}, on {one.layout.sheet}"


def placed_tables(every: Sequence[PlacedNetwork]) -> list[list[Line]]:
    """Return the lines of every table: heads that share layers are in one."""
    sheets = sorted({one.layout.sheet for one in every})
    return joined(
        (
            sheets.index(one.layout.sheet),
            summary_of(one.network, [place.planes for place in one.layout.places]),
        )
        for one in every
    )


def generated_text(made: Generated) -> str:
    """Return what was written, what the network says of its input, and the layers."""
    shown = replace(made, path=Path(short_path(str(made.path))))
    lines = [line for one in generated_words(shown) for line in wrapped(one)]
    tables = _tables(placed_tables(made.networks))
    return screen([*lines, *folded(tables, max(HEIGHT - len(lines), 1))])


def generated_words(made: Generated) -> Iterator[str]:
    """Yield where a workbook was written, what there is to say of it, and the predictions."""
    formulas = int(made.book.workbook.sheets[0].is_formula.sum())
    yield f"{made.path}: {counted(formulas, 'formula')}, each with its value"
    yield from filter(
        None, (made.remark, *(f"warning: {one}" for one in made.warning.split("\n") if one))
    )
    pairs = zip(made.networks, made.book.outputs, strict=True)
    yield from filter(None, (predicted(one.network, output) for one, output in pairs))


def reproduction_text(made: Reproduction) -> str:
    """Return how much is at its address again, and what is not."""
    lines = [line for one in reproduction_lines(made) for line in wrapped(one)]
    return screen(folded(lines, HEIGHT))


def workbook_text(book: LiftedWorkbook) -> str:
    """Return what is in a workbook, and the layers of its networks."""
    lines = wrapped(f"{short_path(book.path)}: {contents(book)}")
    every = [(one.sheet, summary_of(one.network, one.planes(book.lifted)))
             for one in book.networks]  # fmt: skip
    return screen([*lines, *folded(_tables(joined(every)), HEIGHT - len(lines))])


def contents(book: LiftedWorkbook) -> str:
    """Return how much of what is in a workbook: sheets, formulas, networks."""
    sheets = book.workbook.sheets
    formulas = sum(int(sheet.is_formula.sum()) for sheet in sheets)
    cells = sum(map(len, sheets))
    parts = (
        counted(len(sheets), "sheet"), counted(cells, "cell"), counted(formulas, "formula"),
        counted(len(book.networks), "network"),
    )  # fmt: skip
    return ", ".join(parts)


def inspection_text(found: Inspection) -> str:
    """Return every layer with its shape and the distribution of its activations."""
    found = replace(found, path=short_path(found.path))
    if not found.networks:
        return screen(wrapped(nothing_found(found)))
    lines = []
    for one in joined_heads(found.networks):
        lines += [*wrapped(str(heading(found, one))), *_statistics(one)]
    unlifted = [
        line
        for one in islice(found.unlifted, HEIGHT)
        for line in wrapped(f"  in no layer {one.sheet}!{one.range}: {one.reason}; {one.formula}")
    ]
    lines = folded(lines, HEIGHT - min(len(unlifted), 4))
    return screen([*lines, *folded(unlifted, HEIGHT - len(lines))])


def _statistics(one: InspectedNetwork) -> Iterable[str]:
    titles = ("name", "type", "output", "parameters", "mean", "std", "near 0", "min", "max")
    rows = []
    for layer in one.layers:
        own = layer.statistics
        std = "" if own.std is None else number_text(own.std)
        rows.append((
            *row_of(layer.line)[:4], number_text(own.mean), std, f"{own.near_zero:.1%}",
            number_text(own.least), number_text(own.largest),
        ))  # fmt: skip
    return table_lines(titles, rows, right=range(3, len(titles)))


def explanation_text(found: Explanation) -> str:
    """Return what a cell is and how it comes about; the middle of what is long is left out."""
    page = io.StringIO()
    print_explanation(page_console(page, WIDTH), found)
    return screen(without_middle(page.getvalue().rstrip("\n").split("\n")))


def trace_text(trace: Trace) -> str:
    """Return the beginning of a trace's tree."""
    return screen(trace_lines(trace))


def trace_lines(trace: Trace) -> list[str]:
    """Return a trace's tree."""
    page = io.StringIO()
    draw_trace(page_console(page, WIDE), trace, "depth=None follows them")
    return page.getvalue().rstrip("\n").split("\n")


def diff_text(found: Diff) -> str:
    """Return the changes by kind, of each as many as there is room for."""
    found = replace(found, before=short_path(found.before), after=short_path(found.after))
    for most in (12, 5, 3, 2, 1):
        lines = list(diff_lines(found, most, ".changes has them all"))
        if len(lines) <= HEIGHT - 1:
            break
    return screen([*wrapped(lines[0]), *lines[1:]])


def _tables(every: Iterable[list[Line]] | Iterable[list[Row]]) -> list[str]:
    return [
        text
        for lines in every
        for text in table_lines(TITLES, [row_of(line) for line in lines], right=NUMBERS)
    ]
