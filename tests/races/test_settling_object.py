"""What an object puts off: to quiescent points, ends of threads, a collapse."""

import gc
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import refrace
from refrace._native import objects as native_objects

EPOCH = [mode.name for mode in refrace.modes()].index("epoch")


def elsewhere(act, *arguments):
    """Run on another thread, and wait for it."""
    thread = threading.Thread(target=act, args=arguments)
    thread.start()
    thread.join()


def test_an_object_that_another_thread_drops_last_waits_for_its_owner():
    thing = refrace.Object("biased")

    elsewhere(thing.decref)

    assert thing.alive
    assert thing.waiting
    assert (thing.refcount, thing.ledger) == (1, 0)
    assert "waiting for its owner" in repr(thing)
    assert thing.findings == ()
    assert thing.quiesce() == 1
    assert not thing.alive
    assert not thing.waiting
    assert thing.findings == ()
    assert thing.quiesce() == 0


def test_a_quiescent_point_of_another_thread_settles_nothing_of_mine():
    thing = refrace.Object("biased")
    elsewhere(thing.decref)

    elsewhere(thing.quiesce)

    assert thing.waiting
    assert thing.quiesce() == 1


def test_an_object_that_is_dropped_while_it_waits_is_no_longer_waited_for():
    thing, other = refrace.Object("biased"), refrace.Object("biased")
    elsewhere(thing.decref)
    elsewhere(other.decref)

    del thing
    gc.collect()

    assert other.quiesce() == 1
    assert not other.alive


@pytest.mark.parametrize("mode", [m.name for m in refrace.modes() if not m.settles])
def test_where_nothing_is_put_off_nothing_waits(mode):
    thing = refrace.Object(mode)

    assert thing.quiesce() == 0
    elsewhere(thing.decref)
    assert not thing.waiting
    assert not thing.alive


def test_a_closed_object_is_at_no_quiescent_point():
    thing = refrace.Object("biased")
    thing.close()

    with pytest.raises(refrace.ObjectClosed, match="quiesce"):
        thing.quiesce()


CROWD = """
import threading
import refrace
from refrace._native import objects as native_objects

thing = refrace.Object("biased")
everybody = threading.Barrier(native_objects.MAX_THREAD_SLOTS)
refused = []

def take():
    try:
        thing.incref()
    except refrace.LimitReached as error:
        refused.append(str(error))
    everybody.wait()  # a number is free again once its thread has ended

most = native_objects.MAX_THREAD_SLOTS
threads = [threading.Thread(target=take) for _ in range(most)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

(message,) = refused  # with this thread, there is one too many
assert f"has {native_objects.MAX_THREAD_SLOTS} numbers" in message
assert thing.refcount == thing.ledger == native_objects.MAX_THREAD_SLOTS
assert thing.findings == ()
"""


def test_more_threads_than_the_mode_can_tell_apart_are_refused_and_change_nothing():
    """In a process of its own, whose threads have no numbers yet."""
    subprocess.run([sys.executable, "-c", CROWD], check=True, timeout=300)


@pytest.mark.parametrize("mode", ["per_thread", "epoch"])
def test_a_collapse_frees_unreferenced_objects_of_all_threads(mode):
    thing = refrace.Object(mode)
    elsewhere(thing.incref)
    thing.decref(2)

    assert (thing.refcount, thing.alive, thing.waiting) == (0, True, True)
    assert thing.collapse() == 1
    assert (thing.refcount, thing.alive, thing.waiting) == (0, False, False)
    assert thing.findings == ()
    assert thing.collapse() == 0


def test_a_collapse_keeps_objects_that_are_still_held():
    thing = refrace.Object("per_thread")
    elsewhere(thing.incref)
    thing.decref()

    assert thing.collapse() == 1
    assert (thing.refcount, thing.alive) == (1, True)


def test_a_collapse_sees_to_every_object_of_the_mode():
    things = [refrace.Object("per_thread") for _ in range(3)]
    for thing in things:
        thing.decref()

    assert things[0].collapse() == 3
    assert not any(thing.alive for thing in things)


def test_what_is_deferred_waits_for_every_thread_that_has_counted():
    with ThreadPoolExecutor(1) as other:
        thing = refrace.Object("deferred")
        other.submit(thing.incref).result()
        thing.decref(2)

        assert (thing.refcount, thing.waiting) == (0, True)
        assert thing.quiesce() == 1
        assert thing.alive
        assert other.submit(thing.quiesce).result() == 1
        assert not thing.alive


def test_an_epoch_passes_when_every_thread_has_come_by():
    """In a domain of its own: threads of other tests would be waited for too."""
    thing = native_objects.Handle(EPOCH, native_objects.Domain(), False)
    with ThreadPoolExecutor(1) as other:
        other.submit(thing.incref, 1, True, False).result()
        thing.decref(2, True, False)
        for _ in range(2):
            thing.quiesce()
            assert thing.read().deaths == 0
            other.submit(thing.quiesce).result()
        assert thing.quiesce() > 0

    assert thing.read().deaths == 1


@pytest.mark.parametrize("mode", ["atomic", "biased", "deferred"])
def test_where_nothing_is_added_up_a_collapse_does_nothing(mode):
    assert refrace.Object(mode).collapse() == 0


def test_a_closed_object_takes_part_in_no_collapse():
    thing = refrace.Object("per_thread")
    thing.close()

    with pytest.raises(refrace.ObjectClosed, match="collapse"):
        thing.collapse()


def test_a_thread_that_ends_settles_what_it_has_put_off():
    """When the system's thread ends, which may be after Python has joined it."""
    thing = refrace.Object("deferred")
    for _ in range(3):
        elsewhere(thing.incref)
    thing.decref(4)
    thing.quiesce()

    while thing.alive:
        os.sched_yield()
    assert thing.findings == ()
