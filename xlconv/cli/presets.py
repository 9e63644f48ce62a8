"""`xlconv presets`."""

from __future__ import annotations

import click

from xlconv.presets import DEFAULT, PRESETS


@click.command("presets")
def command() -> None:
    """List the ready networks, a line each.

    \b
    Example:
      xlconv presets
      xlconv generate --preset edges
    """
    width = max(map(len, PRESETS))
    for name, preset in PRESETS.items():
        mark = " (default)" if name == DEFAULT else ""
        click.echo(f"{name:<{width}}  {preset.summary}{mark}")
