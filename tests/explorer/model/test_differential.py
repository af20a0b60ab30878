"""The explorer and the slow reference explorer agree on whatever they are given."""

import pytest
from explorer.model.compare import (
    COMPARED,
    legal_programs,
    replay_all_findings,
    same_answers,
    some_programs,
)
from explorer.model.generate import random_program
from explorer.model.models import GILS, MODES, explore, smallest

PROGRAMS_PER_SOAK = 120


@pytest.mark.parametrize("symmetry", [True, False], ids=["symmetry", "no symmetry"])
@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", COMPARED)
@some_programs(4, 60)
def test_generated_programs_have_the_same_answer(mode, gil, symmetry, n_programs):
    first = 1000 * (MODES.index(mode) + 10 * GILS.index(gil) + 100 * symmetry)
    seeds = range(first, first + n_programs)

    answers = same_answers(random_program, seeds, mode, gil, symmetry)

    assert len(answers) > n_programs // 2


@pytest.mark.soak
@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", COMPARED)
def test_many_more_generated_programs_have_the_same_answer(mode, gil):
    first = 1_000_000 + 1000 * (MODES.index(mode) + 100 * GILS.index(gil))
    seeds = range(first, first + PROGRAMS_PER_SOAK)

    answers = same_answers(random_program, seeds, mode, gil, True, False)

    assert len(answers) > PROGRAMS_PER_SOAK // 2


@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", MODES)
@some_programs(10, 60)
def test_every_run_to_a_finding_replays_to_it(mode, gil, n_programs):
    seeds = range(77_000, 77_000 + n_programs)
    for seed, text in legal_programs(random_program, seeds):
        replay_all_findings(text, mode, gil, f"random_program({seed})")


@pytest.mark.parametrize("mode", MODES)
@some_programs(20, 60)
def test_merging_identical_threads_changes_no_number(mode, n_programs):
    seeds = range(50_000, 50_000 + n_programs)
    for seed, text in legal_programs(random_program, seeds):
        merged = explore(text, mode)
        apart = explore(text, mode, symmetry=False)

        assert merged.states <= apart.states
        for part in ("interleavings", "outcomes"):
            assert getattr(merged, part) == getattr(apart, part), (
                f"random_program({seed})"
            )
        assert smallest(merged) == smallest(apart), f"random_program({seed})"
