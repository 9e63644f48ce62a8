"""What commands print goes through here: standard output and standard error, as one place.

A letter that the encoding lacks is spelled in plain ones, colours are left out where nobody
wants them, and what cannot be written is told in a line. Knows no command.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TextIO, cast

import click

from xlconv.cli.usage.choices import OneOf

if TYPE_CHECKING:
    from rich.console import Console

WHENS = ("auto", "always", "never")
WIDE = 120  # columns, where there is no terminal and COLUMNS does not say

# One letter for one wherever columns hang on it; all others that we print are in sentences.
_PLAIN = str.maketrans({
    "×": "x", "·": "*", "∗": "*", "−": "-", "–": "-", "—": "-", "°": "o", "•": "*",
    "─": "-", "━": "-", "╸": "-", "╺": "-", "│": "|", "├": "|", "└": "`", "▀": '"',
    "←": "<", "↓": "v", "→": "->", "…": "...", "≈": "~", "≤": "<=", "≥": ">=",
    "⌈": "[", "⌉": "]", "Σ": "sum", "∞": "inf", "²": "^2", "✓": "ok:", "✗": "wrong:",
})  # fmt: skip
_COLOR = re.compile("\x1b\\[[0-9;:]*m")


def _text(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    missing = error.object[error.start : error.end]
    # Of others, a name must stay one: two names that differ are never told as the same.
    spelled = missing.translate(_PLAIN).encode("ascii", "backslashreplace")
    return spelled.decode(), error.end


def _json(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[k]:02x}{units[k + 1]:02x}" for k in range(0, len(units), 2)), (
        error.end
    )


codecs.register_error("xlconv.text", _text)
codecs.register_error("xlconv.json", _json)
_ERRORS = {"json": "xlconv.json", "sarif": "xlconv.json", "junit": "xmlcharrefreplace",
           "svg": "xmlcharrefreplace", "dot": "xmlcharrefreplace"}  # fmt: skip


class UnwritableError(Exception):
    """Standard output that takes nothing more; its text is "" where nobody reads any longer."""


class Stream(io.TextIOBase):
    """A standard stream; `asked` says when it is coloured, None that nobody said.

    It takes every letter, and so has no `buffer` and says that it is UTF-8: click and rich
    would else decide on letters by themselves, each in its own way.
    """

    encoding = "utf-8"
    errors = "strict"

    def __init__(self, below: TextIO | None, *, is_output: bool) -> None:
        super().__init__()
        self.asked: str | None = None
        self._failure: UnwritableError | None = None  # stays, lest someone else swallow it
        self._below, self._is_output = below, is_output

    def write(self, text: str) -> int:
        """Write a text for people. Raises UnwritableError."""
        return self.write_as(text, "text")

    def write_as(self, text: str, format_: str) -> int:
        """Write a text, its missing letters as its format has them. Raises UnwritableError."""
        if not isinstance(text, str):  # by that click knows that this is no stream of bytes
            raise TypeError(f"{type(text).__name__}: expected a text")
        below = self._below
        shown = text if self.is_colored else _COLOR.sub("", text)
        if not shown:  # click tries that to see what a stream takes
            return 0
        with self._telling():
            if below is None:
                raise OSError(errno.EBADF, os.strerror(errno.EBADF))
            encoding = getattr(below, "encoding", None) or "utf-8"
            errors = _ERRORS.get(format_)
            if errors and not encoding.lower().startswith("utf"):
                encoding = "ascii"  # who reads data as UTF-8, or as that encoding, reads the same
            below.write(shown.encode(encoding, errors or "xlconv.text").decode(encoding))
        return len(text)

    def flush(self) -> None:
        """Write what waits. Raises UnwritableError."""
        with self._telling():
            if self._below is not None and not self._below.closed:
                self._below.flush()

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._below is not None and self._below.isatty()

    def fileno(self) -> int:
        """Return the number that the system has for it."""
        return -1 if self._below is None else self._below.fileno()

    def writable(self) -> bool:
        """Return True."""
        return True

    @property
    def is_colored(self) -> bool:
        """Whether colours are wanted: as asked, or as the environment says, or on terminals."""
        if self.asked in ("always", "never"):
            return self.asked == "always"
        if os.environ.get("NO_COLOR"):
            return False
        if os.environ.get("FORCE_COLOR"):
            return True
        return self.isatty() and os.environ.get("TERM") != "dumb"

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._drop()
            if self._is_output:  # of what cannot be said, nothing can be said
                is_closed = error.errno == errno.EPIPE
                reason = "" if is_closed else f"standard output: {error.strerror or error}"
                self._failure = UnwritableError(reason)
        if self._failure is not None:
            raise self._failure

    def _drop(self) -> None:
        """Let what still waits go nowhere: Python writes it at its end."""
        below, self._below = self._below, io.StringIO()
        with suppress(OSError, ValueError, AttributeError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, cast(TextIO, below).fileno())
            os.close(nowhere)


@contextmanager
def own_streams() -> Iterator[None]:
    """Print through Streams for a while; end with 2 where standard output cannot be written."""
    before = sys.stdout, sys.stderr
    output = Stream(sys.stdout, is_output=True)
    sys.stdout, sys.stderr = cast(TextIO, output), cast(TextIO, Stream(sys.stderr, is_output=False))
    try:
        try:
            yield
        finally:
            output.flush()
    except UnwritableError as error:
        if str(error):
            click.echo(f"error: {error}", err=True)
        sys.exit(2)
    finally:
        sys.stdout, sys.stderr = before


def ask_for_color(_context: click.Context, _option: click.Parameter, when: str | None) -> None:
    """Say when there are colours: what an option's callback is."""
    for stream in (sys.stdout, sys.stderr):
        if when is not None and isinstance(stream, Stream):
            stream.asked = when


def color_option() -> Any:
    """Return `--color`, as the program and every command have it."""
    return click.Option(
        ["--color"], type=OneOf(WHENS), is_eager=True, expose_value=False,
        callback=ask_for_color,
        help="When to colour [auto: terminals, as NO_COLOR, FORCE_COLOR and TERM say].",
    )  # fmt: skip


def tell_data(text: str, format_: str) -> None:
    """Print what programs read, so that it is the same to them in any encoding."""
    if isinstance(sys.stdout, Stream):
        sys.stdout.write_as(text, format_)
    else:
        click.echo(text, nl=False)


def columns() -> int:
    """Return how many columns a line has: of the terminal, or as COLUMNS says."""
    from shutil import get_terminal_size  # noqa: PLC0415  only for tables

    return get_terminal_size((WIDE, 24)).columns


def line_columns() -> int | None:
    """Return how many columns a line may have on a screen; None where no screen is known.

    There a line stays whole: who searches through them finds what belongs together.
    """
    is_screen = isinstance(sys.stdout, Stream) and sys.stdout.isatty()
    return columns() if is_screen or os.environ.get("COLUMNS") else None


def console(width: int | None = None) -> Console:
    """Return what rich prints to standard output with, coloured as everything is."""
    from xlconv.report.console import plain_console  # noqa: PLC0415  rich is slow

    is_colored = isinstance(sys.stdout, Stream) and sys.stdout.is_colored
    return plain_console(width or columns(), color=is_colored)
