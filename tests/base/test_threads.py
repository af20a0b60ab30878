"""Threads of the verbs: all end before the call does, whatever interrupts it."""

import threading

import pytest

from refrace._base.threads import run_threads


def test_what_a_thread_raises_comes_out_after_all_have_ended():
    gate = threading.Event()
    ended = []

    def fail():
        raise ValueError("mine")

    def wait():
        gate.wait()
        ended.append(True)

    with pytest.raises(ValueError, match="mine"):
        run_threads([wait, fail], stop=gate.set)

    assert ended == [True]


def test_a_second_interrupt_while_threads_end_leaves_none_behind(monkeypatch):
    gate = threading.Event()
    finish = threading.Event()
    ended = []

    def work():
        gate.wait()
        finish.wait()
        ended.append(True)

    join = threading.Thread.join
    joins = []

    def interrupted_join(thread, timeout=None):
        joins.append(thread)
        if len(joins) == 1:
            raise KeyboardInterrupt
        finish.set()
        join(thread, timeout)

    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "join", interrupted_join)

    with pytest.raises(KeyboardInterrupt):
        run_threads([work, work], stop=gate.set, on_look=interrupt)

    assert ended == [True, True]


def test_an_interrupt_while_threads_start_ends_those_that_did(monkeypatch):
    gate = threading.Event()
    ended = []
    start = threading.Thread.start

    def interrupted_start(thread):
        start(thread)
        if thread.name == "refrace-1":
            raise KeyboardInterrupt

    def work():
        gate.wait()
        ended.append(True)

    monkeypatch.setattr(threading.Thread, "start", interrupted_start)

    with pytest.raises(KeyboardInterrupt):
        run_threads([work, work, work], stop=gate.set)

    assert ended == [True, True]
