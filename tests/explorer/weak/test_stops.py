"""Stops of the world under C11: the form of a memory merges no runs."""

from __future__ import annotations

import random

import pytest
from explorer.model.generate_stops import random_stops
from explorer.weak.stopped_races import Races, random_bodies, text_of
from explorer.weak.walks import compare_with_walks, explored

import refrace
from refrace.explorer.memory import unmodelled

MOST_RUNS = 2000
STEPS = (
    *("X = 1 relaxed", "X = 2 release", "X = 1", "Y = 1 relaxed", "Y = 1 release"),
    *("v = X relaxed", "v = X acquire", "v = Y relaxed", "v = Y acquire", "gil"),
    *("put x", "use x", "n = finc X relaxed", "incref x", "decref x", "Z = 1 plain"),
    *("fence acquire", "fence release", "n = Z plain", "v = X relaxed ; assert v < 2"),
    *("v = Y relaxed ; if v == 1 { use x }", "detach ; X = 1 relaxed ; attach"),
    *("detach ; use x ; attach", "detach ; n = X relaxed ; attach"),
)


def program_of(seed: int) -> str:
    """Two or three threads, one of which stops the world."""
    rng = random.Random(seed)
    n_threads = rng.choice([2, 2, 3])
    lines = ["int X = 0", "int Y = 0", "int Z = 0"]
    for t in range(1, n_threads + 1):
        lines.append(f"{rng.choice(['hold', 'borrow'])} T{t}.x = A")
    for t in range(1, n_threads + 1):
        body = rng.choices(STEPS, k=rng.randint(0, 2 if n_threads == 2 else 1))
        if t == 1 or rng.random() < 0.3:
            inside = [one for one in STEPS if "detach" not in one]
            at = rng.randint(0, len(body))
            body.insert(at, f"stop_world {{ {rng.choice(inside)} }}")
        lines.append(f"T{t}: v = 0 ; {' ; '.join(body or ['gil'])}")
    return "\n".join([*lines, "slot S = A"])


def test_the_form_changes_no_outcome_of_programs_that_stop_the_world():
    assert "data-race" in compare_with_walks(map(program_of, range(150)), MOST_RUNS)


@pytest.mark.soak
def test_the_form_changes_no_outcome_of_many_more_that_stop_the_world():
    compare_with_walks(map(program_of, range(150, 3000)), MOST_RUNS)


# A race ends a run, and under sequential consistency it is none.
RACES = {"data-race", "unsynchronised-free"}


def test_stops_have_the_outcomes_of_sequential_consistency_unless_something_races():
    compared = 0
    for seed in range(300):
        # There are no store buffers under C11.
        text = random_stops(seed).replace("put x", "gil").replace("fence", "gil")
        try:
            program = refrace.Program.parse(text)
            if unmodelled(program):
                continue
            weak, strong = explored(text), explored(text, model="sc")
        except (refrace.InvalidProgram, AssertionError):
            continue  # in some schedule
        if not any(RACES & outcome for outcome in weak):
            assert weak.keys() == strong.keys(), text
            compared += 1
    assert compared > 40


def test_a_thread_that_may_still_read_what_it_awaits_has_not_stopped():
    text = """
    int N = 0
    int M = 0
    T1: N = 1 relaxed ; N = 0 relaxed ; stop_world { m = M } ; assert m == 1
    T2: await N relaxed ; M = 1 relaxed ; gil
    """
    assert explored(text).keys() == {frozenset()}
    waits = explored(text.replace("N = 1 relaxed ; ", ""))
    assert waits.keys() == {frozenset({"wrong-value"})}


# ---------------------------------------------------- against vector clocks


def compare_with_clocks(seeds: range) -> set[frozenset[str]]:
    ends: set[frozenset[str]] = set()
    for seed in seeds:
        bodies = random_bodies(random.Random(seed))
        if any("[" in body for body in bodies):
            expected = Races(bodies).ends()
            assert explored(text_of(bodies)).keys() == expected, text_of(bodies)
            ends |= expected
    return ends


ENDS = {frozenset(), frozenset({"data-race"}), frozenset({"deadlock"})}


def test_stops_order_plain_accesses_as_vector_clocks_do():
    assert compare_with_clocks(range(600)) == ENDS


@pytest.mark.soak
def test_many_more_programs_that_stop_the_world_end_as_by_vector_clocks():
    assert compare_with_clocks(range(600, 20_000)) == ENDS
