"""What differs between two formulas, in words, and nothing where that is not one thing."""

from __future__ import annotations

import pytest

from tests.mutations.subjects import preset
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.verification.causes.formula_difference import Texts, difference
from xlconv.verification.facts import facts_of
from xlconv.verification.intended.intention import Intention
from xlconv.verification.tolerance import Tolerance

CONV = "MAX(0,SUMPRODUCT(B2:D4,$AD$11:$AF$13)+$AD$15)"
CONV2 = "SUMPRODUCT(AH3:AJ5,$BI$10:$BK$12)+SUMPRODUCT(AH32:AJ34,$BI$14:$BK$16)+$BI$18"
POOL = "MAX(BM4:BN5)"
SOFTMAX = "FQ5/SUM($FQ$4:$FQ$13)"

CASES = [
    (CONV, CONV, ""),
    (CONV.replace("$AD$11:$AF$13", "AE11:AG13"), CONV,
     "AE11:AG13 slides: its `$` is missing (conv1.weight[0], $AD$11:$AF$13)"),
    (CONV.replace("B2:D4", "$A$2:$C$4"), CONV, "$A$2:$C$4 stands still: a `$` too many (B2:D4)"),
    (CONV.replace("B2:D4", "C2:E4"), CONV,
     "its window C2:E4 is 1 column right of where it should be"),
    (CONV.replace("B2:D4", "B1:D3"), CONV, "its window B1:D3 is 1 row up of where it should be"),
    (CONV.replace("+$AD$15", ""), CONV, "the bias conv1.bias[0] (AD15) is not added"),
    (CONV.replace("+$AD$15", "+$AD$15+$AD$15"), CONV,
     "the bias conv1.bias[0] (AD15) is added twice"),
    (CONV.replace("$AD$15", "$AD$44"), CONV,
     "it reads the bias conv1.bias[1] (AD44), not the bias conv1.bias[0] (AD15)"),
    (CONV.replace("$AD$11:$AF$13", "$AD$40:$AF$42"), CONV,
     "it reads the kernel conv1.weight[1] (AD40:AF42), not the kernel conv1.weight[0] (AD11:AF13)"),
    (CONV.replace("B2:D4", "B2:D5"), CONV, "B2:D5 is 4×3, not 3×3: one row too many"),
    (CONV.replace("MAX(0,", "MIN(0,"), CONV, "MIN stands where MAX should"),
    (CONV.replace("MAX(0,", "MAX(0.1,"), CONV, "0.1 stands where 0 should"),
    (f"ROUND({CONV},2)", CONV, "the right formula, but ROUND is taken of it"),
    (f"{CONV}*2", CONV, "the right formula, but then *2"),
    (CONV.replace("B2:D4", "#REF!"), CONV,
     "it reads a row, column or cell that was deleted (#REF!)"),
    (CONV[6:-1], CONV, "MAX is missing around it"),
    (CONV2.replace("SUMPRODUCT(AH32:AJ34,$BI$14:$BK$16)+", ""), CONV2,
     "what comes from the plane relu1[1] is not added"),
    (CONV2.replace("AH32:AJ34", "AH3:AJ5"), CONV2,
     "it reads the plane relu1[0] (AH3:AJ5), not the plane relu1[1] (AH32:AJ34)"),
    (POOL.replace("MAX", "AVERAGE"), POOL, "AVERAGE stands where MAX should"),
    (POOL.replace("BN5", "BN4"), POOL, "BM4:BN4 is 1×2, not 2×2: one row is missing"),
    (SOFTMAX.replace("$FQ$4:$FQ$13", "FQ5:FQ14"), SOFTMAX,
     "FQ5:FQ14 slides: its `$` is missing ($FQ$4:$FQ$13)"),
    (CONV.replace("+$AD$15", "-$AD$15"), CONV, "- stands where + should"),
    (CONV.replace(")+$AD$15", ",$AD$15)-7"), CONV, ""),
    ("FQ5", SOFTMAX, "/SUM($FQ$4:$FQ$13) is missing behind it"),
    ("SUM($FQ$4:$FQ$13)", SOFTMAX, ""),
    ("EXP(A1)/7", CONV, ""),
    ("SUM(((", CONV, ""),
]  # fmt: skip


@pytest.fixture(scope="module")
def intention() -> Intention:
    book = lift_workbook(preset("conv-example").workbook)
    (one,) = facts_of(book, Tolerance()).intentions
    return one


@pytest.mark.parametrize(("found", "wanted", "words"), CASES)
def test_one_difference_is_told_in_words(found, wanted, words, intention: Intention) -> None:
    assert difference(Texts(found, wanted), intention) == words


def test_dollars_alone_are_no_difference(intention: Intention) -> None:
    assert difference(Texts(CONV.replace("$", ""), CONV), intention) == ""
