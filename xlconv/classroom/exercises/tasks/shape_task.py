"""The task of sizes: how many channels, rows and columns every layer gives.

What is right is a check by the rule of the layer's window, with its numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from xlconv.classroom.exercise_file import Answer, Task
from xlconv.classroom.exercises.sheets.papers import Papers
from xlconv.classroom.exercises.sheets.tasks_sheet import Counter, counted
from xlconv.layers.base.output_size import OutputSize
from xlconv.layout.output_sizes import output_sizes
from xlconv.lowering.panel import size_title
from xlconv.network.network import Network
from xlconv.spreadsheet.addresses import MAX_ROWS, Cell, Range, a1_name

_PROBE = re.compile(r"^(← (?:its|the) (?:row|column)[^,:]*), 0 to \d+:")
_PROBE_HINT = re.compile(r"^(The (?:row|column) of .*, counted from 0) to \d+$")


def ask_shapes(papers: Papers) -> None:
    """Ask for the size of every layer's output; a vector is one column."""
    network, words, page = papers.networks[0].network, papers.language.words, papers.page
    heads = [words[key] for key in ("layer", "channels", "rows", "columns")]
    sizes = [shape if len(shape) == 3 else (1, *shape, 1) for shape in network.shapes[1:]]
    total = 3 * len(sizes)
    checks = Range(papers.row, 0, papers.row + total - 1, 0)
    page.head(words["sizes"], float(total), Counter(counted([checks]), total))
    text = papers.language.tasks["shapes"]
    page.lines(text)
    cells = page.table(heads, network.names, MAX_ROWS)
    page.space()
    answers: dict[Cell, Answer] = {}
    for k, (row, size) in enumerate(zip(cells, sizes, strict=True)):
        rules = output_sizes(network, k) if len(network.shapes[k + 1]) == 3 else (None, None)
        for cell, number, rule in zip(row, size, (None, *rules), strict=True):
            answers[cell] = float(number)
            asked = f"{page.name}!{a1_name(cell)}"
            right = f"IF({asked}={_rule(rule, number)},1,0)"
            papers.check(f"IFERROR(IF(ISNUMBER({asked}),{right},0),0)")
    papers.told = without_sizes(network)
    areas = tuple(Range(*row[0], *row[-1]) for row in cells)
    papers.tasks.append(Task("shapes", "shapes", float(total), page.name, areas, text, answers))


def _rule(rule: OutputSize | None, number: int) -> str:
    if rule is None or rule.ceil:
        return str(number)
    return f"INT(({rule.padded}-{rule.extent})/{rule.stride})+1"


def without_sizes(network: Network) -> Callable[[str], str]:
    """Return what takes the sizes of layers, which are asked for, out of a sheet's texts.

    Out of titles, out of the comments on first cells, and out of what the probe may choose.
    """
    names = "|".join(map(re.escape, network.names))
    sizes = "|".join(re.escape(size_title(one)) for one in network.shapes[1:])
    title = re.compile(rf"^((?:{names})\b.*?) · (?:{sizes})(?= · |$)")
    cells = re.compile(rf"^((?:{names})\[\d+\]): [\d,]+×[\d,]+ cells, each of them")
    patterns = (
        (title, r"\1"), (cells, r"\1: each of its cells"),
        (_PROBE, r"\1:"), (_PROBE_HINT, r"\1"),
    )  # fmt: skip

    def told(text: str) -> str:
        for pattern, other in patterns:
            text = pattern.sub(other, text)
        return text

    return told
