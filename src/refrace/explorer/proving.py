"""What `prove` does: one program after another, here or in batches on an executor."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from typing import NamedTuple

from refrace._base.executors import Batches, Stop
from refrace.catalogue.mode import Mode
from refrace.explorer.exploration_report import Exploration
from refrace.explorer.explore import explore
from refrace.explorer.limits import Limit
from refrace.explorer.memory import SC, Memory
from refrace.explorer.session import session_of
from refrace.programs import Program
from refrace.traces.trace import Trace

__all__ = ["Looked", "Task", "look_at", "looked_at_on"]

YARDSTICK = "atomic"
MOST_STATES = 10_000_000
MOST_BYTES = 2**30


class Task(NamedTuple):
    """One program that the mode is checked against.

    `is_claimed`: the mode claims to be safe in it, whatever `atomic` is.
    """

    program: str | Program
    is_claimed: bool = False


class Looked(NamedTuple):
    """What exploring one program shows of the mode.

    Attributes
    ----------
    states : int
    is_skipped : bool
        Whether it fails in `atomic` too and so shows nothing.
    witness : Trace or None
    limit : Limit or None
        What stopped the search.
    """

    states: int
    is_skipped: bool = False
    witness: Trace | None = None
    limit: Limit | None = None

    @property
    def is_last(self) -> bool:
        """Whether the programs after this one are of no interest."""
        return self.witness is not None or self.limit is not None


def look_at(
    mode: Mode,
    task: Task,
    ends: float,
    check: Callable[..., None] | None = None,
    memory: Memory = SC,
) -> Looked:
    """Explore one program.

    Parameters
    ----------
    mode : Mode
    task : Task
    ends : float
        The time limit, a time of `time.monotonic`.
    check : callable, optional
        Called now and then; ends the search by an exception.
    memory : Memory, optional
        The memory model.  Default: sequentially consistent.
    """

    def left() -> float:
        return max(0.0, ends - time.monotonic())

    def explore_in(which: str | Mode) -> Exploration:
        return explore(
            session.program,
            which,
            memory=memory.model,
            history=memory.history,
            max_seconds=left(),
            progress=check,
        )

    if not left():
        return Looked(0, limit="seconds")
    session = session_of(task.program, mode, "released", memory)
    found = session.search(MOST_STATES, left(), MOST_BYTES, check)
    seen = Looked(found.states, limit=None if found.kinds else found.limit)
    if not found.kinds:
        return seen
    if mode.name != YARDSTICK and not task.is_claimed:
        right = explore_in(YARDSTICK)
        if right.findings:
            return seen._replace(is_skipped=True)
        if right.limit is not None:
            return seen._replace(limit=right.limit)
    wrong = explore_in(mode)
    if wrong.findings:
        return seen._replace(witness=wrong.counterexample())
    return seen._replace(limit=wrong.limit)


class _Payload(NamedTuple):
    mode: Mode
    memory: Memory
    tasks: list[Task]
    max_seconds: float


def _look_at_all(payload: _Payload, stop: Stop) -> list[Looked]:
    """Explore the programs of a batch, up to the first that ends the proof."""
    ends = time.monotonic() + payload.max_seconds
    looked: list[Looked] = []
    for task in payload.tasks:
        stop.check()
        looked.append(look_at(payload.mode, task, ends, stop.check, payload.memory))
        if looked[-1].is_last:
            break
    return looked


def looked_at_on(
    executor: Executor,
    mode: Mode,
    memory: Memory,
    tasks: list[Task],
    ends: float,
    on_look: Callable[[], object],
) -> Iterator[tuple[int, Looked]]:
    """Explore all programs on an executor; yield the results in any order.

    Programs after one that ends the proof are left out, and so are those of lost
    batches.  Use it with `contextlib.closing`, so that an interrupt cancels the rest.
    """

    def payload(numbers: range) -> _Payload:
        left = max(0.0, ends - time.monotonic())
        return _Payload(mode, memory, tasks[numbers.start : numbers.stop], left)

    with Batches(
        executor, _look_at_all, len(tasks), payload, on_look=on_look, deadline=ends
    ) as batches:
        for batch in batches:
            for number, looked in zip(batch.items, batch.result or (), strict=False):
                if looked.is_last and looked.limit != "seconds":
                    batches.forget_from(number + 1)
                yield number, looked
