"""Traces of native code, and the patterns of the gallery that they show."""

from dataclasses import replace

import pytest

import refrace
from refrace.hunting.describing.pattern_of_trace import pattern_of_trace
from refrace.hunting.schedules.native_trace import NativeStep

POINTER = 0x7F00_0000_1000


def step(thread, point, place="", before=None, after=None):
    return NativeStep(
        thread, point, None, "f", "x.c", 1, "", place, before, after, None, False
    )


def read(thread, value, place="m1"):
    return step(thread, "read", place, value, value)


def write(thread, before, after, place="m1"):
    return step(thread, "write", place, before, after)


def test_a_write_over_another_that_was_never_read_is_a_lost_update():
    trace = [read(2, 1), read(1, 1), write(1, 1, 2), write(2, 2, 2)]

    assert pattern_of_trace("wrong-answer", trace) == "payload-lost-update"


@pytest.mark.parametrize(
    "trace",
    [
        [read(1, 1), write(1, 1, 2), read(2, 2), write(2, 2, 3)],
        [read(2, 1), write(1, 1, 2), read(2, 2), write(2, 2, 3)],
        [read(2, 1), write(1, 1, 2, "m2"), write(2, 1, 2)],
        [],
    ],
)
def test_updates_that_read_what_they_change_show_no_pattern(trace):
    assert pattern_of_trace("wrong-answer", trace) is None


def waits(thread, call, place="m1"):
    return replace(step(thread, "waits", place), call=call)


GIL = ("PyEval_RestoreThread", "")
FIRST = ("pthread_mutex_lock", "m1")
SECOND = ("pthread_mutex_lock", "m2")


@pytest.mark.parametrize(
    ("calls", "pattern"),
    [
        ((FIRST, GIL), "native-lock-against-gil"),
        ((FIRST, GIL, GIL), "native-lock-against-gil"),
        ((FIRST, SECOND), "abba-two-objects"),
        ((FIRST, SECOND, FIRST), "abba-two-objects"),
        ((FIRST, FIRST), None),  # a thread has ended with it, or waits for its own
        ((("pthread_cond_wait",),), None),
        ((FIRST,), None),
        ((FIRST, ("sem_wait",)), None),
        ((FIRST, GIL, ("sem_wait",)), None),
        ((GIL, GIL), None),
    ],
)
def test_a_deadlock_has_the_pattern_of_what_its_threads_wait_for(calls, pattern):
    trace = [waits(thread, *one) for thread, one in enumerate(calls, 1)]

    assert pattern_of_trace("deadlock", trace) == pattern


def test_two_pointers_where_both_saw_none_are_a_double_initialisation():
    trace = [
        read(2, 0),
        read(1, 0),
        write(1, 0, POINTER),
        write(2, POINTER, POINTER + 64),
    ]

    assert pattern_of_trace("leak", trace) == "double-lazy-init"


def test_a_pointer_read_before_a_release_of_the_gil_is_a_borrow_across_it():
    trace = [read(1, POINTER), step(1, "gil-release"), write(2, POINTER, 0)]

    assert pattern_of_trace("use-after-free", trace) == "borrow-across-gil-release"
    assert pattern_of_trace("use-after-free", trace[:1]) == "borrow-then-incref"
    assert pattern_of_trace("use-after-free", []) is None


def test_every_pattern_that_is_named_is_in_the_gallery():
    for slug in (
        *("payload-lost-update", "double-lazy-init"),
        *("borrow-across-gil-release", "borrow-then-incref"),
    ):
        assert refrace.gallery[slug].buggy
