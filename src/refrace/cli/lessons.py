"""``refrace deadlock`` and ``refrace append``: what locks and the GIL do not give."""

from __future__ import annotations

import click

from refrace.cli.exit_codes import ExitCode
from refrace.cli.output import as_json_option, default_of, run_and_show
from refrace.environment import GIL_SETTINGS
from refrace.verbs import append as append_verb
from refrace.verbs import deadlock as deadlock_verb


@click.command(short_help="Deadlock two per-object locks, see it, and undo it.")
@click.option(
    "--order",
    type=click.Choice(["opposite", "same"]),
    default=default_of(deadlock_verb.deadlock, "order"),
    show_default=True,
    help="Order in which the threads take their two locks.",
)
@click.option(
    "--threads",
    type=int,
    default=default_of(deadlock_verb.deadlock, "threads"),
    show_default=True,
    help="Threads, each of which takes two locks.",
)
@click.option(
    "--timeout",
    type=float,
    default=default_of(deadlock_verb.deadlock, "timeout"),
    show_default=True,
    help="Seconds after which to give up.",
)
@click.option(
    "--lock",
    type=click.Choice(["object", "global"]),
    default=default_of(deadlock_verb.deadlock, "lock"),
    show_default=True,
    help="A lock for each object, or one for all.",
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
@click.option(
    "--threads",
    type=int,
    default=default_of(append_verb.lost_append, "threads"),
    show_default=True,
    help="Threads that append.",
)
@click.option(
    "--appends",
    type=int,
    default=default_of(append_verb.lost_append, "appends"),
    show_default=True,
    help="Appends of each thread.",
)
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
