"""``refrace sample``: run a program under random schedules."""

from __future__ import annotations

import click

from refrace.cli.exit_codes import ExitCode
from refrace.cli.files import read_program
from refrace.cli.jobs import jobs_option, workers
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
from refrace.cli.output import result_options, run_and_show
from refrace.cli.progress import Pace
from refrace.explorer import sample as verb


@click.command(cls=ProgramCommand, short_help="Run a program under random schedules.")
@program_in_a_mode(verb.sample)
@memory_option(verb.sample)
@history_option(verb.sample)
@verb_option(verb.sample, "runs", "Number of runs.")
@verb_option(
    verb.sample,
    "strategy",
    "Pick threads uniformly, or by random priorities (PCT).",
    click.Choice(verb.STRATEGIES),
)
@verb_option(verb.sample, "depth", "Bug depth that PCT targets.")
@click.option("--seed", type=int, help="Seed of the runs.  Default: random.")
@max_seconds_option(verb.sample)
@verb_option(verb.sample, "max_steps", "Steps after which a run is cut off.")
@jobs_option
@result_options
@mode_file_option("mode")
def sample(
    file: str,
    mode: str,
    gil: str,
    memory: str,
    history: int,
    runs: int,
    strategy: str,
    depth: int,
    seed: int | None,
    max_seconds: float,
    max_steps: int,
    jobs: int,
    as_json: bool,
) -> ExitCode:
    """Run the race program in FILE under random schedules; `-` reads standard input.

    Exits with 1 if something was found and with 3 if not: a sample is not a proof.
    """
    check_history(memory, history)
    program = read_program(file)
    with workers(jobs) as executor:
        return run_and_show(
            lambda progress: verb.sample(
                program,
                mode,
                gil,  # type: ignore[arg-type]
                memory=memory,  # type: ignore[arg-type]
                history=history,
                runs=runs,
                strategy=strategy,  # type: ignore[arg-type]
                depth=depth,
                seed=seed,
                max_seconds=max_seconds,
                max_steps=max_steps,
                executor=executor,
                progress=progress,
            ),
            f"sampling in {mode}",
            as_json,
            Pace("runs", limit_s=max_seconds),
        )
