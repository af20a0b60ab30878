"""Generated schedules: each is a run of its program, and all of them can be drawn."""

import random

import pytest
from hypothesis import HealthCheck, assume, find, given, settings
from hypothesis import strategies as st

import refrace
from refrace import strategies

FIXED = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TWO_DROPS = "hold T1.x = A\nhold T2.x = A\nT1: decref x\nT2: decref x"


@settings(FIXED, max_examples=40)
@given(
    strategies.programs(max_threads=2, max_length=3),
    strategies.modes(),
    st.sampled_from(["released", "held"]),
    st.data(),
)
def test_a_schedule_is_a_run_that_replays_and_is_predicted(program, mode, gil, data):
    assume(refrace.mode(mode).has_operations_of(program))
    run = data.draw(strategies.schedules(program, mode, gil, max_steps=60))

    assert refrace.replay(run) == run
    explored = refrace.explore(program, mode, gil, max_states=20_000)
    is_known = explored.verdict != "unfinished"
    if run.is_whole and is_known and run.finding is not None:
        kinds = {run.finding.kind, *(other.kind for other in run.others)}
        assert frozenset(kinds) in explored.outcomes


def test_all_schedules_of_a_small_program_are_drawn():
    """Two threads of a load and a store: 4!/(2! 2!) = 6 orders."""
    seen = set()

    @settings(FIXED, max_examples=200)
    @given(strategies.schedules(TWO_DROPS, "unlocked"))
    def collect(run):
        # The thread that destroys the object also frees it, in one more step.
        seen.add(run.schedule[:4])

    collect()

    assert len(seen) == 6


def test_the_simplest_schedule_lets_one_thread_after_the_other_run():
    simplest = find(strategies.schedules(TWO_DROPS, "unlocked"), lambda run: True)

    assert simplest.schedule == ("T1", "T1", "T2", "T2", "T2")
    assert simplest.preemptions == 0


def test_a_finding_shrinks_to_its_fewest_preemptions():
    smallest = refrace.explore(TWO_DROPS, "unlocked").counterexample()

    found = find(
        strategies.schedules(TWO_DROPS, "unlocked"),
        lambda run: run.finding is not None,
        random=random.Random(0),
        settings=settings(FIXED, derandomize=False),
    )

    assert found.preemptions == smallest.preemptions == 1


def test_a_run_is_cut_after_the_steps_allowed():
    cut = find(strategies.schedules(TWO_DROPS, max_steps=1), lambda run: True)

    assert len(cut.steps) == 1
    assert not cut.is_whole


def test_a_program_that_breaks_a_rule_says_so():
    with pytest.raises(refrace.InvalidProgram, match="does not hold"):
        find(strategies.schedules("lock L\nT1: unlock L"), lambda run: True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("T1: use x",), "x"),
        ((TWO_DROPS, "atomc"), "did you mean 'atomic'"),
        ((TWO_DROPS, "atomic", "half"), "gil='half'"),
    ],
)
def test_a_wrong_argument_is_refused_before_anything_is_drawn(arguments, says):
    with pytest.raises(refrace.RefraceError, match=says):
        strategies.schedules(*arguments)
