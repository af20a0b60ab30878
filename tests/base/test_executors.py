"""Batches on executors: all of them, in any order, lost workers, interrupts."""

import multiprocessing
import pickle
import signal
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest
from base.unreliable import (
    AnyOrder,
    Breaks,
    dies,
    dies_at_10,
    dies_once,
    interrupts,
    refuses,
    squares,
    waits,
)
from hypothesis import given
from hypothesis import strategies as st

import refrace
from refrace._base import executors
from refrace._base.executors import Batches, Stop, Stopped, check_executor


def run(executor, function, n_items, payload=lambda items: items, **options):
    with Batches(executor, function, n_items, payload, **options) as batches:
        return sorted(batches, key=lambda batch: batch.items.start)


def items_of(batches):
    return [number for batch in batches for number in batch.items]


def results_of(batches):
    return [one for batch in batches for one in batch.result or ()]


def two_processes():
    return ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn"))


@given(seed=st.integers(), n_items=st.integers(0, 300))
def test_every_item_comes_back_once_in_any_order(seed, n_items):
    with AnyOrder(seed) as executor:
        batches = run(executor, squares, n_items)

    assert items_of(batches) == [*range(n_items)]
    assert results_of(batches) == [number**2 for number in range(n_items)]


@given(
    seed=st.integers(),
    n_items=st.integers(1, 300),
    lost=st.sets(st.integers(0, 40)),
)
def test_what_was_not_lost_twice_comes_back_and_the_rest_is_named(seed, n_items, lost):
    """With any set of submissions lost, but the first, so that something comes back."""
    with AnyOrder(seed, lambda number, _: number in lost - {0}) as executor:
        try:
            batches = run(executor, squares, n_items)
        except refrace.EnvironmentUnfit:
            assert len(lost) >= executors.LOST_AT_FIRST
            return

    assert items_of(batches) == [*range(n_items)]
    for batch in batches:
        if batch.lost is None:
            assert batch.result == [number**2 for number in batch.items]
        else:
            assert (batch.result, batch.lost) == (None, "ConnectionError: worker gone")


def test_a_batch_that_lost_its_worker_is_run_again_alone():
    running = []

    def alone(numbers, stop):
        return running.append(numbers) or squares(numbers, stop)

    with AnyOrder(1, lambda number, _: number == 2) as executor:
        batches = run(executor, alone, 60)

    assert not any(batch.lost for batch in batches)
    assert results_of(batches) == [number**2 for number in range(60)]


def test_items_that_are_forgotten_do_not_come_back():
    with AnyOrder(3) as executor, Batches(executor, squares, 10**6, list) as batches:
        for batch in batches:
            batches.forget_from(8)
            assert batch.items.start < 10**6

    assert not batches._running


def test_an_exception_of_the_function_is_raised_with_its_place_in_the_worker():
    with (
        ThreadPoolExecutor(1) as executor,
        pytest.raises(ValueError, match="lucky") as caught,
    ):
        run(executor, refuses, 100)

    assert "in refuses" in "".join(caught.value.__notes__)


def test_an_interrupt_in_a_worker_is_one_of_the_caller():
    with AnyOrder(1) as executor, pytest.raises(KeyboardInterrupt):
        run(executor, interrupts, 100)


def test_an_interrupt_ends_the_call_and_the_threads():
    pressed = []

    def press():
        if not pressed:
            pressed.append(True)
            signal.raise_signal(signal.SIGINT)

    # Leaving the pool waits for the batches, which end when they are asked to stop.
    with ThreadPoolExecutor(2) as executor, pytest.raises(KeyboardInterrupt):
        run(executor, waits, 10**9, on_look=press)


def test_the_iteration_ends_at_the_deadline_if_nothing_comes_back():
    with ThreadPoolExecutor(1) as executor:
        assert run(executor, waits, 100, deadline=time.monotonic()) == []
        assert run(executor, waits, 100, deadline=time.monotonic() + 0.01) == []


def test_a_stop_reaches_no_other_process():
    stop = Stop()
    stop.set()
    with pytest.raises(Stopped):
        stop.check()

    pickle.loads(pickle.dumps(stop)).check()


# ------------------------------------------------------------ workers that really die


def test_a_process_that_dies_once_costs_nothing(tmp_path):
    with two_processes() as executor:
        batches = run(
            executor,
            dies_once,
            40,
            lambda items: (items, str(tmp_path / "died")),
        )

    assert (tmp_path / "died").exists()
    assert not any(batch.lost for batch in batches)
    assert results_of(batches) == [number**2 for number in range(40)]


def test_a_batch_that_kills_every_process_is_the_only_one_that_is_lost():
    with two_processes() as executor:
        batches = run(executor, dies_at_10, 40)

    (lost,) = (batch for batch in batches if batch.lost)
    assert 10 in lost.items
    assert "BrokenProcessPool" in lost.lost
    assert items_of(batches) == [*range(40)]
    assert results_of(batches) == [n**2 for n in range(40) if n not in lost.items]


# CPython 3.13 complains if a collection closes semaphores while its tracker is busy.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_executor_of_which_nothing_comes_back_is_unfit():
    with two_processes() as executor, pytest.raises(refrace.EnvironmentUnfit) as caught:
        run(executor, dies, 40)

    assert "can import refrace" in str(caught.value)


def test_after_a_pool_of_an_unknown_kind_broke_all_the_rest_is_lost():
    batches = run(Breaks(after=3), squares, 10**4)

    assert items_of(batches) == [*range(10**4)]
    assert {batch.lost for batch in batches[3:]} == {"BrokenExecutor: out of order"}
    assert [batch.lost for batch in batches[:3]] == [None] * 3


def test_workers_with_another_version_are_refused(monkeypatch):
    versions = iter(["9.9"])
    monkeypatch.setattr(executors, "own_version", lambda: next(versions, "0.0"))

    with (
        ThreadPoolExecutor(1) as executor,
        pytest.raises(refrace.EnvironmentUnfit, match=r"0\.0.*9\.9.*same version"),
    ):
        run(executor, squares, 4)


# ------------------------------------------------------------------- what is refused


class Client:
    def get_executor(self):
        raise NotImplementedError


class View:
    executor = ThreadPoolExecutor(1)


@pytest.mark.parametrize(
    ("value", "cure"),
    [
        (ThreadPoolExecutor, r"an instance: ThreadPoolExecutor\(\)"),
        (4, r"ProcessPoolExecutor\(4\)"),
        (True, "a concurrent.futures.Executor"),
        ("dask", "a concurrent.futures.Executor"),
        (map, "a concurrent.futures.Executor"),
        (Client(), r"pass its get_executor\(\)"),
        (View(), "pass its attribute `executor`"),
        ([], "a concurrent.futures.Executor"),
    ],
    ids=["class", "number", "bool", "name", "function", "client", "view", "list"],
)
def test_anything_but_an_executor_is_refused_with_a_cure(value, cure):
    with pytest.raises(refrace.InvalidArgumentType, match=cure) as caught:
        check_executor("executor", value)

    assert str(caught.value).startswith("executor=")


def test_none_and_executors_are_accepted():
    assert check_executor("executor", None) is None
    assert check_executor("executor", View.executor) is View.executor


def test_an_executor_that_is_shut_down_is_refused():
    executor = ThreadPoolExecutor(1)
    executor.shutdown()

    with pytest.raises(refrace.InvalidArgument, match="not shut down"):
        run(executor, squares, 4)


def test_a_pool_that_broke_before_the_call_is_refused():
    with two_processes() as executor:
        with pytest.raises(refrace.EnvironmentUnfit):
            run(executor, dies, 40)
        with pytest.raises(refrace.InvalidArgument, match="make a new one"):
            run(executor, squares, 40)
