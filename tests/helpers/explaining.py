"""What explain says of a cell, and the numbers that it should say."""

from functools import lru_cache
from pathlib import Path

import numpy as np
import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from tests.helpers.command import good
from tests.helpers.paths import WORKBOOKS
from xlconv.analysis.formula_steps import Step

CONV_EXAMPLE = WORKBOOKS / "conv-example.xlsx"
STRIDE2 = WORKBOOKS / "stride2.xlsx"


def text_of(path: Path, cell: str) -> str:
    return good("explain", path, cell)


def matrix(path: Path, area: str) -> np.ndarray:
    return np.array([[cell.value or 0.0 for cell in row] for row in _sheet(path)[area]], float)


@lru_cache(maxsize=4)
def _sheet(path: Path) -> Worksheet:
    return openpyxl.load_workbook(path, data_only=True).worksheets[0]


def find(step: Step, operation: str) -> list[Step]:
    own = [step] if step.operation == operation else []
    return own + [one for inner in step.operands for one in find(inner, operation)]
