"""``refrace deadlock`` and ``refrace append``: what locks and the GIL allow."""

from __future__ import annotations

import click

from refrace.cli.exit_codes import ExitCode
from refrace.cli.options import verb_option
from refrace.cli.output import result_options, run_and_show
from refrace.cli.progress import Pace
from refrace.environment import GIL_SETTINGS
from refrace.lessons import append as append_verb
from refrace.lessons import deadlock as deadlock_verb


@click.command(short_help="Deadlock two per-object locks, detect it and undo it.")
@verb_option(
    deadlock_verb.deadlock,
    "order",
    "Order in which each thread takes its two locks.",
    click.Choice(["opposite", "same"]),
)
@verb_option(
    deadlock_verb.deadlock, "threads", "Number of threads; each takes two locks."
)
@verb_option(deadlock_verb.deadlock, "timeout", "Time limit in seconds.", float)
@verb_option(
    deadlock_verb.deadlock,
    "lock",
    "One lock for each object, or one for all objects.",
    click.Choice(["object", "global"]),
)
@result_options
def deadlock(
    order: str, threads: int, timeout: float, lock: str, as_json: bool
) -> ExitCode:
    """Let threads take two locks each and report which thread waits for which."""
    return run_and_show(
        lambda progress: deadlock_verb.deadlock(
            order,  # type: ignore[arg-type]
            threads,
            timeout,
            lock=lock,  # type: ignore[arg-type]
            progress=progress,
        ),
        "locking",
        as_json,
        Pace("threads", is_even=False, limit_s=timeout),
    )


@click.command(short_help="Lose appends although every step holds the GIL.")
@verb_option(append_verb.lost_append, "threads", "Number of appending threads.")
@verb_option(append_verb.lost_append, "appends", "Appends by each thread.")
@click.option(
    "--gil",
    type=click.Choice(GIL_SETTINGS),
    help="Whether each step holds the GIL.  Default: held where there is a GIL.",
)
@click.option("--locked", is_flag=True, help="Hold a lock around the three steps.")
@result_options
def append(
    threads: int, appends: int, gil: str | None, locked: bool, as_json: bool
) -> ExitCode:
    """Append to one array from several threads and count the lost items."""
    return run_and_show(
        lambda progress: append_verb.lost_append(
            threads,
            appends,
            gil,  # type: ignore[arg-type]
            locked=locked,
            progress=progress,
        ),
        "appending",
        as_json,
        Pace("appends"),
    )
