"""Names in formulas, LET's own and those of the workbook, replaced by what they stand for.

What comes out has no names of its own, so that nobody else needs to know them. Never
evaluates.
"""

from __future__ import annotations

from collections.abc import Mapping

from xlconv.spreadsheet.formula.nodes import (
    Area,
    Axis,
    Call,
    Node,
    Ref,
    Unknown,
    children,
    with_children,
)
from xlconv.spreadsheet.values import Unsupported
from xlconv.spreadsheet.workbook import DefinedNames

# A name that stands in a name that stands in a name grows without limit.
_MOST_NODES = 5_000
_DEEPEST = 180


def without_local_names(tree: Node) -> Node:
    """Return the tree with every LET written out. Raises Unsupported where that is too long."""
    return _Expansion().expanded(tree, {}, 0) if _has_names(tree) else tree


def _has_names(tree: Node) -> bool:
    if isinstance(tree, Call) and tree.name == "LET":
        return True
    return any(_has_names(child) for child in children(tree))


def without_defined_names(tree: Node, names: Mapping[str, Node]) -> Node:
    """Return the tree with the ranges that defined names, by their small letters, stand for."""
    if isinstance(tree, Unknown):
        return names.get(tree.text.casefold(), tree)
    inner = tuple(without_defined_names(one, names) for one in children(tree))
    return with_children(tree, inner) if inner else tree


def ranges_of_names(names: DefinedNames, own: str) -> dict[str, Node]:
    """Return the references that names of one range stand for, on the sheet `own`."""
    found: dict[str, Node] = {}
    for name, ranges in names:
        if len(ranges) == 1:
            home, area = ranges[0]
            sheet = None if home == own else home
            first = _fixed(area.top, area.left, sheet)
            single = area.size == (1, 1)
            node = first if single else Area(first, _fixed(area.bottom, area.right, sheet))
            if home == own or name.casefold() not in found:
                found[name.casefold()] = node
    return found


def _fixed(row: int, column: int, sheet: str | None) -> Ref:
    return Ref(Axis(row, absolute=True), Axis(column, absolute=True), sheet)


class _Expansion:
    """Counts the nodes that it makes."""

    def __init__(self) -> None:
        self._count = 0

    def expanded(self, tree: Node, names: dict[str, Node], depth: int) -> Node:
        self._count += 1
        if self._count > _MOST_NODES or depth > _DEEPEST:
            raise Unsupported("LET with names that stand for too much")
        if isinstance(tree, Unknown) and _name(tree) in names:
            # Once more, to be counted: its own names are gone.
            return self.expanded(names[_name(tree)], {}, depth + 1)
        if isinstance(tree, Call) and tree.name == "LET":
            return self._let(tree, names, depth)
        inner = tuple(self.expanded(one, names, depth + 1) for one in children(tree))
        return with_children(tree, inner) if inner else tree

    def _let(self, tree: Call, names: dict[str, Node], depth: int) -> Node:
        *pairs, result = tree.arguments or (tree,)
        if not pairs or len(pairs) % 2:
            raise Unsupported("LET with too few or too many arguments")
        names = dict(names)
        for name, value in zip(pairs[::2], pairs[1::2], strict=True):
            if not isinstance(name, Unknown):
                raise Unsupported("LET of what is no name")
            names[_name(name)] = self.expanded(value, names, depth + 1)
        return self.expanded(result, names, depth + 1)


def _name(tree: Unknown) -> str:
    return tree.text.casefold().removeprefix("_xlpm.")
