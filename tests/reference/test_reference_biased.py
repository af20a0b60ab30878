"""Counting biased towards an owner: numbers of steps and runs, worked out by hand."""

from __future__ import annotations

from math import comb

import pytest

from reference import explore
from reference.biased import TABLE

INTACT = frozenset()
FAMILY = list(TABLE)
DRAINED = [mode for mode in FAMILY if mode != "biased_undrained"]

MINE = "hold T1.x = A"
MINE_TWICE = "hold T1.x = A\nhold T1.y = A"
FIRST_OF_ANOTHER = "hold T2.x = A\nhold T1.x = A"
NOBODYS = "obj A rc 2\nslot S = A\nborrow T1.x = A"
TRIED = MINE + "\nfn never: b = try_incref arg"
CASES = [
    (MINE, "incref x", 3),  # load owner; load; store
    (MINE_TWICE, "decref x", 3),
    (MINE, "decref x", 5),  # at zero: load shared; and the free
    (TRIED, "decref x", 8),  # load shared; clear the owner, load, attempt; and the free
    (MINE, "b = try_incref x", 3),
    (MINE, "u = unique x", 3),
    (MINE_TWICE, "u = unique x", 2),
    (FIRST_OF_ANOTHER, "incref x", 2),  # load owner; add
    (NOBODYS, "incref x", 2),
    (NOBODYS, "decref x", 3),  # load owner; load shared; attempt
    (NOBODYS, "b = try_incref x", 3),
    (NOBODYS, "b = upgrade S", 3),
    (NOBODYS, "u = unique x", 1),
    ("", "x = new M ; incref x", 4),
    ("", "quiesce", 1),
]


@pytest.mark.parametrize(("opening", "steps", "accesses"), CASES)
def test_an_operation_takes_the_accesses_of_its_row(
    opening: str, steps: str, accesses: int
) -> None:
    found = explore(f"{opening}\nT1: {steps}\nT2: gil", "biased")

    # Both threads leave in one step more; T2 has two, and they fall anywhere.
    assert found.interleavings == comb(accesses + 1 + 2, 2)


@pytest.mark.parametrize("mode", FAMILY)
def test_an_attempt_that_fails_is_made_again_with_what_it_has_seen(mode: str) -> None:
    text = "obj A rc 3\nslot S = A\nborrow T1.x = A\nborrow T2.x = A\n"

    found = explore(text + "T1: decref x\nT2: decref x", mode)

    # Each loads the owner, loads what is shared (l) and attempts (c); then n steps.  T2
    # loads after c1: T1 has taken i of its 3 + n steps by then, one of T2's among them.
    # Or c1 falls between l2 and c2, and T2 attempts once more.  Or the other way round.
    n = 1 if mode in DRAINED else 0
    after = sum((i + 1) * comb(3 + n - i + 1 + n, 1 + n) for i in range(3, 3 + n + 1))
    in_between = comb(4, 2) * comb(n + 2 + n, n)
    assert found.interleavings == 2 * (after + in_between)


WAITS = """
int N = 0
hold T2.x = A
borrow T1.x = A
T1: decref x ; N = 1
T2: await N"""


@pytest.mark.parametrize("mode", DRAINED)
def test_what_waits_is_seen_to_at_its_owners_end(mode: str) -> None:
    # T2 takes await; pop, five steps of a merge, free; close.  T1 leaves somewhere.
    assert explore(WAITS, mode).outcomes == {INTACT: (10, 1)}
    # One step more than that: the quiescent point finds no more.
    assert explore(WAITS + " ; quiesce", mode).outcomes == {INTACT: (11, 1)}


def test_what_waits_for_a_thread_that_sees_to_nothing_leaks() -> None:
    assert explore(WAITS, "biased_undrained").outcomes == {frozenset({"leak"}): (1, 1)}
    settled = explore(WAITS + " ; quiesce", "biased_undrained")
    assert settled.outcomes == {INTACT: (1, 1)}


def test_what_an_ended_thread_made_is_merged_by_who_drops_it() -> None:
    text = """int N = 0\nhold T1.x = A\nborrow T2.x = A
    T1: N = 1\nT2: await N ; decref x"""

    found = explore(text, "biased")

    # Before the push T2 takes await; load owner, load, attempt, load owner: T1 leaves
    # before one of these or right after, and T2 merges.  Or T1 finds what was pushed,
    # merges it, frees and leaves in 8 steps, before or after which T2 leaves.
    assert found.outcomes == {INTACT: (6 + 9, 1)}


AS_PRINTED = """
int N = 0
hold T1.x = A
borrow T2.x = A
T1: await N ; decref x
T2: incref x ; N = 1 ; decref x"""


def test_who_clears_the_owner_last_writes_to_what_is_freed() -> None:
    found = explore(AS_PRINTED, "biased_as_printed")

    # T2: incref (2), N; T1: await, decref but for its last step (5); T2: decref (3),
    # free, leave; T1.  T2 is left twice while it could go on, or T1 is.
    assert found.findings["use-after-free"][:2] == (2, 15)
    assert set(found.findings) == {"use-after-free"}
    assert explore(AS_PRINTED, "biased").verdict == "safe"


PUBLISH_FIRST = """
int N = 0
hold T1.x = A
hold T2.x = A
borrow T3.x = A
T1: await N ; decref x ; quiesce
T2: decref x
T3: incref x ; N = 1 ; decref x"""


def test_who_publishes_a_merge_first_writes_to_what_is_freed() -> None:
    found = explore(PUBLISH_FIRST, "biased_publish_first")

    assert set(found.findings) == {"use-after-free"}
    assert explore(PUBLISH_FIRST, "biased").verdict == "safe"
    assert explore(AS_PRINTED, "biased_publish_first").verdict == "safe"


WEAK_QUEUE = """
int N = 0
hold T1.x = A
hold T1.y = A
borrow T2.x = A
T1: await N ; decref x ; decref y
T2: decref x ; incref x ; N = 1"""


def test_a_queue_that_holds_no_reference_keeps_what_is_freed() -> None:
    found = explore(WEAK_QUEUE, "biased_weak_queue")

    # T2: decref (5), incref (2), N; leave.  T1: await, decref (3), decref (3, load
    # shared, clear the owner, load, attempt), free; pop, and the load.
    assert found.findings == {
        "use-after-free": (0, 23, ("T2",) * 9 + ("T1",) * 14),
    }
    # T2 leaves before one of T1's 14 steps, or not at all.
    assert found.interleavings == 15
    assert explore(WEAK_QUEUE, "biased").verdict == "safe"


def test_with_the_gil_held_no_thread_runs_between_the_accesses() -> None:
    for mode in DRAINED:
        for text in (WAITS, AS_PRINTED):
            assert explore(text, mode, "held").verdict == "safe"
