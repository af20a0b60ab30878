"""Programs with detached threads: the explorer against the reference."""

from functools import cache

import pytest
from explorer.model.compare import (
    COMPARED,
    legal_programs,
    replay_all_findings,
    same_answers,
    some_programs,
)
from explorer.model.generate_detached import (
    random_counts_detached,
    random_detached,
    random_queued_detached,
)
from explorer.model.models import GILS, MODES

SETTLES_FOR_DETACHED = [
    "biased_suspend",
    "biased_unsuspended",
    "deferred",
    "decrements_first",
    "epoch",
    "epoch_too_soon",
]
ON_ONE_OBJECT = [*SETTLES_FOR_DETACHED, "biased"]
SEEDS = range(1042, 1052)
FEWER_STATES = 800


@cache
def answers_to(mode, gil):
    return same_answers(
        random_queued_detached, SEEDS, mode, gil, True, False, max_states=FEWER_STATES
    )


@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", COMPARED)
@some_programs(5, 50)
def test_programs_in_which_threads_sleep_have_the_same_answer(mode, gil, n_programs):
    first = 1000 * (COMPARED.index(mode) + 30 * GILS.index(gil))
    seeds = range(first, first + n_programs)

    answers = same_answers(random_detached, seeds, mode, gil, True, False)

    assert len(answers) > n_programs // 2


@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", ON_ONE_OBJECT)
def test_drops_of_a_detached_owners_object_have_the_same_answer(mode, gil):
    answers = answers_to(mode, gil)

    assert len(answers) - list(answers.values()).count(None) > len(SEEDS) // 2


@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", MODES)
@some_programs(10, 60)
def test_every_run_to_a_finding_where_threads_sleep_replays_to_it(
    mode, gil, n_programs
):
    seeds = range(77_000, 77_000 + n_programs)
    for seed, text in legal_programs(random_detached, seeds):
        replay_all_findings(text, mode, gil, f"random_detached({seed})")


@pytest.mark.parametrize("mode", ["biased_suspend", "biased_unsuspended"])
def test_the_programs_distinguish_modes_that_settle_for_detached_threads(mode):
    detached, alone = answers_to(mode, "released"), answers_to("biased", "released")

    assert any(detached[seed] != alone[seed] for seed in detached.keys() & alone.keys())


def test_the_programs_distinguish_modes_that_suspend_detached_threads():
    right = answers_to("biased_suspend", "released")
    wrong = answers_to("biased_unsuspended", "released")

    assert any(
        set(right[seed][2]) != set(wrong[seed][2])
        for seed in right.keys() & wrong.keys()
        if right[seed] is not None and wrong[seed] is not None
    )


def test_some_programs_are_refused_by_both():
    for mode in ON_ONE_OBJECT:
        assert None in answers_to(mode, "released").values()


# ----------------------------------------------------------- counting while detached

COUNTED_PER_TEST = 8
COUNTED_PER_SOAK = 400


def agree_on_counts(mode, gil, n):
    first = 100_000 + 10_000 * (COMPARED.index(mode) + 30 * GILS.index(gil))
    seeds = range(first, first + n)
    answers = same_answers(
        random_counts_detached, seeds, mode, gil, True, max_states=FEWER_STATES
    )
    return [answer for answer in answers.values() if answer is not None]


@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize(
    "mode", ["atomic", "unlocked", "object_lock", "sign_split", "biased", "epoch"]
)
def test_programs_whose_detached_threads_count_have_the_same_answer(mode, gil):
    answers = agree_on_counts(mode, gil, COUNTED_PER_TEST)

    assert len(answers) > COUNTED_PER_TEST // 4
    if mode in ("biased", "epoch"):
        assert any("detached-count" in answer[0] for answer in answers)


@pytest.mark.soak
@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", COMPARED)
def test_thousands_of_programs_whose_detached_threads_count_agree(mode, gil):
    answers = agree_on_counts(mode, gil, COUNTED_PER_SOAK)

    assert len(answers) > COUNTED_PER_SOAK // 4


@pytest.mark.parametrize("mode", ["unlocked", "biased"])
def test_every_run_to_a_finding_of_a_detached_thread_replays_to_it(mode):
    for seed, text in legal_programs(random_counts_detached, range(40)):
        replay_all_findings(text, mode, "held", f"random_counts_detached({seed})")
