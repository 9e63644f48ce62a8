"""Formulas as small trees: text -> tree by `parse`, tree -> text by `render` alone.

`nodes` is what a tree is made of; `template` compares texts without parsing them. The
names below are those that other packages need. Never evaluates.
"""

from xlconv.spreadsheet.formula.nodes import (
    Area,
    Axis,
    Binary,
    Call,
    Node,
    Number,
    Ref,
    Unary,
    area_of,
    areas_of,
    corners,
    mapped,
    on_sheet,
    plus,
    references,
)
from xlconv.spreadsheet.formula.render import (
    MAX_FORMULA_LENGTH,
    number_text,
    render,
    render_block,
)
from xlconv.spreadsheet.formula.template import (
    Template,
    capitals,
    fill,
    scan,
    undollared,
    undollared_pieces,
)

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
    "Unary",
    "area_of",
    "areas_of",
    "capitals",
    "corners",
    "fill",
    "mapped",
    "number_text",
    "on_sheet",
    "plus",
    "references",
    "render",
    "render_block",
    "scan",
    "undollared",
    "undollared_pieces",
]
