"""``refrace growth``: how runs, states and the chance of corruption grow."""

from __future__ import annotations

from pathlib import Path

import click

from refrace.cli.completing import a_mode
from refrace.cli.exit_codes import ExitCode
from refrace.cli.mode_files import mode_file_option
from refrace.cli.options import plot_option, verb_option
from refrace.cli.output import result_options, run_and_show
from refrace.cli.progress import Pace
from refrace.races import growth as verb


@click.command(short_help="How runs, states and chances of corruption grow.")
@click.argument("mode", default="unlocked", shell_complete=a_mode)
@verb_option(verb.growth, "threads", "Number of threads, 1 to 4.")
@verb_option(verb.growth, "pairs", "Pairs of operations of a thread in the last row.")
@verb_option(verb.growth, "rounds", "Rounds on real threads for each row; 0: none.")
@verb_option(verb.growth, "seconds", "Time limit in seconds.", float)
@click.option("--seed", type=int, help="Seed of the rounds.  Default: random.")
@plot_option
@result_options
@mode_file_option("mode")
def growth(
    mode: str,
    threads: int,
    pairs: int,
    rounds: int,
    seconds: float,
    seed: int | None,
    plot: Path | None,
    as_json: bool,
) -> ExitCode:
    """Measure what there is to explore in MODE, and how often it goes wrong.

    Each thread does 0, 1, 2 and more pairs of incref and decref on a shared object, and
    drops its reference.  Corruption is not a finding here.  Without MODE, it is
    `unlocked`.
    """
    return run_and_show(
        lambda progress: verb.growth(
            mode,
            threads=threads,
            pairs=pairs,
            rounds=rounds,
            seconds=seconds,
            seed=seed,
            progress=progress,
        ),
        f"measuring {mode}",
        as_json,
        Pace("rows", is_even=False, limit_s=seconds),
        plot,
    )
