"""``refrace deadlock`` and ``refrace append``: what locks and the GIL do not give."""

from __future__ import annotations

import click

from refrace.cli.exit_codes import ExitCode
from refrace.cli.options import verb_option
from refrace.cli.output import as_json_option, run_and_show
from refrace.environment import GIL_SETTINGS
from refrace.lessons import append as append_verb
from refrace.lessons import deadlock as deadlock_verb


@click.command(short_help="Deadlock two per-object locks, see it, and undo it.")
@verb_option(
    deadlock_verb.deadlock,
    "order",
    "Order in which the threads take their two locks.",
    click.Choice(["opposite", "same"]),
)
@verb_option(
    deadlock_verb.deadlock, "threads", "Threads, each of which takes two locks."
)
@verb_option(
    deadlock_verb.deadlock, "timeout", "Seconds after which to give up.", float
)
@verb_option(
    deadlock_verb.deadlock,
    "lock",
    "A lock for each object, or one for all.",
    click.Choice(["object", "global"]),
)
@as_json_option
def deadlock(
    order: str, threads: int, timeout: float, lock: str, as_json: bool
) -> ExitCode:
    """Let threads take two locks each and report who waits for whom."""
    return run_and_show(
        lambda progress: deadlock_verb.deadlock(
            order,  # type: ignore[arg-type]
            threads,
            timeout,
            lock=lock,  # type: ignore[arg-type]
        ),
        "locking",
        as_json,
    )


@click.command(short_help="Lose appends although every step holds the GIL.")
@verb_option(append_verb.lost_append, "threads", "Threads that append.")
@verb_option(append_verb.lost_append, "appends", "Appends of each thread.")
@click.option(
    "--gil",
    type=click.Choice(GIL_SETTINGS),
    help="Default: held where there is a GIL.",
)
@click.option("--locked", is_flag=True, help="Hold a lock around the three steps.")
@as_json_option
def append(
    threads: int, appends: int, gil: str | None, locked: bool, as_json: bool
) -> ExitCode:
    """Append to one array from several threads and count the items overwritten."""
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
    )
