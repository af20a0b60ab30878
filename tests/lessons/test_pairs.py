"""One thread against several: what is timed, how often, and what stops it."""

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refrace.lessons.parallelism_row import Pair
from refrace.lessons.timing import calibrate, measure_pairs, measure_run


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def step_of(self, seconds):
        def step():
            self.now += seconds

        return step


def test_a_run_is_timed_from_the_meeting_to_the_end_of_the_last_thread():
    wall, cpu = Clock(), Clock()
    one_at_a_time = threading.Lock()

    def step():
        with one_at_a_time:
            wall.now += 2.0
            cpu.now += 3.0

    assert measure_run([step, step], 5, wall=wall, cpu=cpu) == (20.0, 30.0)


def test_all_threads_are_inside_before_any_works():
    inside = threading.Barrier(3)

    def step():
        inside.wait(10)  # passes only with three threads here at the same time

    measure_run([step] * 3, 1)


def test_each_thread_does_the_amount_asked_for():
    done = [0, 0, 0]

    def step_of(number):
        def step():
            done[number] += 1

        return step

    measure_run([step_of(number) for number in range(3)], 7)

    assert done == [7, 7, 7]


def test_what_a_step_raises_ends_all_threads_and_reaches_the_caller():
    before = threading.active_count()

    def bad():
        raise LookupError("of the workload")

    with pytest.raises(LookupError, match="of the workload"):
        measure_run([bad, int], 1_000)

    assert threading.active_count() == before


def test_the_order_within_a_pair_changes_from_round_to_round():
    seen = []

    def run(steps, amount):
        seen.append(len(steps))
        return float(len(steps)), float(amount)

    pairs = list(measure_pairs([int] * 3, 7, 4, run=run))

    assert seen == [1, 3, 3, 1, 1, 3, 3, 1]
    assert pairs == [Pair(1.0, 7.0, 3.0, 7.0)] * 4


@settings(deadline=None)
@given(step_ms=st.floats(0.1, 100), run_ms=st.floats(1, 1000))
def test_the_amount_of_work_fills_the_time_asked_for(step_ms, run_ms):
    clock = Clock()

    amount = calibrate(clock.step_of(step_ms), run_ms, wall=clock)

    # Whole steps: half a step off at most, and never less than one.
    assert amount >= 1
    assert abs(amount * step_ms - run_ms) <= max(step_ms, 1e-6)


def test_work_that_takes_longer_than_asked_is_done_once():
    clock = Clock()

    assert calibrate(clock.step_of(3.0), 0.02, wall=clock) == 1
    assert clock.now == 3.0


def test_a_clock_too_coarse_to_see_one_step_still_gives_an_amount():
    exact = Clock()

    def coarse():
        return exact.now // 16 * 16

    # 16 steps are the first to be seen, and seen as 16 seconds.
    assert calibrate(exact.step_of(1.0), 64.0, wall=coarse) == 64
