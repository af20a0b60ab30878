"""A guarded canary: the next thread that touches it pauses; nothing else changes."""

import platform
import time
from threading import Thread

import pytest
from canaries.pointers import incref

from refrace._native import canary as native
from refrace.canaries import harness
from refrace.canaries.spec import CanarySpec

pytestmark = pytest.mark.skipif(
    not native.trap_is_supported(),
    reason=f"no faults to handle on {platform.machine()}",
)


def guarded(count=1, longest_ns=0):
    made = [harness.new(CanarySpec(), has_page=True) for _ in range(count)]
    numbers = [harness.number(one) for one in made]
    native.guard(numbers, longest_ns)
    return made, numbers


def test_it_counts_as_before_and_has_no_trap():
    (canary,), (number,) = guarded()
    more = [canary] * 3

    record = native.read(number)

    assert record.references == len(more) + 1
    assert record.traps == ()
    assert record.state == "live"


def test_the_thread_that_touches_it_pauses():
    made, numbers = guarded(20, longest_ns=5_000_000)
    began = time.perf_counter_ns()
    for number in numbers:
        incref(harness.address(number))

    # The pauses are even between 0 and the longest one; all of them are short never.
    assert time.perf_counter_ns() - began > 5_000_000
    assert [native.read(one).references for one in numbers] == [2] * 20
    assert len(made) == 20


def test_many_threads_may_touch_it_at_once():
    made, numbers = guarded(300)

    def copy():
        for one in made:
            many.append([one] * 2)

    many = []
    threads = [Thread(target=copy) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    many.clear()
    native.unguard(numbers)
    harness.quiesce()

    assert {native.read(one).references for one in numbers} == {1}


def test_it_can_die_and_its_memory_is_used_again():
    for _ in range(3):
        made, numbers = guarded(50)
        made.clear()

        assert {harness.record(one).state for one in numbers} == {"dead"}
        assert {harness.record(one).drift for one in numbers} == {0}
        native.guard(numbers, 0)  # too late: nothing
        harness.reset()
        assert harness.numbers() == []


def test_without_a_page_of_its_own_a_canary_has_no_guard():
    canary = harness.new(CanarySpec())
    tracked = harness.new(CanarySpec(tracked=True), has_page=True)
    numbers = [harness.number(canary), harness.number(tracked)]
    native.guard(numbers, 10**15)
    native.unguard(numbers)

    assert [native.read(one).references for one in numbers] == [1, 1]
