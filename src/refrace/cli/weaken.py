"""``refrace weaken``: make each memory order of a mode weaker."""

from __future__ import annotations

import click

from refrace.cli.exit_codes import ExitCode
from refrace.cli.mode_files import mode_file_option
from refrace.cli.options import max_seconds_option, verb_option
from refrace.cli.output import result_options, run_and_show
from refrace.explorer import weaken as verb
from refrace.explorer.corpus import EFFORTS


@click.command(short_help="Show that each memory order of a mode is needed.")
@click.argument("mode", required=False)
@verb_option(
    verb.weaken, "effort", "Size of the largest programs.", click.Choice(list(EFFORTS))
)
@max_seconds_option(verb.weaken)
@result_options
@mode_file_option("mode", is_needed=True)
def weaken(mode: str, effort: str, max_seconds: float, as_json: bool) -> ExitCode:
    """Make each memory order in the source of MODE weaker, one at a time.

    Exits with 0 if MODE is safe under C11 as it is, with 1 if it is not, and with 3 if
    a limit was reached first.
    """
    return run_and_show(
        lambda progress: verb.weaken(
            mode,
            effort,  # type: ignore[arg-type]
            max_seconds=max_seconds,
            progress=progress,
        ),
        f"weakening {mode}",
        as_json,
    )
