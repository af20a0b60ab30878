"""``refrace explore``: every schedule of a program."""

from __future__ import annotations

import click

from refrace.cli.exit_codes import ExitCode
from refrace.cli.files import program_argument, read_source
from refrace.cli.output import as_json_option, default_of, run_and_show
from refrace.environment import GIL_SETTINGS
from refrace.verbs import explore as verb


@click.command(short_help="Try every schedule: a proof, or a counterexample.")
@program_argument
@click.option(
    "--mode",
    default=default_of(verb.explore, "mode"),
    show_default=True,
    help="How the objects count.",
)
@click.option(
    "--gil",
    type=click.Choice(GIL_SETTINGS),
    default=default_of(verb.explore, "gil"),
    show_default=True,
    help="Switch threads anywhere, or only where the GIL changes hands.",
)
@click.option(
    "--max-states",
    type=int,
    default=default_of(verb.explore, "max_states"),
    show_default=True,
    help="Most states to visit.",
)
@click.option(
    "--max-seconds",
    type=float,
    default=default_of(verb.explore, "max_seconds"),
    show_default=True,
    help="Longest time to take.",
)
@click.option(
    "--max-bytes",
    type=int,
    default=default_of(verb.explore, "max_bytes"),
    show_default=True,
    help="Most memory to take.",
)
@as_json_option
def explore(
    file: str,
    mode: str,
    gil: str,
    max_states: int,
    max_seconds: float,
    max_bytes: int,
    as_json: bool,
) -> ExitCode:
    """Try every schedule of the race program in FILE, `-` for standard input.

    Exits with 0 only if it is proved that no schedule corrupts anything, with 1 if one
    does, and with 3 if a limit was reached before either was known.
    """
    program = read_source(file)
    return run_and_show(
        lambda progress: verb.explore(
            program,
            mode,
            gil,  # type: ignore[arg-type]
            max_states=max_states,
            max_seconds=max_seconds,
            max_bytes=max_bytes,
            progress=progress,
        ),
        f"exploring in {mode}",
        as_json,
    )
