"""Samples whose last layer is a number that somebody typed: others have a formula there.

Nothing reads the output of a network; so only the other samples tell that one ends too early.
Looks at where tensors stand and at what is typed beside them; computes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from xlconv.lifting.matching.samples.same_layers import kinds_of, without
from xlconv.lifting.matching.tensors import Lifted, Stray, Tensor
from xlconv.spreadsheet.addresses import a1_name
from xlconv.spreadsheet.calculation.calculate import Calculation
from xlconv.spreadsheet.formula import scan
from xlconv.spreadsheet.workbook import Kind

# So many samples have to go on before one that does not is wrong; of fewer, it is in doubt.
_FEWEST = 2


@dataclass(frozen=True, slots=True)
class _Ending:
    """A tensor that nothing reads, and one like it that a further layer reads, with that."""

    number: int
    like: Tensor
    reader: Tensor
    count: int  # how many others go on


def with_unfinished(lifted: Lifted, calculation: Calculation) -> Lifted:
    """Return what was lifted with the typed numbers that should be a sample's last layer.

    Where too few samples go on to tell, the one that does not is left open.
    """
    doubtful: dict[int, str] = {}
    strays = list(lifted.strays)
    for one in _endings(lifted):
        found = list(_typed(lifted.tensors[one.number], one, calculation))
        if one.count >= _FEWEST:
            strays += [stray for stray in found if stray not in strays]
        elif found:
            cell = a1_name(found[0].cell)
            doubtful[one.number] = f"another sample has {found[0].expected} where {cell} is typed"
    return without(replace(lifted, strays=tuple(strays)), doubtful)


def _endings(lifted: Lifted) -> Iterator[_Ending]:
    kinds = kinds_of(lifted.tensors)
    readers: dict[int, list[Tensor]] = {}
    for tensor in lifted.tensors:
        for source in tensor.sources:
            readers.setdefault(source, []).append(tensor)
    of_kind: dict[int, list[int]] = {}
    for k in readers:
        of_kind.setdefault(kinds[k], []).append(k)
    for k, tensor in enumerate(lifted.tensors):
        going_on = of_kind.get(kinds[k], [])
        if k not in readers and tensor.is_vector and going_on:
            like = lifted.tensors[going_on[0]]
            yield _Ending(k, like, readers[going_on[0]][0], len(going_on))


def _typed(tensor: Tensor, ending: _Ending, calculation: Calculation) -> Iterator[Stray]:
    """Yield the cells that hold a number or a text where a sample's next layer should be."""
    (own,), (like,), (after,) = tensor.planes, ending.like.planes, ending.reader.planes
    down, right = own.origin[0] - like.origin[0], own.origin[1] - like.origin[1]
    sheet = calculation.workbook.sheets[ending.reader.sheet]
    home = replace(after, origin=(after.origin[0] + down, after.origin[1] + right))
    for i in range(after.shape[0]):
        for j in range(after.shape[1]):
            cell = home.cell(i, j)
            index = None if min(cell) < 0 else sheet.find(cell)
            text = sheet.formula(after.cell(i, j))
            if index is not None and text and sheet.kinds[index] in (Kind.NUMBER, Kind.TEXT):
                expected = f"={scan(text).moved(down, right)}"
                yield Stray(ending.reader.sheet, cell, expected, home.range.name)
