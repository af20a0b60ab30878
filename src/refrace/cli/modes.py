"""``refrace modes``: list the refcount modes."""

from __future__ import annotations

import json

import click

from refrace.catalogue import mode as catalogue
from refrace.catalogue.loaded import package_modes
from refrace.cli.exit_codes import ExitCode
from refrace.cli.mode_files import mode_file_option
from refrace.cli.output import as_json_option, html_option, write_page
from refrace.display.page import page


@click.command(short_help="List the refcount modes, or show one.")
@click.argument("name", required=False)
@as_json_option
@html_option
@mode_file_option("name")
def modes(name: str | None, as_json: bool) -> ExitCode:
    """List the refcount modes, or show the card of the mode NAME."""
    one = None if name is None else catalogue.mode(name)
    if as_json:
        listed = [mode.to_dict() for mode in ([one] if one else catalogue.modes())]
        data = {"format": "refrace/modes", "version": 1, "modes": listed}
        click.echo(json.dumps(data, indent=2))
    else:
        click.echo(str(one or catalogue.modes()))
        if one is None and package_modes():
            click.echo("\nOf installed packages:\n")
            click.echo("\n".join(f"  {name}" for name in package_modes()))
    title = f"Refcount mode: {one.name}" if one else "Refcount modes"
    write_page(page(title, (one or catalogue.modes())._repr_html_()))
    return ExitCode.CLEAN
