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
        for one in CODES.values():
            click.echo(f"{one.code}  {one.severity:<10}  {one.name}")
        return
    found = CODES.get(code.upper())
    if found is None:
        raise XlconvError(f"{code}: no such code; expected one of {', '.join(CODES)}")
    click.echo(f"{found.code} {found.name} ({found.severity})\n")
    click.echo(click.wrap_text(found.meaning, 80))
    click.echo(f"\nExample:\n  {found.example}")
