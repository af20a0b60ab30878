"""The mode counts correctly: on generated programs, and on real threads."""

from hypothesis import given, settings

import refrace

PROGRAMS = refrace.strategies.programs(max_threads=2, max_length=2, clean=True)
HYBRID = refrace.mode("hybrid")


@settings(max_examples=20, deadline=None)
@given(PROGRAMS.filter(HYBRID.has_operations_of))
def test_no_schedule_of_a_clean_program_corrupts_it(program):
    refrace.explore(program, HYBRID).raise_unless_proved()


def test_an_object_that_becomes_shared_while_a_program_runs_is_counted_atomically():
    program = """
    slot S = null
    T1: x = new A ; incref x ; S = x ; decref x
    T2: await S ; y = swap S null ; decref y
    """

    refrace.explore(program, HYBRID).raise_unless_proved()


def test_real_threads_lose_nothing():
    report = refrace.race(HYBRID, objects=100)

    assert report.intact == report.objects
