"""What is typed as pixels and weights: right where it is a number, whichever it is."""

from __future__ import annotations

from tests.edits.edit import Edit, clear, fill, put, right, write, wrong
from tests.edits.tables.places import INPUT

_STORED = "stored"
EDITS: tuple[Edit, ...] = (
    wrong("weight_divided_by_zero", put("AE12", "=1/0"), changes=_STORED, words=("V1|S2|T3|D7", "AE12|conv1", "#DIV/0!")),
    wrong("dense_weight_divided_by_zero", put("DA7", "=1/0"), changes=_STORED, words=("V1|S2|T3|D7", "DA7|fc1", "#DIV/0!")),
    wrong("pixel_not_available", put("N15", "=NA()"), changes=_STORED, words=("V1|S2|T3|D7", "N15|input", "#N/A")),
    wrong("weight_with_comma", put("AE12", "0,5"), changes=_STORED, words=("T302", "AE12", "0,5")),
    wrong("dense_weight_as_text", put("DA7", "0.5 or so"), changes=_STORED, words=("T302", "DA7", "0.5 or so")),
    wrong("bias_as_text", put("AD15", "none"), changes=_STORED, words=("T302|V1", "AD15", "none")),
    wrong("pixel_as_text", put("N15", "x"), changes=_STORED, words=("T302", "N15", "x")),
    wrong("weight_blank", clear("AE12"), changes=_STORED, words=("T301", "AE12", "blank")),
    wrong("kernel_blank", clear("AD40:AF42"), changes=_STORED, words=("T301", "AD40", "blank")),
    wrong("dense_weight_blank", clear("DA7"), changes=_STORED, words=("T301", "DA7", "blank")),
    wrong("dense_weights_of_a_class_blank", clear("DL4:DW15"), changes=_STORED, words=("T301", "DL4", "blank")),
    wrong("bias_blank", clear("AD15"), changes=_STORED, words=("T301", "AD15", "blank")),
    wrong("biases_blank", clear("FM4:FM13"), changes=_STORED, words=("T301", "FM4", "blank")),
    wrong("pixels_blank", clear("M10:P20"), changes=_STORED, words=("T301", "!M10", "blank")),
    right("pixel_changed", put("N15", 0.75), changes=_STORED),
    right("pixels_changed", write("K10:P12", [[0.1 * k for k in range(6)], [1.0] * 6, [0.0] * 6]), changes=_STORED),
    right("picture_negative", write(INPUT, [[((7 * row + 3 * column) % 11) / 10 for column in range(28)] for row in range(28)]), changes=_STORED),
    right("picture_blackened", write(INPUT, [[0.0] * 28 for _ in range(28)]), changes=_STORED),
    right("weight_changed", put("AE12", -0.5), changes=_STORED),
    right("weight_zero", put("AE12", 0.0), changes=_STORED),
    right("kernel_changed", write("AD11:AF13", [[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]]), changes=_STORED),
    right("both_kernels_changed", write("AD11:AF13", [[0.0, 1.0, 0.0]] * 3), write("AD40:AF42", [[1.0] * 3, [0.0] * 3, [-1.0] * 3]), changes=_STORED),
    right("bias_changed", put("AD15", 0.25), changes=_STORED),
    right("bias_zero", put("AD15", 0.0), changes=_STORED),
    right("dense_weights_changed", write("CY4:DJ4", [[0.01 * k for k in range(12)]]), changes=_STORED),
    right("kernel_as_fractions", fill("AD11:AF13", "=1/9"), changes=_STORED),
    right("kernel_at_random", fill("AD11:AF13", "=RAND()"), changes=_STORED),
    right("kernel_by_formula_of_a_cell", put("AD8", 0.5), fill("AD11:AF13", "=$AD$8*(ROW()-12)"), changes=_STORED),
    right("weight_of_another", put("AF13", "=AD11"), changes=_STORED),
    right("bias_by_formula", put("AD15", "=-0.1+0.2"), changes=_STORED),
    right("pixel_by_formula", put("N15", "=1-0.25"), changes=_STORED),
    right("pixel_of_another", put("N15", "=M15/2"), changes=_STORED),
    right("picture_at_random", fill(INPUT, "=RAND()"), changes=_STORED),
    right("picture_by_formula", fill(INPUT, "=MOD(ROW()*COLUMN(),7)/7"), changes=_STORED),
)  # fmt: skip
