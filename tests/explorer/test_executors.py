"""`prove` and `sample` on executors: the same results, to the last number."""

import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import pytest
from base.unreliable import AnyOrder, LosesTheSecond
from explorer.programs import BORROWED_GETTER, MANY_STATES, SHARED_DECREF, SPINNING
from hypothesis import given, settings
from hypothesis import strategies as st

import refrace
from refrace.explorer import prove as proving_verb
from refrace.explorer import proving
from refrace.explorer.corpus import EFFORTS
from refrace.explorer.model.sampling import Plan, merged
from refrace.explorer.session import session_of

STRATEGIES = ["uniform", "pct"]


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    """A corpus that is explored at once."""
    monkeypatch.setitem(EFFORTS, "small", ((2, 3), (3, 3)))


def two_processes(**options):
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(2, mp_context=context, **options)


def timeless(report):
    return report.replace(elapsed_s=0.0)


# -------------------------------------------------------------------------- sample


@given(
    cuts=st.sets(st.integers(1, 299)),
    strategy=st.sampled_from(STRATEGIES),
    seed=st.integers(0, 2**64 - 1),
    program=st.sampled_from([SHARED_DECREF, BORROWED_GETTER, SPINNING]),
)
def test_a_sample_is_the_sum_of_its_parts_wherever_it_is_cut(
    cuts, strategy, seed, program
):
    session = session_of(program, "unlocked", "released")
    plan = Plan(300, strategy, 3, seed, max_steps=50)
    plan = replace(plan, horizon=session.horizon(plan, 60))
    whole = session.sample(plan, 60)

    ends = [0, *sorted(cuts), 300]
    parts = [
        session.sample(replace(plan, first=begin, runs=end - begin), 60)
        for begin, end in pairwise(ends)
    ]

    assert merged(parts, None, 0.0) == replace(whole, elapsed_s=0.0)


@given(seed=st.integers(0, 2**64 - 1), strategy=st.sampled_from(STRATEGIES))
@settings(deadline=None, max_examples=8)
def test_a_sample_on_an_executor_is_the_one_without(seed, strategy):
    options = {"runs": 500, "seed": seed, "strategy": strategy}
    with AnyOrder(seed) as executor:
        there = refrace.sample(
            BORROWED_GETTER, "unlocked", **options, executor=executor
        )

    here = refrace.sample(BORROWED_GETTER, "unlocked", **options)
    assert timeless(there) == timeless(here)


def test_a_sample_in_processes_is_the_one_without():
    options = {"runs": 2000, "seed": 7, "strategy": "pct"}
    with two_processes() as executor:
        there = refrace.sample(SHARED_DECREF, "unlocked", **options, executor=executor)

    here = refrace.sample(SHARED_DECREF, "unlocked", **options)
    assert timeless(there) == timeless(here)


@pytest.mark.parametrize("seed", range(3))
def test_an_error_of_the_program_is_the_first_one_in_any_order_of_results(seed):
    program = "lock L\nT1:\n  maybe wrong\nfn wrong: unlock L"

    def error(executor):
        with pytest.raises(refrace.InvalidProgram, match="unlocks a lock") as caught:
            refrace.sample(program, runs=5000, seed=seed, executor=executor)
        return str(caught.value)

    with AnyOrder(seed) as executor:
        assert error(executor) == error(None)


def test_a_sample_ends_in_time_with_the_runs_done_by_then():
    with AnyOrder(1) as executor:
        sample = refrace.sample(
            MANY_STATES, runs=10**9, seed=1, max_seconds=0.5, executor=executor
        )

    assert sample.limit == "seconds"
    assert 0 < sample.runs < 10**9
    assert sum(outcome.runs for outcome in sample.outcomes.values()) == sample.runs


def test_runs_that_are_lost_are_not_counted_and_the_sample_says_so():
    with AnyOrder(1, LosesTheSecond(lambda some: some.plan.first)) as executor:
        sample = refrace.sample(
            SHARED_DECREF, "unlocked", runs=2000, seed=7, executor=executor
        )

    assert sample.limit == "worker"
    assert 0 < sample.runs < 2000
    assert sum(outcome.runs for outcome in sample.outcomes.values()) == sample.runs
    text = " ".join(str(sample).split())
    assert f"Only {sample.runs:,} of 2,000 runs were done" in text
    assert refrace.Sample.from_json(sample.to_json()) == sample


def test_a_sample_without_a_run_in_time_is_a_limit_reached():
    with (
        AnyOrder(1) as executor,
        pytest.raises(refrace.LimitReached, match="raise max_seconds"),
    ):
        refrace.sample(MANY_STATES, max_seconds=0, executor=executor)


def test_progress_of_a_sample_is_reported_in_the_calling_thread(monkeypatch):
    monkeypatch.setattr("refrace.explorer.sample_batches.PERIOD_S", 0)
    told = []
    with AnyOrder(1) as executor:
        refrace.sample(
            MANY_STATES,
            runs=500,
            executor=executor,
            progress=lambda *now: told.append(now),
        )

    assert told == sorted(told)
    assert {runs for _, runs in told} == {500}


def test_an_interrupted_sample_has_the_batches_that_came_back():
    def interrupt(done, runs):
        if done:
            signal.raise_signal(signal.SIGINT)

    with AnyOrder(1) as executor, pytest.raises(refrace.Interrupted) as caught:
        refrace.sample(
            MANY_STATES, runs=10**9, seed=1, executor=executor, progress=interrupt
        )

    report = caught.value.report
    assert report.limit == "interrupt"
    assert 0 < report.runs == sum(one.runs for one in report.outcomes.values())


# --------------------------------------------------------------------------- prove


@pytest.mark.parametrize(
    "mode", ["atomic", "biased", "add_then_undo", "biased_weak_queue", "epoch"]
)
@pytest.mark.parametrize("seed", range(2))
def test_a_proof_on_an_executor_is_the_one_without(mode, seed):
    with AnyOrder(seed) as executor:
        there = refrace.prove(mode, executor=executor)

    assert timeless(there) == timeless(refrace.prove(mode))


@pytest.mark.parametrize("mode", ["atomic", "mixed_width"])
def test_a_proof_in_processes_is_the_one_without(mode):
    with two_processes() as executor:
        there = refrace.prove(mode, executor=executor)

    assert timeless(there) == timeless(refrace.prove(mode))


def test_programs_that_atomic_fails_too_are_skipped_in_the_same_number(monkeypatch):
    monkeypatch.setattr(proving, "YARDSTICK", "unlocked")
    with AnyOrder(1) as executor:
        there = refrace.prove("free_by_second_load", executor=executor)

    here = refrace.prove("free_by_second_load")
    assert timeless(there) == timeless(here)
    assert here.skipped > 0


def test_programs_lost_with_a_worker_are_not_counted_as_explored():
    with AnyOrder(1, LosesTheSecond(lambda some: some.tasks[0])) as executor:
        proof = refrace.prove("atomic", executor=executor)

    planned = sum(part.programs for part in proof.parts) + proof.scenarios_planned
    assert proof.limit == "worker"
    assert 0 < proof.programs < planned
    assert not proof.proved
    assert not proof.is_conclusive
    assert "without executor" in proof.inconclusive_because
    assert refrace.Proof.from_json(proof.to_json()) == proof


def test_a_witness_after_lost_programs_is_found_and_not_called_the_smallest():
    here = refrace.prove("biased_weak_queue")
    with AnyOrder(1, LosesTheSecond(lambda some: some.tasks[0])) as executor:
        proof = refrace.prove("biased_weak_queue", executor=executor)

    assert proof.witness == here.witness
    assert (proof.limit, proof.proved, proof.is_conclusive) == ("worker", False, True)
    assert "Not every smaller program was explored (worker)" in " ".join(
        str(proof).split()
    )


def test_a_proof_without_time_explores_nothing():
    with AnyOrder(1) as executor:
        proof = refrace.prove("atomic", max_seconds=0, executor=executor)

    assert (proof.limit, proof.programs, proof.proved) == ("seconds", 0, False)


def test_an_interrupted_proof_has_what_came_back(monkeypatch):
    monkeypatch.setattr(proving_verb, "PERIOD_S", 0)

    def interrupt(done, planned):
        assert 0 < done < planned
        signal.raise_signal(signal.SIGINT)

    with AnyOrder(1) as executor, pytest.raises(refrace.Interrupted) as caught:
        refrace.prove("atomic", executor=executor, progress=interrupt)

    proof = caught.value.report
    assert proof.limit == "interrupt"
    assert proof.programs > 0


def die_at_the_last_scenario():
    """In a worker: die when the last program is looked at."""
    look_at = proving.look_at

    def deadly(mode, task, *rest):
        if not isinstance(task.program, str):
            os.kill(os.getpid(), signal.SIGKILL)
        return look_at(mode, task, *rest)

    proving.look_at = deadly


def test_a_process_that_dies_at_some_programs_costs_these():
    with two_processes(initializer=die_at_the_last_scenario) as executor:
        proof = refrace.prove("atomic", executor=executor)

    assert proof.limit == "worker"
    assert proof.scenarios == ()
    assert sum(part.explored for part in proof.parts) > 0


def test_anything_but_an_executor_is_refused():
    with pytest.raises(refrace.InvalidArgumentType, match="ProcessPoolExecutor"):
        refrace.prove("atomic", executor=2)
    with pytest.raises(refrace.InvalidArgumentType, match="ProcessPoolExecutor"):
        refrace.sample(SHARED_DECREF, executor=2)


def test_threads_of_a_pool_can_explore_too():
    with ThreadPoolExecutor(2) as executor:
        there = refrace.prove("atomic", executor=executor)

    assert timeless(there) == timeless(refrace.prove("atomic"))
