"""click's errors of usage -> a line: what was typed, and what was meant or is expected.

Knows no command, and decides nothing about what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import click


class WrongUsage(click.ClickException):
    """Wrong usage, told as all that cannot be done: in a line."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        """Print it."""
        click.echo(f"error: {self.message}", err=True)


@contextmanager
def told_in_a_line() -> Iterator[None]:
    """Turn click's errors of usage into one line each. Raises WrongUsage."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:  # no slip: it asks for help
        raise
    except click.UsageError as error:
        _tell(error)


def _tell(error: click.UsageError) -> NoReturn:
    words, context = " ".join(_words(error).splitlines()), error.ctx
    is_hinted = "did you mean" in words or "expected" in words.replace("unexpected", "")
    if context is not None and not is_hinted:
        words += f"; see {context.command_path} -h"
    raise WrongUsage(words) from None


def _words(error: click.UsageError) -> str:
    if isinstance(error, click.NoSuchOption):
        near = f"; did you mean {error.possibilities[0]}?" if error.possibilities else ""
        return f"no option {error.option_name}{near}"
    if isinstance(error, click.MissingParameter) and isinstance(error.param, click.Option):
        return f"no {_name(error.param)}; expected {_name(error.param)} {error.param.metavar or ''}"
    if isinstance(error, click.MissingParameter) and error.param and error.ctx:
        usage = " ".join(
            (error.ctx.command_path, *error.ctx.command.collect_usage_pieces(error.ctx))
        )
        return f"no {_name(error.param)}; expected {usage}"
    if isinstance(error, click.BadParameter) and error.param:
        return f"{_name(error.param)}: {_bare(error.message)}"
    return _bare(error.format_message())


def _name(param: click.Parameter) -> str:
    """Return the longest name of an option, or what an argument is called in help."""
    if isinstance(param, click.Option):
        return max(param.opts, key=len)
    return param.human_readable_name


def _bare(message: str) -> str:
    """Return a message without its capital and its full stop."""
    first = message[:1].lower() + message[1:]
    return first.rstrip(".").replace("not a valid integer range", "no whole number")
