"""``refrace compare``: every mode's correctness and cost."""

from __future__ import annotations

from pathlib import Path

import click

from refrace.cli.exit_codes import ExitCode
from refrace.cli.options import plot_option, verb_option
from refrace.cli.output import as_json_option, run_and_show
from refrace.races import compare as verb


@click.command(short_help="Compare what the modes cost and whether they are right.")
@click.argument("modes", nargs=-1)
@verb_option(
    verb.compare,
    "threads",
    "A number of threads; may be given several times.",
    multiple=True,
)
@verb_option(verb.compare, "rounds", "How often everything is measured.")
@plot_option
@as_json_option
def compare(
    modes: tuple[str, ...],
    threads: tuple[int, ...],
    rounds: int,
    plot: Path | None,
    as_json: bool,
) -> ExitCode:
    """Race MODES (all, if none is named) on shared and on private objects.

    Corruption in a mode that claims to be broken is no finding here.
    """
    return run_and_show(
        lambda progress: verb.compare(
            modes or None, threads=threads, rounds=rounds, progress=progress
        ),
        "comparing",
        as_json,
        plot,
    )
