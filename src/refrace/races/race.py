"""Race threads for references to shared C objects."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial
from os import PathLike
from typing import Any, Literal, cast, overload

from refrace._base.arguments import (
    check_bool,
    check_callback,
    check_choice,
    check_integer,
)
from refrace._base.interrupts import interrupted
from refrace._base.safe_repr import shown
from refrace._base.threads import run_threads
from refrace._native import objects as native_objects
from refrace.catalogue.mode import Mode
from refrace.catalogue.mode import mode as mode_called
from refrace.environment import Environment, check_gil
from refrace.errors import InvalidArgument
from refrace.programs import Program
from refrace.races.program_race import race_program
from refrace.races.program_race_report import ProgramRace
from refrace.races.race_report import OWNERS, RaceReport

__all__ = ["race"]

# Operations between two looks at a stop, without the GIL: some 40 ms in the slowest
# mode.
BUDGET_RELEASED = 1 << 17
# Operations of one turn with the GIL held: fewer than the default hold, so that the
# threads do change in the middle of it.
BUDGET_HELD = 16

MOST_OBJECTS = 1_000_000_000
MOST_HOLD = 2**31 - 1
SEEDS = 2**64


@overload
def race(
    mode: str | Mode,
    *,
    program: None = None,
    threads: int = 2,
    objects: int = 1000,
    hold: int = 64,
    gil: Literal["released", "held"] = "released",
    seed: int | None = None,
    shared: bool = True,
    owner: Literal["racing", "elsewhere"] = "racing",
    progress: Callable[[int, int], None] | None = None,
) -> RaceReport: ...


@overload
def race(
    mode: str | Mode,
    *,
    program: Program | str | bytes | PathLike[str],
    rounds: int | None = None,
    gil: Literal["released", "held"] = "released",
    seed: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ProgramRace: ...


def race(
    mode: str | Mode,
    *,
    program: Program | str | bytes | PathLike[str] | None = None,
    rounds: int | None = None,
    threads: int = 2,
    objects: int = 1000,
    hold: int = 64,
    gil: Literal["released", "held"] = "released",
    seed: int | None = None,
    shared: bool = True,
    owner: Literal["racing", "elsewhere"] = "racing",
    progress: Callable[[int, int], None] | None = None,
) -> RaceReport | ProgramRace:
    """Let threads take and drop references, and report what became of the objects.

    One object after the other: the threads meet, each takes `hold` references; they
    meet again, each drops them; then one who does not race drops the last one.

    With a `program`, run that instead: each of its threads on a thread of its own, as
    often as `rounds` says, and count how the rounds end.  Its counting operations are
    run by the mode's compiled code, at the same time; its other steps one at a time.

    Parameters
    ----------
    mode : str or Mode
        How the objects count; one of :func:`refrace.modes`.
    program : Program, str, bytes, or path, optional
        What the threads do, its text, or the path of a file that has it.  `threads`,
        `objects`, `hold`, `shared` and `owner` do not apply then.  Default: none, take
        and drop references.
    rounds : int, optional
        Rounds of the program, 1 to 1,000,000,000.  Default: 1000.
    threads : int
        Threads that race, 1 to 64.  Default: 2.
    objects : int
        Objects raced for, one after the other, 1 to 1,000,000,000.  Memory does not
        grow with it.  Default: 1000.
    hold : int
        References that each thread takes of each object, 1 to 2,147,483,647.
        Default: 64.
    gil : {"released", "held"}
        Whether the C code runs without the GIL, or in turns of 16 operations with it.
        Default: ``"released"``.
    seed : int, optional
        Seed of the few nanoseconds of jitter before each phase, 0 to 2**64 - 1.  Of a
        program: of which thread is to be first in each round, and how long threads
        hesitate between steps.  The same seed does not give the same race.
        Default: a random one, reported.
    shared : bool
        Whether the threads race for the same objects or each has its own.
        Default: True.
    owner : {"racing", "elsewhere"}
        Who made the objects: a thread that races (its own objects each, or the first
        one the shared ones), or one who does not.  It matters only in modes in which
        an object has an owner that counts otherwise than the others do
        (:attr:`Mode.has_owner`): there ``"elsewhere"`` makes all threads count as
        the others do.  Default: ``"racing"``.
    progress : callable, optional
        Called with objects settled and objects in all, about twenty times a second,
        in the calling thread.  Default: none.

    Returns
    -------
    RaceReport
        Each object intact, leaked or freed early; lost updates; overlap.
    ProgramRace
        Of a program: the number of rounds of each outcome, and a trace of each.  How
        often is a matter of this machine's timing, and no probability.

    Raises
    ------
    InvalidArgumentType, UnknownMode, InvalidArgument
        If an argument has the wrong type, is unknown, is out of range, or does not go
        with the others.
    InvalidProgram
        If the program is malformed, narrows a counter (`max`: a native count is as
        wide as its mode has it), or does what no program may do.
    EnvironmentUnfit
        If ``gil="held"`` is asked for where there is no GIL, or the operating system
        refuses a thread.
    MemoryError
        If there is no memory for the race; some 16 kB a thread and 16 kB.
    Interrupted
        On Ctrl-C, within 0.2 s; its `report` has what was settled until then.

    Notes
    -----
    No thread is pinned or favoured.  Freed objects stay poisoned in an arena, so
    nothing here can harm the process, whatever the counts do.  A race shows what
    happened in one run; that nothing happened is no proof (:func:`refrace.explore`
    gives one).

    Of a program, operations that are at one object at the same time are looked at
    together: the orders of their accesses that explain what came of them are sought in
    the model of the mode.  So every outcome is one that :func:`refrace.explore`
    predicts; a round whose end these orders do not agree on counts as undecided.

    What a mode puts off (:attr:`Mode.settles`) is compiled code too, at each `quiesce`,
    at the end of each thread and at the end of the run.  It meets the operations at one
    object, the one that it is about; operations at other objects wait meanwhile.

    Phases of one direction, instead of balanced pairs of increment and decrement,
    because a core that reads back its own last store hides nearly every lost update.

    Examples
    --------
    >>> import refrace
    >>> report = refrace.race("object_lock", objects=100)
    >>> report.intact, report.leaked, report.freed_early
    (100, 0, 0)
    >>> program = '''
    ... hold T1.x = A
    ... hold T2.x = A
    ... T1: decref x
    ... T2: decref x
    ... '''
    >>> report = refrace.race("atomic", program=program, rounds=100)
    >>> report.rounds, report.corrupt_rounds
    (100, 0)
    """
    if program is not None:
        _check_alone(
            threads=threads, objects=objects, hold=hold, shared=shared, owner=owner
        )
        given = {} if rounds is None else {"rounds": rounds}
        return race_program(program, mode, gil, seed=seed, progress=progress, **given)
    if rounds is not None:
        raise InvalidArgument(
            f"rounds={shown(rounds)} is for a program; pass program too, or say with "
            "objects how many objects to race for"
        )
    chosen = mode_called(mode)
    threads = check_integer("threads", threads, low=1, high=native_objects.MAX_THREADS)
    objects = check_integer("objects", objects, low=1, high=MOST_OBJECTS)
    hold = check_integer("hold", hold, low=1, high=MOST_HOLD)
    gil = cast(Literal["released", "held"], check_gil(gil))
    if seed is None:
        seed = secrets.randbelow(SEEDS)
    seed = check_integer("seed", seed, low=0, high=SEEDS - 1)
    check_callback("progress", progress)
    shared = check_bool("shared", shared)
    owner = cast(Literal["racing", "elsewhere"], check_choice("owner", owner, OWNERS))

    native = native_objects.Race(
        chosen.number,
        threads,
        objects,
        hold,
        shared,
        owner == "elsewhere",
        gil == "held",
        seed,
    )
    if gil == "held":
        run = partial(native.run_holding_gil, budget=BUDGET_HELD)
    else:
        run = partial(native.run, budget=BUDGET_RELEASED)

    def report() -> RaceReport:
        return _report(
            native.tally(),
            mode=chosen.name,
            threads=threads,
            gil=gil,
            shared=shared,
            owner=owner,
            hold=hold,
            seed=seed,
            objects_requested=objects if shared else objects * threads,
        )

    try:
        run_threads(
            [partial(run, thread) for thread in range(threads)],
            stop=native.stop,
            on_look=None
            if progress is None
            else lambda: progress(native.progress(), objects),
        )
        return report()
    except KeyboardInterrupt:
        raise interrupted(report) from None


def _check_alone(**given: Any) -> None:
    defaults = race.__kwdefaults__ or {}
    for name, value in given.items():
        if value != defaults[name]:
            raise InvalidArgument(
                f"{name}={shown(value)} does not go with program: a program says "
                "itself what its threads and objects are; leave it out"
            )


def _report(tally: dict[str, Any], **setting: Any) -> RaceReport:
    busy_ns = tally.pop("busy_ns")
    crowded_ns = tally.pop("crowded_ns")
    return RaceReport(
        **setting,
        overlap=crowded_ns / busy_ns if busy_ns else 0.0,
        busy_s=busy_ns / 1e9,
        elapsed_s=tally.pop("elapsed_ns") / 1e9,
        late_s=tally.pop("late_ns") / 1e9,
        environment=Environment.current(),
        **tally,
    )
