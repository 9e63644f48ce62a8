"""Questions of what a kernel does to a picture, to be answered before it is tried out.

Asked of kernels whose numbers say it (`kernel_kinds`), by a choice from a list.
"""

from __future__ import annotations

from collections.abc import Iterator

from xlconv.arrays import Array
from xlconv.classroom.exercise_file import Task
from xlconv.classroom.exercises.sheets.papers import Papers
from xlconv.classroom.exercises.sheets.tasks_sheet import Counter, counted
from xlconv.classroom.exercises.tasks.kernel_kinds import kind_of_kernel
from xlconv.errors import XlconvError
from xlconv.spreadsheet.addresses import Range, a1_name
from xlconv.spreadsheet.blocks.plane import Plane

_POINTS = 2.0
_MOST = 6
_STRIDE = 17  # between the numbers by which answers are kept


def ask_kernels(papers: Papers) -> None:
    """Ask what the kernels of a network do, as far as that can be told in a word.

    Raises XlconvError where none does such a thing.
    """
    known = [(*one, kind_of_kernel(one[-1])) for one in _kernels(papers)]
    asked = [one for one in known if one[-1] != "other"][:_MOST]
    if not asked:
        raise XlconvError(
            "--ask kernels: no kernel blurs, sharpens or finds edges; "
            "expected a network that has one, such as --preset edges"
        )
    for name, number, plane, _, kind in asked:
        _ask(papers, name, number, plane, kind)


def _ask(papers: Papers, name: str, number: int, plane: Plane, kind: str) -> None:
    page, words = papers.page, papers.language
    choices = list(words.kernels.values())
    own = Range(papers.row, 0, papers.row, 0)
    page.head(f"{name}[{number}]", _POINTS, Counter(counted([own]), 1))
    text = words.tasks["question"].format(number=number, name=name, cells=plane.range.name)
    page.lines(text)
    cell = page.choice(choices, words.words["answer"])
    page.space()
    # The place of the right answer is not written down as it is.
    more = _STRIDE * (number + 2)
    listed = ",".join(f'"{one}"' for one in choices)
    place = f"MATCH({page.name}!{a1_name(cell)},{{{listed}}},0)"
    wanted = more + 1 + choices.index(words.kernels[kind])
    papers.check(f"IFERROR(IF({place}+{more}={wanted},1,0),0)")
    area, answer = Range(*cell, *cell), {cell: words.kernels[kind]}
    task = Task(f"{name}[{number}]?", "question", _POINTS, page.name, (area,), text, answer)
    papers.tasks.append(task)


def _kernels(papers: Papers) -> Iterator[tuple[str, int, Plane, Array]]:
    """Yield every kernel of one plane, with its layer's name, its number and its cells."""
    for placed in papers.networks[:1]:
        network = placed.network
        for index, (name, layer) in enumerate(zip(network.names, network.layers, strict=True)):
            values = layer.tables(network.shape_read(index))
            for parameter, groups in placed.layout.places[index + 1].tables.items():
                for number, (planes, matrices) in enumerate(
                    zip(groups, values[parameter], strict=True)
                ):
                    if len(planes) == 1 and min(planes[0].shape) > 1:
                        yield name, number, planes[0], matrices[0]
