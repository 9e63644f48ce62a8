"""What explain says of a cell, and the numbers that it should say."""

from pathlib import Path

import numpy as np
import openpyxl

from tests.helpers.command import good
from tests.helpers.paths import WORKBOOKS
from xlconv.analysis.formula_steps import Step

CONV_EXAMPLE = WORKBOOKS / "conv-example.xlsx"
STRIDE2 = WORKBOOKS / "stride2.xlsx"


def text_of(path: Path, cell: str) -> str:
    return good("explain", path, cell)


def matrix(path: Path, area: str) -> np.ndarray:
    sheet = openpyxl.load_workbook(path, data_only=True).worksheets[0]
    return np.array([[cell.value or 0.0 for cell in row] for row in sheet[area]], float)


def find(step: Step, operation: str) -> list[Step]:
    own = [step] if step.operation == operation else []
    return own + [one for inner in step.operands for one in find(inner, operation)]
