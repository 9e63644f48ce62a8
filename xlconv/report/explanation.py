"""An explanation of a cell as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from msgspec.structs import asdict
from rich.console import Console
from rich.text import Text

from xlconv.analysis.dependents import Dependents
from xlconv.analysis.explanation import Answers, Explanation, Part, same
from xlconv.analysis.formula_steps import Scalar, Step
from xlconv.analysis.receptive_fields import Field
from xlconv.arrays import by_shape
from xlconv.plurals import counted
from xlconv.report.formula.formula_tree import formula_tree
from xlconv.report.formula.matrices import scalar_text
from xlconv.report.formula.worked_lines import worked_lines
from xlconv.report.text_table import row_lines

JSON_VERSION = 2
_FEW = 4


def print_explanation(console: Console, found: Explanation) -> None:
    """Print what a cell is, its formula worked out, what it sees and what reads it."""
    print_worked_out(console, found)
    for title, rows in (
        ("sees", [field_row(one) for one in found.fields]),
        ("is read by", [dependents_row(one) for one in found.dependents]),
        (
            "reaches",
            [dependents_row(one) for one in found.all_dependents] if not found.formula else [],
        ),
    ):
        if rows:
            for line in _table(title, rows, console.width):
                console.print(Text(line), soft_wrap=True)
    if not found.dependents:
        console.print("  no formula reads it")


def print_worked_out(console: Console, found: Explanation) -> None:
    """Print what a cell is, and its formula worked out."""
    for line in _heading(found):
        console.print(line, soft_wrap=True)
    if found.step is not None:
        for part in found.parts:
            _print_part(console, part, found.sheet)
        console.print()
        if not found.layers:
            console.print(formula_tree(found.step))
            console.print()
        for line in worked_lines(found.step, console.width):
            console.print(line, soft_wrap=True)
    if found.answers is not None:
        console.print(_answers(found.answers), soft_wrap=True)
        console.print()


def _print_part(console: Console, part: Part, home: str) -> None:
    cell = part.cell.removeprefix(f"{home}!")
    console.print(f"\nwhere {part.role} ({cell}) is {part.formula}", soft_wrap=True)
    if part.step is not None:
        for line in worked_lines(part.step, console.width):
            console.print(line, soft_wrap=True)


def _heading(found: Explanation) -> Iterator[Text]:
    text = Text(found.name, "bold")
    text.append(": ", "default")
    if found.role:
        text.append(found.role)
    what = _what(found)
    if what:
        text.append(f", {what}" if found.role else what, "default")
    if found.sample is not None:
        text.append(" (sample {} of {})".format(*found.sample), "default")
    yield text
    if found.formula:
        yield Text(found.formula, "cyan")
    for one in found.remarks:
        yield Text(f"  ! {one}", "yellow")


def _what(found: Explanation) -> str:
    kinds = {
        "input": "an input", "weight": "a weight", "bias": "a bias",
        "helper": "a helper of the layer",
    }  # fmt: skip
    role = (
        kinds.get(found.role_kind)
        or ", then ".join(layer.title for layer in found.layers)
        or found.annotation
    )
    if found.kind == "formula":
        return role or "a formula in no layer"
    shown = "blank" if found.kind == "blank" else f"the {found.kind} {_exact(found.value)}"
    return f"{role}: {shown}" if role else shown


def _exact(value: Scalar) -> str:
    if isinstance(value, float):
        return f"{value:.15g}".replace("-", "−")
    return f"{value!r}" if isinstance(value, str) and not value.startswith("#") else f"{value}"


def _answers(answers: Answers) -> Text:
    given = [
        ("stored", answers.stored), ("formula", answers.formula), ("network", answers.network),
    ]  # fmt: skip
    known = [(name, value) for name, value in given if value is not None]
    text = Text("  " + "   ".join(f"{name} {_digits(value)}" for name, value in known))
    if len(known) > 1:
        agree = all(same(known[0][1], value) for _, value in known)
        text.append("   ✓ the same" if agree else "   ✗ not the same", "green" if agree else "red")
    return text


def _digits(value: Scalar) -> str:
    return f"{value:.10g}".replace("-", "−") if isinstance(value, float) else scalar_text(value)


def _table(title: str, rows: list[tuple[str, ...]], width: int) -> Iterator[str]:
    named = [(f" {'' if number else title:<10}", *row) for number, row in enumerate(rows)]
    return row_lines(named, width)


def field_row(field: Field) -> tuple[str, ...]:
    """Return what is seen of a tensor: its name, how much, and where."""
    size = by_shape(field.size) + (f" in {field.planes} planes" if field.planes > 1 else "")
    past = ", ".join(f"{count} {side}" for side, count in field.padding)
    where = _ranges(field.ranges) or "nothing but padding"
    where += ", with gaps" if field.has_gaps else ""
    return field.name, size, where + (f"; reaches padding: {past}" if past else "")


def dependents_row(one: Dependents) -> tuple[str, ...]:
    """Return what reads a cell: the layer, how many of its cells, and where."""
    return one.name or "no layer", counted(one.cells, "cell"), _ranges(one.ranges)


def _ranges(ranges: tuple[str, ...]) -> str:
    if len(ranges) <= _FEW:
        return ", ".join(ranges)
    return f"{', '.join(ranges[:2])} … {ranges[-1]} ({len(ranges)} ranges)"


def as_json(found: Explanation) -> str:
    """Return the JSON contract, version 2; it holds no NaN.

    {"version", "path", "sheet", "cell", "kind", "role", "role_kind", "layers": [text],
    "formula", "value", "stored", "from_formula", "from_network", "remarks", "step": STEP,
    "parts": [{"cell", "role", "formula", "step": STEP}], "fields": [{"name", "sheet",
    "size", "planes", "ranges", "padding": {side: lines}, "has_gaps"}], "dependents" and
    "all_dependents": [{"name", "sheet", "ranges", "cells"}], "annotation", "sample"}

    "sample" is [which, of how many] of a network that is applied to several, else null.

    STEP is null or {"text", "operation", "values", "reason", "operands": [STEP]}, with
    "sheet", "range" and "name" where it is a reference, and "products" where it sums
    them. A value is a number, a boolean, a text (or an error's name), or null for blank;
    what is not known is null too.
    """
    own = found.answers
    table: dict[str, Any] = {
        "version": JSON_VERSION, "path": found.path, "sheet": found.sheet, "cell": found.cell,
        "kind": found.kind, "role": found.role, "role_kind": found.role_kind,
        "layers": [one.title for one in found.layers], "formula": found.formula,
        "value": found.value,
        "stored": own.stored if own else None,
        "from_formula": own.formula if own else None,
        "from_network": own.network if own else None,
        "remarks": list(found.remarks),
        "step": _step(found.step),
        "parts": [
            {"cell": one.cell, "role": one.role, "formula": one.formula, "step": _step(one.step)}
            for one in found.parts
        ],
        "fields": [asdict(one) | {"padding": dict(one.padding)} for one in found.fields],
        "dependents": [asdict(one) for one in found.dependents],
        "all_dependents": [asdict(one) for one in found.all_dependents],
        "annotation": found.annotation,
        "sample": None if found.sample is None else list(found.sample),
    }  # fmt: skip
    return json.dumps(table, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _step(step: Step | None) -> dict[str, Any] | None:
    if step is None:
        return None
    table: dict[str, Any] = {
        "text": step.text, "operation": step.operation, "values": step.values,
        "reason": step.reason, "operands": [_step(one) for one in step.operands],
    }  # fmt: skip
    if step.area is not None:
        table |= {"sheet": step.sheet, "range": step.area.name, "name": step.name}
    if step.products:
        table["products"] = step.products
    return table
