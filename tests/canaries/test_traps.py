"""A trapped canary: the first access of any kind after its death is recorded."""

import os
import platform
import signal
import subprocess
import sys
import threading
from pathlib import Path
from threading import get_ident

import pytest
from canaries.pointers import decref, incref, object_at, read_type

from refrace import Canary, InvalidArgument, LimitReached
from refrace._native import canary as native
from refrace.canaries import harness
from refrace.canaries.spec import CanarySpec

pytestmark = pytest.mark.skipif(
    not native.trap_is_supported(), reason=f"no traps on {platform.machine()}"
)


def dead():
    number = harness.hold(Canary(trap=True))
    harness.release(number)
    assert harness.record(number).traps == ()
    return number, harness.address(number)


def test_a_balanced_pair_on_a_dead_canary_is_seen():
    number, address = dead()
    incref(address)
    decref(address)

    record = harness.record(number)

    assert record.drift == 0
    assert len(record.traps) == 1
    assert record.toucher == get_ident()


def test_reading_the_type_of_a_dead_canary_is_seen_although_no_count_changes():
    number, address = dead()
    read_type(address)

    record = harness.record(number)

    assert (len(record.traps), record.drift, record.dead_touches) == (1, 0, 0)


def test_the_instruction_is_one_of_the_function_that_touched_it():
    number, address = dead()
    incref(address)
    (instruction,) = harness.record(number).traps
    mapped = Path("/proc/self/maps").read_text().splitlines()
    code = [line.split()[0].split("-") for line in mapped if " r-xp " in line]
    ranges = [[int(end, 16) for end in ends] for ends in code]

    assert any(low <= instruction < high for low, high in ranges)


def test_only_the_first_access_is_a_trap_and_later_ones_are_counted_as_always():
    number, address = dead()
    incref(address)
    incref(address)
    repr(object_at(address))

    record = harness.record(number)

    assert len(record.traps) == 1
    assert record.drift == 2
    assert record.first_dead_slot == "repr"


def test_a_living_trapped_canary_is_like_any_other():
    canary = Canary(trap=True, value=3)

    assert {canary: 1}[canary] == 1
    assert canary.state == "live"
    assert harness.record(harness.number(canary)).traps == ()


def test_threads_trap_one_by_one():
    numbers = [dead() for _ in range(4)]
    threads = [threading.Thread(target=incref, args=[where]) for _, where in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [len(harness.record(number).traps) for number, _ in numbers] == [1] * 4


def test_a_page_is_open_again_for_the_next_canary():
    number, address = dead()
    harness.reset()
    second = Canary(trap=True)

    assert harness.address(harness.number(second)) == address
    assert harness.number(second) == number
    assert repr(second) == "Canary(supports={'eq', 'hash'}, trap=True)"


def test_a_tracked_canary_cannot_be_trapped():
    with pytest.raises(InvalidArgument, match="leave out one of them"):
        CanarySpec(tracked=True, trap=True)


def test_there_is_a_limit_of_trapped_canaries():
    """Trapped canaries of other tests that had findings count: they keep their page."""
    kept, most = [], native.LIMITS["trapped"]

    def make_all():
        while len(kept) <= most:
            kept.append(Canary(trap=True))

    with pytest.raises(LimitReached, match=r"16,384 trapped canaries"):
        make_all()

    assert most - 1000 < len(kept) <= most
    assert Canary().state == "live"


PROGRAM = """
import ctypes, faulthandler, signal
from refrace import Canary
from refrace.canaries import harness
{before}
number = harness.number(Canary(trap=True))
{after}
harness.number(Canary(trap=True))
ctypes.pythonapi.Py_IncRef.argtypes = [ctypes.c_void_p]
ctypes.pythonapi.Py_IncRef(harness.address(number))
print(len(harness.record(number).traps), flush=True)
{last}
"""


def run(before="", after="", last="ctypes.string_at(8)"):
    return subprocess.run(
        [sys.executable, "-c", PROGRAM.format(before=before, after=after, last=last)],
        capture_output=True,
        text=True,
        timeout=300,
    )


# A sanitizer has a handler of its own, which prints its report and exits.
without_sanitizer = pytest.mark.skipif(
    "libasan" in os.environ.get("LD_PRELOAD", ""), reason="runs under a sanitizer"
)


@without_sanitizer
@pytest.mark.parametrize("place", ["before", "after", "neither"])
def test_a_fault_other_than_a_trap_prints_the_stack_once_and_ends_the_process(place):
    done = run(**{place: "faulthandler.enable()"} if place != "neither" else {})

    assert done.stdout == "1\n"
    assert done.returncode == -signal.SIGSEGV
    assert done.stderr.count("Fatal Python error: Segmentation fault") == 1


@without_sanitizer
def test_without_a_handler_underneath_a_foreign_fault_still_ends_the_process():
    done = run(last="faulthandler.disable(); ctypes.string_at(8)")

    assert done.stdout == "1\n"
    assert done.returncode == -signal.SIGSEGV


@without_sanitizer
def test_a_signal_that_another_process_sends_is_not_a_trap():
    done = run(last="signal.raise_signal(signal.SIGSEGV)")

    assert done.returncode == -signal.SIGSEGV
