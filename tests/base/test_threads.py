"""Threads of the verbs: all end before the call does, whatever interrupts it."""

import ctypes
import os
import signal
import sys
import threading

import pytest

import refrace
from refrace._base.threads import run_threads

GIL_SETTINGS = (
    ["released", "held"] if refrace.Environment.current().gil_enabled else ["released"]
)
TWO_DROPS = "hold T1.x = A\nhold T2.x = A\nT1: decref x\nT2: decref x"


def own_threads():
    return [t for t in threading.enumerate() if t.name.startswith("refrace-")]


def press_ctrl_c():
    signal.raise_signal(signal.SIGINT)


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
    assert own_threads() == []


def test_further_interrupts_while_threads_end_leave_none_behind():
    gate, finish = threading.Event(), threading.Event()
    ended = []

    def work():
        gate.wait()
        press_ctrl_c()
        finish.wait()
        press_ctrl_c()
        ended.append(True)

    def stop():
        press_ctrl_c()
        gate.set()
        press_ctrl_c()
        finish.set()

    with pytest.raises(KeyboardInterrupt):
        run_threads([work, work], stop=stop, on_look=press_ctrl_c)

    assert ended == [True, True]
    assert own_threads() == []


def test_an_interrupt_while_threads_start_ends_those_that_did(monkeypatch):
    gate = threading.Event()
    main = threading.main_thread()
    begun, ended = [], []
    start = threading.Thread.start

    def interrupted_start(thread):
        start(thread)
        if thread.name == "refrace-1":
            signal.pthread_kill(main.ident, signal.SIGINT)
            gate.wait()  # which the interrupt opens: no thread is started until then

    def work():
        begun.append(True)
        gate.wait()
        ended.append(True)

    def heard(*_):
        gate.set()
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "start", interrupted_start)
    usual = signal.signal(signal.SIGINT, heard)
    try:
        with pytest.raises(KeyboardInterrupt):
            run_threads([work, work, work], stop=gate.set)
    finally:
        signal.signal(signal.SIGINT, usual)

    assert len(ended) == len(begun) <= 3
    assert own_threads() == []


def test_a_handler_that_raises_nothing_stops_nothing():
    heard, gate = [], threading.Event()

    def look():
        if heard:
            gate.set()
        press_ctrl_c()

    usual = signal.signal(signal.SIGINT, lambda *_: heard.append(True))
    try:
        run_threads(
            [gate.wait], stop=lambda: pytest.fail("it was stopped"), on_look=look
        )
    finally:
        signal.signal(signal.SIGINT, usual)

    assert heard


def test_an_asynchronous_exception_stops_the_threads():
    gate = threading.Event()
    caller = threading.get_ident()

    class Cancelled(BaseException):
        pass

    def work():
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(caller), ctypes.py_object(Cancelled)
        )
        gate.wait()

    with pytest.raises(Cancelled):
        run_threads([work], stop=gate.set)

    assert own_threads() == []


@pytest.mark.parametrize("install", ["setprofile", "settrace"])
def test_a_thread_that_a_hook_kills_is_reported(install, monkeypatch):
    def hook(*_):
        raise ValueError("mine")

    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    getattr(threading, install)(hook)
    try:
        with pytest.raises(refrace.EnvironmentUnfit, match=r"thread \d of 2 died"):
            refrace.race("atomic", objects=10**9)
    finally:
        getattr(threading, install)(None)

    assert own_threads() == []


def test_a_thread_that_is_refused_is_reported_and_ends_the_others(monkeypatch):
    start = threading.Thread.start

    def refuse(thread):
        if thread.name == "refrace-2":
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)

    with pytest.raises(refrace.EnvironmentUnfit, match="thread 3 of 4 could not"):
        refrace.race("atomic", threads=4, objects=10**9)

    assert own_threads() == []


def test_the_first_thread_can_be_refused_too(monkeypatch):
    def refuse(*_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("refrace._native.thread_group.start_new_thread", refuse)

    with pytest.raises(refrace.EnvironmentUnfit, match="thread 1 of 2 could not"):
        refrace.race("atomic")


def test_a_stop_that_raises_is_called_again():
    gate = threading.Event()
    calls = []

    def stop():
        calls.append(True)
        if len(calls) < 3:
            raise ValueError("not yet")
        gate.set()

    with pytest.raises(KeyboardInterrupt):
        run_threads([gate.wait], stop=stop, on_look=press_ctrl_c)

    assert len(calls) == 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_that_is_forked_meanwhile_does_not_wait_for_the_parents_threads():
    children = []

    def fork(done, total):
        if not children:
            children.append(os.fork())
            if children[0] == 0:
                signal.signal(signal.SIGALRM, signal.SIG_DFL)
                signal.alarm(120)
        else:
            raise KeyboardInterrupt

    try:
        refrace.race("atomic", objects=10**9, progress=fork)
    except refrace.EnvironmentUnfit as error:  # in the child
        os._exit(0 if "was forked" in str(error) else 1)
    except refrace.Interrupted:  # in the parent
        if children[0] == 0:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(children[0], 0)[1]) == 0
    assert own_threads() == []


CALLS = {
    "race": lambda: refrace.race("unlocked", objects=20),
    "program": lambda: refrace.race("unlocked", program=TWO_DROPS, rounds=5),
    "append": lambda: refrace.lost_append(appends=5),
    "deadlock": refrace.deadlock,
    "compare": lambda: refrace.compare(["object_lock"], [2], rounds=1),
    "parallelism": lambda: refrace.parallelism("sleep", rounds=1, run_s=0.001),
}
if "held" in GIL_SETTINGS:
    CALLS["race, held"] = lambda: refrace.race("unlocked", objects=20, gil="held")


def interrupted_at(call, wanted):
    """Raise KeyboardInterrupt at line `wanted` that a call runs in this thread.

    Returns whether the call has so many lines.
    """
    seen = 0

    def trace(frame, event, _):
        nonlocal seen
        if event == "line" and "refrace" in frame.f_code.co_filename:
            seen += 1
            if seen == wanted:
                raise KeyboardInterrupt
        return trace

    usual = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(usual)
    return seen >= wanted


@pytest.mark.parametrize("name", CALLS)
def test_an_interrupt_at_any_line_leaves_no_thread_behind(name):
    call = CALLS[name]
    call()  # what is imported at first use has been
    number = 1
    while interrupted_at(call, number):
        assert own_threads() == [], f"interrupted at line {number}"
        number += max(1, number // 25)  # all the first lines, then some of the others
    assert number > 20
