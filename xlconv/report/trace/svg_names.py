"""Names in a picture: a band over the columns of each tensor, a title over each plane."""

from __future__ import annotations

from collections.abc import Iterator

from xlconv.analysis.cell_owners import Owner
from xlconv.report.trace.picture import Picture
from xlconv.report.trace.sheet_view import MARGIN
from xlconv.report.trace.svg_text import BLUE, FAINT, LETTER, plain, text_line
from xlconv.spreadsheet.addresses import Range

# Kernels stand a cell apart: names between them need cells as high as that.
_READABLE = 7


def tensor_bands(picture: Picture) -> Iterator[str]:
    """Yield a band over the columns of each tensor and its parameters, with its name."""
    areas: dict[int, list[Range]] = {}
    for owner in picture.planes:
        if owner.plane.range.size != (1, 1) or owner.kind != "helper":
            areas.setdefault(owner.tensor, []).append(owner.plane.range)
    view = picture.view
    size = min(12.0, max(8.0, view.font + 2))
    y = view.top - 2 * view.font - 14
    for tensor, some in areas.items():
        left, right = min(one.left for one in some), max(one.right for one in some)
        x, width = view.x(left), (right + 1 - left) * view.cell
        name = next(one.name for one in picture.planes if one.tensor == tensor)
        yield (
            f'<rect x="{x}" y="{y:.1f}" width="{width:.1f}" height="{size + 4:.1f}" rx="2" '
            f'fill="{picture.colors[tensor].title}"><title>{plain(name)}</title></rect>'
        )
        if len(name) * size * LETTER <= width - 4:
            yield text_line(x + 4, y + size, name, size, "#FFFFFF", bold=True)


def plane_titles(picture: Picture) -> Iterator[str]:
    """Yield each plane's title above it, or what of it there is room for."""
    view = picture.view
    for owner in picture.planes:
        area, is_traced = owner.plane.range, owner in picture.traced
        is_minor = not is_traced or picture.is_crowded
        if owner.kind in ("weight", "bias") and view.cell < _READABLE and is_minor:
            continue
        room = _end(picture, area) - view.x(area.left) - 2
        title = next((one for one in _titles(owner) if len(one) * view.font * LETTER <= room), None)
        if title is not None:
            x, y = view.x(area.left), view.y(area.top) - 3
            color = BLUE if is_traced else FAINT
            yield text_line(x, y, title, view.font, color, bold=is_traced)


def _titles(owner: Owner) -> tuple[str, ...]:
    """Return what a plane may be called, the longest first."""
    index = f"[{', '.join(map(str, owner.index))}]"
    return (owner.title, f"{owner.kind} {index}", index) if owner.index else (owner.title,)


def _end(picture: Picture, area: Range) -> float:
    """Return where the next plane to the right begins, or else the picture ends."""
    right = min(
        (one.plane.range.left for one in picture.planes
         if one.plane.range.left > area.right
         and one.plane.range.top - 2 <= area.top <= one.plane.range.bottom + 1),
        default=None,
    )  # fmt: skip
    return picture.view.size[0] - MARGIN if right is None else picture.view.x(right)
