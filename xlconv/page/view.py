"""A workbook or a network as a page: to be written to a file, or shown in a notebook.

Reads, verifies and lets the others make the page. Never draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike

from xlconv.errors import FileError
from xlconv.files import whole_file
from xlconv.lifting.lifted_workbook import LiftedWorkbook, Source, lift_workbook, open_workbook
from xlconv.lowering.book import book_of
from xlconv.lowering.strip import strip
from xlconv.network.network import Network
from xlconv.page.document import document_of
from xlconv.page.html import page_of
from xlconv.page.intended import unrecognised
from xlconv.page.part import whole
from xlconv.presets.data import DIGIT_SIDE, sample_digit
from xlconv.spreadsheet.xlsx.package import Budget
from xlconv.verification.verify import verify_lifted, wanted_network

_HEIGHT = 640  # pixels, in a notebook


class Page(Struct, frozen=True):
    """A page of HTML that stands by itself."""

    html: str

    def __repr__(self) -> str:
        return f"Page({len(self.html) / 1000:,.0f} kB)"

    def _repr_html_(self) -> str:
        """Return the page in a frame that shares nothing with the notebook."""
        return (
            f'<iframe sandbox="allow-scripts" srcdoc="{escape(self.html)}" '
            f'style="width:100%;height:{_HEIGHT}px;border:1px solid #8884;border-radius:6px" '
            'title="The network, drawn"></iframe>'
        )

    def write(self, path: str | Path, *, replace: bool = False) -> None:
        """Write the page, whole or not at all. Raises FileError."""
        path = Path(path)
        if path.suffix.lower() not in (".html", ".htm"):
            raise FileError(f"{path}: expected a name that ends in .html")
        with whole_file(path, replace=replace) as temporary:
            temporary.write_text(self.html, encoding="utf-8")


def view(
    source: Source | Network,
    *,
    x: ArrayLike | None = None,
    against: Source | None = None,
    layers: Sequence[str] | None = None,
    budget: Budget | None = None,
) -> Page:
    """Return the page of a workbook, or of a network that is shown the input `x`.

    What `verify` finds is marked on it; `against` is a workbook whose network this one should
    compute. Without `x` a network is shown a sample digit, or drawn numbers where it takes none.
    `layers` are the names of those to show, all where it is None.
    Raises ReadError for what is no workbook, or is too large for a page, and InputError for a
    layer that is not there.
    """
    book = _drawn(source, x) if isinstance(source, Network) else open_workbook(source, budget)
    if layers is None:
        whole(book)  # refuses what is too large before it takes long to verify
    wanted = wanted_network(against, budget=budget)
    report = verify_lifted(book, wanted=wanted)
    return Page(page_of(document_of(book, report, layers, unrecognised(book, wanted))))


def _drawn(network: Network, x: ArrayLike | None) -> LiftedWorkbook:
    values = _sample(network) if x is None else x
    made = book_of(network, strip(network), values)
    return lift_workbook(made.workbook, network.name or "network")


def _sample(network: Network) -> ArrayLike:
    shape = network.shapes[0]
    if len(shape) == 3 and shape[0] == 1 and shape[1] == shape[2] >= DIGIT_SIDE:
        return sample_digit(7, shape[1])
    drawn: ArrayLike = np.round(np.random.default_rng(0).uniform(0, 1, shape), 2)
    return drawn
