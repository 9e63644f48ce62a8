"""Layouts with free cells between the entries of their planes."""

from msgspec.structs import replace

from xlconv.layers.base.place import Place
from xlconv.layout.layout import Layout
from xlconv.spreadsheet.blocks.plane import Plane


def spread(layout: Layout, rows: int, columns: int) -> Layout:
    """Return the layout with every cell moved to a lattice of so many rows and columns."""

    def cell(at):
        return at[0] * rows, at[1] * columns

    def plane(one):
        return Plane(cell(one.origin), one.shape, (one.step[0] * rows, one.step[1] * columns))

    places = tuple(
        Place(
            tuple(map(plane, place.planes)),
            place.halo,
            {
                key: tuple(tuple(map(plane, group)) for group in groups)
                for key, groups in place.tables.items()
            },
            {key: plane(one) for key, one in place.helpers.items()},
        )
        for place in layout.places
    )
    probe = layout.probe and replace(
        layout.probe, row=cell(layout.probe.row), column=cell(layout.probe.column)
    )
    return replace(layout, places=places, labels=(), probe=probe)
