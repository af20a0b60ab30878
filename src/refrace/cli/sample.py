"""``refrace sample``: a program under random schedules."""

from __future__ import annotations

import click

from refrace.cli.exit_codes import ExitCode
from refrace.cli.files import program_argument, read_source
from refrace.cli.output import as_json_option, default_of, run_and_show
from refrace.environment import GIL_SETTINGS
from refrace.verbs import sample as verb


@click.command(short_help="Run a program under random schedules.")
@program_argument
@click.option(
    "--mode",
    default=default_of(verb.sample, "mode"),
    show_default=True,
    help="How the objects count.",
)
@click.option(
    "--gil",
    type=click.Choice(GIL_SETTINGS),
    default=default_of(verb.sample, "gil"),
    show_default=True,
    help="Switch threads anywhere, or only where the GIL changes hands.",
)
@click.option(
    "--runs",
    type=int,
    default=default_of(verb.sample, "runs"),
    show_default=True,
    help="Runs to do.",
)
@click.option(
    "--strategy",
    type=click.Choice(verb.STRATEGIES),
    default=default_of(verb.sample, "strategy"),
    show_default=True,
    help="Pick uniformly, or by random priorities (PCT).",
)
@click.option(
    "--depth",
    type=int,
    default=default_of(verb.sample, "depth"),
    show_default=True,
    help="Bug depth that PCT aims at.",
)
@click.option("--seed", type=int, help="Seed of the runs.  Default: a random one.")
@click.option(
    "--max-seconds",
    type=float,
    default=default_of(verb.sample, "max_seconds"),
    show_default=True,
    help="Longest time to take.",
)
@click.option(
    "--max-steps",
    type=int,
    default=default_of(verb.sample, "max_steps"),
    show_default=True,
    help="Runs are cut off after as many steps.",
)
@as_json_option
def sample(
    file: str,
    mode: str,
    gil: str,
    runs: int,
    strategy: str,
    depth: int,
    seed: int | None,
    max_seconds: float,
    max_steps: int,
    as_json: bool,
) -> ExitCode:
    """Run the race program in FILE, `-` for standard input, under random schedules.

    Exits with 1 if something was found and with 3 if not: a sample proves nothing.
    """
    program = read_source(file)
    return run_and_show(
        lambda progress: verb.sample(
            program,
            mode,
            gil,  # type: ignore[arg-type]
            runs=runs,
            strategy=strategy,  # type: ignore[arg-type]
            depth=depth,
            seed=seed,
            max_seconds=max_seconds,
            max_steps=max_steps,
            progress=progress,
        ),
        f"sampling in {mode}",
        as_json,
    )
