"""A sheet with some of its cells changed: emptied, or holding another formula, number or text.

Changes no stored value of other cells; `recalculated` does. Knows no file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np
from msgspec.structs import replace

from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.workbook import Kind, Sheet, SheetBuilder, TextColumn, keys_of


def emptied(sheet: Sheet, cells: Iterable[Cell]) -> Sheet:
    """Return a sheet without what these cells hold."""
    gone = np.array(sorted(set(cells)), np.int64).reshape(-1, 2)
    keep = ~np.isin(keys_of(sheet.rows, sheet.columns), keys_of(gone[:, 0], gone[:, 1]))
    numbers = np.cumsum(keep) - 1
    texts = TextColumn(
        sheet.texts.buffer, sheet.texts.starts[keep], sheet.texts.ends[keep], sheet.texts.wide
    )
    return Sheet(
        sheet.name, sheet.rows[keep], sheet.columns[keep], sheet.kinds[keep], sheet.cached[keep],
        sheet.numbers[keep], texts,
        {int(numbers[k]): one for k, one in sheet.results.items() if keep[k]},
        {int(numbers[k]): one for k, one in sheet.arrays.items() if keep[k]},
    )  # fmt: skip


def rewritten(sheet: Sheet, contents: Mapping[Cell, str | float]) -> Sheet:
    """Return a sheet whose cells hold these formulas (without `=`) and numbers instead."""
    rest, into = emptied(sheet, contents), SheetBuilder()
    for kind in np.unique(rest.kinds).tolist():
        these = np.flatnonzero(rest.kinds == kind)
        texts = [rest.texts[k] for k in these.tolist()]
        into.add(
            Kind(kind), rest.rows[these], rest.columns[these],
            numbers=rest.numbers[these], texts=texts,
        )  # fmt: skip
    for (row, column), held in contents.items():
        if isinstance(held, str):
            into.add(Kind.FORMULA, [row], [column], texts=[held])
        else:
            into.add(Kind.NUMBER, [row], [column], numbers=held)
    return into.finish(sheet.name)


def retold(sheet: Sheet, told: Callable[[str], str]) -> Sheet:
    """Return a sheet whose texts are told otherwise; formulas and names of errors stay."""
    texts = [
        told(text) if kind == Kind.TEXT else text
        for kind, text in zip(sheet.kinds.tolist(), sheet.texts, strict=True)
    ]
    ends = np.cumsum([len(one) for one in texts], dtype=np.int64)
    starts = np.concatenate([[0], ends[:-1]])
    return replace(sheet, texts=TextColumn("".join(texts), starts, ends))
