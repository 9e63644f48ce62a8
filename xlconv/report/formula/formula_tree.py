"""A formula as a tree, every part with its value: for formulas that no layer spells."""

from __future__ import annotations

from rich.text import Text
from rich.tree import Tree

from xlconv.analysis.formula_steps import Step
from xlconv.report.formula.matrices import scalar_text

_INLINE = 9  # a range of so few cells is written out


def formula_tree(step: Step) -> Tree:
    """Return the formula as a tree, every part with its value."""
    root = Tree(_node(step), guide_style="dim")
    _grow(root, step)
    return root


def _grow(tree: Tree, step: Step) -> None:
    for one in step.operands:
        _grow(tree.add(_node(one)), one)


def _node(step: Step) -> Text:
    text = Text(step.text)
    if not step.operation and step.area is None:
        return text  # a constant is its own value
    if step.name:
        text.append(f" ({step.name})", "dim")
    if step.reason:
        return text.append(f": {step.reason}", "yellow")
    height, width = step.size
    if step.is_single:
        shown = "blank" if step.value is None else scalar_text(step.value)
        return text.append(f" = {shown}", "bold")
    if height * width <= _INLINE:
        rows = "; ".join(", ".join(map(scalar_text, row)) for row in step.values)
        return text.append(f" = [{rows}]")
    return text.append(f": {height}×{width} values")
