"""The report of a verification for machines: JSON (a versioned contract), JUnit, GitHub."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

from xlconv.plurals import counted
from xlconv.report.causes import by_cause, cause_line
from xlconv.report.sarif import LEVELS, as_sarif
from xlconv.runs.results import Result, shortfall
from xlconv.runs.tally import VERDICTS
from xlconv.verification.findings import Finding

JSON_VERSION = 2


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
        "unselected": result.unselected,
        "left_out": result.left_out,
    }  # fmt: skip


def _finding(one: Finding) -> dict[str, Any]:
    return {
        "code": one.code, "name": one.name, "severity": str(one.severity), "sheet": one.sheet,
        "cell": one.cell, "message": one.message, "found": one.found, "expected": one.expected,
        "range": one.block, "block": one.block, "count": one.count, "root": one.root,
    }  # fmt: skip


def as_junit(results: list[Result]) -> str:
    """Return a JUnit suite with a test case per file, and a line in it per cause."""
    suite = ET.Element("testsuite", name="xlconv", tests=str(len(results)))
    for result in results:
        case = ET.SubElement(suite, "testcase", classname="xlconv.verify", name=result.path)
        failing = [one for one in result.findings if result.selection.fails(one) and one.root]
        if result.error:
            ET.SubElement(case, "error", message=result.error)
        elif failing:
            causes = list(by_cause(failing[: result.most]))
            text = "\n".join(f"{some[0].code} {cause_line(some)}" for some in causes)
            message = counted(len(failing), "finding")
            if len(causes) < len(failing):
                message += f" of {counted(len(causes), 'cause')}"
            ET.SubElement(case, "failure", message=message).text = _printable(text)
        elif not result.passes:
            ET.SubElement(case, "failure", message=f"{result.verdict}: {shortfall(result)}")
    suite.set("failures", str(len(suite.findall("*/failure"))))
    suite.set("errors", str(len(suite.findall("*/error"))))
    return ET.tostring(suite, encoding="unicode") + "\n"


def _printable(text: str) -> str:
    return "".join(c for c in text if c in "\n\t" or c >= " ")


def as_github(results: list[Result]) -> str:
    """Return GitHub workflow commands, a line per cause: GitHub shows ten of a step."""
    lines = []
    for result in results:
        if result.error:
            lines.append(f"::error file={_property(result.path)}::{_data(result.error)}")
        elif not result.passes and shortfall(result):
            text = _data(f"{result.verdict}: {shortfall(result)}")
            lines.append(f"::error file={_property(result.path)}::{text}")
        for some in by_cause(result.told):
            level = LEVELS[some[0].severity].replace("note", "notice")
            title = f"{some[0].code} {some[0].name}"
            place = f"file={_property(result.path)},title={_property(title)}"
            lines.append(f"::{level} {place}::{_data(cause_line(some))}")
    return "".join(line + "\n" for line in lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


FORMATS = {"json": as_json, "junit": as_junit, "github": as_github, "sarif": as_sarif}
