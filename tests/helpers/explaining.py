"""What explain says of a cell, and the numbers that it should say."""

from pathlib import Path

import numpy as np
import openpyxl
from click.testing import CliRunner, Result

from tests.helpers.paths import WORKBOOKS
from xlconv.analysis.formula_steps import Step
from xlconv.cli import main

CONV_EXAMPLE = WORKBOOKS / "conv-example.xlsx"
STRIDE2 = WORKBOOKS / "stride2.xlsx"


def run(*arguments: str, columns: int | None = None) -> Result:
    env = {"COLUMNS": str(columns) if columns else None, "FORCE_COLOR": None}
    return CliRunner().invoke(main, ["explain", *arguments], env=env)


def text_of(path: Path, cell: str) -> str:
    result = run(str(path), cell)
    assert result.exit_code == 0, result.output
    return result.output


def squeezed(text: str) -> str:
    return "\n".join(" ".join(line.split()) for line in text.splitlines())


def matrix(path: Path, area: str) -> np.ndarray:
    sheet = openpyxl.load_workbook(path, data_only=True).worksheets[0]
    return np.array([[cell.value or 0.0 for cell in row] for row in sheet[area]], float)


def find(step: Step, operation: str) -> list[Step]:
    own = [step] if step.operation == operation else []
    return own + [one for inner in step.operands for one in find(inner, operation)]
