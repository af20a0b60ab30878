"""Threads that sleep: numbers of steps and runs, worked out by hand."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest

from reference import InvalidProgram, explore, parse
from reference.counting import MODES
from reference.putting_off import needs_attached
from reference.state import initial_state
from reference.steps import Branch, Machine

INTACT = frozenset()
# Steps of `detach` with nothing to see to, of `attach`, and of a thread's end.
NOTHING_TO_DO = {
    "atomic": (1, 1, 0),
    "unlocked": (1, 1, 0),
    "global_lock": (1, 1, 0),
    "sign_split": (1, 1, 0),
    "per_thread": (1, 1, 0),
    "biased": (1, 1, 1),
    "biased_suspend": (1, 1, 1),
    "biased_unsuspended": (1, 1, 1),
    "deferred": (1, 1, 1),
    "decrements_first": (1, 1, 1),
    "epoch": (3, 3, 1),  # load, look, store; load, store, look again by a write
    "epoch_too_soon": (3, 3, 1),
}


@pytest.mark.parametrize("mode", NOTHING_TO_DO)
def test_detach_and_attach_are_steps_of_the_thread(mode: str) -> None:
    detach, attach, end = NOTHING_TO_DO[mode]

    found = explore("T1: detach ; attach\nT2: gil", mode)

    all_steps = detach + attach + end + 1 + end
    assert found.outcomes == {INTACT: (comb(all_steps, 1 + end), 1)}


@pytest.mark.parametrize(
    ("mode", "steps"),
    [
        # decref; settle; free; look; attach; leave
        ("deferred", 3 + 4 + 1 + 1 + 1 + 1),
        ("decrements_first", 2 + 4 + 1 + 1 + 1 + 1),
        # decref; load, look, store; attach; leave: it is not ripe
        ("epoch", 3 + 3 + 3 + 1),
    ],
)
def test_deferred_work_is_done_before_a_thread_detaches(mode: str, steps: int) -> None:
    found = explore("hold T1.x = A\nT1: decref x ; detach ; attach\nT2: gil", mode)

    assert found.outcomes == {INTACT: (comb(steps + 2, 2), 1)}


DETACHED = """
int DETACHED = 0
hold T1.x = A
borrow T2.x = A
T1: detach ; DETACHED = 1 ; attach
T2: await DETACHED ; decref x"""


def test_a_thread_that_drops_a_detached_owners_object_suspends_and_merges() -> None:
    found = explore(DETACHED, "biased_suspend")

    # T2: await, load owner, load, attempt, load owner, push, then suspend.  If T1
    # attaches after that, it does so after the resumption: it, and its end, beside the
    # free and T2's end.
    suspended = comb(4, 2)
    # If it attaches and ends before the push, T2 merges by itself.
    ended = sum(1 for attach in range(6) for _ in range(attach, 6))
    # If it attaches before the suspension and ends after the push, it pops, merges,
    # frees and closes in 8 steps, beside T2's vain suspension and T2's end.
    attached = 7 * comb(8 + 2, 2)
    assert found.outcomes == {INTACT: (suspended + ended + attached, 1)}


BOTH_DROP = """
hold T1.x = A
hold T2.x = A
T1: detach ; attach ; decref x
T2: decref x"""


def test_an_owner_that_is_not_suspended_comes_back_in_the_middle_of_a_merge() -> None:
    found = explore(BOTH_DROP, "biased_unsuspended")

    # T1 detaches.  T2: load owner, load, attempt, load owner, push, look, take out,
    # load what T1 has.  T1: attach, decref, leave.  T2 merges what there was before,
    # and leaves.  The end settles.
    assert found.findings["leak"][:2] == (2, 1 + 8 + 5 + 4 + 1 + 1)
    assert explore(BOTH_DROP, "biased_suspend").verdict == "safe"


def test_a_suspended_thread_stays_suspended_and_no_other_thread_suspends_one() -> None:
    text = """
    obj A rc 0 field f=B
    hold T1.c = C
    hold T1.d = D
    borrow T2.c = C
    borrow T3.a = A
    borrow T4.d = D
    T1: detach ; attach
    T2: decref c
    T3: dealloc a
    T4: decref d"""
    machine = Machine(parse(text), "biased_suspend", "released")
    state = initial_state(machine.program)
    machine.begin(state)

    # T4 comes as far as its push; T2 suspends T1.
    for name in ["T1", "T3", *["T4"] * 5, *["T2"] * 6]:
        assert Branch(name) in machine.branches(state)
        machine.take(state, Branch(name))

    # T2 takes it out, merges it in five steps, and resumes T1.
    for _ in range(7):
        assert machine.branches(state) == [Branch("T2")]
        machine.take(state, Branch("T2"))
    names = ["T1", "T2", "T3", "T4"]
    assert machine.branches(state) == [Branch(name) for name in names]


# ------------------------------------------------------------------ with the GIL


def test_with_the_gil_a_detached_thread_runs_at_any_time_except_for_attach() -> None:
    text = "T1: detach ; fence ; attach\nT2: fence ; fence ; fence"

    # T2 before all of T1; or after `attach`; or between, and then T1's own fence comes
    # before, after, or at one of two places within.
    assert explore(text, gil="held").outcomes == {
        INTACT: (6, 1),
    }


def test_with_the_gil_the_three_steps_of_attach_are_whole() -> None:
    # T2 comes before, between detach and attach, or after.
    assert explore("T1: detach ; attach\nT2: fence", "epoch", "held").outcomes == {
        INTACT: (3, 1),
    }


WOKEN = """
int A = 0
int B = 0
int C = 0
int N = 0
int M = 0
T1: await C ; A = 1 ; await N ; M = 1
T2: await A ; B = 1 ; await N ; k = M ; assert k == 0
T3: detach ; C = 1 ; await B ; N = 1 ; attach"""


def test_with_the_gil_a_thread_that_a_detached_one_wakes_need_not_run_first() -> None:
    found = explore(WOKEN, gil="held")

    # Up to N = 1 there is one order.  Then T1, T2 and attach come in any, each whole;
    # where T1 is before T2, T2 ends the run.
    half = Fraction(1, 2)
    assert found.outcomes == {
        INTACT: (3, half),
        frozenset({"wrong-value"}): (3, half),
    }


# ------------------------------------------------------------- what is an error

MISUSES = [
    "detach ; y = new N ; attach",
    "detach ; y = raw_new N ; attach",
    "detach ; y = renew A ; attach",
    "detach ; quiesce ; attach",
    "detach ; detach ; attach",
    "detach",
    "attach",
    "detach ; attach ; attach",
]


@pytest.mark.parametrize("mode", MODES)
def test_a_detached_thread_must_not_make_objects_settle_or_end(mode: str) -> None:
    for body in MISUSES:
        with pytest.raises(InvalidProgram, match=r"tached"):
            explore(f"type N\nslot S = A\nhold T1.x = A\nT1: {body}", mode)


@pytest.mark.parametrize("mode", MODES)
def test_a_finaliser_may_detach_but_must_attach_again(mode: str) -> None:
    text = "obj A final f\nhold T1.x = A\nT1: decref x\nfn f: detach ; attach"

    assert explore(text, mode).verdict == "safe"
    detached = text.replace(" ; attach", "")
    if needs_attached(mode):
        assert set(explore(detached, mode).findings) == {"detached-count"}
        return
    with pytest.raises(InvalidProgram, match="detached"):
        explore(detached, mode)


COUNTS = [
    *("incref x", "decref x", "u = unique x", "b = try_incref x", "y = upgrade S"),
    *("dealloc x", "free x", "y = null ; free y"),
]


@pytest.mark.parametrize("mode", MODES)
def test_a_detached_thread_counts_where_the_mode_has_no_hooks(mode: str) -> None:
    for body in COUNTS:
        text = f"slot S = A\nhold T1.x = A\nT1: detach ; {body} ; attach"
        found = set(explore(text, mode).findings)
        assert ("detached-count" in found) == needs_attached(mode), body
