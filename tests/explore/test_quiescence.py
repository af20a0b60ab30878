"""Programs with quiescent points: the explorer against the reference, and itself."""

import pytest
from reference.explore import TooManyStates
from reference.putting_off import EPOCHS_ON

from explore.generate_quiescent import random_quiescent
from explore.models import GILS
from explore.test_differential import (
    COMPARED,
    answer_of_the_explorer,
    answer_of_the_reference,
)
from refrace import Program
from refrace._scenarios import SCENARIOS
from refrace.errors import InvalidProgram

PROGRAMS_PER_TEST = 40
MORE_STATES = 20_000
TOO_LARGE = "two read what the third drops, and all come by"  # with epochs


def legal_programs(first, n):
    """Yield texts of programs with quiescent points."""
    for seed in range(first, first + n):
        try:
            yield seed, str(Program.parse(random_quiescent(seed)))
        except InvalidProgram:
            continue


@pytest.mark.parametrize("symmetry", [True, False], ids=["symmetry", "no symmetry"])
@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", COMPARED)
def test_programs_with_quiescent_points_have_the_same_answer(mode, gil, symmetry):
    first = 1000 * (COMPARED.index(mode) + 20 * GILS.index(gil) + 100 * symmetry)
    n_compared = 0

    for seed, text in legal_programs(first, PROGRAMS_PER_TEST):
        try:
            expected = answer_of_the_reference(text, mode, gil)
        except TooManyStates:
            continue
        assert answer_of_the_explorer(text, mode, gil, symmetry) == expected, (
            f"random_quiescent({seed}) in {mode}, GIL {gil}:\n{text}"
        )
        n_compared += expected is not None

    assert n_compared > PROGRAMS_PER_TEST // 2


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
@pytest.mark.parametrize("mode", COMPARED)
def test_the_scenarios_have_the_same_answer(mode, scenario):
    text = str(scenario.program)
    if mode in EPOCHS_ON and scenario.name == TOO_LARGE:
        text = text.replace("quiesce", "gil", 1)

    expected = answer_of_the_reference(text, mode, "released", MORE_STATES)

    assert answer_of_the_explorer(text, mode, "released", False) == expected
