"""Samples that end too early: where others have their next layer, something else stands.

Nothing reads the output of a network; so only the other samples tell that a number was typed
there, or that its formula reads another sample. Looks at where tensors stand and at what
stands beside them; computes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from xlconv.lifting.matching.samples.same_layers import kinds_of, without
from xlconv.lifting.matching.tensors import Lifted, Stray, Tensor
from xlconv.spreadsheet.addresses import a1_name
from xlconv.spreadsheet.calculation.calculate import Calculation
from xlconv.spreadsheet.formula import scan

# So many samples have to go on before one that does not is wrong; of fewer, it is in doubt.
_FEWEST = 2


class _Ending(Struct, frozen=True):
    """A tensor without the reader that others have, one of those, and that reader."""

    number: int
    like: Tensor
    reader: Tensor
    count: int  # how many others go on so, 0 where they are not most


def with_unfinished(lifted: Lifted, calculation: Calculation) -> Lifted:
    """Return what was lifted with the cells that should be a sample's next layer and are not.

    Where too few samples go on to tell, or nothing stands there, the sample is left open.
    """
    doubtful: dict[int, str] = {}
    strays = list(lifted.strays)
    for one in _endings(lifted):
        found = list(_expected(lifted.tensors[one.number], one, calculation))
        sheet = calculation.workbook.sheets[one.reader.sheet]
        held = [sheet.find(stray.cell) is not None for stray in found]
        if one.count >= _FEWEST and all(held):
            strays += [stray for stray in found if stray not in strays]
        elif found:
            cell, text = a1_name(found[0].cell), found[0].expected
            doubtful[one.number] = f"other samples have {text} in the place of {cell}"
    return without(replace(lifted, strays=tuple(strays)), doubtful)


def _endings(lifted: Lifted) -> Iterator[_Ending]:
    tensors, kinds = lifted.tensors, kinds_of(lifted.tensors)
    samples: dict[int, list[int]] = {}
    readers: dict[int, list[tuple[int, int]]] = {}  # of a kind: who is read, and by whom
    for k, tensor in enumerate(tensors):
        if tensor.is_vector and tensor.sources:
            samples.setdefault(kinds[k], []).append(k)
            readers.setdefault(kinds[tensor.source], []).append((tensor.source, k))
    for kind, own in samples.items():
        pairs = readers.get(kind, [])
        usual = Counter(_way(tensors[k], tensors[n], kinds[n]) for k, n in pairs).most_common(1)
        if not usual or len(own) < 2:
            continue
        ((way, count),) = usual
        like, reader = next(
            (tensors[k], tensors[n]) for k, n in pairs
            if _way(tensors[k], tensors[n], kinds[n]) == way
        )  # fmt: skip
        read = {k for k, n in pairs if kinds[n] == way[0]}
        for k in own:
            if k not in read:
                yield _Ending(k, like, reader, count if 2 * count > len(own) else 0)


def _way(tensor: Tensor, reader: Tensor, kind: int) -> tuple[int, int, int]:
    """Return how a tensor is read: what its reader is, and how far from it that stands."""
    (row, column), (down, right) = tensor.planes[0].origin, reader.planes[0].origin
    return kind, down - row, right - column


def _expected(tensor: Tensor, ending: _Ending, calculation: Calculation) -> Iterator[Stray]:
    """Yield the cells where a sample's next layer should be, with the formula of another's."""
    (own,), (like,), (after,) = tensor.planes, ending.like.planes, ending.reader.planes
    down, right = own.origin[0] - like.origin[0], own.origin[1] - like.origin[1]
    sheet = calculation.workbook.sheets[ending.reader.sheet]
    home = replace(after, origin=(after.origin[0] + down, after.origin[1] + right))
    for i in range(after.shape[0]):
        for j in range(after.shape[1]):
            cell = home.cell(i, j)
            text = sheet.formula(after.cell(i, j))
            if text and min(cell) >= 0:
                expected = f"={scan(text).moved(down, right)}"
                yield Stray(ending.reader.sheet, cell, expected, home.range.name)
