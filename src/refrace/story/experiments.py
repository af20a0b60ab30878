"""Experiments of the story on real Python objects and on single native objects."""

from __future__ import annotations

import sys
import threading

from refrace._base.threads import run_threads
from refrace.races.object import Object

__all__ = ["count_a_real_object", "drop_elsewhere", "drop_of_a_detached_owner"]

# Increments of a real object by each thread, on an interpreter without a GIL.
REAL_INCREFS = 300_000


def count_a_real_object() -> tuple[int, int, int]:
    """Let two threads take and drop references to one list; return its counts."""
    thing: list[int] = []
    start = threading.Barrier(2)

    def take_and_drop() -> None:
        try:
            start.wait()
        except threading.BrokenBarrierError:  # the call was interrupted
            return
        for _ in range(REAL_INCREFS // 100):
            held = [thing] * 100
            del held

    before = sys.getrefcount(thing)
    run_threads([take_and_drop] * 2, stop=start.abort)
    return before, sys.getrefcount(thing), 2 * REAL_INCREFS


def drop_elsewhere(mode: str) -> tuple[bool, bool]:
    """Let another thread drop the last reference to an object made here.

    Returns whether the object is alive after that, and whether it is alive after this
    thread's next quiescent point.
    """
    thing = Object(mode)
    _drop_in_a_thread(thing)
    outlived = thing.alive
    thing.quiesce()
    return outlived, thing.alive


def drop_of_a_detached_owner(mode: str) -> bool:
    """Let another thread drop the last reference to an object of a detached owner.

    Returns whether the object is alive while its owner is detached.
    """
    thing = Object(mode)
    with thing.detached():
        _drop_in_a_thread(thing)
        return thing.alive


def _drop_in_a_thread(thing: Object) -> None:
    run_threads([thing.decref], stop=_nothing)


def _nothing() -> None:
    """Stop nothing: the thread ends by itself at once."""
