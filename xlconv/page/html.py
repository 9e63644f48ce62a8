"""The document in its page: one file with everything in it, and a policy that lets nothing else in.

Only what this package brings is script or style, each allowed by its hash; what a workbook says
is JSON in which no `<` is left, or escaped text.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

_POLICY = (
    "default-src 'none'; script-src '{script}'; style-src '{style}'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'"
)


def page_of(document: Mapping[str, Any]) -> str:
    """Return the page that shows a document, as `document_of` makes it."""
    script, style = _part("page.js"), _part("page.css")
    return Template(_part("page.html")).substitute(
        policy=_POLICY.format(script=_hash(script), style=_hash(style)),
        title=_text(document["title"]),
        words=_text(_words(document)),
        style=style,
        document=_json(document),
        script=script,
    )


@cache
def _part(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8").strip()


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _text(words: str) -> str:
    # Without what hides text, or turns it around.
    return escape(
        "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in words)
    )


def _json(document: Mapping[str, Any]) -> str:
    text = json.dumps(document, separators=(",", ":"), allow_nan=False)
    # Nothing that ends or opens an element: < and > as JSON spells them otherwise.
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _words(document: Mapping[str, Any]) -> str:
    layers = sum(len(one["layers"]) for one in document["tensors"])
    formulas = sum(
        one["shape"][0] * one["shape"][1] - len(one.get("without", ()))
        for one in document["blocks"]
    )
    parameters = sum(one["parameters"] for one in document["tensors"])
    of_all = "" if layers == document["layers"] else f" of {document['layers']}"
    return f"{layers}{of_all} layers · {parameters:,} parameters · {formulas:,} formulas"
