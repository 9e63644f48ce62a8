"""`xlconv rule`."""

from __future__ import annotations

import click

from xlconv.errors import XlconvError
from xlconv.verification.findings import CODES


@click.command("rule")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Explain a finding, with an example; without a CODE, list them all.

    \b
    Example:
      xlconv rule S202
    """
    if code is None:
        weights = {one: ", ".join(one.severities) for one in CODES.values()}
        width = max(map(len, weights.values()))
        for one, weight in weights.items():
            click.echo(f"{one.code}  {weight:<{width}}  {one.name}")
        return
    found = CODES.get(code.upper())
    if found is None:
        raise XlconvError(f"{code}: no such code; expected one of {', '.join(CODES)}")
    weight = "; ".join([found.severity, *(f"{one} {when}" for one, when in found.at_times)])
    click.echo(click.wrap_text(f"{found.code} {found.name} ({weight})\n", 80) + "\n")
    click.echo(click.wrap_text(found.meaning, 80))
    click.echo(f"\nExample:\n  {found.example}")
