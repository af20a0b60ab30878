"""refrace.deadlock on real threads: certain where it can happen, absent where not."""

import signal
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import refrace
from refrace._native import lessons as native_lessons
from refrace.lessons import deadlock as verb

# Reached by no run that makes any progress.
PATIENCE = 300.0

orders = st.sampled_from(["opposite", "same"])
locks = st.sampled_from(["object", "global"])


@settings(max_examples=40, deadline=None)
@given(orders, st.integers(2, 12), locks)
def test_opposite_order_always_deadlocks_and_nothing_else_ever_does(
    order, threads, lock
):
    report = refrace.deadlock(order, threads, PATIENCE, lock=lock)

    assert report.deadlocked is (order == "opposite" and lock == "object")
    assert report.finished == threads - report.deadlocked
    assert report.is_conclusive
    assert not report.timed_out


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 64))
def test_the_cycle_goes_once_around_all_threads_from_the_victim_on(threads):
    report = refrace.deadlock("opposite", threads, PATIENCE)

    ring = [(t, t, (t + 1) % threads) for t in range(threads)]
    victim = report.victim
    assert [tuple(edge) for edge in report.cycle] == ring[victim:] + ring[:victim]


@pytest.mark.parametrize("threads", [2, 3, 64])
def test_every_thread_waits_once_in_a_deadlock(threads):
    assert refrace.deadlock("opposite", threads, PATIENCE).waits == threads


@pytest.mark.parametrize("threads", [2, 3, 64])
@pytest.mark.parametrize("order", ["opposite", "same"])
def test_all_threads_but_the_first_wait_for_a_global_lock(order, threads):
    report = refrace.deadlock(order, threads, PATIENCE, lock="global")

    assert report.waits == threads - 1


def test_threads_do_wait_for_one_another_in_the_same_order_too():
    assert refrace.deadlock("same", 2, PATIENCE).waits >= 1


def test_an_edge_can_be_taken_apart():
    for thread, holds, waits_for in refrace.deadlock(timeout=PATIENCE).cycle:
        assert holds == thread
        assert waits_for == 1 - thread


@pytest.mark.parametrize("order", ["opposite", "same"])
@pytest.mark.parametrize("lock", ["object", "global"])
def test_a_timeout_that_was_reached_is_undecided_and_not_reported_as_clean(order, lock):
    report = refrace.deadlock(order, 3, 0, lock=lock)

    assert report.timed_out
    assert not report.deadlocked
    assert not report.is_conclusive
    assert "undecided" in report.answer
    assert "no deadlock" not in str(report)


def test_the_timeout_ends_a_wait_that_nothing_else_ends(without_the_last_thread):
    began = time.monotonic()

    report = refrace.deadlock(timeout=0.1)

    assert time.monotonic() - began >= 0.1
    assert (report.finished, report.timed_out, report.deadlocked) == (0, True, False)


@pytest.fixture
def without_the_last_thread(monkeypatch):
    """Start one thread too few, so that the others wait for it between their locks."""
    run_threads = verb.run_threads

    def run_fewer(targets, **options):
        run_threads(targets[:-1], **options)

    monkeypatch.setattr(verb, "run_threads", run_fewer)


def test_ctrl_c_ends_the_wait_with_what_is_known(monkeypatch, without_the_last_thread):
    run_threads = verb.run_threads

    def press():
        signal.raise_signal(signal.SIGINT)

    def run_interrupted(targets, **options):
        run_threads(targets, **{**options, "on_look": press})

    monkeypatch.setattr(verb, "run_threads", run_interrupted)

    with pytest.raises(refrace.Interrupted) as caught:
        refrace.deadlock(threads=3, timeout=PATIENCE)

    report = caught.value.report
    assert (report.finished, report.is_conclusive) == (0, False)
    assert not report.timed_out
    assert "stopped early" in report.answer
    assert not report.timed_out


def test_progress_has_the_threads_that_have_finished(monkeypatch):
    seen = []
    run_threads = verb.run_threads

    def look_before_and_after(targets, *, stop, on_look):
        on_look()
        run_threads(targets, stop=stop, on_look=on_look)
        on_look()

    monkeypatch.setattr(verb, "run_threads", look_before_and_after)
    refrace.deadlock("same", 3, progress=lambda *pair: seen.append(pair))

    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == ((0, 3), (3, 3))


def test_a_thread_that_cannot_be_started_takes_the_others_with_it(monkeypatch):
    start = threading.Thread.start
    started = []

    def start_two(thread):
        if len(started) == 2:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_two)

    with pytest.raises(refrace.EnvironmentUnfit, match=r"thread 3 of 4 .* fewer"):
        refrace.deadlock(threads=4, timeout=PATIENCE)

    assert not any(thread.is_alive() for thread in started)


def test_each_allocation_that_fails_is_a_memory_error_and_the_next_call_works():
    n = 1
    while True:
        native_lessons.fail_allocation(n)
        try:
            refrace.deadlock(timeout=PATIENCE)
        except MemoryError:
            assert native_lessons.fail_allocation(0) == 0
            assert native_lessons.live_allocations() == 0
            n += 1
        else:
            break

    assert native_lessons.fail_allocation(0) > 0
    assert n == 3  # the ring and its graph: two allocations that can fail
    assert refrace.deadlock(timeout=PATIENCE).deadlocked


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        ({"order": "sames"}, refrace.InvalidArgument, "did you mean 'same'"),
        ({"order": None}, refrace.InvalidArgumentType, "order=None"),
        ({"threads": 1}, refrace.InvalidArgument, "threads=1 .* from 2 to 64"),
        ({"threads": 65}, refrace.InvalidArgument, "threads=65 .* from 2 to 64"),
        ({"threads": 2.0}, refrace.InvalidArgumentType, "threads=2.0 is a float"),
        ({"threads": True}, refrace.InvalidArgumentType, "threads=True is a bool"),
        ({"timeout": -0.1}, refrace.InvalidArgument, "timeout=-0.1 .* from 0 to 3600"),
        ({"timeout": 3601}, refrace.InvalidArgument, "timeout=3601"),
        ({"timeout": float("nan")}, refrace.InvalidArgument, "timeout=nan"),
        ({"timeout": float("inf")}, refrace.InvalidArgument, "timeout=inf"),
        ({"timeout": "1"}, refrace.InvalidArgumentType, "timeout='1' is a str"),
        ({"lock": "globl"}, refrace.InvalidArgument, "did you mean 'global'"),
        ({"lock": True}, refrace.InvalidArgumentType, "lock=True is a bool"),
    ],
    ids=lambda part: str(part) if isinstance(part, dict) else "",
)
def test_a_wrong_argument_is_refused_with_its_value_and_the_cure(wrong, error, says):
    with pytest.raises(error, match=says):
        refrace.deadlock(**wrong)
