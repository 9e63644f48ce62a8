"""The report of a verification as a SARIF 2.1.0 log, for code scanning."""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import quote

import xlconv
from xlconv.runs.results import Result, exit_code
from xlconv.verification.findings import CODES, Code, Finding, Severity

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {
    Severity.ERROR: "error", Severity.WARNING: "warning",
    Severity.UNVERIFIED: "note", Severity.INFO: "note",
}  # fmt: skip


def as_sarif(results: list[Result]) -> str:
    """Return a SARIF 2.1.0 log with the root findings, and every rule with its help."""
    found = [(result, one) for result in results for one in result.told if one.root]
    driver = {
        "name": "xlconv", "version": xlconv.__version__, "semanticVersion": xlconv.__version__,
        "rules": [_rule(code) for code in CODES.values()],
    }  # fmt: skip
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(result, one) for result, one in found],
        "invocations": [_invocation(results)],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(code: Code) -> dict[str, Any]:
    return {
        "id": code.code,
        "name": code.name,
        "shortDescription": {"text": f"{code.meaning.partition('. ')[0].rstrip('.')}."},
        "fullDescription": {"text": code.meaning},
        "help": {
            "text": f"{code.meaning}\n\nExample: {code.example}",
            "markdown": f"{code.meaning}\n\nExample:\n\n    {code.example}\n",
        },
        "defaultConfiguration": {"level": LEVELS[code.severity]},
    }


def _result(result: Result, one: Finding) -> dict[str, Any]:
    return {
        "ruleId": one.code,
        "ruleIndex": list(CODES).index(one.code),
        "level": LEVELS[one.severity],
        "message": {"text": f"{one.place}: {one.message}"},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": uri_of(result.path)}},
                "logicalLocations": [{"fullyQualifiedName": one.place}],
            }
        ],
    }


def uri_of(path: str) -> str:
    """Return a path as a URI: with a scheme where it is absolute, else to be resolved."""
    # Letters, and even bytes that are none, as percent signs with two digits (RFC 3986).
    text = quote(os.fsencode(path.replace(os.sep, "/")))
    if text.startswith("/"):
        return f"file://{text}"
    return f"file:///{text.replace('%3A', ':', 1)}" if text[1:5] == "%3A/" else text


def _invocation(results: list[Result]) -> dict[str, Any]:
    return {
        "executionSuccessful": not any(one.error for one in results),
        "exitCode": exit_code(results),
        "exitCodeDescription": "; ".join(f"{one.path}: {one.verdict}" for one in results),
        "toolExecutionNotifications": [
            {"level": "error", "message": {"text": one.error}} for one in results if one.error
        ],
    }
