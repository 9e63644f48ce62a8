"""Networks, and workbooks with networks, as HTML: tables of layers, heat maps of their planes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from xlconv.analysis.extraction import Extraction
from xlconv.analysis.inspection import InspectedNetwork, Inspection
from xlconv.generation.generate import Generated
from xlconv.layout.placed_network import PlacedNetwork
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.network.network import Network
from xlconv.network.summary import joined, summary_of
from xlconv.plurals import counted
from xlconv.report.inspection import (
    field_texts,
    heading,
    joined_heads,
    nothing_found,
    number_text,
)
from xlconv.report.layer_table import NUMBERS, TITLES, row_of
from xlconv.report.notebook.markup import Markup, badge, page, table, tag, together, unfolded
from xlconv.report.notebook.pictures import drawn_within, pictures
from xlconv.report.notebook.texts import contents, generated_words, placed_tables

_MOST_UNLIFTED = 20  # blocks in no layer that have a line


def network_page(network: Network) -> str:
    """Return the layers, and heat maps of the kernels."""
    return page(*_network_parts(network))


def extraction_page(found: Extraction) -> str:
    """Return what is not in the network, its layers, and heat maps of the kernels."""
    remarks = (tag("p", badge("attention", "doubt"), f" {one}") for one in found.remarks)
    return page(*remarks, *_network_parts(found.network))


def _network_parts(network: Network) -> Iterator[Markup]:
    lines = summary_of(network)
    yield tag("p", tag("b", network.name), f": {counted(len(network.layers), 'layer')}")
    yield table(TITLES[:-1], [row_of(one)[:-1] for one in lines], NUMBERS)
    yield from _weights(network)


def _weights(network: Network) -> Iterator[Markup]:
    kernels = ((key, one) for key, one in network.state().items() if one.ndim > 1)
    yield from _folded("weights", (pictures(key, one) for key, one in kernels))


def placed_page(one: PlacedNetwork) -> str:
    """Return a network's layers with their cells, and heat maps of the kernels."""
    return layouts_page([one])


def layouts_page(every: Sequence[PlacedNetwork]) -> str:
    """Return the layers of networks with their cells, and heat maps of the kernels."""
    if not every:
        return page(tag("p", "no network"))
    return page(
        *(tag("p", tag("b", one.network.name), f" on {one.layout.sheet}") for one in every),
        *(table(TITLES, map(row_of, lines), NUMBERS) for lines in placed_tables(every)),
        *(part for one in every for part in _weights(one.network)),
    )


def generated_page(made: Generated) -> str:
    """Return where a workbook was written, its networks, and heat maps of their tensors."""
    first, *others = generated_words(made)
    one = made.networks[0]
    maps = (
        pictures(name, values, [plane.range.name for plane in place.planes])
        for name, values, place in zip(
            ("input", *one.network.names), made.book.activations, one.layout.places, strict=True
        )
        if place.planes
    )
    return page(
        tag("p", tag("b", first)),
        *(tag("p", words) for words in others),
        *(table(TITLES, map(row_of, lines), NUMBERS) for lines in placed_tables(made.networks)),
        *_folded("planes", maps),
    )


def workbook_page(book: LiftedWorkbook) -> str:
    """Return the networks of a workbook, and heat maps of their tensors."""
    every = [(one.sheet, summary_of(one.network, one.planes(book.lifted))) for one in book.networks]
    tensors = [k for one in book.networks for k in one.tensors if k >= 0]
    maps = (
        pictures(
            book.tensor_name(k), book.values(k),
            [plane.range.name for plane in book.lifted.tensors[k].planes],
        )
        for k in dict.fromkeys(tensors)
    )  # fmt: skip
    return page(
        tag("p", tag("b", book.path), f": {contents(book)}"),
        *(table(TITLES, map(row_of, lines), NUMBERS) for lines in joined(every)),
        *_folded("planes", maps),
    )


def inspection_page(found: Inspection) -> str:
    """Return every network with the distribution of its activations, and heat maps of them."""
    parts: list[Markup] = []
    if not found.networks:
        parts.append(tag("p", nothing_found(found)))
    for one in joined_heads(found.networks):
        parts += [tag("p", str(heading(found, one))), _layers(one)]
        maps = (
            pictures(layer.line.name, layer.values, layer.line.ranges)
            for layer in one.layers
            if layer.line.ranges
        )
        parts += drawn_within(maps)
    for block in found.unlifted[:_MOST_UNLIFTED]:
        place = f" {block.sheet}!{block.range}: {block.reason}; {block.formula}"
        parts.append(tag("p", badge("in no layer", "doubt"), place))
    more = len(found.unlifted) - _MOST_UNLIFTED
    if more > 0:
        parts.append(tag("p", f"… {more:,} more blocks in no layer: .unlifted"))
    return page(*parts)


def _layers(one: InspectedNetwork) -> Markup:
    titles = (
        *TITLES[:4], "sees", "moves", "starts", "mean", "std", "near 0", "min", "max", "cells",
    )  # fmt: skip
    rows = []
    for layer in one.layers:
        own, texts = layer.statistics, row_of(layer.line)
        std = "" if own.std is None else number_text(own.std)
        rows.append((
            *texts[:4], *field_texts(layer.field), number_text(own.mean), std,
            f"{own.near_zero:.1%}", number_text(own.least), number_text(own.largest), texts[-1],
        ))  # fmt: skip
    return table(titles, rows, range(3, 12))


def _folded(title: str, maps: Iterable[Markup]) -> Iterator[Markup]:
    drawn = drawn_within(maps)
    if drawn:
        yield unfolded(title, together(*drawn))
