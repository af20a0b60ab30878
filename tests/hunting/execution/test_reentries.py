"""What hooks and callbacks call, and how long its arguments live."""

import sys

from refrace.canaries import harness
from refrace.hunting.execution import run_program
from refrace.subjects import Callback, Subject, operation

sys.path.insert(0, __file__.rpartition("/")[0])
from subjects_to_run import PLAIN, program


def test_in_every_other_round_only_the_subject_refers_to_what_was_called_with():
    states = []

    class Hub:
        def setup(self):
            self.listeners = []

        @operation
        def add(self, listener):
            self.numbers = [harness.number(listener)]
            self.listeners.append(listener)

        @operation
        def remove(self, listener):
            self.listeners.remove(listener)

        @operation
        def emit(self, callback):
            callback()
            states.append(harness.record(self.numbers[0]).state)

    which = program(
        [("add", 0), ("emit", Callback("reenter"))],
        reentries=[("remove", 0)],
        canaries=[PLAIN],
    )
    run_program(Subject.of(Hub), which, rounds=4, seconds=600.0)

    assert states[:2] == states[2:4]
    assert sorted(states[:2]) == ["dead", "live"]


def test_in_the_other_rounds_each_callback_calls_with_the_same_arguments():
    made = []

    class Counter:
        def setup(self):
            made.append(0)

        @operation
        def count(self, item):
            made[-1] += 1

        @operation
        def call(self, callback):
            callback()
            callback()

    which = program(
        [("call", Callback("reenter"))], reentries=[("count", 0)], canaries=[PLAIN]
    )
    run_program(Subject.of(Counter), which, rounds=4, seconds=600.0)

    assert made[:2] == made[2:4]
    assert sorted(made[:2]) == [1, 2]


def test_with_one_round_it_is_the_first_way_in_some_programs_and_the_other_in_others():
    made = []

    class Counter:
        def setup(self):
            made.append(0)

        @operation
        def count(self, *items):
            made[-1] += 1

        @operation
        def call(self, callback):
            callback()
            callback()

    for also in range(12):
        which = program(
            [("call", Callback("reenter"))],
            reentries=[("count", 0, f"argument {also}")],
            canaries=[PLAIN],
        )
        run_program(Subject.of(Counter), which, rounds=1, seconds=600.0)

    assert set(made) == {1, 2}
