"""Search for corruption with Hypothesis; run this file with python or pytest."""

from hypothesis import find, given, settings

import refrace
from refrace import strategies

# In the programs of this strategy, each thread holds a reference to each object that it
# touches, so they have no findings in a mode that counts correctly.
programs = strategies.programs(max_threads=2, max_length=2, clean=True)


@settings(max_examples=25, deadline=None)
@given(program=programs, mode=strategies.modes("correct", count_word=True))
def test_no_schedule_of_any_program_corrupts_a_correct_mode(program, mode):
    refrace.explore(program, mode).raise_unless_proved()


def is_corrupt(program):
    return refrace.explore(program, "unlocked").verdict == "corrupt"


def smallest_program_that_corrupts_unlocked():
    """Let Hypothesis find a program that corrupts `unlocked`, and shrink it."""
    return find(programs, is_corrupt, settings=settings(deadline=None, database=None))


def test_the_smallest_program_that_corrupts_unlocked_has_two_threads_that_drop():
    program = smallest_program_that_corrupts_unlocked()

    found = refrace.explore(program, "unlocked")
    assert str(program).split("\n", 2)[2] == "T1:\n  decref x\nT2:\n  decref x"
    assert {finding.kind for finding in found.findings} == {"leak"}


if __name__ == "__main__":
    test_no_schedule_of_any_program_corrupts_a_correct_mode()
    print("25 programs in correct modes: every schedule explored, no findings.\n")

    program = smallest_program_that_corrupts_unlocked()
    print("The smallest program that corrupts `unlocked`, and its smallest run:\n")
    print(refrace.explore(program, "unlocked").counterexample())
