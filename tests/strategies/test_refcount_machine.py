"""Stateful tests with canaries: each bug fails, and correct code never does."""

import pytest
from hypothesis import settings
from hypothesis.stateful import rule, run_state_machine_as_test

import refrace
from refrace._native.planted import Planted
from refrace.strategies import RefcountMachine

pytestmark = pytest.mark.usefixtures("quick_collections")

FEW = settings(max_examples=30, stateful_step_count=8, database=None, deadline=None)


def machine(operation, buggy):
    """A machine that calls one operation of the planted extension."""

    class Machine(RefcountMachine):
        def __init__(self):
            super().__init__()
            self.planted = Planted(buggy)
            self.items = []

        @rule()
        def call(self):
            getattr(self.planted, operation)(self.canary())

        @rule()
        def keep(self):
            self.items.append(self.canary())

        @rule()
        def forget(self):
            self.items.clear()

    return Machine


@pytest.mark.parametrize(
    ("operation", "words"),
    [("leak", "1 reference too many"), ("drop", "died although|1 reference too few")],
)
def test_a_miscount_fails_at_the_end_of_the_run(operation, words):
    with pytest.raises(AssertionError, match=words):
        run_state_machine_as_test(machine(operation, True), settings=FEW)


@pytest.mark.parametrize("operation", ["leak", "drop"])
def test_correct_code_passes(operation):
    run_state_machine_as_test(machine(operation, False), settings=FEW)


def test_a_rule_that_raises_is_reported_as_what_it_raised():
    class Raises(RefcountMachine):
        @rule()
        def call(self):
            kept = self.canary()
            raise ValueError(f"with {kept!r} alive")

    with pytest.raises(ValueError, match="alive"):
        run_state_machine_as_test(Raises, settings=FEW)


@pytest.mark.parametrize("supports", [{"no such protocol"}, 3])
def test_unknown_protocols_are_refused(supports):
    class Asks(RefcountMachine):
        @rule()
        def call(self):
            self.canary(supports)

    with pytest.raises(refrace.RefraceError, match="supports="):
        run_state_machine_as_test(Asks, settings=FEW)
