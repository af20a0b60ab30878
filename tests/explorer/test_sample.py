"""Samples: how often, how sure, what PCT promises, and small traces."""

from fractions import Fraction

import pytest
from explorer.programs import (
    BORROWED_GETTER,
    LATE_WRITE,
    MANY_STATES,
    ONE_SHOT,
    SHARED_DECREF,
    SPINNING,
)

import refrace

STRATEGIES = ["uniform", "pct"]


def sampled(program=SHARED_DECREF, mode="unlocked", **options):
    return refrace.sample(program, mode, **{"runs": 2000, "seed": 7, **options})


def sizes(result):
    return [
        (trace.finding.kind, trace.preemptions, len(trace.steps))
        for trace in result.traces
    ]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_sample_finds_what_exploring_finds(strategy):
    sample = sampled(strategy=strategy)

    explored = refrace.explore(SHARED_DECREF, "unlocked")
    assert sizes(sample) == sizes(explored)  # made as small as they can be
    assert set(sample.outcomes) == set(explored.outcomes)
    assert sum(outcome.runs for outcome in sample.outcomes.values()) == sample.runs
    assert sample.corrupt_runs == sample.outcomes[frozenset({"leak"})].runs


def test_uniform_shares_are_those_that_exploring_predicts():
    """One leak in two, exactly; 20,000 runs lie within 5 standard deviations."""
    sample = sampled(runs=20_000)

    leaks = sample.outcomes[frozenset({"leak"})].runs
    assert abs(leaks - 10_000) < 5 * (20_000 / 4) ** 0.5


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_same_seed_gives_the_same_sample(strategy):
    one, other = (
        sampled(BORROWED_GETTER, strategy=strategy).replace(elapsed_s=0.0)
        for _ in range(2)
    )

    assert one == other


def test_a_seed_of_its_own_is_reported_and_used_again():
    one = refrace.sample(BORROWED_GETTER, "unlocked", runs=500)
    other = refrace.sample(BORROWED_GETTER, "unlocked", runs=500, seed=one.seed)

    assert one.outcomes == other.outcomes


def test_nothing_found_is_no_proof_and_has_a_bound():
    sample = sampled(mode="atomic", runs=1000)

    assert sample.findings == ()
    assert not sample.is_conclusive
    assert sample.bound == pytest.approx(1 - 0.05 ** (1 / 1000))
    text = str(sample)
    assert text.startswith("atomic: nothing found in 1,000 sampled runs, which is no")
    assert "below 0.00299" in text
    assert "safe" not in text


def test_what_was_found_bounds_the_probability_from_above_too():
    sample = sampled()

    assert 0.5 < sample.bound < 0.56


def test_the_guarantee_of_pct_is_the_one_of_its_authors():
    """1/(n k^(d-1)): two threads, and three steps at most, one of them a free."""
    sample = sampled(mode="atomic", strategy="pct", depth=3)

    assert (sample.threads, sample.horizon, sample.depth) == (2, 3, 3)
    assert sample.guarantee == Fraction(1, 2 * 3**2)
    text = " ".join(str(sample).split())
    assert "n = 2 threads" in text
    assert "k = 3 steps" in text


def test_store_buffers_have_priorities_of_their_own():
    assert sampled(LATE_WRITE, "atomic", strategy="pct").threads == 4


def test_a_uniform_sample_has_no_guarantee():
    sample = sampled()

    assert (sample.guarantee, sample.horizon) == (None, None)


def test_runs_that_are_cut_off_are_counted_and_held_against_the_bound():
    program = SPINNING.replace("T2: N = 1", "")

    sample = sampled(program, "atomic", runs=50, max_steps=20)

    assert (sample.too_long, sample.runs) == (50, 50)
    assert sample.bound == 1.0
    assert "50 runs were cut off after 20 steps" in str(sample)


def test_a_sample_ends_in_time_and_says_so():
    sample = sampled(MANY_STATES, "atomic", runs=10**9, max_seconds=0.05)

    assert sample.limit == "seconds"
    assert 0 < sample.runs < 10**9
    assert "Stopped early (the time limit was reached)" in str(sample)


def test_progress_is_reported_runs_done_and_in_all():
    seen = []

    sampled(
        MANY_STATES,
        "atomic",
        runs=10**9,
        max_seconds=0.2,
        progress=lambda *now: seen.append(now),
    )

    assert seen
    assert {runs for _, runs in seen} == {10**9}


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_sample_goes_through_json_unchanged(strategy):
    sample = sampled(BORROWED_GETTER, strategy=strategy)

    assert refrace.Sample.from_json(sample.to_json()) == sample


def test_a_sample_is_replayed_by_its_smallest_trace():
    sample = sampled()

    assert refrace.replay(sample.to_json()) == sample.traces[0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"runs": 0},
        {"strategy": "lucky"},
        {"depth": 0},
        {"depth": 65},
        {"seed": -1},
        {"max_seconds": -1},
        {"max_steps": 0},
    ],
    ids=str,
)
def test_options_out_of_range_are_refused_by_name(wrong):
    (name,) = wrong
    with pytest.raises(refrace.RefraceError, match=name):
        refrace.sample(ONE_SHOT, **wrong)


def test_what_no_program_may_do_is_an_error_with_the_way_there():
    with pytest.raises(refrace.InvalidProgram, match="unlocks a lock") as caught:
        refrace.sample("lock L\nT1: unlock L", runs=10)

    assert caught.value.trace.steps[-1].statement == "unlock L"
