"""Race threads for references to shared C objects."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from os import PathLike
from typing import Any, Literal, cast, overload

from refrace._base.arguments import (
    check_bool,
    check_callback,
    check_choice,
    check_integer,
    check_number,
)
from refrace._base.interrupts import interrupted
from refrace._base.safe_repr import shown
from refrace._native import objects as native_objects
from refrace.catalogue.mode import Mode
from refrace.catalogue.mode import mode as mode_called
from refrace.environment import Environment, check_gil
from refrace.errors import InvalidArgument
from refrace.programs import Program
from refrace.races.program_race import race_program
from refrace.races.program_race_report import ProgramRace
from refrace.races.race_part import GAPS
from refrace.races.race_report import OWNERS, RaceReport
from refrace.races.racing import SEEDS, Racing, Setting, nothing_yet

__all__ = ["race"]

MOST_OBJECTS = 1_000_000_000
MOST_HOLD = 2**31 - 1
MOST_SECONDS = 86_400.0


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
    gaps: Literal["auto", "natural", "widened"] = "auto",
    seconds: float = 2.0,
    until_corrupt: bool = False,
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
    gaps: Literal["auto", "natural", "widened"] = "auto",
    seconds: float = 2.0,
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
    gaps: Literal["auto", "natural", "widened"] = "auto",
    seconds: float = 2.0,
    until_corrupt: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> RaceReport | ProgramRace:
    """Let threads take and drop references, and report what became of the objects.

    One object after the other: the threads meet, each takes `hold` references; they
    meet again, each drops them; then one who does not race drops the last one.  Where
    meetings take long, as on a busy machine, several objects are raced for between two
    of them.

    Threads that hardly run at the same time lose nothing, whatever the mode.  So with
    ``gaps="auto"`` a race that has found nothing goes on in other ways: with phases
    that outlast the time slices of the scheduler, and then with widened gaps.  The
    report has the figures of each part, and never a sum of them.

    With a `program`, run that instead: each of its threads on a thread of its own, as
    often as `rounds` says, and count how the rounds end.  Its counting operations are
    run by the mode's compiled code, at the same time; its other steps one at a time.

    Parameters
    ----------
    mode : str or Mode
        How the objects count; one of :func:`refrace.modes`.
    program : Program, str, bytes, or path, optional
        What the threads do, its text, or the path of a file that has it.  `threads`,
        `objects`, `hold`, `shared`, `owner` and `until_corrupt` do not apply then.
        Default: none, take and drop references.
    rounds : int, optional
        Rounds of the program, natural and widened, 1 to 1,000,000,000.  Default: 1000.
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
        Seed of the few nanoseconds of jitter before each phase, and of the gaps that
        threads wait in, 0 to 2**64 - 1.  Of a
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
    gaps : {"auto", "natural", "widened"}
        ``"natural"``: the race as asked for, as the machine schedules it.
        ``"widened"``: between two accesses of one operation a thread waits, in some of
        the gaps, until other threads have made 1 to 8 accesses, for a millisecond at
        the most.  The operations are those of the mode, and only the moments of their
        accesses change.  So what is lost is what the mode can lose by itself; how often
        says nothing.  An operation of one access has no gap.
        ``"auto"``: natural as asked for.  If nothing was found: if threads were inside
        together less than 1% of the time, natural again with larger and larger `hold`,
        four objects each; then widened, up to 64 objects of at most 32 references a
        thread.  A part that has found something is the last one.  With one thread, or
        with the GIL held, natural only.
        Default: ``"auto"``.

        Of a program: ``"natural"``: its rounds as the machine runs the threads.
        ``"widened"``: threads pause at chosen places, one place of each thread after
        the other, then two; or wait for another thread to count at the same object; or
        wait between two accesses of an operation.  What they do is the same, so a
        finding is one that the program can have by itself.  ``"auto"``: a quarter of
        the rounds natural; if nothing was found, widened ones until something is, and
        else all rounds natural.
    seconds : float
        Time in seconds for what comes after the natural race as asked for, 0 to 86,400.
        With ``gaps="widened"``, for the whole race: it ends when the time is over, all
        objects are settled, or something was found in the last few (4 to 16) objects.
        Of a program: time for its widened rounds; 100 of them, if so many are asked
        for, are done however long they take.
        Default: 2.0.
    until_corrupt : bool
        Whether to go on until something is found or the `seconds` are over, however
        many objects that takes; not for a program.  Default: False.
    progress : callable, optional
        Called with objects settled and objects in all, about twenty times a second,
        in the calling thread, during the natural race as asked for.  Default: none.

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
        with the others: ``gaps="widened"`` or `until_corrupt` with ``gil="held"``.
    InvalidProgram
        If the program is malformed, narrows a counter (`max`: a native count is as
        wide as its mode has it), or does what no program may do.
    EnvironmentUnfit
        If ``gil="held"`` is asked for where there is no GIL, or the operating system
        refuses a thread.
    MemoryError
        If there is no memory for the race; a megabyte, and some 32 kB a thread.
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

    Whether a race of a program without findings is conclusive does not depend on luck
    with ``gaps="auto"`` or ``"widened"``: it is when its rounds are done.  Pauses end
    by what the other threads do and not by a time, so a busy machine or one core
    changes how long a race takes, and not what it tries.

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
    >>> report.rounds, report.widened.rounds, report.judgement
    (25, 75, 'clean')
    """
    if program is not None:
        _check_alone(
            threads=threads,
            objects=objects,
            hold=hold,
            shared=shared,
            owner=owner,
            until_corrupt=until_corrupt,
        )
        given = {} if rounds is None else {"rounds": rounds}
        return race_program(
            program,
            mode,
            gil,
            gaps=gaps,
            seconds=seconds,
            seed=seed,
            progress=progress,
            **given,
        )
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

    gaps = cast(Literal["auto", "natural", "widened"], check_choice("gaps", gaps, GAPS))
    seconds = check_number("seconds", seconds, low=0, high=MOST_SECONDS)
    until_corrupt = check_bool("until_corrupt", until_corrupt)
    _check_gil_goes_with(gil, gaps, until_corrupt)

    foreign = owner == "elsewhere"
    setting = Setting(chosen.number, threads, shared, foreign, gil, seed)
    racing = Racing(setting, objects, hold, seconds, until_corrupt, progress)

    def report() -> RaceReport:
        return RaceReport.of_parts(
            racing.parts or [nothing_yet("natural", hold, objects)],
            mode=chosen.name,
            threads=threads,
            gil=gil,
            shared=shared,
            owner=owner,
            seed=seed,
            environment=Environment.current(),
        )

    try:
        racing.run(gaps)
        return report()
    except KeyboardInterrupt:
        raise interrupted(report) from None


def _check_gil_goes_with(gil: str, gaps: str, until_corrupt: bool) -> None:
    if gil == "held" and gaps == "widened":
        raise InvalidArgument(
            "gaps='widened' does not go with gil='held': no other thread can count in "
            "a gap of the thread that holds the GIL; pass gil='released', or "
            "gaps='natural'"
        )
    if gil == "held" and until_corrupt:
        raise InvalidArgument(
            "until_corrupt=True does not go with gil='held', where threads take turns; "
            "pass gil='released', or leave until_corrupt out"
        )


def _check_alone(**given: Any) -> None:
    defaults = race.__kwdefaults__ or {}
    for name, value in given.items():
        if value != defaults[name]:
            raise InvalidArgument(
                f"{name}={shown(value)} does not go with program: a program says "
                "itself what its threads and objects are; leave it out"
            )
