"""Turns formula text into a tree: tokens, then precedence climbing.

`parse` is the inverse of `render`. What the grammar does not have raises
FormulaError, which says where it stopped; nothing is guessed, and nothing evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from xlconv.errors import FormulaError
from xlconv.spreadsheet.formula import nodes
from xlconv.spreadsheet.formula.nodes import Node, children
from xlconv.spreadsheet.formula.reference_text import reference_of
from xlconv.spreadsheet.formula.render import MAX_FORMULA_LENGTH, PRECEDENCE
from xlconv.spreadsheet.formula.tokenizer import Token, tokens

# How deep a tree may be; Excel nests functions 64 deep.
MAX_DEPTH = 180
_DIGITS = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[Ee][+-]?[0-9]+)?")


def parse(text: str) -> Node:
    """Return the tree of a formula without its `=`. Raises FormulaError."""
    if len(text) >= MAX_FORMULA_LENGTH:
        raise FormulaError(f"{len(text) + 1:,} characters; Excel takes {MAX_FORMULA_LENGTH:,}")
    stream = _Stream(iter(tokens(text)))
    tree = _expression(stream, 0, 0)
    if stream.token is not None:
        raise FormulaError(f"{stream.token.value!r} where the formula should end")
    _check_depth(tree)
    return tree


def operands(text: str) -> list[tuple[str, Node]]:
    """Return the references and names in a formula without its `=`, each with its text.

    Also of formulas that are outside the language, as far as they can be cut into
    tokens. Raises FormulaError.
    """
    found = [one.value for one in tokens(text) if (one.type, one.subtype) == ("OPERAND", "RANGE")]
    return [(one, reference_of(one)) for one in found]


def _check_depth(tree: Node) -> None:
    """Refuse what the walks over trees, which recurse, could not follow."""
    level, depth = [tree], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise FormulaError(f"deeper than {MAX_DEPTH} operations")
        level = [child for one in level for child in children(one)]


class _Stream:
    """The tokens, with one to look at."""

    def __init__(self, tokens: Iterator[Token]) -> None:
        self._tokens = tokens
        self.token = next(tokens, None)

    def take(self) -> Token:
        token = self.token
        if token is None:
            raise FormulaError("ends too early")
        self.token = next(self._tokens, None)
        return token

    def at(self, kind: str, subtype: str | None = None) -> bool:
        token = self.token
        return token is not None and token.type == kind and subtype in (None, token.subtype)


def _expression(stream: _Stream, least: int, depth: int) -> Node:
    left = _postfixed(stream, depth)
    links = 0
    while stream.token is not None and stream.at("OPERATOR-INFIX"):
        operator = stream.token.value
        own = PRECEDENCE.get(operator)
        if own is None:
            raise FormulaError(f"the operator {operator!r} is not supported")
        if own < least:
            break
        links += 1
        if depth + links > MAX_DEPTH:
            raise FormulaError(f"deeper than {MAX_DEPTH} operations")
        stream.take()
        left = nodes.Binary(operator, left, _expression(stream, own + 1, depth + 1))
    return left


def _postfixed(stream: _Stream, depth: int) -> Node:
    tree = _operand(stream, depth + 1)
    while stream.at("OPERATOR-POSTFIX"):
        stream.take()
        tree = nodes.Percent(tree)
    return tree


def _operand(stream: _Stream, depth: int) -> Node:
    if depth > MAX_DEPTH:
        raise FormulaError(f"deeper than {MAX_DEPTH} operations")
    token = stream.take()
    if token.type == "OPERATOR-PREFIX":
        inner = _operand(stream, depth + 1)
        return nodes.Unary(token.value, inner) if token.value != "@" else _intersected(inner)
    tree = _primary(stream, token, depth)
    links = 0
    while stream.at("OPERATOR-INFIX") and stream.token is not None and stream.token.value == ":":
        stream.take()
        links += 1
        if depth + links > MAX_DEPTH:
            raise FormulaError(f"deeper than {MAX_DEPTH} operations")
        tree = nodes.Binary(":", tree, _primary(stream, stream.take(), depth + 1))
    return tree


def _intersected(tree: Node) -> Node:
    """Return `@` before an operand, which files spell as a function."""
    return nodes.Call("SINGLE", (tree,))


def _primary(stream: _Stream, token: Token, depth: int) -> Node:
    if token.type == "OPERAND":
        return _atom(token)
    if token.type == "FUNC" and token.subtype == "OPEN":
        name = token.value[:-1].upper().removeprefix("_XLFN.").removeprefix("_XLWS.")
        return nodes.Call(name, tuple(_arguments(stream, depth)))
    if token.type == "PAREN" and token.subtype == "OPEN":
        inner = _expression(stream, 0, depth + 1)
        if not stream.at("PAREN", "CLOSE"):
            raise FormulaError("a parenthesis is not closed, or holds a union")
        stream.take()
        return inner
    if token.type == "ARRAY" and token.subtype == "OPEN":
        return _array(stream)
    raise FormulaError(f"{token.value!r} where an operand should stand")


def _arguments(stream: _Stream, depth: int) -> Iterator[Node]:
    if stream.at("FUNC", "CLOSE"):
        stream.take()
        return
    while True:
        empty = stream.at("SEP", "ARG") or stream.at("FUNC", "CLOSE")
        yield nodes.Missing() if empty else _expression(stream, 0, depth + 1)
        token = stream.take()
        if token.type == "FUNC" and token.subtype == "CLOSE":
            return
        if token.type != "SEP" or token.subtype != "ARG":
            raise FormulaError(f"{token.value!r} where a comma should stand")


def _array(stream: _Stream) -> nodes.Array:
    rows: list[list[Node]] = [[]]
    while True:
        token = stream.take()
        if token.type == "OPERATOR-PREFIX":
            number = stream.take()
            if number.type != "OPERAND" or number.subtype != "NUMBER":
                raise FormulaError(f"{number.value!r} in a constant array")
            rows[-1].append(nodes.Unary(token.value, _atom(number)))
        elif token.type == "OPERAND":
            rows[-1].append(_atom(token))
        elif token.type == "SEP" and token.subtype == "ROW":
            rows.append([])
        elif token.type == "ARRAY" and token.subtype == "CLOSE":
            if len({len(row) for row in rows}) != 1 or not rows[0]:
                raise FormulaError("a constant array with rows of different lengths")
            return nodes.Array(tuple(map(tuple, rows)))
        elif token.type not in ("SEP", "ARRAYROW"):
            raise FormulaError(f"{token.value!r} in a constant array")


def _atom(token: Token) -> Node:
    if token.subtype == "NUMBER":
        return _number(token.value)
    if token.subtype == "TEXT":
        return nodes.Text(token.value[1:-1].replace('""', '"'))
    if token.subtype == "LOGICAL":
        return nodes.Boolean(token.value.upper() == "TRUE")
    if token.subtype == "ERROR":
        return nodes.Error(token.value.upper())
    return reference_of(token.value)


def _number(text: str) -> Node:
    if _DIGITS.fullmatch(text) is None:
        return reference_of(text)  # such as nan, which Python would take for a number
    value = float(text)
    if value == float("inf"):
        raise FormulaError(f"the number {text} is too large")
    return nodes.Number(value)
