"""Formulas as small trees; only `render` makes text."""

from xlconv.formula.nodes import (
    Area,
    Axis,
    Binary,
    Call,
    Node,
    Number,
    Ref,
    areas_of,
    plus,
)
from xlconv.formula.template import Template, fill, scan
from xlconv.formula.render import MAX_FORMULA_LENGTH, number_text, render, render_block

__all__ = [
    "MAX_FORMULA_LENGTH",
    "Area",
    "Axis",
    "Binary",
    "Call",
    "Node",
    "Number",
    "Ref",
    "Template",
    "areas_of",
    "fill",
    "number_text",
    "plus",
    "render",
    "render_block",
    "scan",
]
