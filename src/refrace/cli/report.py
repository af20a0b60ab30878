"""``refrace report``: show a stored result, or write it in another format."""

from __future__ import annotations

import click

from refrace.cli.completing import a_file
from refrace.cli.exit_codes import ExitCode
from refrace.cli.files import read_source, try_to_write
from refrace.cli.output import write_result
from refrace.display.pictures.files import check_file
from refrace.display.saving import SUFFIXES
from refrace.stored_results import read_result


@click.command(short_help="Turn a stored result into a page, a picture, and more.")
@click.argument("result", metavar="RESULT.json|-", shell_complete=a_file)
@click.option(
    "-o",
    "--output",
    "outputs",
    metavar="FILE",
    multiple=True,
    help=f"The file to write ({', '.join(SUFFIXES)}); repeatable.  Default: print the "
    "text.",
)
def report(result: str, outputs: tuple[str, ...]) -> ExitCode:
    """Write the result in RESULT.json, the output of a command with --json, to FILE.

    The suffix of FILE selects the format: a page (.html), the picture (.svg, .png),
    Markdown for a bug report (.md), SARIF (.sarif) or JUnit XML (.xml) for CI, or the
    text (.txt).  Exits with 0 whatever the result is.
    """
    paths = [try_to_write(check_file(name, SUFFIXES), "-o") for name in outputs]
    stored = read_result(read_source(result))
    if not paths:
        click.echo(str(stored))
    for path in paths:
        write_result(stored, path)
    return ExitCode.CLEAN
