"""A formula -> another one that gives the same, and that is no answer to copy.

Rules of arithmetic only: a sum of products from the squares of sums and differences, the larger
of two from half their sum and distance, and so on. Knows no network and no cell.
"""

from __future__ import annotations

from collections.abc import Callable

from xlconv.spreadsheet.formula import Area, Binary, Call, Node, Number, Ref
from xlconv.spreadsheet.formula.nodes import children, with_children

_SIGNS = {"+", "-", "*", "/", "^"}
_OF_MANY = {"LARGE", "SMALL", "SUM", "SUMPRODUCT", "COUNT", "AVERAGE"}  # ranges -> one number


def respelled(tree: Node) -> Node:
    """Return a formula that gives the same for all numbers, spelled in another way.

    Where no rule fits, a part stays as it is. The products of two ranges may be summed by SUM
    in an array formula; the formula that is returned needs none. Blank cells count as 0, as
    they do in the original; texts do not: `sums_of_products` with words among their cells are
    not to be spelled anew.
    """
    tree = with_children(tree, tuple(respelled(one) for one in children(tree)))
    if isinstance(tree, Call):
        rule = _RULES.get(tree.name)
        return rule(tree.arguments) or tree if rule is not None else tree
    return tree


def _sum_of_products(arguments: tuple[Node, ...]) -> Node | None:
    """SUMPRODUCT(a,b) is (SUMPRODUCT((a+b)^2)-SUMPRODUCT((a-b)^2))/4."""
    if len(arguments) != 2 or not all(map(_is_range, arguments)):
        return None
    one, other = arguments
    squares = [
        Call("SUMPRODUCT", (Binary("^", Binary(sign, one, other), Number(2.0)),))
        for sign in ("+", "-")
    ]
    return Binary("/", Binary("-", squares[0], squares[1]), Number(4.0))


def _sum(arguments: tuple[Node, ...]) -> Node | None:
    match arguments:
        case (Binary("*", left, right),) if _is_range(left) and _is_range(right):
            return _sum_of_products((left, right))
        case (Area() as area,):
            return Binary("*", Call("AVERAGE", (area,)), Call("COUNT", (area,)))
    return None


def _largest(arguments: tuple[Node, ...]) -> Node | None:
    match arguments:
        case (Area() as area,):
            return Call("LARGE", (area, Number(1.0)))
        case (one, other) if not isinstance(one, Area) and not isinstance(other, Area):
            total, apart = _added(one, other), Call("ABS", (_less(one, other),))
            return Binary("/", Binary("+", total, apart), Number(2.0))
    return None


def _smallest(arguments: tuple[Node, ...]) -> Node | None:
    match arguments:
        case (Area() as area,):
            return Call("SMALL", (area, Number(1.0)))
    return None


def _average(arguments: tuple[Node, ...]) -> Node | None:
    match arguments:
        case (Area() as area,):
            return Binary("/", Call("SUM", (area,)), Call("COUNT", (area,)))
    return None


def _power_of_e(arguments: tuple[Node, ...]) -> Node | None:
    match arguments:
        case (one,) if _is_simple(one):
            half = Call("EXP", (Binary("/", one, Number(2.0)),))
            return Binary("^", half, Number(2.0))
    return None


def _either(arguments: tuple[Node, ...]) -> Node | None:
    if len(arguments) != 3:
        return None
    asked, then, otherwise = arguments
    return Call("IF", (Call("NOT", (asked,)), otherwise, then))


_RULES: dict[str, Callable[[tuple[Node, ...]], Node | None]] = {
    "SUMPRODUCT": _sum_of_products,
    "SUM": _sum,
    "MAX": _largest,
    "MIN": _smallest,
    "AVERAGE": _average,
    "EXP": _power_of_e,
    "IF": _either,
}


def _added(one: Node, other: Node) -> Node:
    """Return a sum, without what adds nothing."""
    if one == Number(0.0) or other == Number(0.0):
        return other if one == Number(0.0) else one
    return Binary("+", one, other)


def _less(one: Node, other: Node) -> Node:
    """Return a difference whose sign does not matter."""
    if one == Number(0.0) or other == Number(0.0):
        return other if one == Number(0.0) else one
    return Binary("-", one, other)


def _is_range(tree: Node) -> bool:
    """Whether it is cells, or cells from which others are taken."""
    match tree:
        case Area() | Ref():
            return True
        case Binary("-", Area() | Ref(), Area() | Ref()):
            return True
    return False


def _is_simple(tree: Node) -> bool:
    """Whether it is arithmetic of single cells, so that no array formula is needed."""
    if isinstance(tree, Binary):
        return tree.operator in _SIGNS and all(map(_is_simple, children(tree)))
    return isinstance(tree, Ref | Number) or (isinstance(tree, Call) and tree.name in _OF_MANY)
