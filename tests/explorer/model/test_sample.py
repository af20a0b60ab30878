"""Samples of programs too large to exhaust: tallies, seeds, bounds, minimal runs."""

import time

import pytest
from explorer.model.models import PLENTY, decrefs, model_of, pairs, sample

from refrace.explorer.minimisation import minimise
from refrace.explorer.model.deadline import OutOfTime

ENOUGH = {"max_seconds": 60.0, "max_steps": 10_000}


def test_the_same_seed_gives_the_same_sample():
    model = model_of(pairs(3, 2), "unlocked")

    first, again, other = (
        sample(model, 500, "uniform", 1, seed, **ENOUGH) for seed in (1, 1, 2)
    )

    assert first.outcomes == again.outcomes
    assert first.schedules == again.schedules
    assert first.outcomes != other.outcomes


def test_a_uniform_sample_meets_each_outcome_as_often_as_is_probable():
    model = model_of(decrefs(3), "unlocked")
    exact = model.explore(**PLENTY).outcomes

    raw = sample(model, 6000, "uniform", 1, 7, **ENOUGH)

    assert sum(raw.outcomes.values()) == raw.runs == 6000
    for kinds, (_, probability) in exact.items():
        # Five standard deviations: sqrt(6000 * 1/6 * 5/6) is 29.
        assert abs(raw.outcomes[kinds] - 6000 * probability) < 5 * 29


def test_pct_finds_a_bug_of_its_depth_as_often_as_it_promises():
    # The leak takes one ordering against the program's own: depth 2.
    model = model_of(decrefs(2), "unlocked")

    raw = sample(model, 2000, "pct", 2, 3, **ENOUGH)

    n, k = 2, raw.horizon
    found = raw.outcomes[frozenset({"leak"})]
    assert (k, raw.beyond_horizon) == (4, 0)
    # At least 1 / (n k) of the runs, less five standard deviations.
    assert found / 2000 > 1 / (n * k) - 5 * (1 / 8 * 7 / 8 / 2000) ** 0.5


def test_what_a_sample_found_replays():
    model = model_of(pairs(4, 3), "unlocked")

    raw = sample(model, 300, "uniform", 1, 0, **ENOUGH)

    for kind, way in raw.schedules.items():
        replay = model.replay(way.schedule)
        assert replay.misfit is None
        assert kind in replay.kinds
        assert replay.preemptions == way.preemptions


def test_a_found_run_is_made_as_small_as_the_smallest():
    model = model_of(pairs(3, 2), "unlocked")
    exact = model.explore(**PLENTY).schedules["leak"]
    found = sample(model, 50, "uniform", 1, 0, **ENOUGH).schedules["leak"]

    small = minimise(model, found.schedule, "leak", time.monotonic() + 60)

    replay = model.replay(small)
    # One thread cut in two loses nothing: what the others do is balanced.
    assert found.preemptions > replay.preemptions == exact.preemptions == 2
    assert len(small) == exact.steps
    assert "leak" in replay.kinds


def test_a_found_run_stays_as_it_is_when_there_is_no_time_to_make_it_small():
    model = model_of(pairs(3, 2), "unlocked")
    found = sample(model, 50, "uniform", 1, 0, **ENOUGH).schedules["leak"]

    assert minimise(model, found.schedule, "leak", 0.0) == found.schedule


@pytest.mark.parametrize(
    ("method", "more"),
    [
        ("replay", {"cpu_deadline": 0.0}),
        ("follow", {"deadline": 0.0, "max_steps": 10}),
        ("branch", {"deadline": 0.0, "max_steps": 10}),
        ("measure", {"deadline": 0.0, "kind": "leak"}),
    ],
)
def test_every_walk_along_a_run_keeps_its_deadline(method, more):
    model = model_of(pairs(3, 2), "unlocked")
    found = sample(model, 50, "uniform", 1, 0, **ENOUGH).schedules["leak"]

    with pytest.raises(OutOfTime):
        getattr(model, method)(found.schedule, **more)


def test_runs_that_do_not_end_are_counted_as_such():
    model = model_of("int N = 0\nT1: n = N\n  while n == 0 {\n    n = N\n  }")

    raw = sample(model, 10, "uniform", 1, 0, max_seconds=60.0, max_steps=100)

    assert raw.too_long == raw.runs == 10
    assert raw.outcomes == {}


def test_a_sample_stops_at_its_time_limit():
    model = model_of(pairs(4, 3), "unlocked")

    raw = sample(model, 10**9, "uniform", 1, 0, max_seconds=0.1, max_steps=1000)

    assert raw.limit == "seconds"
    assert 0 < raw.runs < 10**9


@pytest.mark.parametrize("strategy", ["uniform", "pct"])
def test_a_misuse_met_by_a_sample_is_an_error_with_its_way(strategy):
    model = model_of("lock L\nT1: unlock L")

    raw = sample(model, 10, strategy, 2, 0, **ENOUGH)

    assert raw.error.schedule == [0]
    assert model.replay([0]).error == raw.error.message
