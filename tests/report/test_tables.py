"""Networks of a workbook are told as tables."""

import click
import pytest

from tests.helpers.paths import WORKBOOKS
from tests.helpers.workbooks import sheet
from xlconv.network.summary import Line, joined, summary_of
from xlconv.verification.verify import Report, verify, verify_workbook


def tables_of(report: Report) -> list[list[Line]]:
    return joined(
        (model.sheet, summary_of(model.network, model.planes(report.lifted)))
        for model in report.networks
    )


@pytest.mark.slow
def test_heads_of_one_network_are_one_table_and_findings_go_from_left_to_right() -> None:
    from xlconv.report.text import finding_lines, verdict_line
    from xlconv.runs.results import Selection, result_of

    (table,) = tables_of(verify(WORKBOOKS / "multi-label.xlsx"))
    names = [line.name for line in table]
    assert names[:3] == ["input", "conv1", "relu1"]
    assert names[-3:] == ["fc1", "softmax", "sigmoid1"]
    assert len(names) == len(set(names))
    result = result_of(verify(WORKBOOKS / "dropout.xlsx"), Selection())
    assert click.unstyle(verdict_line(result)).endswith(
        "; 288 random or outside cells taken as stored"
    )
    places = [click.unstyle(line).split()[2] for line in finding_lines(result.findings)]
    assert places == ["dropout!CY4:", "dropout!CY33:"]


def test_networks_that_share_no_more_than_an_input_are_tables_of_their_own() -> None:
    cells: dict[str, object] = {f"A{k + 1}": k - 2.0 for k in range(5)}
    cells |= {f"C{k + 1}": f"=MAX(0,A{k + 1})" for k in range(5)}
    cells |= {f"E{k + 1}": f"=TANH(A{k + 1})" for k in range(5)}
    tables = tables_of(verify_workbook(sheet(cells)))
    kinds = [[line.type for line in table] for table in tables]
    assert kinds == [["Input", "ReLU"], ["Input", "Tanh"]]
