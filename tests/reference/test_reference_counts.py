"""Closed forms: numbers of runs, and what the modes make of them."""

from __future__ import annotations

from fractions import Fraction
from math import comb, factorial, prod

import pytest

from reference import explore

INTACT = frozenset()
LEAK = frozenset({"leak"})
LOCK_MODES = ["object_lock", "global_lock"]


def drops(threads: int, slot: str) -> str:
    """Return a program in which each thread drops its own count of one object."""
    names = [f"T{number}" for number in range(1, threads + 1)]
    lines = [slot, *(f"hold {name}.x = A" for name in names)]
    return "\n".join([*lines, *(f"{name}: decref x" for name in names)])


def works(threads: int, work: str) -> str:
    """Return a program in which each thread does `work` on an object in a slot."""
    names = [f"T{number}" for number in range(1, threads + 1)]
    lines = ["slot S = A", *(f"borrow {name}.x = A" for name in names)]
    return "\n".join([*lines, *(f"{name}: {work}" for name in names)])


@pytest.mark.parametrize("lengths", [(1,), (3, 4), (2, 2, 2), (5, 1, 3), (8, 8, 8)])
def test_independent_steps_interleave_in_multinomially_many_ways(
    lengths: tuple[int, ...],
) -> None:
    lines = [f"T{i}: repeat {length} {{ gil }}" for i, length in enumerate(lengths)]
    found = explore("\n".join(lines))
    expected = factorial(sum(lengths)) // prod(map(factorial, lengths))
    assert found.interleavings == expected
    # A merged state says no more than how far each thread is; the last is no state.
    assert found.states == prod(length + 1 for length in lengths) - 1


@pytest.mark.parametrize("slot", ["", "slot S = A"])
@pytest.mark.parametrize("threads", [2, 3, 4])
def test_an_unlocked_drop_is_intact_only_if_no_thread_comes_in_between(
    threads: int, slot: str
) -> None:
    found = explore(drops(threads, slot), "unlocked")
    runs = factorial(2 * threads) // 2**threads
    assert found.interleavings == runs
    intact = found.outcomes[INTACT]
    assert intact.interleavings == factorial(threads)
    # With k threads left, the one that loaded goes on with probability 1 in k.
    assert intact.probability == Fraction(1, factorial(threads))
    assert found.outcomes[LEAK] == (
        runs - factorial(threads),
        1 - Fraction(1, factorial(threads)),
    )
    # One thread waits between load and store; the others, then it, go to their end.
    assert found.findings["leak"][:2] == (1, 2 * threads)
    assert set(found.findings) == {"leak"}


@pytest.mark.parametrize("mode", ["atomic", *LOCK_MODES])
@pytest.mark.parametrize("threads", [2, 3, 4])
def test_locked_and_atomic_drops_are_intact_in_any_order(
    threads: int, mode: str
) -> None:
    found = explore(drops(threads, ""), mode)
    assert found.verdict == "safe"
    assert found.outcomes == {INTACT: (factorial(threads), Fraction(1))}


def test_pairs_of_unlocked_operations_can_go_wrong_in_three_ways() -> None:
    found = explore(works(2, "incref x ; decref x"), "unlocked")
    # Nothing cuts a run short here, so that all are there: 8 steps, 4 of each thread,
    # and a free at the very end.
    assert found.interleavings == comb(8, 4)
    assert found.outcomes[INTACT].interleavings == 38
    assert found.outcomes[LEAK].interleavings == 16
    early = frozenset({"dangling-free", "dangling-reference"})
    assert found.outcomes[early].interleavings == 16


def test_findings_cut_runs_short() -> None:
    found = explore(works(2, "repeat 2 { incref x ; decref x }"), "unlocked")
    assert found.interleavings < comb(16, 8)
    latent = {k for k in found.outcomes if "use-after-free" in k}
    assert latent == {frozenset({"dangling-free", "use-after-free"})}


@pytest.mark.parametrize("mode", ["atomic", *LOCK_MODES])
def test_pairs_of_locked_and_atomic_operations_never_go_wrong(mode: str) -> None:
    work = works(2, "repeat 2 { incref x ; decref x }")
    assert explore(work, mode).verdict == "safe"


@pytest.mark.parametrize("mode", ["atomic", "unlocked", *LOCK_MODES])
def test_the_gil_never_cuts_an_operation_in_two(mode: str) -> None:
    found = explore(works(3, "incref x ; decref x"), mode, "held")
    assert found.outcomes == {INTACT: (factorial(3), Fraction(1))}


@pytest.mark.parametrize(
    ("mode", "runs"),
    [
        ("atomic", comb(2, 1)),
        ("unlocked", comb(4, 2)),
        ("object_lock", comb(8, 4)),  # lock, load, store, unlock: each its own lock
        ("global_lock", 2),  # the second waits for the first
    ],
)
def test_operations_on_two_objects_share_only_the_global_lock(
    mode: str, runs: int
) -> None:
    text = """obj A rc 0\nobj B rc 0\nslot S = A\nslot Q = B
    borrow T1.x = A\nborrow T2.x = B\nT1: incref x\nT2: incref x"""
    found = explore(text, mode)
    assert found.outcomes == {INTACT: (runs, Fraction(1))}


@pytest.mark.parametrize(
    ("step", "accesses"),
    [
        ("incref x", 4),
        ("n = rc x", 3),
        ("u = unique x", 3),
        ("setrc x 3", 3),
        ("b = casrc x 9 1", 3),
        ("b = casrc x 2 1", 4),
        ("b = try_incref x", 4),
        ("b = upgrade S", 4),
        ("n = incfetch x", 4),
        ("n = decfetch x", 4),
    ],
)
def test_an_operation_of_a_lock_mode_takes_its_lock_and_gives_it_back(
    step: str, accesses: int
) -> None:
    # The other thread's one step falls before, between and after the accesses.
    text = f"obj A rc 2\nslot S = A\nborrow T1.x = A\nT1: {step}\nT2: gil"
    for mode in LOCK_MODES:
        assert explore(text, mode).interleavings == accesses + 1


def test_an_upgrade_in_a_lock_mode_does_not_wait_for_the_dead() -> None:
    text = "raw R = A\nhold T1.x = A\nT1: decref x\nT2: y = upgrade R"
    for mode in LOCK_MODES:
        found = explore(text, mode)
        assert set(found.outcomes) == {INTACT, LEAK}  # nobody drops the count of y
        # T1: lock, load, store, unlock, free.  The upgrade is one step before or after
        # the free; while T1 has the lock it waits; before that it does all its four.
        assert found.outcomes[INTACT].interleavings == 2
        assert found.outcomes[LEAK].interleavings == 1


@pytest.mark.parametrize("mode", ["atomic", *LOCK_MODES])
def test_a_free_step_respects_the_lock_of_what_the_object_owned(mode: str) -> None:
    text = """obj A field f=B\nslot S = B\nhold T1.a = A\nborrow T2.b = B
    T1: decref a\nT2: incref b ; decref b"""
    assert explore(text, mode).verdict == "safe"
    assert set(explore(text, "unlocked").findings) >= {"leak"}
