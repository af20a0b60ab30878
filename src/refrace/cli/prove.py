"""``refrace prove``: a mode, held to every small program."""

from __future__ import annotations

import click

from refrace._corpus import EFFORTS
from refrace.cli.exit_codes import ExitCode
from refrace.cli.output import as_json_option, default_of, run_and_show
from refrace.verbs import prove as verb


@click.command(short_help="Hold a mode to every small program.")
@click.argument("mode")
@click.option(
    "--effort",
    type=click.Choice(list(EFFORTS)),
    default=default_of(verb.prove, "effort"),
    show_default=True,
    help="How large the programs get.",
)
@click.option(
    "--max-seconds",
    type=float,
    default=default_of(verb.prove, "max_seconds"),
    show_default=True,
    help="Longest time to take.",
)
@as_json_option
def prove(mode: str, effort: str, max_seconds: float, as_json: bool) -> ExitCode:
    """Try every schedule of every small program in MODE.

    Exits with 0 only if it is proved that none goes wrong, with 1 and the smallest
    witness if one does, and with 3 if a limit was reached before.
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
