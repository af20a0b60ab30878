"""``refrace prove``: check a mode against every small program."""

from __future__ import annotations

import click

from refrace.cli.exit_codes import ExitCode
from refrace.cli.options import max_seconds_option, verb_option
from refrace.cli.output import as_json_option, run_and_show
from refrace.explorer import prove as verb
from refrace.explorer.corpus import EFFORTS


@click.command(short_help="Check a mode against every small program.")
@click.argument("mode")
@verb_option(
    verb.prove, "effort", "Size of the largest programs.", click.Choice(list(EFFORTS))
)
@max_seconds_option(verb.prove)
@as_json_option
def prove(mode: str, effort: str, max_seconds: float, as_json: bool) -> ExitCode:
    """Explore every schedule of every small program in MODE.

    Exits with 0 only if it is proved that no program shows a bug, with 1 and the
    smallest witness if one does, and with 3 if a limit was reached first.
    """
    return run_and_show(
        lambda progress: verb.prove(
            mode,
            effort,  # type: ignore[arg-type]
            max_seconds=max_seconds,
            progress=progress,
        ),
        f"proving {mode}",
        as_json,
    )
