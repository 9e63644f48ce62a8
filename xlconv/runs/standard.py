"""What files are held against: the named workbook, description and model, read once for all.

It goes to every process that checks files, so that nobody else looks for those files.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace
from numpy.typing import ArrayLike

from xlconv.network.network import Network
from xlconv.runs.file_options import FileOptions
from xlconv.runs.file_report import FileReport, file_report_of
from xlconv.spreadsheet.xlsx.package import Budget
from xlconv.spreadsheet.xlsx.read import read_xlsx
from xlconv.verification.intended.sources import Wanted
from xlconv.verification.tolerance import ATOL, RTOL
from xlconv.verification.verify import verify_workbook, wanted_network


class Standard(Struct, frozen=True, eq=False):
    """All that a check of a file depends on besides the file and the program.

    Who asks more of a file than what `verify` tells has a standard of its own, with its own
    `report`: it goes to the same crews.
    """

    rtol: float = RTOL
    atol: float = ATOL
    budget: Budget = field(default_factory=Budget)
    model: Mapping[str, ArrayLike] | None = None
    wanted: Wanted | None = None

    def report(self, path: str) -> FileReport:
        """Return what is told of a file. Raises ReadError for what is no workbook."""
        workbook = read_xlsx(path, self.budget)
        report = verify_workbook(
            workbook, path, rtol=self.rtol, atol=self.atol, model=self.model, wanted=self.wanted
        )
        return file_report_of(report)


def standard_of(options: FileOptions) -> Standard:
    """Read what the options name.

    Raises XlconvError where that cannot be, or where the workbook to hold others against
    has no network.
    """
    budget = Budget(cells=options.max_cells, option="--max-cells")
    state, network = None, None
    if options.model is not None:
        state, network = _model(options.model)
    if options.spec is not None:
        from xlconv.network.spec import read_spec  # noqa: PLC0415  only if used

        network = read_spec(options.spec).network
    described = "D" not in options.ignore  # changed on purpose
    wanted = wanted_network(options.against, network, budget, described=described)
    said_by = options.against or options.spec or options.model
    if wanted is not None and wanted.networks and said_by is not None:
        wanted = replace(wanted, source=said_by.name)
    return Standard(options.rtol, options.atol, budget, state, wanted)


def _model(path: Path) -> tuple[Mapping[str, ArrayLike], Network | None]:
    """Return a model's parameters, and its layers where the file has them."""
    from xlconv.interop import load_network  # noqa: PLC0415  only if used
    from xlconv.interop.inputs import read_weights  # noqa: PLC0415
    from xlconv.interop.npz import describes_itself  # noqa: PLC0415

    if path.suffix.lower() != ".npz" or describes_itself(path):
        network = load_network(path)
        return network.state(), network
    return read_weights(path), None
