"""A trace as a graph for programs: JSON (a versioned contract) and Graphviz."""

from __future__ import annotations

import json
from typing import Any

from xlconv.analysis.cell_values import cell_formula, cell_value
from xlconv.analysis.trace import Trace
from xlconv.spreadsheet.precedents.region import Region

JSON_VERSION = 2
_RANGES = 3
_FILLS = {
    "input": "#E2E8F0", "activation": "#FDE7CC", "helper": "#FDE7CC", "weight": "#DBEAFE",
    "bias": "#DBEAFE", "padding": "#F8FAFC", "formulas": "#EDE9FE", "annotation": "#EDE9FE",
    "cells": "#FFFFFF",
}  # fmt: skip


def trace_json(trace: Trace) -> str:
    """Return a trace as JSON, version 2, free of NaN.

    `{"version", "path", "sheet", "cell", "direction": "precedents" | "dependents",
    "formula": "=..." | null, "value": number | text | bool | null, "complete": bool,
    "cells": how many, "nodes": [{"id", "level", "kind", "name", "index", "label", "sheet",
    "ranges", "cells"}], "edges": [{"from", "to", "ranges"}], "not_followed": [text]}`.
    Node 0 is the cell. Edges go the way of the data: from a precedent to its dependent;
    their ranges are the part of the newly found node that is a direct precedent (or
    dependent) of the other. Values that no JSON number can say are null.
    """
    book = trace.book
    edges = [
        {"from": start, "to": end, "ranges": _names(region)} for start, end, region in flows(trace)
    ]
    content: dict[str, Any] = {
        "version": JSON_VERSION,
        "path": book.path,
        "sheet": book.sheet_name(trace.sheet),
        "cell": book.cell_name(trace.sheet, trace.cell).rpartition("!")[2],
        "direction": "dependents" if trace.is_dependents else "precedents",
        "formula": cell_formula(book, trace.sheet, trace.cell),
        "value": cell_value(book, trace.sheet, trace.cell),
        "complete": trace.is_whole,
        "cells": sum(len(trace.cells(k)) for k in range(len(book.workbook.sheets))),
        "nodes": [_node(trace, k) for k in range(len(trace.nodes))],
        "edges": edges,
        "not_followed": trace.not_followed,
    }
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _node(trace: Trace, number: int) -> dict[str, Any]:
    node = trace.nodes[number]
    return {
        "id": number,
        "level": node.level,
        "kind": node.owner.kind,
        "name": node.owner.title,
        "index": list(node.owner.index),
        "label": node.label,
        "sheet": trace.book.sheet_name(node.owner.sheet),
        "ranges": _names(node.region),
        "cells": len(node.region),
    }


def trace_dot(trace: Trace) -> str:
    """Return a trace as a Graphviz digraph; edges go from precedents to dependents."""
    lines = ["digraph trace {", "  rankdir=LR;"]
    lines.append('  node [shape=box, style=filled, fontname="Helvetica", fontsize=11];')
    lines.append('  edge [color="#1D4ED8"];')
    for k, node in enumerate(trace.nodes):
        names = _names(node.region)
        where = ", ".join(names[:_RANGES]) + (f" … ({len(names):,})" if names[_RANGES:] else "")
        if node.owner.sheet != trace.sheet:
            where = f"{trace.book.sheet_name(node.owner.sheet)}!{where}"
        label = _quoted(f"{node.label}\n{where}")
        bold = ", penwidth=3" if k == 0 else ""
        lines.append(f'  n{k} [label={label}, fillcolor="{_FILLS[node.owner.kind]}"{bold}];')
    lines += [f"  n{start} -> n{end};" for start, end, _ in flows(trace)]
    return "\n".join((*lines, "}")) + "\n"


def flows(trace: Trace) -> list[tuple[int, int, Region]]:
    """Return the edges the way of the data: (precedent, dependent, the part newly found)."""
    if trace.is_dependents:
        return [(edge.of, edge.to, edge.region) for edge in trace.edges]
    return [(edge.to, edge.of, edge.region) for edge in trace.edges]


def _names(region: Region) -> list[str]:
    return [area.name for area in region.ranges]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
