"""What verify prints, in every format, and how it ends."""

import io
import json
import re
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from click.testing import CliRunner

from tests.helpers.command import run
from tests.helpers.paths import WORKBOOKS
from tests.helpers.specs import CONV, HEAD, TOML, single
from xlconv.cli import main
from xlconv.lowering.book import book_of
from xlconv.lowering.strip import strip
from xlconv.verification.findings import CODES, Finding, Severity
from xlconv.verification.verify import verify


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A workbook with a constant in AP9, written by openpyxl, which keeps no caches."""
    path = tmp_path / "broken.xlsx"
    path.write_bytes(_broken())
    return path


@cache
def _broken() -> bytes:
    import openpyxl

    book, target = openpyxl.load_workbook(WORKBOOKS / "conv-example.xlsx"), io.BytesIO()
    book.active["AP9"] = 1.25
    book.save(target)
    return target.getvalue()


@pytest.mark.slow
def test_exit_codes_are_the_contract(broken: Path, tmp_path: Path) -> None:
    good = WORKBOOKS / "conv-example.xlsx"
    assert run("verify", good).exit_code == 0
    assert run("verify", broken).exit_code == 1
    assert run("verify", WORKBOOKS / "fastai.xlsx", "--strict").exit_code == 1
    assert run("verify", WORKBOOKS / "fastai.xlsx", "--strict", "--ignore", "G401").exit_code == 0
    (tmp_path / "x.xlsx").write_text("no")
    assert run("verify", tmp_path / "x.xlsx").exit_code == 2
    assert run("verify", good, tmp_path / "x.xlsx").exit_code == 2
    assert run("verify", good, "--select", "Q1").exit_code == 2
    plain = tmp_path / "plain.xlsx"
    book_of_nothing(plain)
    assert run("verify", plain).exit_code == 5


def test_an_error_that_is_not_selected_is_told_and_passes(tmp_path: Path) -> None:
    import openpyxl

    odd, book = tmp_path / "odd.xlsx", openpyxl.load_workbook(WORKBOOKS / "edges.xlsx")
    book.worksheets[0]["AM12"] = 5  # nothing reads it
    book.save(odd)
    for options in (("--select", "M"), ("--ignore", "S")):
        result = run("verify", odd, *options)
        assert result.exit_code == 0
        assert result.output.startswith(f"{odd}: partly, ")
        assert "1 error not selected" in result.output.splitlines()[0]
        (one,) = json.loads(run("verify", odd, *options, "--format", "json").output)["files"]
        assert (one["verdict"], one["unselected"]) == ("partly", 1)
    assert run("verify", odd, "--ignore", "M").exit_code == 1


def book_of_nothing(path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active["A1"] = 1
    book.active["B1"] = "=A1*2"
    book.save(path)


@pytest.mark.slow
def test_text_has_a_verdict_layers_and_findings(broken: Path) -> None:
    output = run("verify", broken, WORKBOOKS / "edges.xlsx", "--layers").output
    lines = [" ".join(line.split()) for line in output.splitlines()]
    assert f"{WORKBOOKS / 'edges.xlsx'}: verified, 2,704 of 2,704 formula cells verified" in lines
    assert "relu1 ReLU 2×26×26 AH3:BG28, AH32:BG57" in lines
    assert any(line.startswith("error S202 conv-example!AP9: the number 1.25;") for line in lines)
    assert len(run("verify", broken, "-q").output.splitlines()) == 1


@pytest.mark.slow
def test_json_is_the_contract(broken: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.xlsx").write_text("no")
    out = tmp_path / "report.json"
    run("verify", broken, tmp_path / "bad.xlsx", "--format", "json", "--output", out)
    table = json.loads(out.read_text(), parse_constant=pytest.fail)
    assert table["version"] == 2
    first, bad = table["files"]
    assert (first["verdict"], bad["verdict"]) == ("findings", "unreadable")
    assert first["formulas"] == 2822
    assert [one["name"] for one in first["layers"]][:3] == ["input", "conv1", "relu1"]
    (one,) = [one for one in first["findings"] if one["code"] == "S202"]
    assert (one["sheet"], one["cell"], one["root"]) == ("conv-example", "AP9", True)
    assert one["expected"].startswith("=MAX(0,SUMPRODUCT(I8:K10,")
    assert table["summary"] == {
        "files": 2, "verified": 0, "partly": 0, "findings": 1, "unverified": 0, "unreadable": 1,
    }  # fmt: skip


@pytest.mark.slow
def test_other_formats_say_the_same(broken: Path) -> None:
    github = run("verify", broken, "--format", "github").output
    assert "::error file=" in github and "AP9: the number 1.25" in github
    suite = ET.fromstring(run("verify", broken, "--format", "junit").output)
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")
    sarif = json.loads(run("verify", broken, "--format", "sarif").output)
    results = sarif["runs"][0]["results"]
    assert "S202" in {one["ruleId"] for one in results}
    assert {rule["id"] for rule in sarif["runs"][0]["tool"]["driver"]["rules"]} == set(CODES)


def test_rules_explain_themselves() -> None:
    for code, rule in CODES.items():
        output = CliRunner().invoke(main, ["rule", code.lower()]).output
        assert rule.name in output and rule.example.split(":")[0] in output
    assert len(CliRunner().invoke(main, ["rule"]).output.splitlines()) == len(CODES)
    assert CliRunner().invoke(main, ["rule", "X1"]).exit_code == 2


@pytest.mark.parametrize("code", CODES)
def test_a_rule_tells_every_severity_that_its_findings_may_have(code: str) -> None:
    told = run("rule", code).stdout.partition("\n\n")[0].partition("(")[2]
    listed = next(line for line in run("rule").stdout.splitlines() if line.startswith(code))
    for one in Severity:
        is_possible = one in CODES[code].severities
        assert (re.search(rf"\b{one}\b", told) is not None) == is_possible
        assert (one in listed.removesuffix(CODES[code].name)) == is_possible
        if is_possible:
            assert Finding(code, "s", "A1", "x", level=one).severity is one
        else:  # so whatever verify finds is as told here
            with pytest.raises(ValueError, match="never"):
                Finding(code, "s", "A1", "x", level=one)


@pytest.mark.slow
def test_findings_are_a_table(broken: Path) -> None:
    frame = verify(broken).to_frame()
    (row,) = frame[frame.code == "S202"].to_dict("records")
    assert (row["cell"], row["severity"]) == ("AP9", "error")


@pytest.mark.parametrize("given", ["-1", "nan", "inf"])
def test_a_tolerance_is_a_number_from_0_on(given: str) -> None:
    told = run("verify", WORKBOOKS / "edges.xlsx", "--rtol", given)
    assert told.exit_code == 2
    assert "--rtol" in told.output


def test_where_a_layer_is_missing_not_all_is_said_to_be_verified(tmp_path: Path) -> None:
    path, spec = tmp_path / "a.xlsx", tmp_path / "net.toml"
    network = single(CONV, [1, 28, 28])
    book_of(network, strip(network), np.ones((1, 28, 28))).write(path)
    spec.write_text(HEAD + TOML + '[[layers]]\ntype = "Tanh"\n')
    first, *_ = run("verify", path, "--spec", spec).output.splitlines()
    there = "part of the network is missing: what is there, 1,352 formula cells, is verified"
    assert first == f"{path}: findings, {there}; 1 error"
    (one,) = json.loads(run("verify", path, "--spec", spec, "--format", "json").output)["files"]
    assert (one["verdict"], one["verified"], one["connected"]) == ("findings", 1352, 1352)
