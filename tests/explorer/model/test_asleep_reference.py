"""Programs in which threads sleep: the explorer against the reference."""

from functools import cache

import pytest
from explorer.model.compare import (
    COMPARED,
    legal_programs,
    replay_all_findings,
    same_answers,
)
from explorer.model.generate_asleep import random_asleep, random_queued_asleep
from explorer.model.models import GILS, MODES

SEES_TO_SLEEPERS = [
    "biased_suspend",
    "biased_unsuspended",
    "deferred",
    "decrements_first",
    "epoch",
    "epoch_too_soon",
]
ON_ONE_OBJECT = [*SEES_TO_SLEEPERS, "biased"]
PROGRAMS_PER_TEST = 10
SEEDS = range(1042, 1052)
FEWER_STATES = 800


@cache
def answers_to(mode, gil):
    return same_answers(
        random_queued_asleep, SEEDS, mode, gil, True, False, max_states=FEWER_STATES
    )


@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", COMPARED)
def test_programs_in_which_threads_sleep_have_the_same_answer(mode, gil):
    first = 1000 * (COMPARED.index(mode) + 30 * GILS.index(gil))
    seeds = range(first, first + PROGRAMS_PER_TEST)

    answers = same_answers(random_asleep, seeds, mode, gil, True, False)

    assert len(answers) > PROGRAMS_PER_TEST // 2


@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", ON_ONE_OBJECT)
def test_what_others_drop_of_a_sleepers_has_the_same_answer(mode, gil):
    answers = answers_to(mode, gil)

    assert len(answers) - list(answers.values()).count(None) > len(SEEDS) // 2


@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", MODES)
def test_every_run_to_a_finding_where_threads_sleep_replays_to_it(mode, gil):
    for seed, text in legal_programs(random_asleep, range(77_000, 77_030)):
        replay_all_findings(text, mode, gil, f"random_asleep({seed})")


@pytest.mark.parametrize("mode", ["biased_suspend", "biased_unsuspended"])
def test_the_programs_tell_who_looks_at_a_sleeper_from_who_does_not(mode):
    asleep, alone = answers_to(mode, "released"), answers_to("biased", "released")

    assert any(asleep[seed] != alone[seed] for seed in asleep.keys() & alone.keys())


def test_the_programs_tell_who_suspends_a_sleeper_from_who_does_not():
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
