"""Softmaxes and predictions that compute something else."""

from __future__ import annotations

from tests.edits.edit import Edit, clear, fill, put, wrong
from tests.edits.tables.places import EXP, LOGITS, PREDICTION, SOFTMAX

_CODES = "D7|S2"
_WORDS = (_CODES, "softmax")
_PREDICTION = ("D7|S2|L6", "prediction")
EDITS: tuple[Edit, ...] = (
    wrong("softmax_total_slides", fill(SOFTMAX, "=FQ4/SUM(FQ4:FQ13)"), words=(*_WORDS, "$")),
    wrong("softmax_maximum_slides", fill(EXP, "=EXP(FN4-MAX(FN4:FN13))"), words=(*_WORDS, "$")),
    wrong("softmax_without_exp", fill(SOFTMAX, "=FN4/SUM($FN$4:$FN$13)"), words=(*_WORDS, "EXP|exponent|fc1")),
    wrong("exp_forgotten", fill(EXP, f"=FN4-MAX({LOGITS})"), words=(*_WORDS, "EXP|exponent")),
    wrong("softmax_over_nine_classes", fill(SOFTMAX, "=FQ4/SUM($FQ$4:$FQ$12)"), words=(*_WORDS, "FQ13|FQ$13|9|nine|class")),
    wrong("softmax_over_exp_and_header", fill(SOFTMAX, "=FQ4/SUM($FQ$5:$FQ$14)"), words=(*_WORDS, "FQ4|FQ$4|row|down")),
    wrong("softmax_of_base_two", fill(EXP, f"=2^(FN4-MAX({LOGITS}))"), words=(*_WORDS, "2^|base|EXP")),
    wrong("softmax_of_base_ten", fill(EXP, f"=POWER(10,FN4-MAX({LOGITS}))"), words=(*_WORDS, "10|base|EXP")),
    wrong("softmax_colder", fill(EXP, f"=EXP((FN4-MAX({LOGITS}))/2)"), words=(*_WORDS, "2")),
    wrong("softmin", fill(EXP, "=EXP(-FN4)"), words=_WORDS),
    wrong("softmax_by_largest", fill(SOFTMAX, "=FQ4/MAX($FQ$4:$FQ$13)"), words=(*_WORDS, "MAX|SUM|sum")),
    wrong("hard_maximum", fill(SOFTMAX, "=IF(FQ4=MAX($FQ$4:$FQ$13),1,0)"), words=_WORDS),
    wrong("sigmoid_for_softmax", fill(SOFTMAX, "=1/(1+EXP(-FN4))"), words=(*_WORDS, "Sigmoid|sigmoid|EXP")),
    wrong("softmax_not_divided", fill(SOFTMAX, "=FQ4"), words=(*_WORDS, "is missing")),
    wrong("softmax_in_percent", fill(SOFTMAX, "=100*FQ4/SUM($FQ$4:$FQ$13)"), words=(*_WORDS, "100|factor|times|scaled")),
    wrong("softmax_rounded", fill(SOFTMAX, "=ROUND(FQ4/SUM($FQ$4:$FQ$13),2)"), words=(*_WORDS, "ROUND|round")),
    wrong("log_softmax", fill(SOFTMAX, "=LN(FQ4/SUM($FQ$4:$FQ$13))"), words=(*_WORDS, "LN|log")),
    wrong("softmax_deleted", clear(EXP), clear(SOFTMAX), words=(*_WORDS, "missing|blank|deleted|no formula|not there")),
    wrong("softmax_of_bias", fill(EXP, "=EXP(FM4-MAX($FM$4:$FM$13))"), words=(*_WORDS, "FM|bias")),
    wrong("prediction_counts_from_one", put(PREDICTION, "=MATCH(MAX($FR$4:$FR$13),$FR$4:$FR$13,0)"),
          words=(*_PREDICTION, "1|one")),
    wrong("prediction_of_smallest", put(PREDICTION, "=MATCH(MIN($FR$4:$FR$13),$FR$4:$FR$13,0)-1"),
          words=(*_PREDICTION, "smallest|MIN|MAX|largest")),
    wrong("prediction_of_nine_classes", put(PREDICTION, "=MATCH(MAX($FR$4:$FR$12),$FR$4:$FR$12,0)-1"),
          words=(*_PREDICTION, "FR12|FR$12|FR13|FR$13|9|nine")),
    wrong("prediction_of_bias", put(PREDICTION, "=MATCH(MAX($FM$4:$FM$13),$FM$4:$FM$13,0)-1"), words=_PREDICTION),
    wrong("prediction_typed", put(PREDICTION, 3), words=("D7|S2", "prediction|A31", "number|pasted|value|typed")),
)  # fmt: skip
