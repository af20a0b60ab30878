"""Memory that runs out is a limit like any other: never a proof, never a leak."""

import gc

import pytest
from explorer.programs import COUNTING_PAIRS, SHARED_DECREF, WRONG_ALONE

import refrace
from refrace._native import explorer as native_explorer
from refrace.explorer.model.deadline import Deadline
from refrace.explorer.model.exploration import _Counting
from refrace.explorer.session import session_of

TOKEN = refrace.explore(SHARED_DECREF, "unlocked").counterexample().token

CALLS = {
    "explore": lambda: refrace.explore(COUNTING_PAIRS, "unlocked").verdict,
    "sample": lambda: bool(refrace.sample(COUNTING_PAIRS, "unlocked", runs=20, seed=1)),
    "check": lambda: refrace.Program.parse(WRONG_ALONE).check().is_wrong,
    "replay": lambda: refrace.replay(TOKEN).finding.kind,
}
MAY_SAY = {
    "explore": {"corrupt", "unfinished", "LimitReached"},
    "sample": {True, "LimitReached"},
    "check": {True, False, "LimitReached"},
    "replay": {"leak", "LimitReached"},
}


def said_with_failing_allocation(call, n):
    """What a call says if its n-th allocation fails, and whether it had so many."""
    native_explorer.fail_allocation(n)
    try:
        said = call()
    except refrace.LimitReached:
        said = "LimitReached"
    return said, not native_explorer.fail_allocation(0)


@pytest.mark.parametrize("name", CALLS)
def test_no_failing_allocation_crashes_leaks_or_leads_to_an_overclaim(name):
    call = CALLS[name]
    usual = call()
    gc.collect()
    before = native_explorer.live_allocations()

    for n in range(1, 120):
        said, failed = said_with_failing_allocation(call, n)
        assert said in MAY_SAY[name]
        if not failed:
            break

    gc.collect()
    assert native_explorer.live_allocations() == before
    assert call() == usual


LONG = " ; ".join(["a = finc P"] * 120)
WIDENED_LATE = f"""
int P = 0
int Q = 0
int X = 0
int Y = 0
T1: {LONG} ; X = 1 relaxed ; Y = 1 relaxed ; X = 2 relaxed
T2: {LONG.replace("P", "Q")} ; Y = 3 relaxed ; X = 4 relaxed ; Y = 2 relaxed
"""
"""Its states become longer when there are thousands of them; the old ones are freed."""


def explore_c11(program):
    return refrace.explore(program, memory="c11", counts=False).verdict


def test_states_that_cannot_be_made_longer_are_no_result():
    assert explore_c11(WIDENED_LATE) == "safe"
    gc.collect()
    before = native_explorer.live_allocations()
    said = {}

    for n in range(70, 300):
        said[n], failed = said_with_failing_allocation(
            lambda: explore_c11(WIDENED_LATE), n
        )
        if not failed:
            break

    assert not failed
    assert said.pop(n) == "safe"
    assert set(said.values()) == {"unfinished", "LimitReached"}
    gc.collect()
    assert native_explorer.live_allocations() == before


WAITS_IN_A_CYCLE = """
int F = 0
hold T1.x = A
T1: k = F ; while k == 0 { k = F } ; decref x ; use x
T2: F = 1
"""


@pytest.mark.parametrize("program", [WAITS_IN_A_CYCLE, COUNTING_PAIRS])
@pytest.mark.parametrize("counts", [True, False])
def test_no_memory_after_the_states_are_found_is_a_limit_of_the_result(program, counts):
    """For the order, the shortest runs, their schedules, and the counting."""
    session = session_of(program, "unlocked", "released")
    usual = session.explore(10**6, 60.0, 10**9, counts=counts)
    kept = []

    for n in range(1, 300):
        native_explorer.fail_allocation(n)
        try:
            found = session.explore(10**6, 60.0, 10**9, counts=counts)
        except MemoryError:
            found = None
        if not native_explorer.fail_allocation(0):
            kept.append(found)
            continue
        assert found.schedules == usual.schedules
        break

    # A search that starts again, with wider words, may not be able to.
    last_start = max(i for i, one in enumerate(kept) if one is None)
    late = kept[last_start + 1 :]
    assert late[-1].states == usual.states
    # Without memory to remember steps in, it only takes longer.
    whole = [one for one in late if one.finished]
    late = [one for one in late if not one.finished]
    assert all(one.schedules == usual.schedules for one in whole)
    assert all(one.states == usual.states for one in whole)
    assert len(late) > len(whole)
    assert all(one.limit == "memory" for one in late)
    assert all(set(one.schedules) <= set(usual.schedules) for one in late)
    if counts:  # only the counting failed
        assert late[-1].schedules == usual.schedules


def test_a_search_that_is_stopped_while_it_counts_is_done():
    session = session_of(COUNTING_PAIRS, "unlocked", "released")
    search = native_explorer.Search(*session.setting, -1, True, 10**6, 10**9)
    while search.advance() != "done":
        pass
    search.count(2**61 - 1)
    assert search.numbers().phase == "runs"

    search.stop("interrupt")

    assert search.advance() == "done"
    assert search.numbers().limit is None


class BoundsLater:
    """A search whose bounds take one slice of time more."""

    def __init__(self, search):
        self._search = search
        self._waits = True

    def __getattr__(self, name):
        return getattr(self._search, name)

    def bounds(self):
        waits, self._waits = self._waits, False
        return None if waits else self._search.bounds()


@pytest.mark.parametrize("is_over", [False, True])
def test_the_time_is_looked_at_while_the_numbers_are_bounded(is_over):
    session = session_of(COUNTING_PAIRS, "unlocked", "released")
    usual = session.explore(10**6, 60.0, 10**9)
    search = native_explorer.Search(*session.setting, -1, True, 10**6, 10**9)
    while search.advance() != "done":
        pass
    counting = _Counting(BoundsLater(search), Deadline(60.0))
    passed = counting._pass
    counting._pass = lambda: (passed(), setattr(counting, "_deadline", ends))[0]
    ends = Deadline(0.0 if is_over else 60.0)

    counting.run(False)

    assert counting.limit == ("seconds" if is_over else None)
    assert counting.outcomes == (None if is_over else usual.outcomes)
