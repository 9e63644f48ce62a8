"""The functions of the supported language, each over a whole block at once.

Semantics are Excel's (its function reference): aggregates skip what is no number in
references but convert arguments that are written out; errors spread. What NumPy would
warn of becomes an error value, so that whoever calls them silences it.
"""

from xlconv.spreadsheet.calculation.functions.aggregates import AGGREGATES
from xlconv.spreadsheet.calculation.functions.arguments import Function
from xlconv.spreadsheet.calculation.functions.elementwise import (
    ELEMENTWISE,
    divided,
    power,
)
from xlconv.spreadsheet.calculation.functions.logic import LOGIC, choose, truth
from xlconv.spreadsheet.calculation.functions.lookup import LOOKUP

FUNCTIONS: dict[str, Function] = AGGREGATES | ELEMENTWISE | LOGIC | LOOKUP

# These take whole ranges; every other function takes one number at a time.
OVER_RANGES = {*AGGREGATES, *LOOKUP, "AND", "OR"}

# Whose value no one can compute again: the cached one is taken as an input.
VOLATILE = {
    "RAND", "RANDBETWEEN", "RANDARRAY", "NOW", "TODAY",
    "WEBSERVICE", "RTD", "CELL", "INFO", "CUBEVALUE",
}  # fmt: skip

__all__ = [
    "FUNCTIONS",
    "OVER_RANGES",
    "VOLATILE",
    "Function",
    "choose",
    "divided",
    "power",
    "truth",
]
