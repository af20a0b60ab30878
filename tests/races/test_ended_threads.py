"""Waiting for threads that have ended to settle what they counted."""

import sys
import threading

import pytest

import refrace

SETTLING = [mode.name for mode in refrace.modes() if mode.settles]


class Counting(threading.Thread):
    """A thread that counts an object once and then stays until it is let go."""

    def __init__(self, thing):
        super().__init__()
        self.thing = thing
        self.counted, self.let_go = threading.Event(), threading.Event()

    def run(self):
        self.thing.incref()
        self.counted.set()
        self.let_go.wait()


@pytest.fixture
def counting():
    thread = Counting(refrace.Object("deferred"))
    thread.start()
    thread.counted.wait()
    yield thread
    thread.let_go.set()
    thread.join()


def seem_ended(thread, monkeypatch):
    """Make a thread look as one whose Python code has ended, and nothing else yet."""
    frames = sys._current_frames

    def without():
        return {ident: f for ident, f in frames().items() if ident != thread.ident}

    monkeypatch.setattr(sys, "_current_frames", without)


@pytest.mark.parametrize("mode", SETTLING)
def test_after_the_wait_an_ended_thread_has_settled_all_it_counted(mode):
    for _ in range(100):
        thing = refrace.Object(mode)
        thread = threading.Thread(target=thing.incref, args=(3,))
        thread.start()
        thread.join()

        assert thing.wait_for_ended_threads()

        thing.decref(4)
        thing.quiesce()
        thing.collapse()
        assert not thing.alive
        assert thing.findings == ()


def test_a_running_thread_is_not_waited_for(counting):
    assert counting.thing.wait_for_ended_threads(60)


def test_a_thread_that_has_not_settled_is_waited_for_no_longer_than_asked(
    counting, monkeypatch
):
    seem_ended(counting, monkeypatch)

    assert not counting.thing.wait_for_ended_threads(0.01)
    assert not counting.thing.wait_for_ended_threads(0)


def test_the_wait_ends_when_the_thread_settles(counting, monkeypatch):
    seem_ended(counting, monkeypatch)
    looks = []

    def let_go_at_the_third_look(_):
        looks.append(True)
        if len(looks) == 3:
            counting.let_go.set()
            counting.join()

    monkeypatch.setattr(
        "refrace.races.ended_threads.time.sleep", let_go_at_the_third_look
    )

    assert counting.thing.wait_for_ended_threads(60)
    assert len(looks) >= 3


def test_a_wait_can_be_interrupted(counting, monkeypatch):
    seem_ended(counting, monkeypatch)

    def press(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("refrace.races.ended_threads.time.sleep", press)

    with pytest.raises(KeyboardInterrupt):
        counting.thing.wait_for_ended_threads(60)


def test_where_nothing_is_put_off_there_is_nothing_to_wait_for():
    assert refrace.Object("unlocked").wait_for_ended_threads(0)


@pytest.mark.parametrize("timeout", [-1, float("nan"), 1e7, "1", None])
def test_a_wrong_timeout_is_refused(timeout):
    thing = refrace.Object("deferred")

    with pytest.raises(refrace.RefraceError, match="timeout"):
        thing.wait_for_ended_threads(timeout)
