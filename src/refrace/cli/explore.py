"""``refrace explore``: explore every schedule of a program."""

from __future__ import annotations

from pathlib import Path

import click

from refrace.cli.exit_codes import ExitCode
from refrace.cli.files import read_program
from refrace.cli.mode_files import mode_file_option
from refrace.cli.options import (
    ProgramCommand,
    check_history,
    history_option,
    max_seconds_option,
    memory_option,
    program_in_a_mode,
    verb_option,
)
from refrace.cli.output import default_of, result_options, run_and_show
from refrace.cli.progress import Pace
from refrace.cli.watching import changes_of, run_at_each_change
from refrace.explorer import explore as verb


@click.command(
    cls=ProgramCommand, short_help="Explore every schedule: proof or counterexample."
)
@program_in_a_mode(verb.explore)
@memory_option(verb.explore)
@history_option(verb.explore)
@verb_option(verb.explore, "max_states", "Maximum number of states to visit.")
@max_seconds_option(verb.explore)
@verb_option(verb.explore, "max_bytes", "Maximum memory to use, in bytes.")
@click.option(
    "--spill",
    metavar="DIR",
    help="Go on in files in DIR when that memory is used up.",
)
@click.option(
    "--counts/--no-counts",
    default=default_of(verb.explore, "counts"),
    show_default=True,
    help="Count interleavings; without, fewer states show the same findings.",
)
@verb_option(
    verb.explore, "workers", "Threads that search, at most one for each processor."
)
@click.option(
    "--watch", is_flag=True, help="Explore again whenever FILE is saved; Ctrl-C ends."
)
@result_options
@mode_file_option("mode")
def explore(
    file: str,
    mode: str,
    gil: str,
    memory: str,
    history: int,
    max_states: int,
    max_seconds: float,
    max_bytes: int,
    spill: str | None,
    counts: bool,
    workers: int,
    watch: bool,
    as_json: bool,
) -> ExitCode:
    """Explore every schedule of the race program in FILE; `-` reads standard input.

    Exits with 0 only if it is proved that no schedule corrupts anything, with 1 if one
    does, and with 3 if a limit was reached first.
    """
    check_history(memory, history)

    def explored() -> ExitCode:
        program = read_program(file)
        return run_and_show(
            lambda progress: verb.explore(
                program,
                mode,
                gil,  # type: ignore[arg-type]
                memory=memory,  # type: ignore[arg-type]
                history=history,
                max_states=max_states,
                max_seconds=max_seconds,
                max_bytes=max_bytes,
                spill=spill,
                counts=counts,
                workers=workers,
                progress=progress,
            ),
            f"exploring in {mode}",
            as_json,
            Pace("states", is_even=False, limit_s=max_seconds),
        )

    if not watch:
        return explored()
    if file == "-":
        raise click.UsageError("--watch needs a file; name one, not `-`")
    return run_at_each_change(Path(file), explored, changes_of(Path(file)))
