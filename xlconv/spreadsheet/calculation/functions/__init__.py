"""The functions of the supported language, each over a whole block at once.

Semantics are Excel's (its function reference): aggregates skip what is no number in
references but convert arguments that are written out; errors spread. What NumPy would
warn of becomes an error value, so that whoever calls them silences it.
"""

from xlconv.spreadsheet.calculation.functions.aggregates import AGGREGATES
from xlconv.spreadsheet.calculation.functions.arguments import Function
from xlconv.spreadsheet.calculation.functions.criteria import CRITERIA
from xlconv.spreadsheet.calculation.functions.elementwise import (
    ELEMENTWISE,
    divided,
    power,
)
from xlconv.spreadsheet.calculation.functions.information import INFORMATION
from xlconv.spreadsheet.calculation.functions.logic import LOGIC, choose, pick, truth
from xlconv.spreadsheet.calculation.functions.lookup import LOOKUP
from xlconv.spreadsheet.calculation.functions.statistics import STATISTICS
from xlconv.spreadsheet.calculation.functions.text_order import by_rank
from xlconv.spreadsheet.calculation.functions.texts import TEXTS, entrywise

FUNCTIONS: dict[str, Function] = (
    AGGREGATES | STATISTICS | CRITERIA | ELEMENTWISE | INFORMATION | LOGIC | LOOKUP | TEXTS
)

# These take whole ranges; every other function takes one number at a time.
OVER_RANGES = {*AGGREGATES, *STATISTICS, *CRITERIA, *LOOKUP, "AND", "OR", "XOR", "CONCAT"}

# Those of them for whose result it matters where blanks stand, or that there are any.
WITH_BLANKS = {
    *CRITERIA, *LOOKUP, "SUMPRODUCT", "SUMXMY2", "SUMX2MY2", "SUMX2PY2", "COUNTBLANK", "MMULT",
    "TRANSPOSE",
}  # fmt: skip

# What these cost for each entry, where it is more than what NumPy takes: most go entry by entry.
COSTS = {
    **dict.fromkeys((*TEXTS, "ERF", "ERF.PRECISE", "ERFC", "ERFC.PRECISE"), 50),
    **dict.fromkeys(("NORMSDIST", "NORM.S.DIST", "CEILING", "FLOOR"), 50),
    "CONCAT": 500,
    **dict.fromkeys(("MEDIAN", "LARGE", "SMALL"), 16),
}

# These compare what they look for with every entry, cell by cell of a block.
COMPARING = {*LOOKUP, *CRITERIA, "RANK", "RANK.EQ"}

# Whose value no one can compute again: the cached one is taken as an input.
VOLATILE = {
    "RAND", "RANDBETWEEN", "RANDARRAY", "NOW", "TODAY",
    "WEBSERVICE", "RTD", "CELL", "INFO", "CUBEVALUE",
}  # fmt: skip

__all__ = [
    "COMPARING",
    "COSTS",
    "FUNCTIONS",
    "OVER_RANGES",
    "VOLATILE",
    "WITH_BLANKS",
    "Function",
    "by_rank",
    "choose",
    "divided",
    "entrywise",
    "pick",
    "power",
    "truth",
]
