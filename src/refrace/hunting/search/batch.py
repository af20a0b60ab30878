"""One batch of a hunt: some time with programs of one seed, in its own processes.

Batches do not depend on each other: they can run anywhere, in any order, and be lost.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

from refrace._base.codec import decode
from refrace.hunting.limits import (
    CHILD_MEMORY,
    DRAWN_ONE_THREAD,
    DRAWN_THREADS,
    EACH_S,
    SHORT_EACH_S,
)
from refrace.hunting.processes.child_end import ChildEnd
from refrace.hunting.processes.child_task import ChildTask
from refrace.hunting.processes.subject_source import SubjectSource
from refrace.hunting.processes.zygote_process import ENGINE, ZygoteProcess
from refrace.hunting.schedules.explored import ExploredSchedules
from refrace.hunting.search.sighting import (
    is_long_work,
    sighting_of_end,
    sightings_of_run,
)
from refrace.hunting.search.tally import Tally

__all__ = [
    "BatchOutcome",
    "BatchRequest",
    "new_zygote",
    "run_batch",
    "seed_of",
    "tally_of_run",
    "threads_of",
]

_MOST_FAILURES = 5
_LOST = "the process that forks children was killed from outside and was replaced"

_LATE_IMPORT = (
    "calls imported {}, which loading the subject had not: in each process these are "
    "watched from then on only; import them at the top of the module of the subject"
)
_MOST_NAMED = 5


@dataclass(frozen=True)
class BatchRequest:
    """What a batch does; small, and picklable.

    Attributes
    ----------
    source : SubjectSource
        The subject.
    seed : int
        Seed of the hunt.
    number : int
        Number of the batch, from 0.
    threads : tuple of int
        Numbers of threads of the hunt; a batch has programs of one of them.
    seconds : float
        Time of the batch in seconds.
    repeats : int or None
        Rounds of each program; None is the default for its number of threads.
    programs : tuple of dict
        Stored programs to run instead of drawing some.
    environ : tuple of (str, str)
        Environment variables of its processes.
    path : tuple of str
        Folders in front of their `sys.path`.
    allocator : str
        What PYTHONMALLOC says in `environ`; may be empty.
    memory : int
        Bytes that a child may add to its memory; 0 is no limit.
    engine : str
        The module that draws and runs programs.
    accepted : tuple of str
        Groups of arguments that calls of earlier batches have taken.
    """

    source: SubjectSource
    seed: int
    number: int
    threads: tuple[int, ...]
    seconds: float
    repeats: int | None = None
    programs: tuple[dict[str, Any], ...] = ()
    environ: tuple[tuple[str, str], ...] = ()
    path: tuple[str, ...] = ()
    allocator: str = ""
    memory: int = CHILD_MEMORY
    engine: str = ENGINE
    accepted: tuple[str, ...] = ()


@dataclass(frozen=True)
class BatchOutcome:
    """What a batch did and saw; it adds to others exactly.

    Attributes
    ----------
    number : int
        Number of the batch.
    tally : Tally
        Its figures.
    """

    number: int
    tally: Tally = field(default_factory=Tally)


def seed_of(seed: int, batch: int, draw: int) -> int:
    """Return the seed of some programs of a batch, the same on every machine."""
    return random.Random(f"{seed}/{batch}/{draw}").getrandbits(63)


def threads_of(threads: tuple[int, ...], batch: int) -> int:
    """Return the number of threads of the programs of a batch.

    Every other batch has one thread, if one is asked for: half of the time.  The
    others take turns.
    """
    more = tuple(number for number in threads if number > 1)
    if not more:
        return 1
    if 1 not in threads:
        return more[batch % len(more)]
    return 1 if batch % 2 == 0 else more[batch // 2 % len(more)]


def new_zygote(request: BatchRequest) -> ZygoteProcess:
    """Start the process that forks the children of a batch."""
    return ZygoteProcess(
        request.source,
        engine=request.engine,
        environ=dict(request.environ),
        path=request.path,
    )


def run_batch(
    request: BatchRequest,
    zygote: ZygoteProcess | None = None,
    should_stop: Callable[[], bool] = lambda: False,
    on_tally: Callable[[Tally], object] = lambda _: None,
) -> BatchOutcome:
    """Run a batch, here or in a worker of an executor.

    Parameters
    ----------
    request : BatchRequest
        What to do.
    zygote : ZygoteProcess, optional
        A process that has loaded the subject already.  Default: one of its own.
    should_stop : callable
        Asked some twenty times a second; the batch ends early if it is true.
    on_tally : callable
        Called with what each program adds to the figures.

    Raises
    ------
    InvalidArgument
        If the subject cannot be loaded, or its ``setup`` fails.
    RuntimeError
        If children fail in refrace's own code.
    """
    with ExitStack() as stack:
        if zygote is None or not zygote.is_alive:
            zygote = stack.enter_context(new_zygote(request))
        batch = _Batch(request, zygote, should_stop, on_tally)
        batch.run()
    return BatchOutcome(request.number, batch.tally)


class _Batch:
    def __init__(
        self,
        request: BatchRequest,
        zygote: ZygoteProcess,
        should_stop: Callable[[], bool],
        on_tally: Callable[[Tally], object],
    ) -> None:
        self._request = request
        self._zygote = zygote
        self._should_stop = should_stop
        self._on_tally = on_tally
        self._failures = 0
        self._left = list(request.programs)
        self._draws = 0
        self.tally = Tally(loaded=zygote.loaded)

    def run(self) -> None:
        """Run children until the time is over."""
        until = time.monotonic() + self._request.seconds
        while (left := until - time.monotonic()) > 0 and not self._should_stop():
            if self._request.programs and not self._left:
                break
            end = self._zygote.run(self._task(left), self._hear, self._should_stop)
            self._add(Tally(children=1))
            self._judge(end)
            if end.how == "lost":
                break
        self._add(Tally(batches=1))

    def _task(self, seconds: float) -> ChildTask:
        """Return a task with the rest of the programs, or one that draws new ones."""
        request = self._request
        threads = threads_of(request.threads, request.number)
        seed = seed_of(request.seed, request.number, self._draws)
        if not self._left:
            self._draws += 1
        return ChildTask(
            "run" if self._left else "draw",
            seed=seed,
            threads=(threads,),
            count=DRAWN_ONE_THREAD if threads == 1 else DRAWN_THREADS,
            programs=tuple(self._left),
            rounds=request.repeats,
            seconds=seconds,
            seconds_each=self._seconds_each(threads),
            memory=request.memory,
            accepted=tuple(sorted({*request.accepted, *self.tally.taken})),
        )

    def _seconds_each(self, threads: int) -> float:
        """Return the time of a program: with threads, short in two of three batches.

        A race often shows in the first rounds of the right program, and sometimes
        takes many rounds.
        """
        is_long = threads == 1 or self._request.number // 2 % 3 == 2
        return EACH_S if is_long or self._request.repeats else SHORT_EACH_S

    def _add(self, tally: Tally) -> None:
        if tally.sightings and self._request.allocator:
            named = [
                replace(one, allocator=self._request.allocator)
                for one in tally.sightings
            ]
            tally = replace(tally, sightings=tuple(named))
        self.tally = self.tally.plus(tally)
        self._on_tally(tally)

    def _hear(self, message: dict[str, Any]) -> None:
        if message["type"] == "program":
            if self._left:
                del self._left[0]
        elif message["type"] == "run":
            self._failures = 0
            self._add(tally_of_run(message))
        elif message["type"] == "imports":
            self._add(self._tally_of_imports(message["extensions"]))

    def _tally_of_imports(self, extensions: list[str]) -> Tally:
        loaded = self._zygote.loaded
        return Tally(
            notes=(_LATE_IMPORT.format(", ".join(extensions[:_MOST_NAMED])),),
            loaded=None if loaded is None else loaded.with_extensions(extensions),
        )

    def _judge(self, end: ChildEnd) -> None:
        sighting = sighting_of_end(end)
        if sighting is not None:
            self._add(Tally(sightings=(sighting,)))
        elif end.how == "refused":
            raise end.refusal()
        elif end.how == "lost":
            self._add(Tally(notes=(_LOST,)))
        elif end.how == "failed":
            self._failures += 1
            if self._failures >= _MOST_FAILURES:
                raise RuntimeError(f"a child of the hunt failed:\n{end.message}")
            last = end.message.strip().splitlines()[-1]
            self._add(Tally(notes=(f"a child failed outside of operations: {last}",)))
        elif end.how != "done":
            self._add(Tally(notes=(_note(end),)))


def _note(end: ChildEnd) -> str:
    text = f"a child was lost: {end.message}"
    if end.running is not None:
        text += f"; it ran {', '.join(end.running['operations'])}"
    if is_long_work(end):
        text += " with a number of ten digits or more, which may take long; no hang"
    return text


def tally_of_run(message: dict[str, Any]) -> Tally:
    """Return what the message ``"run"`` of a child adds to the figures."""
    is_single = message["threads"] == 1
    seconds = message["seconds"]
    return Tally(
        programs=1,
        programs_threads=0 if is_single else 1,
        rounds=message["rounds"],
        rounds_threads=0 if is_single else message["rounds"],
        run_s=seconds,
        single_s=message["seconds_single"],
        overlap_s=0.0 if is_single else message["overlap"] * seconds,
        sightings=tuple(sightings_of_run(message)),
        not_compared=tuple(message["not_compared"]),
        explored=_explored(message["explored"]),
        returned=tuple(message["returned"]),
        raised=tuple(f"{name}: {why}" for name, why in message["raised"].items()),
        taken=tuple(message.get("taken", ())),
    )


def _explored(stored: Any) -> ExploredSchedules | None:
    return None if stored is None else decode(ExploredSchedules, stored, "explored")
