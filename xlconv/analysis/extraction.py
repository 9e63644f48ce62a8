"""The network that a workbook spells, with the names that it had before.

Never writes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from xlconv.errors import ModelError
from xlconv.lifting.lifted_workbook import LiftedWorkbook, open_workbook
from xlconv.network.network import Network
from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import a1_name
from xlconv.spreadsheet.values import BLANK


@dataclass(frozen=True, slots=True)
class Extracted:
    """A network of a workbook, and remarks on what in the workbook is not in it."""

    network: Network
    remarks: tuple[str, ...] = ()


def extract(path: str | Path, number: int = 1) -> Extracted:
    """Read a workbook and return its network, the longest, or another by its number from 1.

    Raises ReadError for what is no workbook, ModelError where it spells no such network.
    """
    return extracted(open_workbook(path), number)


def extracted(seen: LiftedWorkbook, number: int = 1) -> Extracted:
    """Return a network of an opened workbook. Raises ModelError."""
    found = seen.networks
    if not found:
        raise ModelError(f"{seen.path}: no network; expected formulas as of convolutions or sums")
    if not 1 <= number <= len(found):
        known = "; ".join(
            f"{k} on {seen.sheet_name(one.sheet)}: {_summary(one.network)}"
            for k, one in enumerate(found, 1)
        )
        raise ModelError(f"{seen.path}: no network {number}; expected one of {known}")
    model = found[number - 1]
    network = model.network
    if seen.description.first is None:
        network = replace(network, name=Path(seen.path).stem or "network")
    return Extracted(network, tuple(_remarks(seen, set(model.tensors))))


def _summary(network: Network) -> str:
    shown = network.names if len(network.names) <= 6 else (*network.names[:5], "…")
    return ", ".join(shown)


def _remarks(seen: LiftedWorkbook, places: set[int]) -> list[str]:
    remarks = []
    for hole in seen.lifted.holes:
        what = "blank" if hole.kind == BLANK else "a text"
        place = f"{seen.sheet_name(hole.sheet)}!{a1_name(hole.cell)}"
        remarks.append(f"{place}: {what} in {hole.where}; taken as 0")
    units = seen.calculation.blocks
    of_networks = {unit for k in places if k >= 0 for unit in seen.lifted.tensors[k].blocks}
    others = [unit for unit in seen.lifted.unlifted if unit not in of_networks]
    cells = sum(int(units[unit].mask.sum()) for unit in others)
    if cells:
        remarks.append(f"{counted(cells, 'formula')} in no layer; xlconv verify tells why")
    return remarks
