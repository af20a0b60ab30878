"""Collections on real threads: the collector sees what native code has counted."""

import pytest
from explorer.model.compare import legal_programs
from explorer.model.generate_collections import (
    random_collection,
    random_resurrected_garbage,
)
from races.predicted import check, some_rounds

import refrace

MODES = [mode.name for mode in refrace.modes()]
# Threads that count for themselves, in three ways: what they count is merged.
SETTLING = ["biased", "per_thread", "epoch"]

CYCLE = """
obj A gc field next=B
obj B gc field next=A
hold T1.x = A
hold T2.x = A
T1: incref x ; decref x ; decref x ; collect
T2: y = x.next ; incref y ; use y ; decref y ; decref x ; collect
"""


@pytest.mark.parametrize(
    "generate", [random_collection, random_resurrected_garbage], ids=["made", "kept"]
)
@some_rounds(40, 1500)
def test_every_outcome_of_a_generated_collection_is_predicted(generate, rounds):
    raced = 0
    for seed, text in legal_programs(generate, range(rounds)):
        mode = MODES[seed % len(MODES)]
        gaps = ("natural", "widened")[seed // len(MODES) % 2]
        try:
            report = refrace.race(mode, program=text, gaps=gaps, rounds=30, seed=seed)
            check(report)
        except refrace.InvalidProgram:  # in some schedule
            continue
        raced += 1
    assert raced > rounds // 2


@pytest.mark.parametrize("mode", ["atomic", "object_lock", *SETTLING])
def test_a_cycle_is_collected_by_whoever_comes_last_in_every_round(mode):
    report = refrace.race(mode, program=CYCLE, rounds=200, seed=1)

    assert refrace.explore(CYCLE, mode).proved
    check(report)
    assert report.findings == ()
    assert all(part.known_rounds == part.rounds for part in report.parts)


def test_a_collector_that_a_low_count_deceives_frees_what_is_in_use():
    text = """
    obj A gc field next=B
    obj B gc field next=A
    hold T2.x = A
    borrow T1.x = A
    T1: decref x ; collect
    T2: y = x.next ; use y ; gil ; decref x
    """

    report = refrace.race("atomic", program=text, gaps="widened", rounds=300, seed=1)

    check(report)
    assert refrace.FindingKind.USE_AFTER_FREE in {one.kind for one in report.findings}


def test_a_lost_update_of_native_counts_keeps_garbage_alive():
    """The collector counts on what `unlocked` has left: a reference that nobody has."""
    text = """
    obj A gc field self=A
    hold T1.x = A
    hold T2.x = A
    T1: decref x
    T2: decref x ; collect
    """

    report = refrace.race("unlocked", program=text, gaps="widened", rounds=300, seed=1)

    check(report)
    assert report.findings


def test_a_weak_reference_calls_back_when_its_object_is_collected():
    text = """
    obj A gc field self=A
    weak W = A calls gone
    int GONE = 0
    hold T1.x = A
    borrow T2.y = A
    T1: decref x ; collect ; n = GONE ; assert n == 1
    T2: z = upgrade W ; if z != null { use z ; decref z }
    fn gone: GONE = 1
    """

    report = refrace.race("atomic", program=text, rounds=200, seed=1)

    check(report)
    explored = refrace.explore(text, "atomic")
    assert set(report.outcomes) <= set(explored.outcomes)
