"""Cuts formula text into tokens, with openpyxl's tokenizer and without the rest of openpyxl.

The tokenizer needs nothing of its package, whose own import takes longer than reading and
verifying a workbook: it is loaded as a lone module, found where the package is installed.
Nothing is added to the list of loaded modules, so that openpyxl, where it is imported after
all, is its own. Never says what a token means.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any, Protocol

from msgspec import Struct

from xlconv.errors import FormulaError

_PACKAGE, _MODULE = "openpyxl", "openpyxl.formula.tokenizer"


class Token(Protocol):
    """A piece of a formula: its text, and what openpyxl takes it for."""

    value: str
    type: str
    subtype: str


class _Piece(Struct):
    """A token that is a part of one of openpyxl's."""

    value: str
    type: str
    subtype: str = ""


def tokens(text: str) -> list[Token]:
    """Return the tokens of a formula without its `=`, white space left out.

    Raises FormulaError for a text that cannot be cut.
    """
    tokenizer = tokenizer_class()
    try:
        found: list[Token] = tokenizer("=" + text).items
    except Exception as error:  # the tokenizer raises several kinds for broken text
        # The message may go on with the formula itself, line breaks and all.
        raise FormulaError(f"cannot be read: {str(error).partition(' in =')[0]}") from None
    return [part for one in found if one.type != "WHITE-SPACE" for part in _parts(one)]


def _parts(token: Token) -> Iterator[Token]:
    """Yield a token; in parts where `:` or `@` stands beside a function or begins an operand.

    openpyxl takes `A1:INDEX(` for the name of a function, and `:B7` for an operand.
    """
    kind, value = (token.type, token.subtype), token.value
    if kind not in (("FUNC", "OPEN"), ("OPERAND", "RANGE")):
        yield token
        return
    while value.startswith(("@", ":")):
        yield _Piece(value[0], "OPERATOR-PREFIX" if value[0] == "@" else "OPERATOR-INFIX")
        value = value[1:]
    if kind == ("FUNC", "OPEN"):
        before, colon, name = value.rpartition(":")
        if colon:
            yield _Piece(before, "OPERAND", "RANGE")
            yield _Piece(colon, "OPERATOR-INFIX")
        value = name
        kind = ("PAREN", "OPEN") if value == "(" else kind
    if value:
        yield token if value == token.value else _Piece(value, *kind)


@cache
def tokenizer_class() -> type[Any]:
    """Return openpyxl's Tokenizer. Raises ModuleNotFoundError where openpyxl is missing."""
    package = importlib.util.find_spec(_PACKAGE)  # does not import it
    places = (package and package.submodule_search_locations) or ()
    spec = PathFinder.find_spec(_MODULE, [str(Path(one) / "formula") for one in places])
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"No module named {_MODULE!r}", name=_MODULE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: type[Any] = module.Tokenizer
    return found
