"""Programs in which threads sleep: the explorer against the reference."""

from functools import cache

import pytest

from explore.compare import COMPARED, same_answers
from explore.generate_asleep import random_asleep, random_queued_asleep
from explore.models import GILS

# Those in which a sleeper is another one than a thread that does nothing.
SEES_TO_SLEEPERS = [
    "biased_suspend",
    "biased_unsuspended",
    "deferred",
    "decrements_first",
    "epoch",
    "epoch_too_soon",
]
ON_ONE_OBJECT = [*SEES_TO_SLEEPERS, "biased"]
PROGRAMS_PER_TEST = 12
SEEDS = range(1000, 1024)


@cache
def answers_to(mode, gil, symmetry):
    return same_answers(random_queued_asleep, SEEDS, mode, gil, symmetry)


@pytest.mark.parametrize("symmetry", [True, False], ids=["symmetry", "no symmetry"])
@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", COMPARED)
def test_programs_in_which_threads_sleep_have_the_same_answer(mode, gil, symmetry):
    first = 1000 * (COMPARED.index(mode) + 30 * GILS.index(gil) + 100 * symmetry)
    seeds = range(first, first + PROGRAMS_PER_TEST)

    answers = same_answers(random_asleep, seeds, mode, gil, symmetry)

    assert len(answers) > PROGRAMS_PER_TEST // 2


@pytest.mark.parametrize("symmetry", [True, False], ids=["symmetry", "no symmetry"])
@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", ON_ONE_OBJECT)
def test_what_others_drop_of_a_sleepers_has_the_same_answer(mode, gil, symmetry):
    answers = answers_to(mode, gil, symmetry)

    assert len(answers) - list(answers.values()).count(None) > len(SEEDS) // 2


@pytest.mark.parametrize("mode", ["biased_suspend", "biased_unsuspended"])
def test_the_programs_tell_who_looks_at_a_sleeper_from_who_does_not(mode):
    at_rest, other = answers_to("biased", "released", True), answers_to(mode, "released", True)

    assert any(at_rest[seed] != other[seed] for seed in at_rest.keys() & other.keys())


def test_the_programs_tell_who_suspends_a_sleeper_from_who_does_not():
    right = answers_to("biased_suspend", "released", True)
    wrong = answers_to("biased_unsuspended", "released", True)

    assert any(right[seed] != wrong[seed] for seed in right.keys() & wrong.keys())


def test_some_programs_are_refused_by_both():
    assert None in answers_to("biased_suspend", "released", True).values()
