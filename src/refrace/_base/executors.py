"""Independent batches of work on any executor; a lost worker costs one batch."""

from __future__ import annotations

import math
import queue
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Generic, Self, TypeVar

from refrace._base.arguments import a_kind
from refrace._base.interrupts import completed
from refrace._base.safe_repr import shown
from refrace._base.slices import Slices
from refrace.errors import (
    EnvironmentUnfit,
    InvalidArgument,
    InvalidArgumentType,
    RefraceError,
)

__all__ = ["Batch", "Batches", "Stop", "Stopped", "check_executor"]

Payload = TypeVar("Payload")
Result = TypeVar("Result")

LOOK_EVERY_S = 0.05
"""Seconds between two calls of `on_look` while nothing comes back."""

MOST_IN_FLIGHT = 64
"""Batches at a time on an executor that does not say how many workers it has."""

GRACE_S = 0.1
"""How long after the deadline batches may come back that have one of their own."""

LOST_AT_FIRST = 3
"""Batches that may be lost before any came back; then the executor is unfit."""


def check_executor(name: str, value: Any) -> Executor | None:
    """Return `value` if it is an executor or None; raise otherwise."""
    if value is None or isinstance(value, Executor):
        return value
    if isinstance(value, type) and issubclass(value, Executor):
        cure = f"pass an instance: {value.__name__}()"
    elif isinstance(value, int) and not isinstance(value, bool):
        cure = f"pass concurrent.futures.ProcessPoolExecutor({value})"
    elif hasattr(value, "get_executor"):  # a client of Dask
        cure = "pass its get_executor()"
    elif isinstance(getattr(value, "executor", None), Executor):  # of ipyparallel
        cure = "pass its attribute `executor`"
    else:
        cure = (
            "pass a concurrent.futures.Executor, for example "
            "concurrent.futures.ProcessPoolExecutor(), or None"
        )
    raise InvalidArgumentType(f"{name}={shown(value, 60)} is {a_kind(value)}; {cure}")


class Stopped(Exception):
    """The caller does not want the result of this batch any more."""


class Stop:
    """Tells a batch to end early; it reaches workers that are threads of this process.

    In another process it is never set.
    """

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        """Make `check` raise from now on."""
        self._event.set()

    def check(self, *_: object) -> None:
        """Raise `Stopped` if it is set; takes the arguments of progress callbacks."""
        if self._event.is_set():
            raise Stopped

    def __reduce__(self) -> tuple[type[Stop], tuple[()]]:
        return Stop, ()


@dataclass(frozen=True, slots=True)
class Batch(Generic[Result]):
    """A batch that came back, or that is lost.

    Attributes
    ----------
    items : range
        The numbers of its items.
    result : object or None
        What the function returned; None if the batch is lost.
    lost : str or None
        Why it is lost: what ended its worker, twice.
    """

    items: range
    result: Result | None
    lost: str | None


@dataclass(slots=True)
class _Answer:
    """What a worker sends back: a result or the function's own exception."""

    result: Any
    error: Exception | None
    seconds: float


@dataclass(frozen=True, slots=True)
class _Job:
    items: range
    is_retry: bool


class Batches(Generic[Payload, Result]):
    """Runs batches on an executor; iterate over it to get them as they come back.

    Parameters
    ----------
    executor : concurrent.futures.Executor
    function : callable
        Called in a worker as ``function(payload, stop)``; a function of a module, so
        that it can be pickled.  Its exceptions are raised by the iteration.
    n_items : int
        How many items there are; a batch is a range of their numbers.
    payload : callable
        Returns what `function` gets for a range of items; must be picklable.
    on_look : callable, optional
        Called in this thread about every 50 ms.  Default: none.
    deadline : float
        A time of `time.monotonic`, at which or soon after which the iteration ends.
        Default: never.

    Notes
    -----
    Use it in a ``with`` statement: leaving it cancels all batches that have not begun,
    and tells those in threads of this process to end.

    A batch fails on its own if `function` raises.  Any other failure means that the
    worker, or the way to it, was lost.  Such a batch is run once more, alone, after
    the others that are in flight: it may have needed too much memory next to them.  If
    that fails too, it comes back as lost.  A `ProcessPoolExecutor` breaks when one of
    its workers dies; another one with the same settings takes its place.  If another
    kind of pool breaks, all further batches are lost.
    """

    def __init__(
        self,
        executor: Executor,
        function: Callable[[Payload, Stop], Result],
        n_items: int,
        payload: Callable[[range], Payload],
        *,
        on_look: Callable[[], object] | None = None,
        deadline: float = math.inf,
    ) -> None:
        self._executor = executor
        self._function = function
        self._payload = payload
        self._on_look = on_look
        self._deadline = deadline
        self._stop = Stop()
        self._window = _window(executor)
        self._slices = Slices(n_items, self._window)
        self._finished: queue.SimpleQueue[Future[_Answer]] = queue.SimpleQueue()
        self._running: dict[Future[_Answer], _Job] = {}
        self._suspects: list[_Job] = []
        self._own: Executor | None = None  # in place of one that broke
        self._is_broken = False
        self._is_over: str | None = None  # why there is no place left
        self._n_back = 0
        self._n_lost = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        completed(self._end)

    def __iter__(self) -> Iterator[Batch[Result]]:
        while self._fill():
            future = self._wait()
            if future is None:
                return
            job = self._running.pop(future, None)
            if job is None:
                continue  # not wanted any more
            batch = self._batch(job, future)
            if batch is not None:
                yield batch
        if self._is_over is not None:
            for items in (*(job.items for job in self._suspects), self._slices.rest()):
                yield Batch(items, None, self._is_over)

    def forget_from(self, item: int) -> None:
        """Drop the batches that begin at `item` or later."""
        self._slices.end_at(item)
        self._suspects = [job for job in self._suspects if job.items.start < item]
        for future, job in list(self._running.items()):
            if job.items.start >= item:
                del self._running[future]
                future.cancel()

    # ----------------------------------------------------------------- in and out

    def _fill(self) -> bool:
        """Submit what there is room for; return whether anything is running."""
        if time.monotonic() < self._deadline:
            while self._suspects and not self._running and self._is_over is None:
                self._submit(self._suspects.pop(0))
            while not self._suspects and len(self._running) < self._window:
                items = self._slices.cut()
                if not items:
                    break
                self._submit(_Job(items, is_retry=False))
        return bool(self._running)

    def _submit(self, job: _Job) -> None:
        payload = self._payload(job.items)
        place = self._place()
        try:
            future = place.submit(
                _guarded, self._function, own_version(), payload, self._stop
            )
        except BrokenExecutor as error:
            self._put_back(job, error)
        except RuntimeError as error:
            raise InvalidArgument(
                f"executor={shown(self._executor, 60)} accepts no work ({error}); pass "
                "one that is not shut down, and keep it open during the call"
            ) from error
        else:
            self._running[future] = job
            future.add_done_callback(self._finished.put)

    def _put_back(self, job: _Job, error: BrokenExecutor) -> None:
        """Keep a job for later, because the place broke before it took the job."""
        if not (self._n_back or self._n_lost or self._running or self._suspects):
            raise InvalidArgument(
                f"executor={shown(self._executor, 60)} is broken: one of its workers "
                "has died; make a new one"
            ) from error
        if self._is_broken:  # and nothing could take its place
            self._is_over = _said(error)
        self._is_broken = True
        self._suspects.insert(0, job)

    def _place(self) -> Executor:
        """Return the executor, or the one in its place if it is broken."""
        if self._is_broken:
            fresh = _like(self._executor)
            if fresh is not None:
                self._own, self._is_broken = fresh, False
        return self._executor if self._own is None else self._own

    def _wait(self) -> Future[_Answer] | None:
        """Return the next future that is done; None at the deadline."""
        while True:
            if self._on_look is not None:
                self._on_look()
            left = max(0.0, self._deadline + GRACE_S - time.monotonic())
            try:
                return self._finished.get(timeout=min(LOOK_EVERY_S, left))
            except queue.Empty:
                if not left:
                    return None

    def _batch(self, job: _Job, future: Future[_Answer]) -> Batch[Result] | None:
        """Return the batch of a future that is done; None if it is tried again."""
        try:
            answer = future.result()
        except KeyboardInterrupt:
            raise  # Ctrl-C in a terminal also reaches the processes of a pool
        except BaseException as error:
            return self._lose(job, error)
        if answer.error is not None:
            raise answer.error
        self._n_back += 1
        self._slices.learn(len(job.items), answer.seconds)
        return Batch(job.items, answer.result, None)

    def _lose(self, job: _Job, error: BaseException) -> Batch[Result] | None:
        if isinstance(error, BrokenExecutor):
            self._is_broken = True
        if not job.is_retry:
            self._suspects.append(_Job(job.items, is_retry=True))
            return None
        self._n_lost += 1
        if not self._n_back and self._n_lost >= LOST_AT_FIRST:
            raise self._unfit(error) from error
        return Batch(job.items, None, _said(error))

    def _unfit(self, error: BaseException) -> EnvironmentUnfit:
        return EnvironmentUnfit(
            f"executor={shown(self._executor, 60)} returned nothing ({_said(error)}); "
            "check that its workers can import refrace and have enough memory, or call "
            "without executor"
        )

    def _end(self) -> None:
        self._stop.set()
        for future in list(self._running):
            future.cancel()
        self._running.clear()
        if self._own is not None:
            self._own.shutdown(wait=False, cancel_futures=True)


def _window(executor: Executor) -> int:
    """Return how many batches keep all workers busy."""
    workers = getattr(executor, "_max_workers", None)
    if isinstance(workers, int) and workers > 0:
        return 2 * workers
    return MOST_IN_FLIGHT


def _like(executor: Executor) -> Executor | None:
    """Return a new pool with the settings of a broken one; None if not known how."""
    if type(executor) is not ProcessPoolExecutor:
        return None
    return ProcessPoolExecutor(
        getattr(executor, "_max_workers", None),
        mp_context=getattr(executor, "_mp_context", None),
        initializer=getattr(executor, "_initializer", None),
        initargs=getattr(executor, "_initargs", ()),
    )


def _said(error: BaseException) -> str:
    text = " ".join(str(error).split())
    name = type(error).__name__
    return f"{name}: {text}" if text else name


@cache
def own_version() -> str:
    """Return the installed version of refrace; empty if it is not installed."""
    try:
        return version("refrace")
    except PackageNotFoundError:
        return ""


def _guarded(
    function: Callable[[Any, Stop], Any], wanted: str, payload: Any, stop: Stop
) -> _Answer:
    """Call `function` in a worker; return its exception, so that others are of losses.

    Another version of refrace could give another result.
    """
    began = time.monotonic()
    try:
        if own_version() != wanted:
            raise EnvironmentUnfit(
                f"a worker has refrace {own_version()} and the caller {wanted}; "
                "install the same version on all machines"
            )
        return _Answer(function(payload, stop), None, time.monotonic() - began)
    except Exception as error:
        if not isinstance(error, RefraceError):
            error.add_note("In a worker:\n" + traceback.format_exc())
        return _Answer(None, error, time.monotonic() - began)
