"""Names for ranges of cells, as slices of the tensors that stand there."""

from __future__ import annotations

from collections.abc import Iterator

from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.lifting.named_planes import NamedPlane, named_planes
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.plane import Plane


def slice_name(seen: LiftedWorkbook, sheet: int, area: Range) -> str:
    """Return `conv1[0, 5:8, 5:8]`, `conv2.weight[1, 0]`; "" where none or several stand there.

    One cell has the name of its role.
    """
    if area.size == (1, 1):
        role = seen.role(sheet, (area.top, area.left))
        return "" if role is None else str(role)
    found = [
        (plane, name)
        for plane, name in _planes(seen, sheet)
        if plane.range.overlaps(area) and _spans(plane, area) is not None
    ]
    if len(found) != 1:
        return ""
    plane, name = found[0]
    spans = _spans(plane, area)
    assert spans is not None
    stem, leading = name
    inside = [_span_text(span, size) for span, size in zip(spans, plane.shape, strict=True)]
    if leading is None:  # a vector: one index along the plane
        index = inside[0] if plane.shape[1] == 1 else inside[1]
        return stem if index == ":" else f"{stem}[{index}]"
    is_whole = plane.range == area
    if not leading and is_whole:
        return stem
    if (len(leading) == 2 and not leading[1].isdigit()) or stem.endswith(".bias"):
        return f"{stem}[{', '.join(leading)}]" + ("" if is_whole else " in part")
    parts = leading if is_whole and plane.shape != (1, 1) else (*leading, *inside)
    past = any(low < 0 or high >= n for (low, high), n in zip(spans, plane.shape, strict=True))
    return f"{stem}[{', '.join(parts)}]" + (", padded" if past else "")


Named = tuple[Plane, tuple[str, tuple[str, ...] | None]]


def _planes(seen: LiftedWorkbook, sheet: int) -> Iterator[Named]:
    """Yield every plane on a sheet with the tensor's name and its leading indices."""
    for k, tensor in enumerate(seen.lifted.tensors):
        for one in named_planes(k, seen.tensor_name(k), tensor):
            if one.sheet == sheet:
                yield one.plane, (one.name, _leading(one))


def _leading(one: NamedPlane) -> tuple[str, ...] | None:
    """Return the indices before a plane's own; None of a vector, which has none but those."""
    leading = tuple(map(str, one.index))
    if one.first is None:
        return leading
    size = one.plane.shape[0] * one.plane.shape[1]
    return (*leading, f"{one.first}:{one.first + size}") if leading else None


def _spans(plane: Plane, area: Range) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Return the first and last entry along both axes; None where the range holds no entry."""
    spans = []
    for k, (low, high) in enumerate(((area.top, area.bottom), (area.left, area.right))):
        first = -(-(low - plane.origin[k]) // plane.step[k])
        last = (high - plane.origin[k]) // plane.step[k]
        if first > last or last < 0 or first >= plane.shape[k]:
            return None
        spans.append((first, last))
    return spans[0], spans[1]


def _span_text(span: tuple[int, int], size: int) -> str:
    low, high = max(0, span[0]), min(size - 1, span[1])
    if (low, high) == (0, size - 1) and size > 1:
        return ":"
    return str(low) if low == high else f"{low}:{high + 1}"
