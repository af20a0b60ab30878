"""The steps of a native trace: their values, their names without debug information."""

import pytest

from refrace._base.codec import decode, encode
from refrace.hunting.schedules import native_trace
from refrace.hunting.schedules.native_trace import (
    MOST_POINTS,
    NativeStep,
    Point,
    grouped,
    steps_of,
    telling,
)


def point(**changes):
    values = {
        "image": None,
        "place": None,
        "call": None,
        "address": 4096,
        "size": 8,
        "point": "write",
        "thread": 1,
        "gil": None,
        "preempted": False,
        "before": 0,
        "after": 1,
    }
    return Point(**{**values, **changes})


@pytest.mark.parametrize(
    ("word", "value", "shown"),
    [
        (0, 0, "0"),
        (2**63 - 1, 2**63 - 1, "0x7fffffffffffffff"),
        (2**63, -(2**63), "0x8000000000000000"),
        (0xDDDDDDDDDDDDDDDD, -0x2222222222222223, "0xdddddddddddddddd"),
        (2**64 - 2**20 + 1, 1 - 2**20, "-1048575"),
        (2**64 - 1, -1, "-1"),
    ],
)
def test_a_word_of_any_value_is_stored_and_read_again(word, value, shown):
    (step,) = steps_of([point(before=word, after=word)])

    assert (step.before, step.after) == (value, value)
    assert step.value == shown
    assert decode(NativeStep, encode(step), "step") == step


def test_places_without_names_are_numbered_by_their_first_access():
    steps = steps_of([point(), point(address=8192), point(), point(address=0, size=0)])

    assert [step.place for step in steps] == ["m1", "m2", "m1", ""]
    assert steps[-1].before is None


def test_a_thread_that_waits_for_the_gil_waits_for_no_lock():
    wait = point(address=0, size=0, point="waits")
    named = wait._replace(call="PyEval_RestoreThread")
    lock = wait._replace(address=4096, call="pthread_mutex_lock")
    steps = steps_of([wait, named, lock])

    assert [step.text for step in steps] == [
        "waits for the GIL",
        "waits for the GIL",
        "waits for a lock (pthread_mutex_lock)",
    ]
    assert [group[0] for group in grouped(steps)] == list(steps)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("pthread_rwlock_rdlock", "waits for a lock (pthread_rwlock_rdlock)"),
        ("pthread_cond_timedwait", "waits for a signal (pthread_cond_timedwait)"),
        ("cnd_wait", "waits for a signal (cnd_wait)"),
        ("sem_wait", "waits for a semaphore (sem_wait)"),
        ("call_once", "waits until it is done (call_once)"),
        ("pthread_barrier_wait", "waits at a barrier (pthread_barrier_wait)"),
        ("futex", "waits to be woken (futex)"),
        ("pthread_join", "waits for the end of a thread (pthread_join)"),
    ],
)
def test_a_thread_says_what_it_waits_for(call, text):
    (step,) = steps_of([point(size=0, point="waits", call=call)])

    assert step.text == text


def test_a_name_that_was_made_up_is_not_that_of_a_variable(monkeypatch):
    monkeypatch.setattr(native_trace, "names_of", lambda accesses: {8192: "m2"})
    steps = steps_of([point(address=at) for at in (8192, 4096, 12288, 4096)])

    assert [step.place for step in steps] == ["m2", "m3", "m4", "m3"]


def test_a_value_that_was_not_read_again_is_left_out():
    (step,) = steps_of([point(before=3, after=None)])

    assert (step.before, step.after, step.value) == (3, None, "3")


def test_a_long_trace_keeps_what_threads_share_and_one_of_them_writes():
    alone = [point(address=8 * at, point="write") for at in range(1, MOST_POINTS)]
    read = [point(address=16, point="read", thread=thread) for thread in (1, 2)]
    only_read = [point(address=8, size=1, point="read", thread=2)] * 2
    lock = point(address=0, size=0, point="gil-take")

    assert telling(alone) == alone
    kept = telling([*alone, *read, lock, point(address=1 << 40, thread=2)])
    assert [one.address for one in kept] == [16, 16, 16, 0]
    never = [point(address=1 << 41, point="read", thread=thread) for thread in (1, 2)]
    assert telling([*never, *alone, *only_read])[0].address == 8
    assert len(telling([lock] * (MOST_POINTS + 9))) == MOST_POINTS
