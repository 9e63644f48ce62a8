"""Where intentions come from: what the user names, or else what the file says of itself.

The first that says anything is the one that cells are held against. Where it stands is told
by the workbook's own names, by the places that come with it, or by what lifting found: the
one of these by which most cells prove right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from msgspec import Struct
from msgspec.structs import replace

from xlconv.errors import LayoutError
from xlconv.layers.base.place import Place
from xlconv.layout.layout import Layout
from xlconv.layout.placed_network import PlacedNetwork
from xlconv.layout.stages import stages_of
from xlconv.lifting.description import described
from xlconv.lifting.layouts import layouts_of
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.network.network import Network
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.verification.intended.fed_parameters import fed_cells
from xlconv.verification.intended.intention import Intention, Origin, Readout, Unplaced
from xlconv.verification.intended.placement import has_named_weights, placed_by_names
from xlconv.verification.intended.readouts import readouts_of
from xlconv.verification.intended.shifted_tables import (
    Beside,
    numbers_beside,
    reads_crossed_tables,
    reads_shifted_tables,
)

Score = Callable[[Intention], int]  # how many cells prove right by it


class Wanted(Struct, frozen=True):
    """Networks that a workbook should compute, with their places where these are known.

    `source` is the name of the file that says so, "" where that has none. With `same_tables`
    the parameters are where it says, wherever the formulas of a layer look for them. `beside`
    are numbers near the parameters that are none themselves, as the file has them, and `fed`
    the parameters whose formulas follow from the picture there; `readouts` are what it has
    beside the outputs, a prediction for example.
    """

    origin: Origin
    networks: tuple[tuple[Network, Layout | None], ...]
    source: str = ""
    same_tables: bool = False
    beside: Beside = ()
    fed: frozenset[str] = frozenset()
    readouts: tuple[Readout, ...] = ()


# What formulas spell is right, whatever a file says of itself.
NOTHING = Wanted(Origin.FORMULAS, ())


def wanted_of(teacher: LiftedWorkbook, score: Score) -> Wanted:
    """Return what a workbook says that others should compute: its description, or its formulas.

    Raises LayoutError where it has no network.
    """
    declared = intentions_of(teacher, None, score)
    if declared and all(not one.unplaced for one in declared):
        placed = tuple((_with_weights(one.network, teacher), one.layout) for one in declared)
    else:
        if not all(one.is_on_one_sheet(teacher.lifted) for one in teacher.networks):
            raise LayoutError(
                f"{teacher.path}: the network's formulas and parameters stand on several sheets; "
                "expected them on one, or --spec"
            )
        placed = tuple((one.network, one.layout) for one in layouts_of(teacher))
    beside = chain.from_iterable(numbers_beside(teacher.workbook, layout) for _, layout in placed)
    fed = frozenset(
        one.name for network, layout in placed
        for one in fed_cells(teacher, network, layout, _sheet_of(teacher, layout.sheet))
    )  # fmt: skip
    return Wanted(
        Origin.AGAINST, placed, beside=tuple(dict.fromkeys(beside)), fed=fed,
        readouts=tuple(readouts_of(teacher, [layout for _, layout in placed])),
    )  # fmt: skip


def _with_weights(declared: Network, teacher: LiftedWorkbook) -> Network:
    """Return a network with the weights in a workbook's cells; a description alone has none."""
    shapes = {key: value.shape for key, value in declared.state().items()}
    for one in teacher.networks:
        state = one.network.state()
        if {key: value.shape for key, value in state.items()} == shapes:
            return declared.with_state(state)
    return declared


def intentions_of(
    book: LiftedWorkbook, wanted: Wanted | None, score: Score
) -> tuple[Intention, ...]:
    """Return what a workbook should compute: what is wanted, or what it says of itself."""
    if wanted is not None:
        return tuple(
            _best(book, network, layout, score, wanted) for network, layout in wanted.networks
        )  # none at all, where only formulas count
    found = (_described(book, network, score) for network in book.description.networks)
    return tuple(one for one in found if one is not None)


def _described(book: LiftedWorkbook, network: Network, score: Score) -> Intention | None:
    """Return a network of the description where its names, or else its formulas, say it stands.

    None where no names are there, and not all formulas are known: it may yet be among them.
    """
    named = placed_by_names(network, book.workbook, Origin.DESCRIPTION)
    if named is not None and not named.unplaced:
        return named
    best = _best(book, network, None, score, Wanted(Origin.DESCRIPTION, ()))
    if best.unplaced and _is_spread(book, network):
        return None
    is_lost = named is not None or not book.networks or not book.lifted.unlifted
    return best if best.stages or is_lost else None


def _is_spread(book: LiftedWorkbook, network: Network) -> bool:
    """Whether a network is spelled on several sheets: a layout is of one, but it is there."""
    for one in book.networks:
        if not one.is_on_one_sheet(book.lifted):
            found = described(one, network).network
            if has_layers_of(network, found) and has_named_weights(found, book):
                return True
    return False


def _best(
    book: LiftedWorkbook, network: Network, layout: Layout | None, score: Score, wanted: Wanted
) -> Intention:
    """Return a network at the places by which most of its cells prove right."""
    origin = wanted.origin
    best, most = _nowhere(network, layout, book, origin), -1
    for one in _placed(book, origin, network, layout):
        found = score(one)
        if found > most:
            best, most = one, found
        if best.stages and not best.unplaced and most == _size(best):
            return best
    known = best.layout if best.stages else None
    home, stands = best.sheet, 2 * most >= _size(best)
    for one in _lifted(book, origin, network):
        if known is not None and (
            (wanted.same_tables and _has_other_tables(one.layout, known))
            or (one.sheet == home and _reads_others(book, one, known, network, wanted))
            or (layout is not None and stands and _is_aside(book, one, best, layout))
        ):
            continue
        # What formulas spell has planes and kernels in an order of its own: not where places
        # say another.
        if known is None or 2 * most < _size(best) or not _is_reordered(one.layout, known):
            found = score(one)
            if found > most:
                best, most = one, found
    return best


def _reads_others(
    book: LiftedWorkbook, one: Intention, known: Layout, network: Network, wanted: Wanted
) -> bool:
    """Whether formulas read numbers beside the parameters of theirs, or those of one another."""
    sheet = book.workbook.sheets[one.sheet]
    return reads_shifted_tables(sheet, one.layout, known, wanted.beside) or (
        wanted.origin is Origin.AGAINST and reads_crossed_tables(sheet, one.layout, known, network)
    )


def _is_aside(book: LiftedWorkbook, one: Intention, best: Intention, layout: Layout) -> bool:
    """Whether a network is a copy that stands aside of the sheet that is meant.

    That is the sheet of the wanted name, or else one that is seen.
    """
    home, other = (book.workbook.sheets[each.sheet].name for each in (best, one))
    is_named = home.casefold() == layout.sheet.casefold()
    hidden = book.workbook.hidden
    return home != other and (is_named or (other in hidden and home not in hidden))


def _is_reordered(one: Layout, other: Layout) -> bool:
    """Whether a plane of one layout has another part in the other."""
    known = dict(_parts(other))
    return any(known.get(plane, part) != part for plane, part in _parts(one))


def _has_other_tables(one: Layout, other: Layout) -> bool:
    """Whether two layouts have tensors in the same cells, and parameters in others."""
    both = list(zip(one.places, other.places, strict=True))
    same = all(a.planes == b.planes for a, b in both)
    return same and any(dict(a.tables) != dict(b.tables) for a, b in both)


def _parts(layout: Layout) -> Iterator[tuple[Plane, tuple[object, ...]]]:
    for tensor, place in enumerate(layout.places):
        for k, plane in enumerate(place.planes):
            yield plane, (tensor, k)
        for key, groups in place.tables.items():
            for k, group in enumerate(groups):
                for n, plane in enumerate(group):
                    yield plane, (tensor, key, k, n)


def _placed(
    book: LiftedWorkbook, origin: Origin, network: Network, layout: Layout | None
) -> Iterator[Intention]:
    named = placed_by_names(network, book.workbook, origin)
    if named is not None:
        yield named
    if layout is not None:
        number = _sheet_of(book, layout.sheet)
        stages = tuple(stages_of(network, layout))
        yield Intention(network, layout, number, origin, stages)


def _lifted(book: LiftedWorkbook, origin: Origin, network: Network) -> Iterator[Intention]:
    """Yield the networks that formulas spell with the same layers, by the wanted one's name."""
    fitting = [described(one, network) for one in book.networks if one.is_on_one_sheet(book.lifted)]
    fitting = [one for one in fitting if has_layers_of(network, one.network)]
    try:
        placed: Sequence[PlacedNetwork] = layouts_of(replace(book, networks=fitting))
    except LayoutError:
        return
    for one, lifted in zip(placed, fitting, strict=True):
        stages = tuple(stages_of(one.network, one.layout))
        yield Intention(one.network, one.layout, lifted.sheet, origin, stages)


def has_layers_of(wanted: Network, found: Network) -> bool:
    """Whether two networks have the same layers, whatever their weights."""
    alike = found.names == wanted.names and found.shapes == wanted.shapes
    layers = zip(found.layers, wanted.layers, strict=True) if alike else ()
    return alike and all(type(a) is type(b) and a.options() == b.options() for a, b in layers)


def _nowhere(
    network: Network, layout: Layout | None, book: LiftedWorkbook, origin: Origin
) -> Intention:
    number = 0 if layout is None else _sheet_of(book, layout.sheet)
    places = tuple(Place() for _ in network.shapes)
    home = Layout(book.workbook.sheets[number].name, places)
    missing = Unplaced(0, len(network.layers) - 1, "the workbook spells no such network")
    return Intention(network, home, number, origin, (), (missing,))


def _sheet_of(book: LiftedWorkbook, name: str) -> int:
    """Return the number of the sheet of a name, or else of the largest that is seen."""
    sheets = book.workbook.sheets
    names = [sheet.name.casefold() for sheet in sheets]
    if name.casefold() in names:
        return names.index(name.casefold())
    hidden = book.workbook.hidden
    return max(range(len(sheets)), key=lambda k: (sheets[k].name not in hidden, len(sheets[k])))


def _size(one: Intention) -> int:
    planes = (plane for stage in one.stages for plane in one.planes_of(stage.tensor))
    return sum(plane.shape[0] * plane.shape[1] for plane in planes)
