"""``refrace parallelism``: measure how many cores workloads use."""

from __future__ import annotations

from pathlib import Path

import click

from refrace.cli.exit_codes import ExitCode
from refrace.cli.options import plot_option, verb_option
from refrace.cli.output import result_options, run_and_show
from refrace.cli.progress import Pace
from refrace.lessons import parallelism as verb


@click.command(short_help="Measure how many cores workloads use.")
@click.argument("workload", required=False)
@verb_option(verb.parallelism, "threads", "Number of threads, compared with one.")
@verb_option(verb.parallelism, "rounds", "Pairs of runs for each workload.")
@plot_option
@result_options
def parallelism(
    workload: str | None,
    threads: int,
    rounds: int,
    plot: Path | None,
    as_json: bool,
) -> ExitCode:
    """Run WORKLOAD (default: all workloads) on one thread and on several.

    Reports the cores used and the work done for each pair of runs.
    """
    return run_and_show(
        lambda progress: verb.parallelism(
            workload, threads, rounds=rounds, progress=progress
        ),
        "measuring",
        as_json,
        Pace("pairs of runs"),
        plot,
    )
