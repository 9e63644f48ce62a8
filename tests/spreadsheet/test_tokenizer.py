"""The tokenizer is openpyxl's own, and openpyxl itself stays unloaded until somebody wants it."""

import subprocess
import sys

import pytest
from openpyxl.formula import tokenizer as installed

from xlconv.errors import FormulaError
from xlconv.spreadsheet.formula import tokenizer
from xlconv.spreadsheet.formula.tokenizer import tokenizer_class, tokens

ALONE = """
import sys
from xlconv.spreadsheet.formula.parse import parse
parse("SUM(A1:B2)*2")
assert not [name for name in sys.modules if name.startswith("openpyxl")]
import openpyxl.formula
assert openpyxl.formula.Tokenizer("=A1").items[0].value == "A1"
"""


def test_is_the_class_of_the_installed_openpyxl() -> None:
    assert tokenizer_class().__init__.__code__.co_filename == installed.__file__
    assert tokenizer_class().__qualname__ == installed.Tokenizer.__qualname__


@pytest.mark.parametrize("text", ["A1+2%", "SUM('my data'!A$1:B2,{1,2;3,4})", "IF(A1>0,,-1E-07)"])
def test_cuts_as_openpyxl_does(text: str) -> None:
    expected = [(one.value, one.type, one.subtype) for one in installed.Tokenizer("=" + text).items]
    assert [(one.value, one.type, one.subtype) for one in tokens(text)] == expected


def test_leaves_white_space_out() -> None:
    assert [one.value for one in tokens("A1 + SUM( B2 )")] == ["A1", "+", "SUM(", "B2", ")"]


def test_text_that_cannot_be_cut_is_an_error_of_the_formula() -> None:
    with pytest.raises(FormulaError, match="cannot be read"):
        tokens('"open')


@pytest.mark.slow
def test_imports_nothing_of_openpyxl() -> None:
    subprocess.run([sys.executable, "-c", ALONE], check=True)


def test_openpyxl_that_is_missing_is_no_fault_of_a_formula(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenizer, "_PACKAGE", "no_such_package")
    tokenizer_class.cache_clear()
    try:
        with pytest.raises(ModuleNotFoundError, match="openpyxl"):
            tokens("A1")
    finally:
        tokenizer_class.cache_clear()
