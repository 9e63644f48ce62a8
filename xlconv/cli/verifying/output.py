"""What `xlconv verify` prints while it runs and at its end."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from msgspec import Struct, field

from xlconv.cli.streams import columns, line_columns, tell_data
from xlconv.report.text import Detail, file_text, tally_line
from xlconv.runs.results import Result
from xlconv.runs.tally import Tally

Pause = Callable[[Callable[[], None]], None]


class Output(Struct):
    """Tells results in a format: text as they come, others and what goes to a file at the end.

    `expected` is how many files there are, `detail` what a text says of each.
    """

    format: str
    target: Path | None
    replace: bool
    detail: Detail
    expected: int
    tally: Tally = field(default_factory=Tally)
    _results: list[Result] = field(default_factory=list)
    _texts: list[str] = field(default_factory=list)

    def add(self, result: Result, pause: Pause) -> None:
        """Tell a result, while whatever is shown besides makes room."""
        self.tally.add(result)
        if result.report.trace:
            pause(lambda: click.echo(result.report.trace, nl=False, err=True))
        if self.format != "text":
            self._results.append(result)
            return
        gap = "\n" if self.tally.files > 1 and self.detail is Detail.LAYERS else ""
        # A file's one line stays one.
        is_folded = self.target is None and self.detail is not Detail.VERDICT
        fold = line_columns() if is_folded else None
        self._tell(gap + file_text(result, self.detail, width=columns(), line_width=fold), pause)

    def end(self) -> None:
        """Tell what the run comes to.

        Raises FileError where that cannot be written, ExistsError where it is not to be replaced.
        """
        if self.format != "text":
            from xlconv.report.machine_formats import FORMATS  # noqa: PLC0415  only if used

            self._tell(FORMATS[self.format](self._results))
        elif self.expected > 1:
            gap = "" if self.detail is Detail.VERDICT else "\n"
            self._tell(f"{gap}{tally_line(self.tally, expected=self.expected)}\n")
        if self.target is None:
            return
        from xlconv.files import whole_file  # noqa: PLC0415  only if used

        with whole_file(self.target, replace=self.replace) as temporary:
            temporary.write_text(click.unstyle("".join(self._texts)), encoding="utf-8")

    def _tell(self, text: str, pause: Pause = lambda tell: tell()) -> None:
        if self.target is not None:
            self._texts.append(text)
            return
        pause(lambda: tell_data(text, self.format))


@contextmanager
def progress(count: int) -> Iterator[tuple[Callable[[], None], Pause]]:
    """Give the step of a progress line, and what takes it away while something is told.

    It is on stderr, for many files, where that is a terminal.
    """
    if count < 2 or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield (lambda: None), (lambda tell: tell())
        return
    from rich.console import Console  # noqa: PLC0415  slow, and for terminals only
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn  # noqa: PLC0415

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # Drawn when there is something new: no thread is needed for that.
    shown = Progress(
        *columns, console=Console(stderr=True), transient=True, auto_refresh=False,
        redirect_stdout=False, redirect_stderr=False,
    )  # fmt: skip

    def step() -> None:
        shown.advance(bar)
        shown.refresh()

    def pause(tell: Callable[[], None]) -> None:
        shown.stop()
        tell()
        sys.stdout.flush()
        shown.start()

    with shown:
        bar = shown.add_task("verifying", total=count)
        yield step, pause
