"""Memory that runs out is a limit like any other: never a proof, never a leak."""

import gc

import pytest
from explorer.programs import COUNTING_PAIRS, SHARED_DECREF, WRONG_ALONE

import refrace
from refrace._native import explorer as native_explorer

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
