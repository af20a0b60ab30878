"""Threads that sleep: numbers of steps and runs, worked out by hand."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest

from reference import InvalidProgram, explore, parse
from reference.counting import MODES
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
def test_to_sleep_and_to_wake_up_are_steps_of_the_thread(mode: str) -> None:
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
def test_what_a_thread_has_put_off_is_seen_to_before_it_sleeps(
    mode: str, steps: int
) -> None:
    found = explore("hold T1.x = A\nT1: decref x ; detach ; attach\nT2: gil", mode)

    assert found.outcomes == {INTACT: (comb(steps + 2, 2), 1)}


ASLEEP = """
int ASLEEP = 0
hold T1.x = A
borrow T2.x = A
T1: detach ; ASLEEP = 1 ; attach
T2: await ASLEEP ; decref x"""


def test_whoever_drops_a_sleepers_suspends_it_merges_and_resumes_it() -> None:
    found = explore(ASLEEP, "biased_suspend")

    # T2: await, load owner, load, attempt, load owner, push, then suspend.  If T1
    # attaches after that, it does so after the resumption: it, and its end, beside the
    # free and T2's end.
    suspended = comb(4, 2)
    # If it attaches and ends before the push, T2 merges by itself.
    ended = sum(1 for attach in range(6) for _ in range(attach, 6))
    # If it attaches before the suspension and ends after the push, it pops, merges,
    # frees and closes in 8 steps, beside T2's vain suspension and T2's end.
    awake = 7 * comb(8 + 2, 2)
    assert found.outcomes == {INTACT: (suspended + ended + awake, 1)}


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


def test_a_suspended_thread_stays_so_and_nobody_else_suspends_any() -> None:
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


def test_with_the_gil_a_sleepers_steps_come_in_anywhere_but_for_attach() -> None:
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


def test_with_the_gil_whom_a_sleeper_wakes_has_no_right_to_go_first() -> None:
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
    "detach ; incref x ; attach",
    "detach ; decref x ; attach",
    "detach ; u = unique x ; attach",
    "detach ; b = try_incref x ; attach",
    "detach ; y = upgrade S ; attach",
    "detach ; y = new N ; attach",
    "detach ; y = raw_new N ; attach",
    "detach ; y = renew A ; attach",
    "detach ; dealloc x ; attach",
    "detach ; free x ; attach",
    "detach ; y = null ; free y ; attach",
    "detach ; quiesce ; attach",
    "detach ; detach ; attach",
    "detach",
    "attach",
    "detach ; attach ; attach",
]


@pytest.mark.parametrize("mode", MODES)
def test_whoever_sleeps_counts_makes_and_ends_nothing(mode: str) -> None:
    for body in MISUSES:
        with pytest.raises(InvalidProgram, match=r"tached"):
            explore(f"type N\nslot S = A\nhold T1.x = A\nT1: {body}", mode)


@pytest.mark.parametrize("mode", MODES)
def test_a_finaliser_may_sleep_but_has_to_wake_up(mode: str) -> None:
    text = "obj A final f\nhold T1.x = A\nT1: decref x\nfn f: detach ; attach"

    assert explore(text, mode).verdict == "safe"
    with pytest.raises(InvalidProgram, match="detached"):
        explore(text.replace(" ; attach", ""), mode)
