"""``refrace compare``: compare the correctness and cost of the modes."""

from __future__ import annotations

from pathlib import Path

import click

from refrace.cli.completing import a_mode
from refrace.cli.exit_codes import ExitCode
from refrace.cli.mode_files import mode_file_option
from refrace.cli.options import plot_option, verb_option
from refrace.cli.output import result_options, run_and_show
from refrace.cli.progress import Pace
from refrace.races import compare as verb


@click.command(short_help="Compare the cost and correctness of the modes.")
@click.argument("modes", nargs=-1, shell_complete=a_mode)
@verb_option(
    verb.compare,
    "threads",
    "Number of threads; may be repeated.",
    multiple=True,
)
@verb_option(verb.compare, "rounds", "Number of measuring rounds.")
@plot_option
@result_options
@mode_file_option("modes")
def compare(
    modes: tuple[str, ...],
    threads: tuple[int, ...],
    rounds: int,
    plot: Path | None,
    as_json: bool,
) -> ExitCode:
    """Race MODES (default: all modes) on shared and on private objects.

    Corruption in a mode that is broken by design is not a finding here.
    """
    return run_and_show(
        lambda progress: verb.compare(
            modes or None, threads=threads, rounds=rounds, progress=progress
        ),
        "comparing",
        as_json,
        Pace("rounds"),
        plot,
    )
