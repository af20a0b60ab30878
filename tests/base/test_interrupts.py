"""No interrupt is lost: not in a callback, and not while something ends."""

import signal
import sys
import weakref

import pytest

from refrace import modes
from refrace._base.interrupts import completed, redelivered
from refrace.cli import main


class Referent:
    """Can be referred to weakly."""


class Finalised:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)


def die_with_a_callback():
    referent = Referent()
    reference = weakref.ref(referent, lambda _: signal.raise_signal(signal.SIGINT))
    del referent
    return reference


def die_with_a_finaliser():
    Finalised()


DEATHS = [die_with_a_callback, die_with_a_finaliser]


def some_time():
    """Give the interpreter many places in which it looks for signals."""
    for _ in range(1000):
        pass


def redelivered_after(death):
    with redelivered():
        death()
        some_time()


@pytest.mark.parametrize("death", DEATHS)
def test_python_alone_loses_an_interrupt_in_a_callback(death, monkeypatch):
    lost = []
    monkeypatch.setattr(sys, "unraisablehook", lambda one: lost.append(one.exc_type))

    death()
    some_time()

    assert lost == [KeyboardInterrupt]


@pytest.mark.parametrize("death", DEATHS)
def test_an_interrupt_in_a_callback_is_delivered_again(death):
    with pytest.raises(KeyboardInterrupt):
        redelivered_after(death)


def test_other_failures_of_callbacks_go_where_they_went(monkeypatch):
    seen = []

    def hook(failure):
        seen.append(failure.exc_type)

    monkeypatch.setattr(sys, "unraisablehook", hook)
    referent = Referent()
    reference = weakref.ref(referent, lambda _: 1 // 0)

    with redelivered():
        del referent

    assert seen == [ZeroDivisionError]
    assert sys.unraisablehook is hook
    assert reference() is None


def test_a_command_interrupted_in_a_callback_says_so(monkeypatch, capsys):
    def interrupted_modes():
        die_with_a_callback()
        some_time()
        return modes()

    monkeypatch.setattr("refrace.catalogue.mode.modes", interrupted_modes)

    assert main(["unlocked"]) == 3  # its suggestion looks at the modes
    assert "interrupted" in capsys.readouterr().err


def test_work_that_ends_is_completed_before_the_interrupt_is_raised():
    steps = []

    def end():
        steps.append("begun")
        if len(steps) == 1:
            signal.raise_signal(signal.SIGINT)
            some_time()
        steps.append("ended")

    with pytest.raises(KeyboardInterrupt):
        completed(end)

    assert steps == ["begun", "begun", "ended"]


def test_work_without_an_interrupt_has_its_result():
    assert completed(lambda: 3) == 3
