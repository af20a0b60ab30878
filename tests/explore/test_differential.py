"""The explorer and the slow reference explorer agree on whatever they are given."""

import pytest
from reference import explore as reference_explore
from reference.counting import MODES as REFERENCE_MODES
from reference.explore import TooManyStates
from reference.program import InvalidProgram as ReferenceInvalid

from explore.generate import random_program
from explore.models import GILS, MODES, PLENTY, explore, model_of, smallest
from refrace import Program
from refrace.errors import InvalidProgram

PROGRAMS_PER_TEST = 60
FEW_STATES = 1500

# The reference knows the modes that the language is defined by.
COMPARED = [mode for mode in MODES if mode in REFERENCE_MODES]


def answer_of_the_reference(text, mode, gil, max_states=FEW_STATES):
    """Return findings, runs and outcomes; None if some schedule breaks the rules."""
    try:
        answer = reference_explore(text, mode, gil, max_states)
    except ReferenceInvalid:
        return None
    findings = {str(k): (f.preemptions, f.steps) for k, f in answer.findings.items()}
    outcomes = {kinds: tuple(outcome) for kinds, outcome in answer.outcomes.items()}
    return findings, answer.interleavings, outcomes


def answer_of_the_explorer(text, mode, gil, symmetry):
    raw = model_of(text, mode, gil).explore(**PLENTY, symmetry=symmetry)
    if raw["error"] is not None:
        return None
    assert raw["finished"]
    return smallest(raw), raw["interleavings"], raw["outcomes"]


def legal_programs(first, n):
    """Yield texts of programs; what the language refuses is left out."""
    for seed in range(first, first + n):
        try:
            yield seed, str(Program.parse(random_program(seed)))
        except InvalidProgram:
            continue


@pytest.mark.parametrize("symmetry", [True, False], ids=["symmetry", "no symmetry"])
@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", COMPARED)
def test_generated_programs_have_the_same_answer(mode, gil, symmetry):
    first = 1000 * (MODES.index(mode) + 10 * GILS.index(gil) + 100 * symmetry)
    n_compared = 0

    for seed, text in legal_programs(first, PROGRAMS_PER_TEST):
        try:
            expected = answer_of_the_reference(text, mode, gil)
        except TooManyStates:
            continue
        assert answer_of_the_explorer(text, mode, gil, symmetry) == expected, (
            f"random_program({seed}) in {mode}, GIL {gil}:\n{text}"
        )
        n_compared += 1

    assert n_compared > PROGRAMS_PER_TEST // 2


@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", MODES)
def test_every_run_to_a_finding_replays_to_it(mode, gil):
    for seed, text in legal_programs(77_000, PROGRAMS_PER_TEST):
        model = model_of(text, mode, gil)
        raw = model.explore(**PLENTY)

        for kind, way in raw["schedules"].items():
            replay = model.replay(way["schedule"])

            place = f"{kind} of random_program({seed})"
            assert replay["misfit"] is None, place
            assert replay["fits"] == way["steps"], place
            assert replay["preemptions"] == way["preemptions"], place
            assert replay["error"] is None, place
            if kind != "livelock":
                assert kind in replay["kinds"], place
                assert kind in [f["kind"] for f in replay["findings"]], place
            if kind not in ("livelock", "dangling-free"):
                assert replay["ended"], place


@pytest.mark.parametrize("mode", MODES)
def test_merging_identical_threads_changes_no_number(mode):
    for seed, text in legal_programs(50_000, PROGRAMS_PER_TEST):
        merged = explore(text, mode)
        apart = explore(text, mode, symmetry=False)

        assert merged["states"] <= apart["states"]
        for part in ("interleavings", "outcomes"):
            assert merged[part] == apart[part], f"random_program({seed})"
        assert smallest(merged) == smallest(apart), f"random_program({seed})"
