"""refrace.lost_append on real threads: the accounting, whatever the threads do."""

import signal
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import refrace
from refrace import environment
from refrace._native import lessons as native_lessons
from refrace.lessons import append as verb

GILS = ["held", "released"] if environment.gil_is_enabled() else ["released"]

each_gil = pytest.mark.parametrize("gil", GILS)


@settings(max_examples=50, deadline=None)
@given(
    threads=st.integers(1, 8),
    appends=st.integers(1, 200),
    gil=st.sampled_from(GILS),
    locked=st.booleans(),
    seed=st.integers(0, 2**64 - 1),
)
def test_every_append_is_kept_overwritten_or_cut_off(
    threads, appends, gil, locked, seed
):
    report = refrace.lost_append(threads, appends, gil, locked=locked, seed=seed)

    assert report.appends == report.appends_requested == threads * appends
    assert report.kept + report.overwritten + report.cut_off == report.appends
    assert min(report.kept, report.overwritten, report.cut_off) >= 0
    assert report.kept == report.length
    assert report.kept >= 1
    assert 0 <= report.interleaved <= report.appends
    assert (report.gil, report.locked, report.seed) == (gil, locked, seed)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 8), st.integers(1, 200), st.sampled_from(GILS))
def test_under_the_lock_nothing_is_lost_and_no_thread_interleaves(
    threads, appends, gil
):
    report = refrace.lost_append(threads, appends, gil, locked=True)

    assert (report.lost, report.interleaved) == (0, 0)
    assert report.findings == ()
    assert report.is_conclusive is (threads > 1)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 300), st.sampled_from(GILS), st.booleans())
def test_one_thread_loses_nothing_and_proves_nothing(appends, gil, locked):
    report = refrace.lost_append(1, appends, gil, locked=locked)

    assert (report.kept, report.interleaved) == (appends, 0)
    assert not report.is_conclusive


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 4), st.integers(1, 50), st.sampled_from(GILS))
def test_what_is_lost_was_lost_to_an_append_in_between(threads, appends, gil):
    report = refrace.lost_append(threads, appends, gil)

    assert report.interleaved > 0 or report.lost == 0
    assert sum(finding.count for finding in report.findings) == report.lost


@pytest.mark.parametrize("locked", [False, True], ids=["unlocked", "locked"])
@each_gil
def test_the_largest_number_of_threads_is_accounted_for(gil, locked):
    report = refrace.lost_append(64, 20, gil, locked=locked)

    assert report.kept + report.lost == 64 * 20


def test_by_default_the_gil_is_held_where_there_is_one():
    expected = "held" if environment.gil_is_enabled() else "released"

    assert refrace.lost_append(appends=1).gil == expected


def test_where_there_is_no_gil_it_cannot_be_held_and_is_not_by_default(monkeypatch):
    monkeypatch.setattr(environment, "gil_is_enabled", lambda: False)
    monkeypatch.setattr(verb, "gil_is_enabled", lambda: False)

    assert refrace.lost_append(appends=1).gil == "released"
    with pytest.raises(refrace.EnvironmentUnfit, match="pass gil='released'"):
        refrace.lost_append(appends=1, gil="held")


@each_gil
def test_ctrl_c_ends_it_early_with_what_was_appended(gil):
    def press(done, requested):
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(refrace.Interrupted) as caught:
        refrace.lost_append(2, 1_000_000, gil, progress=press)

    report = caught.value.report
    assert report.appends < report.appends_requested == 2_000_000
    assert report.kept + report.lost == report.appends
    assert report.conclusive is (report.lost > 0)


def test_progress_never_goes_back_and_never_beyond_the_end():
    seen = []

    refrace.lost_append(2, 5_000, progress=lambda *pair: seen.append(pair))

    assert seen == sorted(seen)
    assert all(0 <= done <= requested == 10_000 for done, requested in seen)


def test_a_thread_that_cannot_be_started_takes_the_others_with_it(monkeypatch):
    start = threading.Thread.start
    started = []

    def start_one(thread):
        if started:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_one)

    with pytest.raises(refrace.EnvironmentUnfit, match="thread 2 of 2"):
        refrace.lost_append()

    assert not started[0].is_alive()


@pytest.mark.parametrize("locked", [False, True], ids=["unlocked", "locked"])
@each_gil
def test_each_allocation_that_fails_is_a_memory_error_and_the_next_call_works(
    gil, locked
):
    # One thread fills 64 + 128 slots and more: the append and its threads, three
    # segments, and the inventory are six allocations.
    for n in range(1, 7):
        native_lessons.fail_allocation(n)
        with pytest.raises(MemoryError):
            refrace.lost_append(1, 200, gil, locked=locked)
        assert native_lessons.fail_allocation(0) == 0
        assert native_lessons.live_allocations() == 0

    native_lessons.fail_allocation(7)
    assert refrace.lost_append(1, 200, gil, locked=locked).kept == 200
    assert native_lessons.fail_allocation(0) == 1


@each_gil
def test_an_array_that_cannot_grow_ends_the_threads_that_wait_for_the_lock(gil):
    native_lessons.fail_allocation(3)

    with pytest.raises(MemoryError):
        refrace.lost_append(4, 1000, gil, locked=True)

    assert native_lessons.live_allocations() == 0


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        ({"threads": 0}, refrace.InvalidArgument, "threads=0 .* from 1 to 64"),
        ({"threads": 65}, refrace.InvalidArgument, "threads=65 .* from 1 to 64"),
        ({"threads": "2"}, refrace.InvalidArgumentType, "threads='2' is a str"),
        ({"appends": 0}, refrace.InvalidArgument, "appends=0 .* from 1 to 1,000,000"),
        ({"appends": 10**6 + 1}, refrace.InvalidArgument, "appends=1000001"),
        ({"appends": 1.5}, refrace.InvalidArgumentType, "appends=1.5 is a float"),
        ({"gil": "hold"}, refrace.InvalidArgument, "did you mean 'held'"),
        ({"gil": True}, refrace.InvalidArgumentType, "gil=True is a bool"),
        ({"locked": 1}, refrace.InvalidArgumentType, "locked=1 is an int"),
        ({"seed": -1}, refrace.InvalidArgument, "seed=-1"),
        ({"seed": 2**64}, refrace.InvalidArgument, "seed=18446744073709551616"),
        ({"seed": "x"}, refrace.InvalidArgumentType, "seed='x' is a str"),
    ],
    ids=lambda part: str(part) if isinstance(part, dict) else "",
)
def test_a_wrong_argument_is_refused_with_its_value_and_the_cure(wrong, error, says):
    with pytest.raises(error, match=says):
        refrace.lost_append(**wrong)
