"""The explorer has exactly the executions that the axioms of C11 allow."""

from __future__ import annotations

import random

import pytest
from explorer.weak.runs import Runs, random_threads, strong_threads, text_of
from reference.axioms import Axioms

PROGRAMS, PROGRAMS_OF_A_SOAK = 60, 1500


def compare(seeds: range, most: int) -> int:
    """Compare the executions of random programs; return how many there were.

    With most=0 they have fences and accesses that are sequentially consistent.
    """
    total = 0
    for seed in seeds:
        rng = random.Random(seed)
        threads = random_threads(rng, most) if most else strong_threads(rng)
        graphs = Axioms(threads).graphs()
        assert Runs(threads).graphs() == graphs, text_of(threads)
        total += len(graphs)
    return total


def test_random_programs_have_the_executions_of_the_axioms():
    assert compare(range(PROGRAMS), 5) > PROGRAMS


def test_strong_fences_and_accesses_have_the_executions_of_the_axioms():
    assert compare(range(PROGRAMS), 0) > PROGRAMS


@pytest.mark.soak
def test_more_strong_fences_and_accesses_have_the_executions_of_the_axioms():
    assert compare(range(1000, 1300), 0) > PROGRAMS


@pytest.mark.soak
@pytest.mark.parametrize("first", range(1000, 5000, 1000))
def test_more_random_programs_have_the_executions_of_the_axioms(first):
    assert compare(range(first, first + PROGRAMS_OF_A_SOAK // 4), 6) > PROGRAMS
