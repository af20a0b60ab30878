"""``--jobs``: the processes of a command, which end with it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import wait

import click

from refrace._base.arguments import check_integer
from refrace._base.interrupts import uninterrupted
from refrace.environment import usable_cores
from refrace.errors import InvalidArgument

__all__ = ["jobs_option", "workers"]


def _checked(context: click.Context, parameter: click.Parameter, given: str) -> int:
    cores = usable_cores()
    here = f"{cores} processor{'' if cores == 1 else 's'} here"
    try:
        number = int(given)
    except ValueError:
        raise InvalidArgument(
            f"--jobs {given!r} is not a whole number; pass one from 1 to {cores} "
            f"({here})"
        ) from None
    return check_integer("--jobs", number, low=1, high=max(1, cores), why=here)


jobs_option = click.option(
    "--jobs",
    metavar="N",
    callback=_checked,
    default="1",
    show_default=True,
    help="Processes to work in, at most one for each processor.",
)


@contextmanager
def workers(jobs: int) -> Iterator[Executor | None]:
    """Yield an executor with `jobs` processes; None for one job.

    However the block ends, the processes end with it: at once if it ends by an
    interrupt or another exception.
    """
    if jobs == 1:
        yield None
        return
    # Not by fork: other threads of this process may hold locks.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_end_with_parent)
    try:
        _start(pool, jobs)
        yield pool
    except BaseException:
        uninterrupted(lambda: _kill(pool))
        raise
    pool.shutdown()


def _start(pool: ProcessPoolExecutor, jobs: int) -> None:
    """Start all processes with Ctrl-C blocked, which they inherit.

    A terminal sends it to them too; the command alone decides what it means.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        for _ in range(jobs):
            pool.submit(os.getpid)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _kill(pool: ProcessPoolExecutor) -> None:
    for process in multiprocessing.active_children():
        process.kill()
    # Wait for its thread, which would otherwise race with the exit of the interpreter.
    pool.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """In a worker: end when the command has ended, even by SIGKILL."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            wait([parent.sentinel])
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
