"""What people add beside a network, and how they change its looks: all of it right."""

from __future__ import annotations

from tests.edits.edit import Edit, Step, copy, fill, move, put, right, unproven, wrong
from tests.edits.tables.places import CONV2, INPUT, KERNEL2, PREDICTION, by_two


def _sheet(name: str) -> Step:
    return ("add_sheet", name)


def _from(sheet: str) -> str:
    """Return the first formula of conv2, which reads conv1 on another sheet."""
    (one, other) = KERNEL2[0]
    return f"=MAX(0,SUMPRODUCT({sheet}!AH3:AJ5,{one})+SUMPRODUCT({sheet}!AH32:AJ34,{other})+$BI$18)"


_SAVED = (
    "averages", "batchnorm", "residual", "rgb", "multi-label", "fastai", "edges", "dropout", "image-kernels",
    "matmul", "padding", "stride2",
)  # fmt: skip
EDITS: tuple[Edit, ...] = (
    right("saved_as_it_is"),
    *(right(f"{name.replace('-', '_')}_saved_as_it_is", base=name) for name in _SAVED),
    right("notes_typed", put("A60", "my homework"), put("AH30", "look: the edges"), put("FT4", "the answer")),
    right("number_of_cells", put("AH30", "=26*26")),
    right("sum_of_a_plane", put("AH30", "=SUM(AH3:BG28)")),
    right("largest_of_a_plane", put("AH30", "=MAX(AH3:BG28)")),
    right("average_of_a_plane", put("BM29", "=AVERAGE(BM4:CJ27)"), put("BM58", "=AVERAGE(BM33:CJ56)")),
    right("zeros_counted", put("AH30", "=COUNTIF(AH3:BG28,0)"), put("AI30", "=COUNTIF(AH3:BG28,\">0\")")),
    right("share_of_zeros", put("AH30", "=COUNTIF(AH3:BG28,0)/COUNT(AH3:BG28)")),
    right("sum_of_softmax", put("FR14", "=SUM(FR4:FR13)")),
    right("answer_in_words", put("B32", '=IF(A31=3,"right","wrong")')),
    right("label_beside_prediction", put("B32", '="It is a "&A31')),
    right("row_sums_beside", fill("HA3:HA28", "=SUM(AH3:BG3)")),
    right("ranks_beside", fill("FT4:FT13", "=RANK(FR4,$FR$4:$FR$13)")),
    right("percent_beside", fill("FT4:FT13", "=ROUND(100*FR4,1)")),
    right("loss_beside", put("FT4", "=-LN(INDEX(FR4:FR13,4))")),
    right("picture_beside", fill("HA2:IB29", "=A2")),
    right("error_of_its_own_beside", put("HA2", "=1/0")),
    # Nothing says what it should be, so that it cannot be proven.
    unproven("one_product_traced_by_hand", fill("HA3:HC5", "=A2*AD11"), put("HA7", "=SUM(HA3:HC5)+AD15"), put("HA8", "=MAX(0,HA7)=AH3")),
    right("sheet_renamed", ("rename_sheet", "My CNN")),
    right("sheet_added", _sheet("notes"), put("notes!A1", "hello"), put("notes!A2", "=1+1")),
    right("summary_sheet", _sheet("summary"), put("summary!A1", "=INDEX('conv-example'!FR4:FR13,4)"), put("summary!A2", "='conv-example'!A31")),
    right("sheet_copied", ("copy_sheet", "backup")),
    right("input_on_another_sheet", _sheet("data"), move(INPUT, "data!A2")),
    right("picture_from_another_sheet", _sheet("data"), copy(INPUT, "data!A2"), fill(INPUT, "=data!A2")),
    right("cells_coloured", ("colour", "AH3:BG28", 0xFFEE88), ("colour", "CL4:CW15", 0x88EEFF)),
    right("decimals_shown", ("decimals", "AH3:BG28", "0.000"), ("decimals", "FR4:FR13", "0.00%")),
    right("comments_added", ("comment", "AH3", "the first window"), ("comment", "AD11", "a weight")),
    right("columns_hidden", ("hide_columns", "CY1:FJ1")),
    right("names_dropped", ("drop_names",)),
    right("description_dropped", ("drop_description",)),
    wrong("conv2_reads_the_copied_sheet", ("copy_sheet", "backup"), fill(CONV2[0], _from("backup")),
          words=("D7|S2|G4", "conv2|relu2", "backup|sheet")),
    wrong("prediction_of_the_copied_sheet", ("copy_sheet", "backup"),
          put(PREDICTION, "=MATCH(MAX(backup!$FR$4:$FR$13),backup!$FR$4:$FR$13,0)-1"),
          words=("D7|S2|G4|L6", "prediction", "backup|sheet")),
    wrong("wrong_in_the_copied_sheet", ("copy_sheet", "backup"), by_two("backup!CL4:CW15", "=AVERAGE(BM4:BN5)"),
          changes="beside", verdict="findings|partly", words=("D7|S2|G4", "backup", "AVERAGE|average|AvgPool|pool1")),
)  # fmt: skip
