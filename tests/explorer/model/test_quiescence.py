"""Programs with quiescent points: the explorer against the reference, and itself."""

import pytest
from explorer.model.compare import (
    COMPARED,
    answer_of_the_explorer,
    answer_of_the_reference,
    same_answers,
    some_programs,
)
from explorer.model.generate_quiescent import random_quiescent
from explorer.model.models import GILS
from reference.access import EPOCHS_ON

from refrace.explorer.scenarios import SCENARIOS

MORE_STATES = 20_000
TOO_LARGE = "two-readers"  # with epochs
LARGE = {
    TOO_LARGE,
    "two-upgrades",
    "two-drop-one-counts",
    "two-objects-one-detached",
    "dropped-after-detach",
    "owner-quiesces",
}


@pytest.mark.parametrize("symmetry", [True, False], ids=["symmetry", "no symmetry"])
@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", COMPARED)
@some_programs(3, 40)
def test_programs_with_quiescent_points_have_the_same_answer(
    mode, gil, symmetry, n_programs
):
    first = 1000 * (COMPARED.index(mode) + 20 * GILS.index(gil) + 100 * symmetry)
    seeds = range(first, first + n_programs)

    answers = same_answers(random_quiescent, seeds, mode, gil, symmetry)

    assert len(answers) - list(answers.values()).count(None) >= n_programs // 2


@pytest.mark.parametrize(
    "scenario",
    [
        pytest.param(one, id=one.name, marks=[pytest.mark.soak] * (one.name in LARGE))
        for one in SCENARIOS
    ],
)
@pytest.mark.parametrize("mode", COMPARED)
def test_the_scenarios_have_the_same_answer(mode, scenario):
    text = str(scenario.program)
    if mode in EPOCHS_ON and scenario.name == TOO_LARGE:
        text = text.replace("quiesce", "gil", 1)

    expected = answer_of_the_reference(text, mode, "released", MORE_STATES)

    assert answer_of_the_explorer(text, mode, "released", False) == expected
