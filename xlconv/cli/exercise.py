"""`xlconv exercise`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from msgspec.structs import replace

from xlconv.classroom.exercises.exercise import HINTS, Wanted, Written, write_exercise
from xlconv.classroom.exercises.language import LANGUAGES, NAMES
from xlconv.classroom.exercises.ready_made import NETWORKS, READY_MADE, with_ready_made
from xlconv.cli.usage.choices import OneOf
from xlconv.cli.usage.network_options import asked_for, network_options
from xlconv.plurals import counted, plural

_ASKED = ("shapes", "kernels")
# What students are asked for: what a task's cells are.
_COUNTED = {"parameters": "number", "shapes": "number", "question": "answer", "mistakes": "mistake"}


class _Language(OneOf):
    """A language by its code or its name; of another one all are told."""

    def convert(
        self, value: Any, param: click.Parameter | None, context: click.Context | None
    ) -> str:
        """Return the code. Raises BadParameter where there is no such language."""
        code = NAMES.get(str(value).casefold(), str(value).casefold())
        if code not in self.choices:
            self.fail(f"{value!r}; expected one of {', '.join(self.choices)}", param, context)
        return code


@click.command("exercise")
@click.option(
    "--output", "-o", "folder", type=click.Path(path_type=Path), metavar="DIR",
    help="The folder for the three files [named after the exercise].",
)  # fmt: skip
@click.option(
    "--blank", multiple=True, metavar="LAYER",
    help="Empty these cells: conv2, one plane as relu1[0], or numbers to be found, conv1.weight.",
)  # fmt: skip
@click.option(
    "--fill", multiple=True, metavar="LAYER",
    help="Empty these cells; one formula is to be written that fills them all.",
)  # fmt: skip
@click.option(
    "--ask", multiple=True, type=OneOf(_ASKED),
    help="Ask for the sizes of all outputs, or what kernels do to a picture.",
)  # fmt: skip
@click.option(
    "--mistake", "mistakes", type=click.IntRange(0, 100), default=0, metavar="N",
    help="Make so many formulas wrong, to be found.",
)  # fmt: skip
@click.option(
    "--hint", type=OneOf(HINTS), default="none",
    help="Tell one right number, or one right formula, of each task [none].",
)  # fmt: skip
@click.option("--language", type=_Language(LANGUAGES), default="en", help="Of the texts [en].")
@network_options(NETWORKS, "first-convolution")
@click.option("--force", is_flag=True, help="Replace files that exist.")
def command(
    folder: Path | None,
    blank: tuple[str, ...],
    fill: tuple[str, ...],
    ask: tuple[str, ...],
    mistakes: int,
    hint: str,
    language: str,
    force: bool,
    **options: Any,
) -> None:
    """Write an exercise that checks itself: what students fill in, and its solution.

    exercise.xlsx is handed out: it has a sheet of tasks, each with a live counter of what is
    right. solution.xlsx and exercise.toml stay with you, for xlconv grade. --seed also says
    where mistakes stand.

    \b
    Example:
      xlconv exercise
      xlconv exercise --paper a4
      xlconv exercise --preset kernel-hunt --language de
      xlconv exercise --preset conv-example --blank conv2 --blank softmax --hint example
      xlconv exercise --preset conv-example --mistake 3 --seed 7 -o mistakes
      xlconv exercise --spec net.toml --fill conv1 --ask shapes
    """
    asked, look = asked_for(options)
    wanted = Wanted(
        blank, fill, mistakes, "shapes" in ask, "kernels" in ask, asked.seed or 0, hint, language
    )
    described = asked.spec is not None or asked.model is not None
    name = asked.preset if asked.preset or described else next(iter(READY_MADE))
    preset, wanted, look = with_ready_made(name, wanted, look)
    draws = wanted.mistakes and not described and asked.init is None
    seed = None if draws else asked.seed  # it says where mistakes stand, not which weights
    made = write_exercise(
        folder or Path(name or "exercise"), replace(asked, preset=preset, seed=seed), wanted, look,
        replace=force,
    )  # fmt: skip
    _print_made(made)


def _print_made(made: Written) -> None:
    for task in made.exercise.tasks:
        cells = counted(len(task.places), _COUNTED.get(task.kind, "cell"))
        points = plural(int(task.points), "point")
        click.echo(f"{task.id}: {cells}, {task.points:g} {points}")
    exercise, solution, told = made.paths
    click.echo(f"\n{exercise}: to hand out")
    click.echo(f"{solution}, {told}: for you; hidden sheets open with {made.lock}")
    if made.printed:
        to_do, done = made.printed
        click.echo(f"{to_do}, {done}: to print, with pencil and paper")
    if made.left_out:
        click.echo(f"not on paper: {', '.join(made.left_out)}; only in {exercise}", err=True)
    click.echo("\nnext:")
    click.echo(f"  libreoffice {exercise}  # solve a task, and see its counter rise")
    click.echo(f"  xlconv grade FOLDER --exercise {told}  # what came back")
