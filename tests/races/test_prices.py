"""A price is measured in the form of the loop that is the quickest on the processor."""

import pytest

import refrace
from refrace._native import objects as native_objects
from refrace.races import prices as _prices

MODES = [mode.name for mode in refrace.modes()]


def test_the_form_with_the_quickest_try_is_chosen_however_noisy_the_others_are():
    quickest = 2
    asked = []

    def time_form(form):
        asked.append(form)
        is_interrupted = len(asked) % 5 == 0
        return (90 if form == quickest else 100) + 10_000 * is_interrupted

    assert _prices.choose_form(time_form) == quickest
    assert asked == [0, 1, 2] * _prices.TRIES


def test_of_forms_that_are_equally_quick_the_shortest_is_chosen():
    assert _prices.choose_form(lambda form: 100) == 0


@pytest.mark.parametrize("workload", ["latency", "throughput"])
def test_the_form_is_measured_once_in_a_process(workload, monkeypatch):
    asked = []

    def time_form(mode, together, form):
        asked.append((mode, together, form))
        return 100 - form

    monkeypatch.setattr(_prices, "_time_form", time_form)
    _prices.quickest_form.cache_clear()

    forms = [_prices.quickest_form(3, workload) for _ in range(2)]

    _prices.quickest_form.cache_clear()
    together = 1 if workload == "latency" else _prices.MANY
    assert forms == [native_objects.N_FORMS - 1] * 2
    assert len(asked) == native_objects.N_FORMS * _prices.TRIES
    assert {(mode, held) for mode, held, _ in asked} == {(3, together)}


@pytest.mark.parametrize("objects", ["shared", "private"])
@pytest.mark.parametrize("mode", MODES)
def test_a_round_over_many_objects_loses_nothing_in_a_mode_that_claims_so(
    mode, objects
):
    price = _prices.measure(
        MODES.index(mode),
        2,
        objects,
        "racing",
        "throughput",
        operations=6_400,
        rounds=3,
    )

    is_exact = refrace.mode(mode).claim == "correct" or objects == "private"
    assert price.settled == 3 * _prices.MANY * (1 if objects == "shared" else 2)
    assert price.corrupted == 0 or not is_exact
    assert price.ns > 0
    assert 0 <= price.overlap <= 1


@pytest.mark.parametrize("changed", [{"together": 0}, {"together": 65}, {"form": 9}])
def test_the_core_refuses_a_loop_that_there_is_not(changed):
    with pytest.raises(RuntimeError, match="internal error"):
        native_objects.Race(0, 1, 1, 1, True, False, False, 0, 0, **changed)
