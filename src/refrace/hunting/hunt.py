"""Hunt for reference-count corruption, crashes and deadlocks in the user's own code."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from os import PathLike
from typing import Any, Literal

from refrace._base.arguments import (
    a_kind,
    check_bool,
    check_callback,
    check_integer,
    check_number,
)
from refrace._base.executors import check_executor
from refrace._base.interrupts import interrupted, uninterrupted
from refrace._base.safe_repr import shown
from refrace.errors import InvalidArgument, InvalidArgumentType, MissingPackage
from refrace.hunting.describing.assemble import report_of
from refrace.hunting.describing.program_token import read_program_token
from refrace.hunting.describing.reproducer import SubjectText, subject_text
from refrace.hunting.hunt_report import HuntReport
from refrace.hunting.instrument.build_instrumented import InstrumentedBuild
from refrace.hunting.limits import CHILD_MEMORY, MOST_SECONDS, MOST_THREADS, SEEDS
from refrace.hunting.processes.subject_source import SubjectSource
from refrace.hunting.progress import HuntProgress
from refrace.hunting.schedules.asked import Schedules, with_schedules
from refrace.hunting.schedules.native_token import is_native_token, read_native_token
from refrace.hunting.search.campaign import Campaign
from refrace.hunting.search.settings import HuntSettings
from refrace.hunting.storing.store import check_store
from refrace.subjects import Subject

__all__ = ["hunt", "hunt_in"]

_MOST_REPEATS = 1_000_000


def hunt(
    subject: Any,
    *,
    threads: int | Sequence[int] = (1, 2),
    seconds: float = 10.0,
    seed: int | None = None,
    repeats: int | None = None,
    isolate: bool = True,
    store: str | PathLike[str] | Literal[False] | None = None,
    program: str | None = None,
    schedules: Schedules | None = None,
    preemptions: int = 2,
    build: InstrumentedBuild | str | PathLike[str] | None = None,
    reduction: bool = True,
    executor: Executor | None = None,
    progress: Callable[[HuntProgress], object] | None = None,
) -> HuntReport:
    """Run random programs that call a subject many times, and judge each round.

    The subject runs in child processes: a crash, a hang or an exit ends only a child.
    Where possible, the arguments are canaries: objects whose references are counted
    independently.  refrace checks all canaries at the end of each round.

    Parameters
    ----------
    subject : type, callable or Subject
        A class with methods decorated by :func:`refrace.operation` and, all optional,
        ``setup``, ``check`` and ``teardown``; or a function, which is then the only
        operation.
    threads : int or sequence of int
        Numbers of threads of the programs, each 1 to 16.  With 1 and others, about half
        of the time goes to programs with one thread: most bugs need no second one.
        Default: ``(1, 2)``.
    seconds : float
        Time limit of the search, 0.1 to 604,800.  A search with findings ends when a
        quarter of that time brings nothing new.  Shrinking then takes up to half of
        `seconds`, or, if that is longer, up to 5 s and 3 s for each further finding.
        Watching a hang until it is certain takes more time too.  Default: 10.0.
    seed : int, optional
        Seed of the programs, 0 to 2**64 - 1.  The machine schedules the threads, so the
        same seed does not give the same hunt.  Default: a random one, reported.
    repeats : int, optional
        Rounds of each program, 1 to 1,000,000.  Default: 17 for a program with one
        thread, and 300 for others; a suspicion adds some.
    isolate : bool
        Whether the subject runs in child processes.  With False it runs in this one,
        where a debugger sees it.  Then a crash ends this process, a hang blocks it,
        corruption persists, and findings are neither stored nor shrunk.  Default: True.
    store : path or False, optional
        The folder in which findings are kept, so that the next hunt runs them first,
        and a journal, so that a killed hunt resumes when it is started again with the
        same arguments.  False keeps nothing.  Default: the folder that the environment
        variable REFRACE_HOME names, or ``.refrace`` in the current folder.
    program : str, optional
        The token of a finding (:attr:`HuntFinding.token`, or `replay_token`): run only
        this program, until it shows a finding or the time is over.
    schedules : {"bounded", "random", "pct"}, optional
        Choose which thread runs at each memory access, lock and C-API call of an
        extension that :func:`build_instrumented` has built, instead of running
        programs many times on real threads.  ``"bounded"``: every schedule with at
        most `preemptions` preemptions, fewest first.  ``"random"``: random ones.
        ``"pct"``: random priorities with `preemptions` changes.  Default: real threads.
    preemptions : int
        The bound, 0 to 10; not for ``"random"``.  Default: 2.
    build : InstrumentedBuild or path, optional
        The extension with hooks, for `schedules`.  Default: the one on the search path.
    reduction : bool
        Whether ``"bounded"`` leaves out schedules that differ from others only in the
        order of independent steps.  Default: True.
    executor : concurrent.futures.Executor, optional
        Where to search: batches of up to five seconds run on its workers, each in its
        own processes.  A lost worker loses only its batch.  Everything else happens in
        this process.  Default: none; the search runs in children of this process.
    progress : callable, optional
        Called in the calling thread with a ``HuntProgress`` after each program.
        Default: none.

    Returns
    -------
    HuntReport
        The findings with their programs, rates, places in C and tests; or, without
        findings, what was run.

    Raises
    ------
    InvalidArgumentType, InvalidArgument
        If an argument has the wrong type or is out of range; if the subject cannot be
        loaded in a fresh process, or its ``setup`` fails.
    InvalidData
        If `program` is not the token of a program.
    MissingPackage
        If hypothesis or cloudpickle is not installed.
    EnvironmentUnfit
        If planted bugs are not found here, or no process can be started.
    Interrupted
        On Ctrl-C, within 0.2 s; its `report` has what was found so far.

    Notes
    -----
    A finding is certain: the count of a canary is exact, and a crash happened.  The
    absence of findings is not a proof.  A hunt sees what happens to canaries, answers
    that no sequential order gives, memory that stays allocated, crashes, deadlocks and
    calls that do not end.  It does not see errors that cancel out within a round,
    objects that are not canaries, raw buffers, and schedules that did not happen.

    A child may add 1 GiB to its memory (RLIMIT_DATA; 4.9 GiB on a free-threaded build,
    where each thread reserves a heap) and 512 processes or threads to those of its user
    (RLIMIT_NPROC), and writes no core file.  Processes that the
    subject leaves behind are killed.  Its output is captured; the last 16 kB are kept.

    If a hunt takes 4 s or more, a quarter of it runs with Python's debugging allocator
    (``PYTHONMALLOC=debug``), and glibc fills freed memory (``GLIBC_TUNABLES``).

    Examples
    --------
    >>> import refrace
    >>> report = refrace.hunt(lambda x: [x, x], threads=1, seconds=0.5, store=False)
    >>> report.judgement
    'clean'
    """
    isolate_is_off = not check_bool("isolate", isolate)
    if isolate_is_off:
        _check_in_process(store, program, executor, schedules)
    executor = check_executor("executor", executor)
    checked = Subject.of(subject)
    counts = _check_threads(threads)
    source = (
        SubjectSource(checked.name)
        if isolate_is_off
        else SubjectSource.of(checked.target)
    )
    text = subject_text(checked.target, source.name)
    kept = False if isolate_is_off else store
    settings = _settings(source, counts, seconds, seed, repeats, kept, program)
    settings = with_schedules(settings, schedules, preemptions, build, reduction)
    check_callback("progress", progress)
    here = checked if isolate_is_off else None
    return _hunt(settings, text, progress, executor, here)


def hunt_in(
    target: str,
    *,
    threads: Sequence[int],
    seconds: float,
    seed: int | None,
    repeats: int | None,
    store: str | PathLike[str] | Literal[False] | None,
    program: str | None = None,
    schedules: Schedules | None = None,
    preemptions: int = 2,
    build: InstrumentedBuild | str | PathLike[str] | None = None,
    reduction: bool = True,
    executor: Executor | None = None,
    environ: Mapping[str, str] | None = None,
    path: Sequence[str] = (),
    memory: int = CHILD_MEMORY,
    progress: Callable[[HuntProgress], object] | None,
) -> HuntReport:
    """Hunt in ``MODULE:NAME`` or ``FILE.py:NAME``, which this process does not import.

    Parameters, results and errors are those of :func:`hunt`; besides, `environ` and
    `path` are what its processes have in addition (`path` in front of `sys.path`), and
    `memory` is the number of bytes that a child may add to its memory, 0 for no limit.
    """
    source = SubjectSource(target)
    settings = _settings(
        source, _check_threads(threads), seconds, seed, repeats, store, program
    )
    if environ or path or memory != settings.memory:
        settings = replace(
            settings,
            environ=tuple(sorted((environ or {}).items())),
            path=tuple(path),
            memory=memory,
        )
    settings = with_schedules(settings, schedules, preemptions, build, reduction)
    return _hunt(settings, subject_text(None, target), progress, executor)


def _hunt(
    settings: HuntSettings,
    text: SubjectText,
    progress: Callable[[HuntProgress], object] | None,
    executor: Executor | None = None,
    here: Subject | None = None,
) -> HuntReport:
    """Run a hunt in child processes, or in this one if `here` is the subject."""
    began = time.monotonic()
    campaign = Campaign(settings, progress, executor)

    def report(limit: Literal["interrupt"] | None) -> HuntReport:
        return report_of(
            campaign, text, limit, time.monotonic() - began, isolated=here is None
        )

    try:
        with campaign:
            try:
                if here is None:
                    campaign.run()
                else:
                    campaign.run_here(here)
            except KeyboardInterrupt:
                uninterrupted(campaign.keep)
                raise
        return report(None)
    except KeyboardInterrupt:
        uninterrupted(campaign.close)
        raise interrupted(lambda: report("interrupt")) from None


def _settings(
    source: SubjectSource,
    threads: tuple[int, ...],
    seconds: float,
    seed: int | None,
    repeats: int | None,
    store: Any,
    program: str | None,
) -> HuntSettings:
    _check_packages()
    any_seed = seed is None
    if seed is None:
        seed = secrets.randbelow(SEEDS)
    if program is not None and not isinstance(program, str):
        raise InvalidArgumentType(
            f"program={shown(program)} is {a_kind(program)}; pass the token of a "
            "finding, or None"
        )
    return HuntSettings(
        source,
        threads,
        check_number("seconds", seconds, low=0.1, high=MOST_SECONDS),
        check_integer("seed", seed, low=0, high=SEEDS - 1),
        any_seed,
        None
        if repeats is None
        else check_integer("repeats", repeats, low=1, high=_MOST_REPEATS),
        check_store(store),
        None if program is None else _program_of(program),
    )


def _program_of(token: str) -> dict[str, Any]:
    if is_native_token(token):
        return read_native_token(token).program
    return read_program_token(token)


def _check_threads(threads: Any) -> tuple[int, ...]:
    if isinstance(threads, str | bytes) or not isinstance(threads, Sequence):
        threads = (threads,)
    if not threads:
        raise InvalidArgument(
            f"threads={shown(threads)} is empty; pass one number of threads or more"
        )
    return tuple(
        sorted(
            {
                check_integer("threads", number, low=1, high=MOST_THREADS)
                for number in threads
            }
        )
    )


def _check_in_process(store: Any, program: Any, executor: Any, schedules: Any) -> None:
    given = {
        "store": store,
        "program": program,
        "executor": executor,
        "schedules": schedules,
    }
    for name, value in given.items():
        if value not in (None, False):
            raise InvalidArgument(
                f"{name}={shown(value)} conflicts with isolate=False, which only "
                "searches; omit it, or hunt in child processes"
            )


def _check_packages() -> None:
    for name in ("hypothesis", "cloudpickle"):
        try:
            __import__(name)
        except ImportError as error:
            raise MissingPackage(
                f"refrace.hunt needs the package {name} ({error}); install it: "
                "pip install 'refrace[hunt]'"
            ) from None
