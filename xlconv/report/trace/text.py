"""A trace as a tree for people: one line per range, planes of a tensor folded where many."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from xlconv.analysis.cell_values import cell_formula, cell_value, value_text
from xlconv.analysis.trace import Edge, Node, Trace
from xlconv.plurals import counted
from xlconv.spreadsheet.precedents.region import union

# So many planes of one tensor have a line each; so many ranges of one line.
_APART, _RANGES = 4, 3
_MOST_LEVELS = 24

# Where nobody looks at it on a screen, a line is as long as its formula.
WIDE = 20_000
_STYLES = {
    "input": "bold", "activation": "bold", "helper": "bold", "formulas": "bold",
    "annotation": "bold",
    "weight": "magenta", "bias": "magenta", "padding": "dim", "cells": "",
}  # fmt: skip


def draw_trace(console: Console, trace: Trace, further: str = "--all follows them") -> None:
    """Print the cell with its formula and value, and below it what the trace found.

    The console has to be wide enough; `further` says how to see the rest.
    """
    console.print(_Drawing(trace).tree())
    for line in remarks(trace, further):
        console.print(line, soft_wrap=True)


def remarks(trace: Trace, further: str = "--all follows them") -> list[str]:
    """Return what a reader of a trace should know of it besides its nodes."""
    lines = []
    word = "dependents" if trace.is_dependents else "precedents"
    if len(trace.nodes) == 1 and not trace.edges:
        lines.append(f"no {word}")
    elif not trace.is_whole:
        lines.append(f"{word} go on; {further} to the end")
    if trace.not_followed:
        lines.append(f"not followed: {', '.join(trace.not_followed)}")
    return lines


class _Drawing:
    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.steps: dict[int, list[Edge]] = defaultdict(list)
        for edge in trace.edges:
            self.steps[edge.of].append(edge)
        self.expanded: set[int] = set()

    def tree(self) -> Tree:
        tree = Tree(_root(self.trace))
        self._grow(tree, [0], 1)
        return tree

    def _grow(self, branch: Tree, nodes: list[int], level: int) -> None:
        """Add what some nodes lead to below them; what was shown before is not shown again."""
        fresh = [k for k in nodes if k not in self.expanded]
        self.expanded |= set(fresh)
        edges = [edge for k in fresh for edge in self.steps[k]]
        if edges and level > _MOST_LEVELS:
            branch.add(Text("… more levels; --format json has them all", "dim"))
            return
        by_node: dict[int, list[Edge]] = defaultdict(list)
        for edge in edges:
            by_node[edge.to].append(edge)
        order = sorted(by_node, key=lambda k: self.trace.nodes[k].owner.rank)
        for _, some in groupby(order, key=self._family):
            family = list(some)
            for part in [family] if len(family) > _APART else [[one] for one in family]:
                line = self._line(part, [edge for k in part for edge in by_node[k]])
                shown = all(k in self.expanded or not self.steps[k] for k in part)
                if shown and any(self.steps[k] for k in part):
                    branch.add(line.append(" (as above)", "dim"))
                else:
                    self._grow(branch.add(line), part, level + 1)

    def _family(self, k: int) -> tuple[str, str, int, int]:
        owner = self.trace.nodes[k].owner
        name = "" if owner.kind == "padding" else owner.name
        return owner.kind, name, owner.tensor, owner.sheet

    def _line(self, part: list[int], edges: list[Edge]) -> Text:
        nodes = [self.trace.nodes[k] for k in part]
        first = nodes[0]
        style = _STYLES[first.owner.kind]
        if len(nodes) > 1:
            text = Text(_folded(nodes), style)
        else:
            region = union(edge.region for edge in edges)
            same = region == first.region
            text = Text(first.label if same else self.trace.label(first.owner, region), style)
            if len(region) == 1:
                value = cell_value(self.trace.book, first.owner.sheet, region.bounds)
                text.append(f" = {value_text(value)}" if value is not None else "", "")
        return text.append(f"  {self._ranges(nodes, edges)}", "cyan")

    def _ranges(self, nodes: list[Node], edges: list[Edge]) -> str:
        areas = union(edge.region for edge in edges).ranges
        names = [area.name for area in areas]
        shown = ", ".join(names[:_RANGES])
        if len(names) > _RANGES:
            shown = f"{names[0]} … {names[-1]} ({len(names):,} ranges)"
        sheet = nodes[0].owner.sheet
        own = sheet == self.trace.sheet
        return shown if own else f"{self.trace.book.sheet_name(sheet)}!{shown}"


def _root(trace: Trace) -> Text:
    book, (sheet, cell) = trace.book, (trace.sheet, trace.cell)
    text = Text(book.cell_name(sheet, cell), "bold cyan")
    text.append(f"  {trace.nodes[0].label}", "bold")
    formula = cell_formula(book, sheet, cell)
    if formula is not None:
        text.append(f"  {formula}", "green")
    value = cell_value(book, sheet, trace.nodes[0].region.bounds)
    return text.append(f"  → {value_text(value)}") if value is not None else text


def _folded(nodes: list[Node]) -> str:
    first, last = nodes[0], nodes[-1]
    cells = sum(len(node.region) for node in nodes)
    if first.owner.kind in ("formulas", "padding"):
        blocks = f"in {counted(len(nodes), 'block')}"
        if first.owner.kind == "formulas":
            return f"{counted(cells, 'formula')} {blocks}"
        return f"{counted(cells, 'cell')} beyond their planes {blocks}"
    sizes = {node.region.bounds.size for node in nodes}
    size = ""
    if len(sizes) == 1 and sizes != {(1, 1)}:
        ((height, width),) = sizes
        size = f" {height}×{width} each"
    return f"{first.owner.title} … {last.owner.title}{size}, {counted(cells, 'cell')}"
