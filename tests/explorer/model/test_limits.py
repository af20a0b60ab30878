"""A search that hits a limit says so, keeps what it found, and claims nothing more."""

import signal
import threading
import time

import pytest
from explorer.model.models import MODES, PLENTY, model_of, pairs, threads

import refrace

# Far too large to exhaust, and corrupt from early on.
ENDLESS = pairs(6, 4)


def test_a_limit_of_states_that_was_hit_is_not_reported_as_a_proof():
    raw = model_of(pairs(3, 2), "unlocked").explore(100, 60.0, 2**30)

    assert not raw.finished
    assert raw.limit == "states"
    assert raw.interleavings is None
    assert not raw.infinite
    assert raw.outcomes == {}


def test_what_was_found_before_a_limit_replays():
    model = model_of(ENDLESS, "unlocked")
    raw = model.explore(100_000, 60.0, 2**30)

    assert raw.limit == "states"
    assert raw.schedules
    for kind, way in raw.schedules.items():
        assert kind in model.replay(way.schedule).kinds


def test_the_time_limit_acts_within_a_fifth_of_a_second():
    began = time.process_time()
    raw = model_of(ENDLESS, "unlocked").explore(10**9, 1.0, 2**34)

    # Processor time, so that a busy machine does not count.
    took = time.process_time() - began
    assert raw.limit == "seconds"
    assert raw.schedules
    assert took < 1.2


def test_running_out_of_the_memory_that_is_allowed_is_a_limit():
    raw = model_of(ENDLESS, "unlocked").explore(10**9, 60.0, 2**22)

    assert raw.limit == "memory"
    assert not raw.finished


@pytest.mark.parametrize("most", [1, 2, 3, 10, 100, 1000])
def test_the_states_that_are_allowed_are_kept_to(most):
    """But for those that follow upon the last one looked at: three a thread."""
    raw = model_of(ENDLESS, "unlocked").explore(most, 60.0, 2**30)

    assert raw.limit == "states"
    assert most < raw.states <= most + 3 * 6


def test_an_object_a_step_forever_is_a_limit_and_no_crash():
    raw = model_of("T1: n = 1\n  while n == 1 {\n    x = new A\n  }").explore(
        10**7, 20.0, 2**28
    )

    assert raw.limit == "objects"


def test_progress_is_reported_with_the_numbers_so_far():
    seen = []

    model_of(ENDLESS, "unlocked").explore(10**9, 0.5, 2**34, progress=seen.append)

    assert seen
    assert seen[-1].states > seen[0].states >= 0
    assert seen[-1].bytes >= seen[0].bytes > 0
    assert seen[-1].transitions > seen[-1].states > seen[-1].frontier


def test_what_progress_raises_ends_the_search_and_keeps_what_there_is():
    class Enough(Exception):
        pass

    def stop(numbers):
        raise Enough

    model = model_of(ENDLESS, "unlocked")
    with pytest.raises(Enough):
        model.explore(10**9, 60.0, 2**34, progress=stop)

    partial = model.explored_until_interrupt()
    assert partial.limit == "interrupt"
    assert not partial.finished
    assert partial.states > 0


def test_ctrl_c_ends_a_search_at_once_and_keeps_what_there_is():
    model = model_of(ENDLESS, "unlocked")
    main = threading.main_thread().ident
    timer = threading.Timer(0.5, signal.pthread_kill, (main, signal.SIGINT))
    began = time.process_time()
    timer.start()

    with pytest.raises(KeyboardInterrupt):
        model.explore(10**9, 60.0, 2**34)

    assert time.process_time() - began < 0.7
    timer.join()
    assert model.explored_until_interrupt().limit == "interrupt"


def test_the_gil_is_released_while_exploring():
    beats = []
    over = threading.Event()

    def explore():
        model_of(ENDLESS, "unlocked").explore(10**9, 0.5, 2**34)
        over.set()

    thread = threading.Thread(target=explore)
    thread.start()
    while not over.is_set():
        beats.append(1)
        over.wait(0.001)
    thread.join()

    assert len(beats) > 50


def test_one_model_explores_in_two_threads_at_once():
    model = model_of(pairs(3, 2), "unlocked")
    answers = []
    workers = [
        threading.Thread(target=lambda: answers.append(model.explore(**PLENTY)))
        for _ in range(2)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    first, second = answers
    assert first.outcomes == second.outcomes
    assert first.schedules == second.schedules


@pytest.mark.parametrize("number", [200, 40_000, 2**30 - 1])
def test_numbers_of_any_size_that_is_allowed_fit_a_state(number):
    raw = model_of(
        f"int N = 0\n{threads(2, f'N = {number}')}\nend: n = N ; assert n == {number}"
    ).explore(**PLENTY)

    assert raw.outcomes.keys() == {frozenset()}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("number", [2**21, 2**22, 2**29, 2**30 - 1])
def test_a_count_that_a_modes_words_cannot_hold_is_refused_and_not_another(
    mode, number
):
    """In some modes a word is several times the count: there fewer fit."""
    model = model_of(f"obj A rc {number}\nslot S = A\nT1: x = S ; use x", mode)

    refused, outcomes = "", set()
    try:
        outcomes = set(model.explore(**PLENTY).outcomes)
    except refrace.ProgramTooLarge as error:
        refused = str(error)

    expected = f"mode {mode!r} cannot hold a count above"
    assert expected in refused or outcomes
    assert outcomes <= {frozenset(), frozenset({"leak"})}
