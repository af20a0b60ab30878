"""Stops of the world: the verbs, real threads and the reference agree on them."""

import pytest
from explorer.model.compare import same_answers
from explorer.model.generate_stops import random_stops
from explorer.model.models import GILS
from explorer.model.test_stops import NATIVE, STEADY, explored

import refrace
from refrace.errors import InvalidProgram

PROGRAMS_PER_TEST = 60
PROGRAMS_PER_SOAK = 400
FEWER_STATES = 150
MODES_COMPARED = ["atomic", "object_lock", "biased_suspend", "epoch"]

# ------------------------------------------------------------------ the other verbs


def test_the_verbs_agree_on_a_stop():
    text = NATIVE.format("native_lock")
    explored_once = explored(text)
    token = explored_once.counterexample().token

    assert refrace.replay(token).finding.kind == "deadlock"
    sampled = refrace.sample(text, runs=200, seed=3)
    assert {str(finding.kind) for finding in sampled.findings} == {"deadlock"}
    found = refrace.explore(text, counts=False)
    assert [str(f.kind) for f in found.findings] == ["deadlock"]
    again = refrace.Program.from_json(explored_once.program.to_json())
    assert str(again) == str(explored_once.program)


def test_real_threads_stop_and_start_the_world():
    race = refrace.race("atomic", program=STEADY, rounds=100, seed=1)

    assert race.findings == ()
    assert race.disputed == 0


def test_real_threads_meet_the_thread_that_never_stops():
    race = refrace.race(
        "atomic", program=NATIVE.format("native_lock"), rounds=200, seed=2
    )

    assert race.disputed == 0
    assert {frozenset(map(str, kinds)) for kinds in race.outcomes} <= {
        frozenset(),
        frozenset({"deadlock"}),
    }


@pytest.mark.parametrize("mode", ["atomic", "biased_suspend"])
def test_real_threads_end_as_predicted(mode):
    raced = 0
    for seed in range(20):
        try:
            program = refrace.Program.parse(random_stops(seed))
            predicted = refrace.explore(program, mode, max_states=5000)
        except InvalidProgram:
            continue
        if predicted.verdict == "unfinished":
            continue
        race = refrace.race(mode, program=program, rounds=10, seed=seed)
        raced += 1
        assert race.disputed == 0, seed
        assert set(race.outcomes) <= set(predicted.outcomes), seed

    assert raced > 10


def test_the_stepper_shows_who_stops_the_world():
    data = refrace.step(NATIVE.format("native_lock")).data

    assert "the world" in data["variables"]
    assert {"runs", "T1 asks to stop it", "stopped by T1"} <= set(data["values"])
    waits = {wait for state in data["waits"] for wait in state}
    assert "T2 waits for the world stopped by T1" in waits


def test_a_program_without_a_stop_has_no_more_words():
    text = "hold T1.x = A\nhold T2.x = A\nT1: decref x\nT2: decref x"
    nosafe = text.replace("decref x", "nosafe { decref x }")

    assert explored(nosafe).states == explored(text).states


# ------------------------------------------------------------ against the reference


def agree(mode, gil, first, n):
    answers = same_answers(
        random_stops, range(first, first + n), mode, gil, True,
        max_states=FEWER_STATES,
    )  # fmt: skip

    assert len(answers) > n // 2
    assert None in answers.values()
    assert any(answer and "deadlock" in answer[0] for answer in answers.values())


@pytest.mark.parametrize("gil", GILS)
def test_generated_programs_have_the_same_answer(gil):
    agree("atomic", gil, 0, 2 * PROGRAMS_PER_TEST)


@pytest.mark.parametrize("mode", ["biased_suspend", "epoch"])
def test_generated_programs_have_the_same_answer_where_detaching_is_work(mode):
    agree(mode, "released", 1000, PROGRAMS_PER_TEST)


@pytest.mark.soak
@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", MODES_COMPARED)
def test_thousands_of_generated_programs_have_the_same_answer(mode, gil):
    agree(mode, gil, 10_000, PROGRAMS_PER_SOAK)
