"""Two ranges of a network in the same cells: named where cells are wrong because of it."""

from __future__ import annotations

from msgspec.structs import replace

from tests.mutations.subjects import preset
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.spreadsheet.addresses import a1_name
from xlconv.spreadsheet.workbook import SheetBuilder, Workbook
from xlconv.verification.causes.shared_cells import shared_cells
from xlconv.verification.facts import facts_of
from xlconv.verification.tolerance import Tolerance
from xlconv.verification.verify import verify_workbook


def over_the_other(gone: str, stays: str) -> Workbook:
    """The default workbook after a range was dragged over another one, which is lost."""
    book = preset("conv-example").workbook
    ranges = dict(book.names)
    ((home, area),) = ranges[gone]
    ((_, target),) = ranges[stays]
    ends = [
        [
            a1_name((one.top, one.left), absolute=True),
            a1_name((one.bottom, one.right), absolute=True),
        ]
        for one in (area, target)
    ]
    (sheet,) = book.sheets
    builder = SheetBuilder()
    for k in range(len(sheet)):
        cell = int(sheet.rows[k]), int(sheet.columns[k])
        inside = [
            one.top <= cell[0] <= one.bottom and one.left <= cell[1] <= one.right
            for one in (area, target)
        ]
        if inside[1]:
            continue  # written over
        if inside[0]:
            cell = cell[0] + target.top - area.top, cell[1] + target.left - area.left
        text = sheet.texts[k].replace(":".join(ends[0]), ":".join(ends[1]))
        builder.add(sheet.kinds[k], [cell[0]], [cell[1]], numbers=[sheet.numbers[k]], texts=[text])
    names = tuple((name, ((home, target),) if name == gone else each) for name, each in book.names)
    return replace(book, sheets=(builder.finish(sheet.name),), names=names)


def messages(book: Workbook) -> list[str]:
    return [one.message for one in verify_workbook(book).findings if one.severity == "error"]


def test_a_plane_dragged_over_the_other_is_told() -> None:
    pool, dense = messages(over_the_other("pool1_0", "pool1_1"))[:2]
    why = "the planes pool1[0] and pool1[1] are both in CL33:CW44, one over the other"
    assert why in pool
    assert why in dense
    assert "something else" not in pool + dense


def test_a_kernel_dragged_over_the_other_is_told() -> None:
    message = messages(over_the_other("conv1_weight_0", "conv1_weight_1"))[0]
    assert "the kernels conv1.weight[0] and conv1.weight[1] are both in AD40:AF42" in message


def test_what_stands_apart_or_between_shares_no_cells() -> None:
    (whole,) = facts_of(lift_workbook(preset("conv-example").workbook), Tolerance()).intentions
    assert [shared_cells(whole, stage) for stage in whole.stages] == [""] * len(whole.stages)
    planes = whole.layout.places[1 + whole.network.names.index("pool1")].planes
    between = tuple(
        replace(one, origin=(3, 89 + k), shape=(12, 6), step=(1, 2)) for k, one in enumerate(planes)
    )
    places = [
        replace(one, planes=between) if one.planes == planes else one for one in whole.layout.places
    ]
    apart = replace(whole, layout=replace(whole.layout, places=tuple(places)))
    assert [shared_cells(apart, stage) for stage in apart.stages] == [""] * len(whole.stages)
