"""Workbook -> the network that it spells, with the names that it had before.

What is not in the network is remarked on, never dropped silently. Never writes.
"""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from xlconv.errors import ModelError
from xlconv.lifting.lifted_workbook import LiftedWorkbook, Source, open_workbook
from xlconv.network.network import Network
from xlconv.network.shown import Shown
from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import a1_name
from xlconv.spreadsheet.values import BLANK, TEXT


class Extraction(Shown, Struct, frozen=True):
    """A network of a workbook, and remarks on what in the workbook is not in it."""

    network: Network
    remarks: tuple[str, ...] = ()


def extract(source: Source, number: int = 1) -> Extraction:
    """Return the network of a workbook, the longest, or another by its number from 1.

    Raises ReadError for what is no workbook, ModelError where it spells no such network.
    """
    return extracted(open_workbook(source), number)


def extracted(book: LiftedWorkbook, number: int = 1) -> Extraction:
    """Return a network of a lifted workbook. Raises ModelError."""
    found = book.networks
    if not found:
        raise ModelError(f"{book.path}: no network; expected formulas as of convolutions or sums")
    if not 1 <= number <= len(found):
        known = "; ".join(
            f"{k} on {book.sheet_name(one.sheet)}: {_summary(one.network)}"
            for k, one in enumerate(found, 1)
        )
        raise ModelError(f"{book.path}: no network {number}; expected one of {known}")
    chosen = found[number - 1]
    network = chosen.network
    if book.description.first is None:
        network = replace(network, name=Path(book.path).stem or "network")
    return Extraction(network, tuple(_remarks(book, set(chosen.tensors))))


def _summary(network: Network) -> str:
    shown = network.names if len(network.names) <= 6 else (*network.names[:5], "…")
    return ", ".join(shown)


def _remarks(book: LiftedWorkbook, tensors: set[int]) -> list[str]:
    remarks = []
    for hole in book.lifted.holes:
        what = {BLANK: "blank", TEXT: "a text"}.get(hole.kind, "TRUE or FALSE")
        place = f"{book.sheet_name(hole.sheet)}!{a1_name(hole.cell)}"
        remarks.append(f"{place}: {what} in {hole.where}; taken as 0")
    blocks = book.lifted.blocks
    of_networks = {block for k in tensors if k >= 0 for block in book.lifted.tensors[k].blocks}
    others = [block for block in book.lifted.unlifted if block not in of_networks]
    cells = sum(int(blocks[block].mask.sum()) for block in others)
    if cells:
        remarks.append(f"{counted(cells, 'formula')} in no layer; xlconv verify tells why")
    return remarks
