"""``refrace explore``: explore every schedule of a program."""

from __future__ import annotations

import click

from refrace.cli.exit_codes import ExitCode
from refrace.cli.files import read_program
from refrace.cli.options import (
    ProgramCommand,
    max_seconds_option,
    program_in_a_mode,
    verb_option,
)
from refrace.cli.output import as_json_option, run_and_show
from refrace.explorer import explore as verb


@click.command(
    cls=ProgramCommand, short_help="Explore every schedule: proof or counterexample."
)
@program_in_a_mode(verb.explore)
@verb_option(verb.explore, "max_states", "Maximum number of states to visit.")
@max_seconds_option(verb.explore)
@verb_option(verb.explore, "max_bytes", "Maximum memory to use, in bytes.")
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
    """Explore every schedule of the race program in FILE; `-` reads standard input.

    Exits with 0 only if it is proved that no schedule corrupts anything, with 1 if one
    does, and with 3 if a limit was reached first.
    """
    program = read_program(file)
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
