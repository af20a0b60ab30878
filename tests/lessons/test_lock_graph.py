"""The wait-for graph: who is given a lock, who waits, and whose wait is refused."""

import threading
import time

import pytest

from refrace._native import lessons as native_lessons

FAR = time.monotonic_ns() + 3600 * 10**9


class Waiting:
    """An acquire in a thread of its own, begun and known to wait."""

    def __init__(self, graph, thread, lock):
        before = graph.waits()
        self._graph, self._thread, self._lock = graph, thread, lock
        self._runner = threading.Thread(target=self._run, daemon=True)
        self._runner.start()
        while graph.waits() == before:
            time.sleep(0)

    def _run(self):
        self._outcome = self._graph.acquire(self._thread, self._lock)

    def outcome(self):
        self._runner.join(60)
        return self._outcome


def test_a_free_lock_is_granted_without_a_wait():
    graph = native_lessons.LockGraph(2, 2, FAR)

    assert [graph.acquire(0, 0), graph.acquire(1, 1)] == ["granted", "granted"]
    assert graph.waits() == 0


def test_an_owner_takes_its_lock_again_and_has_to_release_it_as_often():
    graph = native_lessons.LockGraph(2, 1, FAR)
    assert [graph.acquire(0, 0), graph.acquire(0, 0)] == ["granted", "granted"]

    graph.release(0, 0)
    other = Waiting(graph, 1, 0)
    graph.release(0, 0)

    assert other.outcome() == "granted"


def test_the_wait_that_closes_a_cycle_is_refused_and_written_down():
    graph = native_lessons.LockGraph(2, 2, FAR)
    graph.acquire(0, 0)
    graph.acquire(1, 1)
    other = Waiting(graph, 1, 0)

    assert graph.acquire(0, 1) == "deadlock"

    assert graph.cycle() == ((0, 0, 1), (1, 1, 0))
    graph.release(0, 0)
    assert other.outcome() == "granted"


def test_a_thread_that_waits_for_a_deadlock_from_outside_is_not_part_of_it():
    graph = native_lessons.LockGraph(3, 2, FAR)
    graph.acquire(0, 0)
    graph.acquire(1, 1)
    outsider = Waiting(graph, 2, 0)
    other = Waiting(graph, 1, 0)

    assert graph.acquire(0, 1) == "deadlock"

    assert {edge[0] for edge in graph.cycle()} == {0, 1}
    graph.release(0, 0)
    assert outsider.outcome() == "granted"
    graph.release(2, 0)
    assert other.outcome() == "granted"


def test_a_chain_of_waits_is_not_a_deadlock():
    graph = native_lessons.LockGraph(3, 2, FAR)
    graph.acquire(0, 0)
    graph.acquire(1, 1)
    middle = Waiting(graph, 1, 0)
    last = Waiting(graph, 2, 1)

    graph.release(0, 0)

    assert middle.outcome() == "granted"
    graph.release(1, 1)
    assert last.outcome() == "granted"
    assert graph.cycle() == ()


def test_a_second_deadlock_is_refused_too_but_the_first_one_is_kept():
    graph = native_lessons.LockGraph(2, 3, FAR)
    graph.acquire(0, 0)
    graph.acquire(1, 1)
    graph.acquire(0, 2)
    other = Waiting(graph, 1, 0)
    assert graph.acquire(0, 1) == "deadlock"
    first = graph.cycle()

    assert graph.acquire(0, 1) == "deadlock"

    assert graph.cycle() == first
    graph.release(0, 0)
    assert other.outcome() == "granted"


def test_locks_are_handed_over_first_come_first_served():
    graph = native_lessons.LockGraph(4, 1, FAR)
    graph.acquire(0, 0)
    in_line = {thread: Waiting(graph, thread, 0) for thread in (2, 3, 1)}

    owner = 0
    for thread, waiting in in_line.items():
        graph.release(owner, 0)
        assert waiting.outcome() == "granted"
        owner = thread


def test_a_release_by_who_does_not_own_the_lock_changes_nothing():
    graph = native_lessons.LockGraph(2, 1, FAR)
    graph.acquire(0, 0)

    graph.release(1, 0)
    other = Waiting(graph, 1, 0)

    graph.release(0, 0)
    assert other.outcome() == "granted"


def test_a_stop_ends_waits_and_grants_nothing_after():
    graph = native_lessons.LockGraph(2, 2, FAR)
    graph.acquire(0, 0)
    other = Waiting(graph, 1, 0)

    graph.stop()

    assert other.outcome() == "given up"
    assert graph.acquire(1, 1) == "given up"


def test_no_wait_outlasts_the_deadline():
    deadline = time.monotonic_ns() + 100_000_000
    graph = native_lessons.LockGraph(2, 1, deadline)
    assert graph.acquire(0, 0) == "granted"

    assert graph.acquire(1, 0) == "given up"

    assert time.monotonic_ns() >= deadline


def test_after_the_deadline_nothing_is_granted():
    graph = native_lessons.LockGraph(1, 1, 0)

    assert graph.acquire(0, 0) == "given up"


@pytest.mark.parametrize(("thread", "lock"), [(-1, 0), (2, 0), (0, -1), (0, 3)])
def test_a_thread_or_lock_that_does_not_exist_is_refused(thread, lock):
    graph = native_lessons.LockGraph(2, 3, FAR)

    with pytest.raises(IndexError):
        graph.acquire(thread, lock)
    with pytest.raises(IndexError):
        graph.release(thread, lock)
