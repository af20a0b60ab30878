"""The search of a hunt without child processes, for debuggers.

A crash of the subject ends this process, and a hang blocks it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from types import ModuleType

from refrace.hunting.processes.run_message import program_message, run_message
from refrace.hunting.search.batch import seed_of, tally_of_run, threads_of
from refrace.hunting.search.settings import HuntSettings
from refrace.hunting.search.tally import Tally
from refrace.subjects import Subject

__all__ = ["search_here"]

_DRAWN = 50
_MOST_S_EACH = 1.0


def search_here(
    engine: ModuleType,
    subject: Subject,
    settings: HuntSettings,
    on_tally: Callable[[Tally], object],
) -> None:
    """Draw and run programs in this thread until one shows a finding, or time is over.

    Parameters
    ----------
    engine : module
        What draws and runs programs.
    subject : Subject
        What they call.
    settings : HuntSettings
        What was asked for.
    on_tally : callable
        Called with what each program adds to the figures.
    """
    until = time.monotonic() + settings.seconds
    number = 0
    while time.monotonic() < until:
        threads = threads_of(settings.threads, number)
        ends = min(until, time.monotonic() + settings.batch_s)
        for program in engine.draw_programs(
            subject, seed_of(settings.seed, number, 0), _DRAWN, (threads,)
        ):
            left = ends - time.monotonic()
            if left <= 0:
                break
            message = run_message(
                engine,
                subject,
                program,
                rounds=settings.repeats,
                seconds=min(left, _MOST_S_EACH),
                traps=False,
                progress=lambda _: None,
            )
            message["program"] = program_message(program)
            on_tally(tally_of_run(message))
            if message["observations"]:  # from here on, this process is corrupt
                return
        on_tally(Tally(batches=1))
        number += 1
