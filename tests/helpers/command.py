"""The command line, run within the test's process."""

from __future__ import annotations

from click.testing import CliRunner, Result

from xlconv.cli import main


def run(*words: object) -> Result:
    """Return what a command ends with: a good end or a stated one, never an exception."""
    result = CliRunner().invoke(main, [str(word) for word in words])
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
