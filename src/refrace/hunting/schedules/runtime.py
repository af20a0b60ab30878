"""The runtime in this process: loaded first, then given the extensions.

Only a process that may end at any moment does this: a deadlock under the scheduler ends
it, and Python's allocators are replaced.
"""

from __future__ import annotations

import gc
import mmap
import os
import sys
import sysconfig
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from refrace._base.attributes import attribute_or_none

__all__ = [
    "ScheduledWorkers",
    "extension_files",
    "has_hooks",
    "instrumented_modules",
    "load",
    "open_process",
    "other_modules",
    "starts_openmp",
]

HOOK = b"__tsan_func_entry"
"""A symbol that instrumented files refer to, and the runtime defines."""
_OPENMP = (b"GOMP_parallel", b"__kmpc_fork_call")
"""Functions that start threads of their own: those of prange and of omp parallel."""
RUNTIME = "refrace._native.schedule"

# So long that the interpreter never asks a thread for the GIL.
SWITCH_INTERVAL_S = 1000.0

LONGEST_SLEEP_S = 0.2
"""A call that sleeps longer in code that is not scheduled may wait for another one."""


def load() -> ModuleType:
    """Import the runtime so that the extensions find its functions.

    Must be called before any instrumented extension is imported.
    """
    before = sys.getdlopenflags()
    sys.setdlopenflags(os.RTLD_NOW | os.RTLD_GLOBAL)
    try:
        return import_module(RUNTIME)
    finally:
        sys.setdlopenflags(before)


def instrumented_modules() -> list[str]:
    """Return the files of the loaded extension modules that have hooks."""
    return [path for path in extension_files() if has_hooks(path)]


def other_modules(before: Collection[str]) -> list[str]:
    """Return the files of the extension modules that were loaded since `before`.

    Those of Python and of refrace are left out.  Their calls of the C API can be
    scheduled without hooks.
    """
    standard = (
        sysconfig.get_path("stdlib") + os.sep + "lib-dynload",
        sysconfig.get_config_var("DESTSHARED") or "lib-dynload",
        str(Path(__file__).parents[2]),
    )
    return [
        path
        for path in extension_files()
        if path not in before and not path.startswith(standard)
    ]


def extension_files() -> list[str]:
    """Return the files of the loaded extension modules."""
    return sorted(
        {
            str(path)
            for module in list(sys.modules.values())
            if (path := attribute_or_none(module, "__file__"))
            and str(path).endswith(".so")
            and module.__name__ != RUNTIME
        }
    )


def has_hooks(path: str) -> bool:
    """Return whether a module file refers to the hooks."""
    return _mentions(path, HOOK)


def starts_openmp(path: str) -> bool:
    """Return whether a module file starts threads by OpenMP, as prange does."""
    return any(_mentions(path, name) for name in _OPENMP)


def _mentions(path: str, name: bytes) -> bool:
    try:
        with (
            open(path, "rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
        ):
            return content.find(name) >= 0
    except (OSError, ValueError):
        return False


def open_process(
    runners: int,
    *,
    flight: Any = None,
    report_to: int = -1,
    files: Iterable[str] | None = None,
) -> int:
    """Prepare this process, which must have one thread; return the number of hooks.

    Parameters
    ----------
    runners : int
        The number of threads.
    flight : writable buffer, optional
        Shared memory that records what runs, for the parent.
    report_to : int
        A file descriptor that gets a line of JSON when a deadlock ends this process.
    files : iterable of str, optional
        The extension modules to schedule.  Default: the instrumented ones.
    """
    native = load()
    native.open_runtime(flight, report_to)
    chosen = instrumented_modules() if files is None else list(files)
    hooks: int = sum(native.patch(path) for path in chosen)
    gc.disable()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    native.start(runners)
    native.drain([_fill_free_lists] * runners)
    return hooks


def _fill_free_lists() -> None:
    """Free objects of many kinds, which the interpreter keeps for itself.

    Once the lists are full, further frees reach the allocator, where they are seen.
    """
    lists: list[Any] = [[] for _ in range(200)]
    dicts: list[Any] = [{} for _ in range(200)]
    floats = [number + 0.5 for number in range(300)]
    tuples = [tuple(range(size)) for size in range(1, 21) for _ in range(3)]
    del lists, dicts, floats, tuples


class ScheduledWorkers:
    """The threads of a program, under the scheduler.

    Has the methods of ``hunting.execution.workers.Workers`` that rounds use.

    Parameters
    ----------
    count : int
        The number of threads; that many runners have been started.

    Attributes
    ----------
    plan : Plan
        What the next run follows.
    last : Run or None
        What the runtime said of the last run.
    logged : bool
        Whether points are logged.
    """

    def __init__(self, count: int) -> None:
        from refrace.hunting.schedules.search import Plan

        self._native = load()
        self._count = count
        self.plan = Plan()
        self.last: Any = None
        self.logged = False
        self.intervals = [(0, 0)] * count

    def run(self, tasks: list[Callable[[], None]]) -> None:
        """Run one task a thread under the plan."""
        plan = self.plan
        self.last = self._native.run(
            tasks[: self._count],
            plan.strategy,
            plan.schedule,
            seed=plan.seed,
            probability=plan.probability,
            changes=plan.changes,
            horizon=plan.horizon,
            logged=self.logged,
        )
        for error in self.last.exceptions:
            if error is not None:
                raise error

    def switch_at(self, chosen: Callable[[FrameType, str], bool] | None) -> None:
        """Make points in Python code too, until the next call.

        Setting a profiler stops the world where there is no GIL.  In a run it would
        wait for a thread that has no turn.

        Parameters
        ----------
        chosen : callable or None
            Told each event of a profiler; returns whether there is a point.
        """
        give_way = self._native.give_way

        def on_event(frame: FrameType, event: str, _: Any) -> None:
            if chosen is not None and chosen(frame, event):
                give_way()

        profiler = None if chosen is None else on_event
        self._native.drain([lambda: sys.setprofile(profiler)] * self._count)

    def run_one(self, number: int, task: Callable[[], None]) -> None:
        """Run a task in one thread, with no points."""
        errors: list[BaseException] = []

        def run() -> None:
            try:
                task()
            except BaseException as error:
                errors.append(error)

        self._native.drain(
            [run if i == number else _nothing for i in range(self._count)]
        )
        if errors:
            raise errors.pop()

    def waits_in_turn(self, tasks: list[tuple[int, Callable[[], None]]]) -> bool | None:
        """Run tasks one after the other; return whether one waits for a later one.

        Then the later ones run while it waits.  None: that is not known, since it
        blocks in code that is not scheduled.

        Parameters
        ----------
        tasks : list of (int, callable)
            Each with its thread.
        """
        from refrace.hunting.schedules.search import Plan

        done = 0
        waits: bool | None = False

        def run(thread: int) -> None:
            nonlocal done, waits
            for number, (of, task) in enumerate(tasks):
                if of != thread:
                    continue
                if number != done and waits is False:
                    waits = self._native.has_waiters() or sleeps(number)
                task()
                done += 1
                for after, _ in tasks[number + 1 : number + 2]:
                    self._native.hand_over(after)

        def sleeps(number: int) -> bool | None:
            # It may only take its time, or spin before it waits.
            until = time.monotonic() + LONGEST_SLEEP_S
            while number != done and time.monotonic() < until:
                time.sleep(0.001)
                if self._native.has_waiters():
                    return True
            return False if number == done else None

        first = tasks[0][0]
        self.plan = Plan(schedule=((0, first),) if first else ())
        self.run([lambda thread=i: run(thread) for i in range(self._count)])  # type: ignore[misc]
        return waits

    def settle(self) -> None:
        """Let each thread do what is queued for it: counts that others have dropped."""
        self._native.drain([_nothing] * self._count)

    @contextmanager
    def round(self) -> Iterator[None]:
        """Keep what is freed inside, so that later uses of it are seen."""
        self._native.begin_round()
        try:
            yield
        finally:
            self._native.end_round()


def _nothing() -> None:
    pass
