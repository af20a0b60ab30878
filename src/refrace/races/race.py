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
from refrace.catalogue.interpreter_mode import (
    check_references,
    most_references,
    racing_mode,
)
from refrace.catalogue.mode import Mode
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
    """Let threads take and drop references, and report what happened to the objects.

    For each object in turn, the threads meet at a barrier and each takes `hold`
    references; they meet again and each drops its references; then a thread that does
    not race drops the last one.  If a barrier takes long, as on a busy machine, threads
    race for several objects between two barriers.

    Threads that hardly overlap lose no updates in any mode.  With ``gaps="auto"``, a
    race without findings therefore continues: first with phases that outlast the time
    slices of the scheduler, then with widened gaps.  The report has separate figures
    for each part, never sums.

    With a `program`, run that instead: `rounds` times, with one native thread for each
    of its threads, and count how the rounds end.  The mode's compiled code runs its
    counting operations, concurrently; its other steps run one at a time.

    Parameters
    ----------
    mode : str or Mode
        The refcount mode; one of :func:`refrace.modes`, or ``"cpython"``: the counting
        of the running interpreter itself, by its ``Py_INCREF`` and ``Py_DECREF``, on
        objects that refrace keeps in memory.  On a build with the GIL that shows what
        the GIL prevents; a program cannot be run in it.
    program : Program, str, bytes, or path, optional
        The program to run, its text, or the path of a file with the text.  Cannot be
        combined with `threads`, `objects`, `hold`, `shared`, `owner` or
        `until_corrupt`.  Default: none, take and drop references.
    rounds : int, optional
        Rounds of the program, natural and widened, 1 to 1,000,000,000.  Default: 1000.
    threads : int
        Number of racing threads, 1 to 64.  Default: 2.
    objects : int
        Number of objects, raced for one after the other, 1 to 1,000,000,000.  Memory
        use does not depend on it.  Default: 1000.
    hold : int
        References that each thread takes to each object, 1 to 2,147,483,647.
        Default: 64.
    gil : {"released", "held"}
        Whether the C code runs without the GIL, or in turns of 16 operations while
        holding it.  Default: ``"released"``.
    seed : int, optional
        Seed of the few nanoseconds of jitter before each phase, and of the choice of
        gaps in which threads wait, 0 to 2**64 - 1.  For a program: seed of the thread
        that starts first in each round, and of the delays between steps.  The same seed
        does not give the same race.  Default: a random one, reported.
    shared : bool
        Whether the threads race for the same objects, or each has its own.
        Default: True.
    owner : {"racing", "elsewhere"}
        Which thread made the objects: a racing thread (each its own objects; the first
        one the shared objects), or a thread that does not race.  It matters only in
        modes in which an object has an owner that counts differently from other threads
        (:attr:`Mode.has_owner`): there, with ``"elsewhere"``, no racing thread is the
        owner.  Default: ``"racing"``.
    gaps : {"auto", "natural", "widened"}
        ``"natural"``: the race as asked for, as the machine schedules it.

        ``"widened"``: in some of the gaps between two accesses of one operation, a
        thread waits until other threads have made 1 to 8 accesses, for at most one
        millisecond.  The operations are those of the mode; only the timing of their
        accesses changes.  The mode can therefore lose the same updates without the
        waits, but the frequencies have no meaning.  An operation with a single access
        has no gap.

        ``"auto"``: natural as asked for.  If that finds nothing and threads overlapped
        less than 1% of the time, natural again with a larger and larger `hold`, four
        objects each.  Then widened, with up to 64 objects and at most 32 references for
        each thread.  The race ends with the first part that finds something.  With one
        thread, or with the GIL held, natural only.  Default: ``"auto"``.

        For a program, ``"natural"``: rounds as the machine schedules the threads.
        ``"widened"``: threads pause at chosen places (each place of each thread in
        turn, then pairs of places), wait for another thread to count the same object,
        or wait between two accesses of an operation.  The threads do the same
        operations, so the program can show the same finding without the pauses.
        ``"auto"``: a quarter of the rounds natural; if they find nothing, widened
        rounds until something is found; otherwise all rounds natural.
    seconds : float
        Time limit in seconds for everything after the natural race as asked for, 0 to
        86,400.  With ``gaps="widened"``, time limit for the whole race: it ends when
        the time is up, all objects are settled, or something was found in the last
        batch of 4 to 16 objects.  For a program: time limit for the widened rounds, of
        which at least 100 are done (or all, if fewer are asked for).  Default: 2.0.
    until_corrupt : bool
        Whether to continue until something is found or `seconds` have passed, however
        many objects that takes; not for a program.  Default: False.
    progress : callable, optional
        Called in the calling thread with the objects settled and the total, about
        twenty times a second; during longer phases and widened gaps that follow the
        race as asked for, all of them are settled.  Default: none.

    Returns
    -------
    RaceReport
        The number of intact, leaked and early freed objects; lost updates; overlap.
    ProgramRace
        For a program: the number of rounds with each outcome, and a trace of each.
        Frequencies reflect timing on this machine; they are not probabilities.

    Raises
    ------
    InvalidArgumentType, UnknownMode, InvalidArgument
        If an argument has the wrong type, is unknown, is out of range, or conflicts
        with another one: ``gaps="widened"`` or `until_corrupt` with ``gil="held"``.
    InvalidProgram
        If the program is malformed, limits a counter with `max` (the mode determines
        the width of a native count), or does something that programs must not do.
    EnvironmentUnfit
        If ``gil="held"`` is asked for where there is no GIL, the operating system
        cannot start a thread, or ``"cpython"`` is raced in a debug build.
    MemoryError
        If there is not enough memory for the race: one megabyte, and some 32 kB for
        each thread.
    Interrupted
        On Ctrl-C, within 0.2 s; its `report` has the results so far.

    Notes
    -----
    No thread is pinned or favoured.  Freed objects stay poisoned in an arena, so wrong
    counts cannot harm the process.  A race shows what happened in one run; the absence
    of findings is not a proof (:func:`refrace.explore` gives one).

    In a race of a program, concurrent operations on one object are checked together:
    refrace searches the model of the mode for orders of their accesses that explain the
    results.  Every reported outcome is therefore one that :func:`refrace.explore`
    predicts.  A round counts as undecided if such orders lead to different outcomes.

    With ``gaps="auto"`` or ``"widened"``, a race of a program without findings is
    conclusive once its rounds are done.  Pauses end when other threads have made
    progress, not after a time.  A busy machine or a single core therefore changes how
    long a race takes, not what it tries.

    Compiled code also runs the work that a mode defers (:attr:`Mode.settles`): at each
    `quiesce`, at the end of each thread and at the end of the run.  It runs
    concurrently with operations on the object that it settles; operations on other
    objects wait meanwhile.

    In mode ``"cpython"``, `threads` times `hold` is below 2**30, because interpreters
    take very large counts for those of immortal objects.  A natural race runs the
    interpreter's macros as the compiler translates them.  It may make a single
    instruction of an increment, which no other thread on the same core interrupts.
    With widened gaps, the accesses of the macros are written out, and a thread may wait
    between the load and the store.  Free-threaded counting has no such gap.

    Each phase only increments or only decrements.  With balanced pairs, a core that
    reads back its own last store would hide nearly every lost update.

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
            f"rounds={shown(rounds)} needs a program; pass program too, or pass "
            "objects to set the number of objects"
        )
    chosen = racing_mode(mode)
    threads = check_integer("threads", threads, low=1, high=native_objects.MAX_THREADS)
    objects = check_integer("objects", objects, low=1, high=MOST_OBJECTS)
    hold = check_integer("hold", hold, low=1, high=MOST_HOLD)
    check_references(chosen, threads, hold)
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
    most_hold = most_references(chosen) // threads
    setting = Setting(chosen.number, threads, shared, foreign, gil, seed, most_hold)
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
            "gaps='widened' conflicts with gil='held': no other thread can count in a "
            "gap of the thread that holds the GIL; pass gil='released' or "
            "gaps='natural'"
        )
    if gil == "held" and until_corrupt:
        raise InvalidArgument(
            "until_corrupt=True conflicts with gil='held', where threads take turns; "
            "pass gil='released' or omit until_corrupt"
        )


def _check_alone(**given: Any) -> None:
    defaults = race.__kwdefaults__ or {}
    for name, value in given.items():
        if value != defaults[name]:
            raise InvalidArgument(
                f"{name}={shown(value)} conflicts with program: a program defines its "
                "own threads and objects; omit it"
            )
