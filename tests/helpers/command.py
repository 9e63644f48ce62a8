"""The command line, run within the test's process."""

from __future__ import annotations

from click.testing import CliRunner, Result

from xlconv.cli import main


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)))
