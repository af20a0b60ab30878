"""Objects in a forked child, whose parent was counting at that moment."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

import refrace

MODES = [mode.name for mode in refrace.modes()]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")


def count_anew(mode):
    """What a child may do: all that waits for other threads, or for their locks."""
    thing = refrace.Object(mode)
    thing.incref(5)
    thing.decref(5)
    with thing.detached():
        pass
    thing.quiesce()
    thing.collapse()
    assert (thing.ledger, thing.alive, thing.findings) == (1, True, ())


def ended_well(child):
    """In a forked child: do it, or be ended; in the parent: tell how that went."""
    process = os.fork()
    if process == 0:
        # Who waits for a lock in C hears of no signal handler: the signal must end it.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(120)
        code = 1
        try:
            child()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("mode", MODES)
def test_a_child_counts_while_a_thread_of_its_parent_was_inside(mode):
    thing, stopped = refrace.Object(mode), threading.Event()

    def count():
        while not stopped.is_set():
            thing.incref(100_000)
            thing.decref(100_000)

    def child():
        count_anew(mode)
        # What the parent has made can at least be put away.
        put_away.clear()

    put_away = [refrace.Object(mode)]
    thread = threading.Thread(target=count)
    thread.start()
    try:
        while thing.ledger == 1:
            time.sleep(0)
        assert ended_well(child)
    finally:
        stopped.set()
        thread.join()


LEAVES_BY_ITSELF = """
import os, signal, sys, threading, time
import refrace
thing, stopped = refrace.Object("epoch"), threading.Event()
def count():
    while not stopped.is_set():
        thing.incref(100_000)
def collapse():
    while not stopped.is_set():
        thing.collapse()
acts = count, count, collapse
threads = [threading.Thread(target=act, daemon=True) for act in acts]
for thread in threads:
    thread.start()
while thing.ledger == 1:
    time.sleep(0)
for _ in range(5):
    process = os.fork()
    if process == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(120)
        refrace.Object("epoch").collapse()
        sys.exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0
stopped.set()
for thread in threads:
    thread.join()
"""


def test_a_child_that_leaves_by_itself_waits_for_none_of_its_parents_threads():
    """It puts away what its parent has made, where threads wait that it has not got."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LEAVES_BY_ITSELF],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_forked_while_no_thread_counts_can_use_its_parents_objects():
    thing = refrace.Object("biased")

    def child():
        thing.incref()
        thing.decref(2)
        assert not thing.alive
        assert thing.findings == ()

    assert ended_well(child)
