"""Turns formula text into a tree: openpyxl's tokenizer, then precedence climbing.

`parse` is the inverse of `render`. What the grammar does not have raises
FormulaError, which says where it stopped; nothing is guessed.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from xlconv.errors import FormulaError
from xlconv.spreadsheet.addresses import MAX_COLUMNS, MAX_ROWS, column_of
from xlconv.spreadsheet.formula.nodes import (
    Area,
    Array,
    Axis,
    Binary,
    Boolean,
    Call,
    Error,
    Missing,
    Node,
    Number,
    Percent,
    Ref,
    Text,
    Unary,
    Unknown,
    children,
)
from xlconv.spreadsheet.formula.render import MAX_FORMULA_LENGTH, PRECEDENCE

# How deep a tree may be; Excel nests functions 64 deep.
MAX_DEPTH = 180
_CELL = r"(\$?)([A-Za-z]{1,3})(\$?)([0-9]{1,7})"
_LETTER = r"(?:[A-Za-z_]|[^\x00-\x7f])"
_SHEET = rf"(?:(?P<sheet>'(?:[^']|'')+'|{_LETTER}(?:{_LETTER}|[0-9.])*)!)?"
_REFERENCE = re.compile(rf"{_SHEET}(?:{_CELL}(?::{_CELL})?|(?P<lines>[^!:\[\]]+:[^!:\[\]]+))")
_COLUMNS = re.compile(r"(\$?)([A-Za-z]{1,3}):(\$?)([A-Za-z]{1,3})")
_DIGITS = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[Ee][+-]?[0-9]+)?")
_ROWS = re.compile(r"(\$?)([0-9]{1,7}):(\$?)([0-9]{1,7})")


def parse(text: str) -> Node:
    """Return the tree of a formula without its `=`. Raises FormulaError."""
    if len(text) >= MAX_FORMULA_LENGTH:
        raise FormulaError(f"{len(text) + 1:,} characters; Excel takes {MAX_FORMULA_LENGTH:,}")
    try:
        tokens = _tokenizer().Tokenizer("=" + text).items
    except Exception as error:  # the tokenizer raises several kinds for broken text
        # The message may go on with the formula itself, line breaks and all.
        raise FormulaError(f"cannot be read: {str(error).partition(' in =')[0]}") from None
    stream = _Stream(iter([one for one in tokens if one.type != "WHITE-SPACE"]))
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
    try:
        tokens = _tokenizer().Tokenizer("=" + text).items
    except Exception:  # the tokenizer raises several kinds for broken text
        raise FormulaError("cannot be cut into tokens") from None
    found = [one.value for one in tokens if one.type == "OPERAND" and one.subtype == "RANGE"]
    return [(one, _reference(one)) for one in found]


def _check_depth(tree: Node) -> None:
    """Refuse what the walks over trees, which recurse, could not follow."""
    level, depth = [tree], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise FormulaError(f"deeper than {MAX_DEPTH} operations")
        level = [child for one in level for child in children(one)]


@cache
def _tokenizer() -> ModuleType:
    # By its file: the module needs nothing of openpyxl, whose own import would cost
    # more than reading and verifying a workbook.
    package = importlib.util.find_spec("openpyxl")
    assert package is not None and package.origin is not None
    path = Path(package.origin).parent / "formula" / "tokenizer.py"
    spec = importlib.util.spec_from_file_location("xlconv._openpyxl_tokenizer", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class _Stream:
    """The tokens, with one to look at."""

    def __init__(self, tokens: Iterator[Any]) -> None:
        self._tokens = tokens
        self.token: Any = next(tokens, None)

    def take(self) -> Any:
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
    while stream.at("OPERATOR-INFIX"):
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
        left = Binary(operator, left, _expression(stream, own + 1, depth + 1))
    return left


def _postfixed(stream: _Stream, depth: int) -> Node:
    tree = _operand(stream, depth + 1)
    while stream.at("OPERATOR-POSTFIX"):
        stream.take()
        tree = Percent(tree)
    return tree


def _operand(stream: _Stream, depth: int) -> Node:
    if depth > MAX_DEPTH:
        raise FormulaError(f"deeper than {MAX_DEPTH} operations")
    token = stream.take()
    if token.type == "OPERATOR-PREFIX":
        return Unary(token.value, _operand(stream, depth + 1))
    if token.type == "OPERAND":
        return _atom(token)
    if token.type == "FUNC" and token.subtype == "OPEN":
        name = token.value[:-1].upper().removeprefix("_XLFN.").removeprefix("_XLWS.")
        return Call(name, tuple(_arguments(stream, depth)))
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
        yield Missing() if empty else _expression(stream, 0, depth + 1)
        token = stream.take()
        if token.type == "FUNC" and token.subtype == "CLOSE":
            return
        if token.type != "SEP" or token.subtype != "ARG":
            raise FormulaError(f"{token.value!r} where a comma should stand")


def _array(stream: _Stream) -> Array:
    rows: list[list[Node]] = [[]]
    while True:
        token = stream.take()
        if token.type == "OPERATOR-PREFIX":
            number = stream.take()
            if number.type != "OPERAND" or number.subtype != "NUMBER":
                raise FormulaError(f"{number.value!r} in a constant array")
            rows[-1].append(Unary(token.value, _atom(number)))
        elif token.type == "OPERAND":
            rows[-1].append(_atom(token))
        elif token.type == "SEP" and token.subtype == "ROW":
            rows.append([])
        elif token.type == "ARRAY" and token.subtype == "CLOSE":
            if len({len(row) for row in rows}) != 1 or not rows[0]:
                raise FormulaError("a constant array with rows of different lengths")
            return Array(tuple(map(tuple, rows)))
        elif token.type not in ("SEP", "ARRAYROW"):
            raise FormulaError(f"{token.value!r} in a constant array")


def _atom(token: Any) -> Node:
    if token.subtype == "NUMBER":
        return _number(token.value)
    if token.subtype == "TEXT":
        return Text(token.value[1:-1].replace('""', '"'))
    if token.subtype == "LOGICAL":
        return Boolean(token.value.upper() == "TRUE")
    if token.subtype == "ERROR":
        return Error(token.value.upper())
    return _reference(token.value)


def _number(text: str) -> Node:
    if _DIGITS.fullmatch(text) is None:
        return _reference(text)  # such as nan, which Python would take for a number
    value = float(text)
    if value == float("inf"):
        raise FormulaError(f"the number {text} is too large")
    return Number(value)


def _reference(text: str) -> Node:
    match = _REFERENCE.fullmatch(text)
    if match is None:
        return Unknown(text)
    sheet = match["sheet"]
    if sheet is not None and sheet.startswith("'"):
        sheet = sheet[1:-1].replace("''", "'")
        if "[" in sheet:
            return Unknown(text)  # another workbook: never followed
    if match["lines"] is not None:
        return _lines(match["lines"], sheet) or Unknown(text)
    first = _ref(match[2], match[3], match[4], match[5], sheet)
    if match[7] is None:
        return first or Unknown(text)
    last = _ref(match[6], match[7], match[8], match[9], None)
    return _area(first, last) if first and last else Unknown(text)


def _ref(
    column_mark: str, letters: str, row_mark: str, digits: str, sheet: str | None
) -> Ref | None:
    row, column = int(digits) - 1, column_of(letters)
    if not (0 <= row < MAX_ROWS and column < MAX_COLUMNS):
        return None
    return Ref(Axis(row, absolute=bool(row_mark)), Axis(column, absolute=bool(column_mark)), sheet)


def _area(first: Ref, last: Ref) -> Area:
    """Return the area with its corners in order, as programs read `C4:A2`."""
    top, bottom = sorted((first.row, last.row), key=lambda axis: axis.offset)
    left, right = sorted((first.column, last.column), key=lambda axis: axis.offset)
    return Area(Ref(top, left, first.sheet), Ref(bottom, right))


def _lines(text: str, sheet: str | None) -> Area | None:
    """Return the area of whole columns (`A:C`) or rows (`1:3`)."""
    if match := _COLUMNS.fullmatch(text):
        left = _ref(match[1], match[2], "$", "1", sheet)
        right = _ref(match[3], match[4], "$", str(MAX_ROWS), None)
    elif match := _ROWS.fullmatch(text):
        left = _ref("$", "A", match[1], match[2], sheet)
        right = _ref("$", "XFD", match[3], match[4], None)
    else:
        return None
    return _area(left, right) if left and right else None
