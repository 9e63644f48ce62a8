"""The report of a verification for machines: JSON (a versioned contract), JUnit, GitHub, SARIF."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

from xlconv.plurals import counted
from xlconv.runs.results import Result, exit_code, shortfall
from xlconv.runs.tally import VERDICTS
from xlconv.verification.findings import CODES, Finding, Severity

JSON_VERSION = 2
_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {
    Severity.ERROR: "error", Severity.WARNING: "warning",
    Severity.UNVERIFIED: "note", Severity.INFO: "note",
}  # fmt: skip


def as_json(results: list[Result]) -> str:
    """Return the JSON contract; it holds no NaN."""
    verdicts = [one.verdict for one in results]
    table = {
        "version": JSON_VERSION,
        "files": [_file(one) for one in results],
        "summary": {
            "files": len(results),
            **{name: verdicts.count(name) for name in
               VERDICTS},
        },
    }  # fmt: skip
    return json.dumps(table, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _file(result: Result) -> dict[str, Any]:
    report = result.report
    base = {"path": result.path, "verdict": result.verdict}
    if result.error:
        base["error"] = result.error
    return base | {
        "formulas": report.formulas,
        "connected": report.connected,
        "outside": report.outside,
        "pinned": report.pinned,
        "verified": report.verified,
        "knock_on": report.knock_on,
        "coverage": report.coverage,
        "against": report.against or None,
        "layers": [
            {
                "network": number, "name": row.name, "type": row.type,
                "options": row.describe, "input_shape": list(row.input_shape),
                "output_shape": list(row.output_shape), "parameters": row.parameters,
                "sheet": network.sheet, "ranges": list(row.ranges),
            }
            for number, network in enumerate(report.networks)
            for row in network.rows
        ],
        "findings": [_finding(one) for one in result.told],
        "known": result.known,
        "left_out": result.left_out,
    }  # fmt: skip


def _finding(one: Finding) -> dict[str, Any]:
    return {
        "code": one.code, "name": one.name, "severity": str(one.severity), "sheet": one.sheet,
        "cell": one.cell, "message": one.message, "found": one.found, "expected": one.expected,
        "range": one.block, "block": one.block, "count": one.count, "root": one.root,
    }  # fmt: skip


def as_junit(results: list[Result]) -> str:
    """Return a JUnit suite with a test case per file."""
    suite = ET.Element("testsuite", name="xlconv", tests=str(len(results)))
    for result in results:
        case = ET.SubElement(suite, "testcase", classname="xlconv.verify", name=result.path)
        failing = [one for one in result.findings if result.selection.fails(one) and one.root]
        if result.error:
            ET.SubElement(case, "error", message=result.error)
        elif failing:
            told = failing[: result.most]
            text = "\n".join(f"{one.code} {one.place}: {one.message}" for one in told)
            message = counted(len(failing), "finding")
            ET.SubElement(case, "failure", message=message).text = _printable(text)
        elif not result.passes:
            ET.SubElement(case, "failure", message=f"{result.verdict}: {shortfall(result)}")
    suite.set("failures", str(len(suite.findall("*/failure"))))
    suite.set("errors", str(len(suite.findall("*/error"))))
    return ET.tostring(suite, encoding="unicode") + "\n"


def _printable(text: str) -> str:
    return "".join(c for c in text if c in "\n\t" or c >= " ")


def as_github(results: list[Result]) -> str:
    """Return GitHub workflow commands, a line per root finding."""
    lines = []
    for result in results:
        if result.error:
            lines.append(f"::error file={_property(result.path)}::{_data(result.error)}")
        elif not result.passes and shortfall(result):
            text = _data(f"{result.verdict}: {shortfall(result)}")
            lines.append(f"::error file={_property(result.path)}::{text}")
        for one in result.told:
            if one.root:
                level = _LEVELS[one.severity].replace("note", "notice")
                title = f"{one.code} {one.name}"
                place = f"file={_property(result.path)},title={_property(title)}"
                lines.append(f"::{level} {place}::{_data(f'{one.place}: {one.message}')}")
    return "".join(line + "\n" for line in lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def as_sarif(results: list[Result]) -> str:
    """Return a SARIF 2.1.0 log with the root findings."""
    found = [(result, one) for result in results for one in result.told if one.root]
    rules = [
        {
            "id": code.code, "name": code.name,
            "shortDescription": {"text": code.meaning},
            "defaultConfiguration": {"level": _LEVELS[code.severity]},
        }
        for code in CODES.values()
    ]  # fmt: skip
    log = {
        "$schema": _SARIF,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "xlconv", "rules": rules}},
                "results": [_sarif_result(result, one) for result, one in found],
                "invocations": [
                    {
                        "executionSuccessful": not any(one.error for one in results),
                        "exitCode": exit_code(results),
                        "exitCodeDescription": "; ".join(
                            f"{one.path}: {one.verdict}" for one in results
                        ),
                        "toolExecutionNotifications": [
                            {"level": "error", "message": {"text": one.error}}
                            for one in results
                            if one.error
                        ],
                    }
                ],
            }
        ],
    }
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _sarif_result(result: Result, one: Finding) -> dict[str, Any]:
    return {
        "ruleId": one.code,
        "level": _LEVELS[one.severity],
        "message": {"text": f"{one.place}: {one.message}"},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": result.path.replace("\\", "/")}},
                "logicalLocations": [{"fullyQualifiedName": one.place}],
            }
        ],
    }


FORMATS = {"json": as_json, "junit": as_junit, "github": as_github, "sarif": as_sarif}
