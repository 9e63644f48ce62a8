"""Copies of planes, named as one tensor's: a Concat; without names they are copies."""

from __future__ import annotations

import re

import pytest

from tests.helpers.strategies import random_input, random_state
from tests.mutations import Fault, Subject, killed
from xlconv.analysis.reproduction import reproduce
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.lowering.book import book_of
from xlconv.lowering.strip import strip
from xlconv.network.spec import network_of
from xlconv.spreadsheet.workbook import Kind, Workbook
from xlconv.verification.verify import verify_workbook

CONCAT = [
    {"type": "Conv2d", "out_channels": 3, "kernel_size": 3, "padding": 1},
    {"type": "ReLU"},
    {"type": "Conv2d", "out_channels": 2, "kernel_size": 3, "padding": 1},
    {"type": "Concat", "reads": ["relu1", "conv2", "input"]},  # of three rounds of lifting
    {"type": "Conv2d", "out_channels": 2, "kernel_size": 3, "padding": 1},
]


@pytest.mark.slow
@pytest.mark.parametrize("fuse", [True, False])
def test_a_concat_lifts_back_and_a_wrong_copy_is_found(fuse: bool) -> None:
    network = network_of({"input": [2, 5, 6], "layers": CONCAT})
    network = network.with_state(random_state(network, 1))
    book = book_of(network, strip(network, fuse=fuse), random_input(network, 2)).workbook
    subject = Subject("concat", book)
    assert (subject.report.coverage, subject.report.findings) == (1.0, [])
    assert subject.report.network == network
    made = reproduce(lift_workbook(book))
    assert made.is_whole
    assert not made.differences
    (concat,) = [one for one in subject.tensors if subject.kind(one) == "Concat"]
    cell = concat.planes[4].cell(2, 3)
    text = book.sheets[0].formula(cell)
    wrong = re.sub(r"(\d+)$", lambda m: f"{int(m[1]) + 1}", text)
    fault = Fault({cell: (Kind.FORMULA, 0.0, wrong)}, cell, ("S201",))
    found, report = killed(subject, fault)
    assert found, report.findings


def test_copies_without_names_are_no_concat() -> None:
    network = network_of({"input": [2, 5, 6], "layers": CONCAT[:4]})
    network = network.with_state(random_state(network, 1))
    book = book_of(network, strip(network), random_input(network, 2)).workbook
    report = verify_workbook(Workbook(book.sheets))
    kinds = {type(layer).__name__ for one in report.networks for layer in one.network.layers}
    assert "Identity" in kinds
    assert "Concat" not in kinds
