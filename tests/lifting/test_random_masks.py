"""Dropouts whose masks are spelled as people do: what is drawn, masks of that, and gates."""

from __future__ import annotations

import numpy as np
import pytest

from tests.helpers.workbooks import sheet
from tests.mutations import refreshed
from xlconv.layers import Dropout
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.spreadsheet.workbook import Workbook
from xlconv.verification.verify import verify_workbook

P = 0.4
DRAWN = np.round(np.random.default_rng(11).uniform(size=(4, 4)), 3)


def cells(gate: str, mask: str, drawn: str = "RAND()", after: str = "MAX({0}:{1})") -> Workbook:
    """A ReLU of numbers, a gate of masks after it, masks of what is drawn, and a pool at the end.

    In the formulas, x is an entry, m its mask, r what is drawn for it, and p the share.
    """
    held: dict[str, object] = {"J60": P}
    for i in range(4):
        for j, letter in enumerate("ABCD"):
            place = {
                "x": f"{letter}{i + 11}", "m": f"{letter}{i + 21}",
                "r": f"{'KLMN'[j]}{i + 41}", "p": "$J$60",
            }  # fmt: skip
            held[f"{letter}{i + 1}"] = (i + 1.0) * (j + 0.5)
            held[f"{letter}{i + 11}"] = f"=MAX(0,{letter}{i + 1})"
            held[place["m"]] = "=" + _filled(mask, place)
            if "r" in mask.replace("RAND", ""):
                held[place["r"]] = "=" + _filled(drawn, place)
            held[f"{letter}{i + 31}"] = "=" + _filled(gate, place)
    for i in range(2):
        for j in range(2):
            ends = f"{'ABCD'[2 * j]}{2 * i + 31}", f"{'ABCD'[2 * j + 1]}{2 * i + 32}"
            held[f"{'PQ'[j]}{i + 31}"] = "=" + after.format(*ends)
    book = sheet(held)
    found = book.sheets[0]
    for index in np.flatnonzero(found.is_formula):
        if "RAND" in found.texts[index]:
            row, column = int(found.rows[index]), int(found.columns[index])
            number = DRAWN[row % 10, column % 10 % 4]
            in_mask = "IF" in found.texts[index]
            found.numbers[index] = number if not in_mask or number > P else 0.0
    return refreshed(book)


def _filled(text: str, place: dict[str, str]) -> str:
    for letter in "xmrp":
        text = text.replace(f"[{letter}]", place[letter])
    return text


SPELLINGS = {
    "the number itself": ("IF([m]=0,0,[x])", "IF([r]<=[p]+0.0001,0,[r])"),
    "drawn in the mask": ("IF([m]=0,0,[x])", "IF(RAND()<=[p],0,RAND())"),
    "the other way round": ("IF([m]<>0,[x],0)", "IF([r]>[p],[r],0)"),
    "zero first": ("IF(0=[m],0,[x])", "IF([p]>=[r],0,[r])"),
    "positive": ("IF([m]>0,[x]/(1-[p]),0)", "IF([r]>=[p],[r],0)"),
    "of zeros and ones": ("[x]*[m]/(1-[p])", "IF([r]<[p],0,1)"),
    "ones at a gate": ("IF([m]=0,0,[x])", "IF([r]>=[p],1,0)"),
    "a number in the formula": ("IF([m]=0,0,[x])", "IF([r]<0.4,0,[r])"),
}


@pytest.mark.many
@pytest.mark.parametrize("name", SPELLINGS)
def test_a_dropout_is_recognised_and_what_comes_after_it(name: str) -> None:
    gate, mask = SPELLINGS[name]
    report = verify_workbook(cells(gate, mask))
    assert not report.lifted.unlifted, report.lifted.unlifted
    assert report.coverage == 1.0, report.findings
    (network,) = report.networks
    layer = network.network.layers[1]
    assert isinstance(layer, Dropout)
    assert layer.p == P
    assert layer.scaled is ("/" in gate)
    assert 0 < layer.mask.sum() < 16
    assert [type(one).__name__ for one in network.network.layers] == [
        "ReLU",
        "Dropout",
        "MaxPool2d",
    ]


NEAR_MISSES = {
    "lets through what is dropped": ("IF([m]=0,[x],0)", "IF([r]<=[p],0,[r])"),
    "of another number": ("IF([m]=1,0,[x])", "IF([r]<=[p],0,[r])"),
    "shows twice what was drawn": ("IF([m]=0,0,[x])", "IF([r]<=[p],0,2*[r])"),
    "multiplies with what was drawn": ("[x]*[m]", "IF([r]<=[p],0,[r])"),
    "over another share": ("IF([m]=0,0,[x]/(1-0.5))", "IF([r]<=[p],0,[r])"),
    "of a whole number too large": ("IF([m]=0,0,[x])", "IF([r]<=[p]+1,0,[r])"),
    "not drawn at all": ("IF([m]=0,0,[x])", "IF([x]<=[p],0,[x])"),
}


@pytest.mark.many
@pytest.mark.parametrize("name", NEAR_MISSES)
def test_what_is_nearly_a_dropout_is_none(name: str) -> None:
    gate, mask = NEAR_MISSES[name]
    book = lift_workbook(cells(gate, mask))
    layers = [layer for one in book.networks for layer in one.network.layers]
    assert not any(isinstance(layer, Dropout) for layer in layers)
    assert book.lifted.unlifted
