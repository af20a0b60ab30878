"""``refrace modes``: the refcount modes there are."""

from __future__ import annotations

import json

import click

from refrace import catalogue
from refrace._render.blocks import Paragraph, Table
from refrace._render.text import render_text
from refrace.cli.exit_codes import ExitCode
from refrace.cli.output import as_json_option


@click.command(short_help="List the refcount modes, or show one.")
@click.argument("name", required=False)
@as_json_option
def modes(name: str | None, as_json: bool) -> ExitCode:
    """List the refcount modes, or show the card of the one called NAME."""
    chosen = catalogue.modes() if name is None else (catalogue.mode(name),)
    if as_json:
        listed = [mode.to_dict() for mode in chosen]
        data = {"format": "refrace/modes", "version": 1, "modes": listed}
        click.echo(json.dumps(data, indent=2))
    elif name is None:
        click.echo(_listing(chosen))
    else:
        click.echo(str(chosen[0]))
    return ExitCode.CLEAN


def _listing(chosen: tuple[catalogue.Mode, ...]) -> str:
    correct = sum(mode.claim == "correct" for mode in chosen)
    rows = [(mode.name, mode.claim, mode.summary) for mode in chosen]
    return render_text(
        [
            Paragraph(
                f"{len(chosen)} refcount modes, {correct} of which claim to be correct."
            ),
            Table(("mode", "claim", "how it counts"), rows, "<<<"),
        ]
    )
