"""Counting while detached: explored with the GIL, a finding where modes forbid it."""

import pytest
from explorer.model.models import explore

import refrace
from refrace.findings import FindingKind


def kinds_of(text, mode, **options):
    found = refrace.explore(text, mode, **options)
    assert found.limit is None
    return {kind for outcome in found.outcomes for kind in outcome}


COUNTING = [
    *("incref x", "decref x", "u = unique x", "b = try_incref x", "y = upgrade S"),
    *("dealloc x", "free x"),
]


@pytest.mark.parametrize("step", COUNTING)
@pytest.mark.parametrize("mode", ["biased", "biased_suspend", "epoch", "per_thread"])
@pytest.mark.parametrize("gil", ["held", "released"])
def test_a_mode_with_data_of_threads_finds_that_a_detached_thread_counts(
    gil, mode, step
):
    text = f"slot S = A\nhold T1.x = A\nT1: detach ; {step} ; attach"
    result = refrace.explore(text, mode, gil=gil)

    assert kinds_of(text, mode, gil=gil) == {FindingKind.DETACHED_COUNT}
    assert "T1 is detached since step" in result.findings[0].message


@pytest.mark.parametrize("step", COUNTING)
@pytest.mark.parametrize("mode", ["atomic", "unlocked", "global_lock", "sign_split"])
def test_where_threads_have_no_data_a_detached_thread_counts_as_an_attached_does(
    mode, step
):
    text = f"slot S = A\nhold T1.x = A\nT1: detach ; {step} ; attach"
    attached = f"slot S = A\nhold T1.x = A\nT1: gil ; {step} ; gil"

    there, here = (explore(one, mode, "released") for one in (text, attached))
    assert there.outcomes == here.outcomes


COUNTS_BESIDE = """
slot S = A
hold T2.y = A
T1: x = S ; incref x ; use x ; decref x
T2: detach ; decref y ; attach
"""


def test_with_the_gil_a_detached_decrement_comes_in_the_middle_of_an_increment():
    held = kinds_of(COUNTS_BESIDE, "unlocked", gil="held")
    attached = kinds_of(COUNTS_BESIDE.replace("detach", "gil").replace("attach", "gil"),
                        "unlocked", gil="held")  # fmt: skip

    assert {FindingKind.LEAK, FindingKind.DANGLING_FREE} <= held
    assert attached == set()
    assert kinds_of(COUNTS_BESIDE, "atomic", gil="held") == set()


def test_a_report_says_that_a_detached_thread_counts():
    report = refrace.explore(COUNTS_BESIDE, "atomic", gil="held")

    assert str(report).startswith(
        "atomic, GIL held: safe if a detached thread may count: none of its"
    )
    assert "A detached thread counts: `decref y`." in report.assumptions[0]
    assert refrace.explore(COUNTS_BESIDE, "atomic").assumptions == ()


def test_a_detached_finaliser_runs_beside_the_thread_with_the_gil():
    text = """
    int N = 0
    obj A final f
    hold T1.x = A
    T1: detach ; decref x ; attach
    T2: n = N ; N = n + 1
    fn f: n = N ; N = n + 1
    end: r = N ; assert r == 2
    """
    assert kinds_of(text, "atomic", gil="held") == {FindingKind.WRONG_VALUE}


def test_real_threads_count_while_detached_too():
    race = refrace.race(
        "unlocked", program=COUNTS_BESIDE, gil="held", rounds=300, seed=1
    )
    predicted = refrace.explore(COUNTS_BESIDE, "unlocked", gil="held")

    assert race.disputed == 0
    assert set(race.outcomes) <= set(predicted.outcomes)


def test_real_threads_find_that_a_detached_thread_counts():
    race = refrace.race("biased", program=COUNTS_BESIDE, rounds=50, seed=1)

    assert FindingKind.DETACHED_COUNT in {finding.kind for finding in race.findings}


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("atomic", FindingKind.NULL_DEREFERENCE),
        ("biased_suspend", FindingKind.DETACHED_COUNT),
    ],
)
def test_that_a_thread_is_detached_is_found_before_it_finds_null(mode, kind):
    text = "T1: x = null ; detach ; free x ; attach"

    assert kinds_of(text, mode) == {kind}
