"""Explore every schedule of a race program."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from typing import Any, Literal

from refrace._base.arguments import (
    check_bool,
    check_callback,
    check_integer,
    check_number,
)
from refrace._base.interrupts import interrupted
from refrace._native.explorer import SearchNumbers
from refrace.catalogue.mode import Mode
from refrace.environment import usable_cores
from refrace.errors import EnvironmentUnfit
from refrace.explorer.exploration_report import Exploration, Outcome
from refrace.explorer.memory import memory_of
from refrace.explorer.model.results import Explored, Way
from refrace.explorer.session import Session, session_of, within_memory
from refrace.explorer.spill import check_spill
from refrace.explorer.traced import misuse_error, trace
from refrace.findings import FindingKind
from refrace.programs import Program
from refrace.traces.outcome_text import in_order
from refrace.traces.trace import Trace

__all__ = ["explore", "smallest_first"]

MOST_STATES = 2**40
MOST_SECONDS = 1e9
MOST_BYTES = 2**46
LEAST_BYTES = 2**20


@within_memory()
def explore(
    program: Program | str | bytes | PathLike[str],
    mode: str | Mode = "atomic",
    gil: Literal["released", "held"] = "released",
    *,
    memory: Literal["sc", "c11"] = "sc",
    history: int = 8,
    max_states: int = 20_000_000,
    max_seconds: float = 60.0,
    max_bytes: int = 2**30,
    spill: str | PathLike[str] | None = None,
    counts: bool = True,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Exploration:
    """Explore every schedule of a program: a proof, or the smallest counterexamples.

    Parameters
    ----------
    program : Program, str, bytes, or path
        The program, its text, or a `pathlib.Path` of its file.
    mode : str or Mode
        The refcount mode; one of :func:`refrace.modes`.  Default: ``"atomic"``, in
        which every operation is one step: what fails there is a bug of the program,
        not of the mode.
    gil : {"released", "held"}
        Whether threads can be switched anywhere, or only where the GIL changes hands:
        at `gil`, where a thread waits, and at its end.  This GIL is modelled; the
        interpreter's own does not matter.  The model assumes that a waiting thread
        gives up the GIL; the report states this in `assumptions`.  Default:
        ``"released"``.
    memory : {"sc", "c11"}
        The memory model: sequentially consistent, or that of C11, in which a load may
        see an old write and unordered accesses are findings.  Default: ``"sc"``.
    history : int
        Under C11: how many writes of a cell threads can still read, 1 to 15.  A run
        that needs more leaves the search unfinished.  Default: 8.
    max_states : int
        Most states to visit, 1 to 2**40.  The search may exceed it by up to three
        states for each thread.  The explorer itself can hold about 2**31 states divided
        by the number of threads; the report has the smaller of the two.  Default:
        20,000,000.
    max_seconds : float
        Time limit in seconds, 0 to 1e9.  Default: 60.
    max_bytes : int
        Most memory for states and the steps between them, 2**20 to 2**46, checked
        before each state.  When the table of states grows, it may add 1.4 bytes per
        state, and 2.7 below a million states.  The shortest runs and the counting need
        more memory on top.  With `spill`, the search does not end there, but goes on
        on disk.  Default: 2**30, a gibibyte.
    spill : str or path, optional
        A folder, on a disk: what has no room within `max_bytes` is kept in files there,
        so that the search can go on.  In a folder that the system keeps in memory, such
        as ``/dev/shm``, they take memory after all.  The files have no names and are
        gone when the search is over, even if the process is killed; searches may share
        a folder.  `max_states` and the free space of the disk are the limits then.  The
        result is the same one.  Default: none; the search ends at `max_bytes`.
    counts : bool
        Whether to count the interleavings of each outcome, which needs every state.
        Without, steps that no other thread can observe are not states of their own:
        the verdict, the kinds of findings, and the preemptions and steps of the
        smallest runs are the same, with fewer states.  Default: True.
    workers : int
        Threads that search, 1 to the number of processors that this process may use.
        The result does not depend on it, only the time and `peak_bytes`; two take at
        best half of the time, if there are many states and two processors are idle.
        Default: 1.
    progress : callable, optional
        Called about ten times a second in the calling thread, with the number of states
        explored and of states found so far.  Default: none.

    Returns
    -------
    Exploration
        The verdict, every outcome with its number of interleavings and its exact
        probability (unless `counts` is False), and the smallest trace of each kind of
        finding.

    Raises
    ------
    InvalidArgumentType, InvalidProgram, UnknownMode, InvalidArgument
        If an argument has the wrong type, is malformed, unknown, or out of range.
    InvalidProgram
        Also if the program uses the count as one word and the mode has no such word,
        and if some schedule makes an error of the program, such as unlocking a lock it
        does not hold; `trace` of the exception leads there.
    ProgramTooLarge
        If the program has more threads (8 under C11), larger numbers or a larger state
        than the explorer can hold: an `InvalidProgram` and a `LimitReached`.
    LimitReached
        If there is not enough memory to start, or to make the stored states longer
        under C11.
    Interrupted
        On Ctrl-C, within 0.2 s; its `report` has what was found by then.

    Notes
    -----
    Equal states are merged, so the time depends on the number of states, not of
    schedules.  The interpreter's GIL is released: two explorations use two cores.  The
    same arguments give the same result on every machine, unless the time or memory
    limit is reached.

    With several `workers`, threads of C compute the next states, and add them one
    thread at a time, in the order of one worker.  Adding is a third to a half of the
    work, so more than two or three workers gain little; under C11, where a step costs
    more, they gain more.  They share the work once 64 states wait, so small programs
    take as long as before.  The shortest runs are found by one thread.  If threads or
    memory for them cannot be had, one worker does all.  No thread is left between two
    calls of `progress`.

    With `spill`, the table that finds equal states stays in memory as long as it fits
    `max_bytes`, which takes 5.3 to 6.7 bytes a state.  States and steps may have half
    of it, and go to the disk then, as do the tables of the shortest runs and of the
    counting.  They are mostly read in the order in which they were written, and the
    system keeps in memory of them what it has room for.  So such a search is hardly
    slower while the system has free memory; once that is used up, and even more once
    the table has outgrown `max_bytes`, it is as slow as the disk.  Space on the disk is
    taken before it is used: a disk that is full is a limit, ``"disk"``.  A disk that
    fails ends the process with SIGBUS.  A process that is forked by `progress` cannot
    go on with the search.

    With ``counts=False`` the search leaves out states in which a thread is about to use
    only what no other thread can reach: cells, locks and containers that only its code
    names, and objects that only it can find.  It then takes that step together with its
    next one.  Operations of the mode are such steps if the mode has nothing but words
    of the object, and its lock.  With the GIL held, the steps between two switches of
    the GIL are one, up to 256 of them.  No state is left out under C11, for programs
    with `put`, a `delayed` container, `interrupt`, `masked`, `critical`, `stop_world`,
    `nosafe`, `weak` or the cycle collector, and with the GIL held for those that
    `detach`.  There can be several smallest runs, and several errors of a program; the
    one shown may be another than with ``counts=True``.

    With ``memory="sc"`` a bug that needs a weaker memory order, such as a missing
    acquire, cannot be found, except for what `put` models.  With ``memory="c11"`` the
    orders of the mode and of the program count; docs/explanation/weak-memory.md says
    how it differs from the standard.  A search that reaches a limit proves nothing,
    and says so.

    References
    ----------
    C. Baier, J.-P. Katoen, *Principles of Model Checking*, MIT Press, 2008, chapters 3
    and 10.  M. Musuvathi, S. Qadeer, "Iterative context bounding for systematic testing
    of multithreaded programs", PLDI 2007, for counting preemptions.  P. Godefroid,
    *Partial-Order Methods for the Verification of Concurrent Systems*, LNCS 1032, 1996,
    for ``counts=False``.

    Examples
    --------
    >>> import refrace
    >>> program = '''
    ... hold T1.x = A
    ... hold T2.x = A
    ... T1: decref x
    ... T2: decref x
    ... '''
    >>> refrace.explore(program).verdict
    'safe'
    >>> found = refrace.explore(program, "unlocked")
    >>> found.verdict, found.interleavings
    ('corrupt', 6)
    >>> found.outcomes[frozenset({"leak"})].probability
    Fraction(1, 2)
    """
    began = time.monotonic()
    session = session_of(program, mode, gil, memory_of(memory, history))
    max_states = check_integer("max_states", max_states, low=1, high=MOST_STATES)
    max_seconds = check_number("max_seconds", max_seconds, low=0, high=MOST_SECONDS)
    max_bytes = check_integer(
        "max_bytes",
        max_bytes,
        low=LEAST_BYTES,
        high=MOST_BYTES,
        why="the smallest search needs about 300,000 bytes",
    )
    folder = check_spill(spill)
    check_bool("counts", counts)
    cores = max(1, usable_cores())
    workers = check_integer(
        "workers",
        workers,
        low=1,
        high=cores,
        why=f"this process may use {cores} processor{'' if cores == 1 else 's'}",
    )
    check_callback("progress", progress)
    process = os.getpid()

    def report_progress(now: SearchNumbers) -> None:
        assert progress is not None
        progress(now.states - now.frontier, now.states)
        if folder is not None and os.getpid() != process:
            raise EnvironmentUnfit(
                f"spill={folder!r}: `progress` has forked, and both processes would go "
                "on in the same files; leave the forked process before it returns "
                "(os._exit), or explore without spill"
            )

    def report(found: Explored) -> Exploration:
        traces = _smallest_traces(session, found.schedules)
        return _exploration(
            session,
            found,
            counts=counts,
            traces=traces,
            elapsed_s=time.monotonic() - began,
            max_states=min(max_states, found.most_states),
            max_seconds=max_seconds,
            max_bytes=max_bytes,
        )

    def report_partial() -> Exploration | None:
        known = session.explored_until_interrupt()
        return None if known is None else report(known)

    try:
        found = session.explore(
            max_states,
            max(0.0, began + max_seconds - time.monotonic()),
            max_bytes,
            counts=counts,
            workers=workers,
            progress=None if progress is None else report_progress,
            spill=folder,
        )
        if found.error is not None:
            raise misuse_error(session, found.error)
        return report(found)
    except KeyboardInterrupt:
        raise interrupted(report_partial) from None


def _smallest_traces(session: Session, ways: Mapping[str, Way]) -> tuple[Trace, ...]:
    """Return the trace of each kind's schedule, the smallest first."""
    return smallest_first(
        [
            trace(session, ways[kind].schedule, kind)
            for kind in in_order(map(FindingKind, ways))
        ]
    )


def smallest_first(traces: Iterable[Trace]) -> tuple[Trace, ...]:
    """Return traces sorted by preemptions, then by steps, then by kind."""
    return tuple(sorted(traces, key=lambda t: (t.preemptions, len(t.steps))))


def _exploration(session: Session, found: Explored, **more: Any) -> Exploration:
    outcomes = [
        Outcome(frozenset(map(FindingKind, kinds)), interleavings, probability)
        for kinds, (interleavings, probability) in found.outcomes.items()
    ]
    outcomes.sort(key=_most_frequent_first)
    return Exploration(
        program=session.program,
        mode=session.mode.name,
        gil=session.gil,
        memory=session.memory.model,
        history=session.memory.history,
        limit=found.limit,
        states=found.states,
        transitions=found.transitions,
        interleavings=found.interleavings,
        outcomes={outcome.kinds: outcome for outcome in outcomes},
        peak_bytes=found.bytes,
        disk_bytes=found.disk_bytes,
        **more,
    )


def _most_frequent_first(outcome: Outcome) -> tuple[Any, ...]:
    likely = outcome.probability or 0
    return bool(outcome.kinds), -likely, [str(kind) for kind in in_order(outcome.kinds)]
