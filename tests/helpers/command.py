"""The command line, run within the test's process."""

from __future__ import annotations

import signal

from click.testing import CliRunner, Result

from xlconv.cli import main


def run(*words: object, columns: int | None = None) -> Result:
    """Return what a command ends with: a good end or a stated one, never an exception."""
    env = {"COLUMNS": str(columns) if columns else None, "FORCE_COLOR": None}
    result = CliRunner().invoke(main, [str(word) for word in words], env=env, prog_name="xlconv")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def good(*words: object) -> str:
    """Return what a command prints that ends well."""
    result = run(*words)
    assert result.exit_code == 0, result.output
    return result.output


def refused(*words: object) -> str:
    """Return the one line of a command that is refused."""
    result = run(*words)
    assert result.exit_code == 2, result.output
    (line,) = result.output.splitlines()
    return line.removeprefix("error: ")


def squeezed(text: str) -> str:
    """Return a text with one space where it has several."""
    return "\n".join(" ".join(line.split()) for line in text.splitlines())


def heeds_ctrl_c() -> None:
    """Let a process be interrupted that is started where nothing can be: in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
