"""What is asked for -> a workbook, on disk in one call: what the command `xlconv generate` does.

Asks `sources` for network, weights and input, and `lowering` for everything else. Never prints.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from msgspec import Struct
from numpy.typing import ArrayLike

from xlconv.arrays import Array
from xlconv.errors import FileError, InputError, LayoutError, XlconvError
from xlconv.generation.sources import Sources, chosen_input, chosen_network
from xlconv.interop.inputs import Input
from xlconv.interop.pictures import FITS, Fit
from xlconv.layers.base.place import Spelling
from xlconv.layout.layout import Layout
from xlconv.layout.metric_rows import place_metrics
from xlconv.layout.placed_network import PlacedNetwork
from xlconv.lowering.book import Book, book_of
from xlconv.lowering.formatting.pages import pages_of
from xlconv.lowering.strip import sheet_name, strip
from xlconv.network.initialise import ALIASES, METHODS
from xlconv.network.network import Network
from xlconv.network.shown import Shown
from xlconv.presets import PRESETS
from xlconv.spreadsheet.xlsx.formatting import PAPERS


class Look(Struct, frozen=True):
    """How a network is written: None where a preset or the strip decides.

    `style` is "sumproduct" or "array", `relu` "fused" or "separate"; `probe` names a layer,
    `paper` what the pages are to be printed on ("a4").
    """

    style: str | None = None
    relu: str | None = None
    stats: bool = False
    shapes: bool = False
    probe: str | None = None
    paper: str | None = None


class Generated(Shown, Struct, frozen=True):
    """A workbook that was written: where, of which networks, and with which values.

    `remark` says what was done to make the input; `warning`, in lines, that drawn weights took
    the place of trained ones, and that a picture may be a negative.
    """

    path: Path
    networks: tuple[PlacedNetwork, ...]
    book: Book
    remark: str = ""
    warning: str = ""

    @property
    def network(self) -> Network:
        """The network, the first where there are several heads."""
        return self.networks[0].network

    @property
    def output(self) -> Array:
        """What the network gives for the input that is shown."""
        return self.book.outputs[0]


def generate(
    out: str | Path | None = None,
    *,
    preset: str | None = None,
    spec: str | Path | None = None,
    weights: str | Path | None = None,
    model: str | Path | None = None,
    seed: int | None = None,
    init: str | None = None,
    digit: int | None = None,
    input: str | Path | ArrayLike | None = None,
    fit: Fit | None = None,
    invert: bool = False,
    style: Literal["sumproduct", "array"] | None = None,
    relu: Literal["fused", "separate"] | None = None,
    stats: bool = False,
    shapes: bool = False,
    probe: str | None = None,
    paper: Literal["a4", "a3", "letter"] | None = None,
    training: bool = False,
    fold_batchnorm: bool = False,
    replace: bool = False,
) -> Generated:
    """Write the workbook that computes a CNN, byte for byte as the command `xlconv generate` does.

    The arguments are the command's options, and its messages name them as it does; `replace`
    is its `--force`. `out` is by default named after the network, in the current folder;
    `input` may also be an array of the network's input shape. Raises XlconvError: FileError
    where the file exists, SpecError, WeightsError, ModelError and InputError for what is
    asked for, LayoutError where it does not fit a sheet.
    """
    _check_choice("preset", preset, tuple(PRESETS))
    _check_choice("fit", fit, FITS)
    _check_choice("style", style, ("sumproduct", "array"))
    _check_choice("relu", relu, ("fused", "separate"))
    _check_choice("paper", paper, tuple(PAPERS))
    _check_choice("init", init, (*METHODS, *ALIASES))
    is_file = input is None or isinstance(input, str | Path)
    asked = Sources(
        preset, _path(spec), _path(weights), seed, init, digit,
        _path(input) if is_file else None,  # type: ignore[arg-type]
        _path(model), training, fold_batchnorm, fit, invert,
    )  # fmt: skip
    look = Look(style, relu, stats, shapes, probe, paper)
    return written(_path(out), asked, look, None if is_file else input, replace=replace)  # type: ignore[arg-type]


def written(
    out: Path | None,
    asked: Sources,
    look: Look = Look(),
    values: ArrayLike | None = None,
    *,
    replace: bool = False,
) -> Generated:
    """Write what was asked for; `values` are the input, where it comes from no file."""
    if out is not None and out.suffix.lower() != ".xlsx":
        raise FileError(f"{out}: expected a name that ends in .xlsx")
    made = made_book(asked, look, values)
    path = out or Path(f"{file_stem(made.networks[0].network.name)}.xlsx")
    made.book.write(path, replace=replace)
    return Generated(path, made.networks, made.book, made.remark, made.warning)


class Made(Struct, frozen=True):
    """What is asked for, as a workbook that is not written yet; as `Generated` has it."""

    networks: tuple[PlacedNetwork, ...]
    book: Book
    remark: str = ""
    warning: str = ""


def made_book(asked: Sources, look: Look = Look(), values: ArrayLike | None = None) -> Made:
    """Return the workbook that was asked for; `values` are the input, where it is in no file."""
    sources = asked.settled()
    network = chosen_network(sources)
    try:
        layout = _layout(network, sources, look)
        shown = chosen_input(sources, network) if values is None else _given(values, asked, network)
        placed = place_metrics(
            (PlacedNetwork(network, layout), *_heads(network, layout, sources)),
            statistics=look.stats, sizes=look.shapes,
        )  # fmt: skip
        first, *heads = placed
        made = book_of(network, first.layout, shown.values, heads)
        if look.paper is not None:
            made = made.on_paper(pages_of(placed, made.formatting, look.paper))
    except LayoutError as error:
        raise error.at(sources.place) from None
    warnings = "\n".join(filter(None, (sources.warning, shown.warning)))
    return Made((first, *heads), made, shown.remark, warnings)


def _given(values: ArrayLike, asked: Sources, network: Network) -> Input:
    if asked.digit is not None:
        raise InputError("--digit and --input: expected one of them")
    if asked.fit is not None or asked.invert:
        raise InputError("--fit and --invert: expected a picture's file as the input")
    return Input(network.checked_input(values))


def _check_choice(name: str, value: str | None, known: tuple[str, ...]) -> None:
    if value is not None and value not in known:
        raise XlconvError(f"{name} {value!r}: expected one of {', '.join(known)}")


def _path(given: str | Path | None) -> Path | None:
    return None if given is None else Path(given)


def file_stem(name: str) -> str:
    """Return what a file of that name may be called on any system."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-") or "net"


def _layout(network: Network, sources: Sources, look: Look) -> Layout:
    spelling = Spelling(array=look.style == "array")
    fuse = look.relu != "separate"
    preset = sources.chosen_preset
    if preset is None:
        sheet = sheet_name(network.name)
        return strip(network, spelling=spelling, fuse=fuse, sheet=sheet, probed=look.probe)
    if preset.arrange is not None and (look.style or look.relu or look.probe):
        option = "--probe" if look.probe else "--style or --relu"
        raise XlconvError(
            f"--preset {preset.name}: has an arrangement of its own; expected no {option}"
        )
    return preset.layout(network, spelling=spelling, fuse=fuse, probed=look.probe)


def _heads(network: Network, layout: Layout, sources: Sources) -> tuple[PlacedNetwork, ...]:
    preset = sources.chosen_preset
    return () if preset is None else preset.heads_of(network, layout)
