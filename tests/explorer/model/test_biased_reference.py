"""The biased family on programs made for it: the explorer against the reference."""

from functools import cache

import pytest
from explorer.model.compare import COMPARED, same_answers, some_programs
from explorer.model.generate_queued import random_queued
from explorer.model.models import GILS

FAMILY = [mode for mode in COMPARED if mode.startswith("biased")]
FEW, MANY = 20, 120


@cache
def answers_to(mode, gil, n_programs=FEW):
    seeds = range(1000, 1000 + n_programs)
    return same_answers(random_queued, seeds, mode, gil, True)


@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", FAMILY)
@some_programs(FEW, MANY)
def test_what_goes_to_the_queue_of_another_thread_has_the_same_answer(
    mode, gil, n_programs
):
    answers = answers_to(mode, gil, n_programs)

    assert len(answers) - list(answers.values()).count(None) > n_programs * 3 // 4


@pytest.mark.parametrize("twin", [mode for mode in FAMILY if mode != "biased"])
def test_the_programs_tell_every_twin_from_the_mode_it_is_the_twin_of(twin):
    right, wrong = answers_to("biased", "released"), answers_to(twin, "released")

    assert any(right[seed] != wrong[seed] for seed in right.keys() & wrong.keys())
