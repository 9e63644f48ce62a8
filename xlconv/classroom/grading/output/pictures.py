"""The marked picture of a sheet: its planes where they stand, and in them the cells that count.

An SVG in the solution's places, whatever a student has moved, in classes that the page's style
colours. Cells of one state that follow each other are one stroke.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape

from msgspec import Struct

from xlconv.classroom.grading.answer_key import AnswerKey
from xlconv.classroom.grading.graded_file import State
from xlconv.classroom.grading.points import TaskResult
from xlconv.spreadsheet.addresses import Cell, Range, a1_name

# In pixels, where there is room: the picture, its largest cell, a plane's name and its line.
_WIDTH, _CELL, _FONT, _LINE = 1160, 22, 13, 1
_ASIDE = 60  # for the name of the last plane
_CLASSES = {state: state.name.lower() for state in State}


class PlaneOnPicture(Struct, frozen=True):
    """A plane by its name and where it stands."""

    name: str
    area: Range


class SheetPicture(Struct, frozen=True):
    """What is the same on every student's picture of one sheet."""

    sheet: str
    planes: tuple[PlaneOnPicture, ...]
    area: Range


def sheet_pictures(key: AnswerKey) -> tuple[SheetPicture, ...]:
    """Return the sheets that tasks are about, with the planes of their networks."""
    tasks = [one for one in key.exercise.tasks if not one.answers]
    found = []
    for sheet in dict.fromkeys(one.sheet for one in tasks):
        planes = tuple(_planes(key, sheet))
        areas = [one.area for one in planes] + [
            area for task in tasks if task.sheet == sheet for area in task.cells
        ]
        whole = areas[0]
        for one in areas:
            whole = whole.union(one)
        found.append(SheetPicture(sheet, planes, whole))
    return tuple(found)


def _planes(key: AnswerKey, sheet: str) -> Iterator[PlaneOnPicture]:
    seen = set()
    for one in key.networks:
        names = ("input", *one.network.names)
        for name, place in zip(names, one.layout.places, strict=True):
            tables = [
                plane for groups in place.tables.values() for some in groups for plane in some
            ]
            for k, plane in enumerate((*place.planes, *tables)):
                if one.layout.sheet == sheet and plane not in seen:
                    seen.add(plane)
                    yield PlaneOnPicture(name if not k and place.planes else "", plane.range)


def drawn(picture: SheetPicture, tasks: Sequence[TaskResult], words: Mapping[str, str]) -> str:
    """Return a student's picture as SVG, with every text escaped; `words` are of a language."""
    area = picture.area
    height, width = area.size
    cell = min(_CELL, (_WIDTH - _ASIDE) / (width + 2))  # in pixels
    title = 2 * _FONT / cell
    box = (area.left - 1, area.top - 1 - title, width + 2 + _ASIDE / cell, height + 2 + title)
    label = escape(words["picture"].format(name=picture.sheet))
    parts = [
        f'<svg class="sheet" viewBox="{" ".join(f"{one:.4g}" for one in box)}" '
        f'width="{box[2] * cell:.0f}" font-size="{_FONT / cell:.4g}" '
        f'stroke-width="{_LINE / cell:.4g}" role="img" aria-label="{label}">'
    ]
    parts += [_plane(one, 0.4 * _FONT / cell) for one in picture.planes]
    for one in tasks:
        if one.task.sheet == picture.sheet and not one.task.answers:
            parts += _cells(one, words)
    return "".join((*parts, "</svg>"))


def _plane(one: PlaneOnPicture, gap: float) -> str:
    (height, width), (x, y) = one.area.size, (one.area.left, one.area.top)
    drawn = f'<rect class="plane" x="{x}" y="{y}" width="{width}" height="{height}"/>'
    return drawn + (
        f'<text x="{x}" y="{y - gap:.4g}">{escape(one.name)}</text>' if one.name else ""
    )


def _cells(one: TaskResult, words: Mapping[str, str]) -> Iterator[str]:
    states = dict(zip(one.task.places, one.marks.states, strict=False))
    for state, name in _CLASSES.items():
        cells = [cell for cell, own in states.items() if own == state]
        if cells:
            path = "".join(f"M{column} {row}h{n}v1h-{n}z" for row, column, n in _runs(cells))
            told = {"id": one.task.id, "state": words[name], "cell": a1_name(cells[0])}
            title = escape(words["from"].format(**told))
            yield f'<path class="{name}" d="{path}"><title>{title}</title></path>'


def _runs(cells: Iterable[Cell]) -> Iterator[tuple[int, int, int]]:
    """Yield where cells of a row follow each other: row, column and how many."""
    begun: tuple[int, int] | None = None
    count = 0
    for row, column in sorted(cells):
        if begun == (row, column - count):
            count += 1
            continue
        if begun is not None:
            yield *begun, count
        begun, count = (row, column), 1
    if begun is not None:
        yield *begun, count
