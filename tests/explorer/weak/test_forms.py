"""The form of a memory under C11 merges no runs, and orders only take runs away."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from explorer.weak.runs import SETS, Runs, random_threads, text_of
from explorer.weak.walks import explored, walked
from reference.axioms import Event

STRONGER = {
    "relaxed": ("acquire", "release", "acq_rel", "seq_cst"),
    "acquire": ("acq_rel", "seq_cst"),
    "release": ("acq_rel", "seq_cst"),
    "acq_rel": ("seq_cst",),
}


def counters(threads: int, times: int) -> str:
    """Increments in two steps; the last check fails if one of them is lost."""
    body = "  n = N relaxed\n  N = n + 1 relaxed\n" * times
    names = [f"T{t}:\n{body}" for t in range(1, threads + 1)]
    end = f"end:\n  n = N\n  assert n == {threads * times}\n"
    return "int N = 0\n" + "".join(names) + end


@pytest.mark.parametrize(
    ("threads", "times", "runs"), [(2, 1, 14), (2, 2, 836), (3, 1, 852)]
)
def test_the_form_and_equal_threads_change_no_outcome_of_relaxed_counters(
    threads, times, runs
):
    program = counters(threads, times)

    together, apart = explored(program), explored(program, symmetry=False)

    assert together == apart == walked(program)
    assert sum(n for n, _ in together.values()) == runs
    assert sum(share for _, share in together.values()) == 1


def test_the_form_and_equal_threads_change_no_outcome_of_payloads():
    program = """
        obj A rc 0
        int N = 2
        borrow T1.x = A
        borrow T2.x = A
        T1: use x ; n = fdec N relaxed ; if n == 0 { fence acquire ; put x }
        T2: use x ; n = fdec N relaxed ; if n == 0 { fence acquire ; put x }
    """

    together = explored(program)

    assert together == explored(program, symmetry=False) == walked(program)
    assert any("data-race" in kinds for kinds in together)


@pytest.mark.parametrize("called", ["atomic_cas", "biased", "epoch", "unlocked"])
def test_the_form_changes_no_outcome_of_other_modes(called):
    program = """
        obj A field f=B
        hold T1.x = A
        hold T2.y = B
        T1: decref x
        T2: use y ; decref y
    """

    assert explored(program, called=called) == walked(program, called)


# ------------------------------------------------------ generated programs


def with_checks(threads: list[list[Event]], rng: random.Random) -> str:
    """Return the program, with a check that some of its runs fail, if any can."""
    lines = text_of(threads).splitlines()
    ends = [
        f"  {c.lower()} = {c}\n  assert {c.lower()} == {rng.randint(0, 2)}"
        for c in "XY"
    ]
    return "\n".join([*lines, "end:", *ends])


def strong(event: Event) -> Event:
    return replace(event, order="seq_cst")


def compare_with_sc(seeds: range, most: int) -> int:
    """Compare programs of seq_cst accesses only; return how many can go wrong."""
    corrupt = 0
    for seed in seeds:
        rng = random.Random(seed)
        threads = [[*map(strong, events)] for events in random_threads(rng, most)]
        program = with_checks(threads, rng)
        weak = explored(program)
        assert weak == explored(program, model="sc"), program
        corrupt += len(weak) > 1 or frozenset() not in weak
    return corrupt


def test_seq_cst_everywhere_has_the_outcomes_of_sequential_consistency():
    assert compare_with_sc(range(40), 6) > 10


@pytest.mark.soak
def test_seq_cst_everywhere_has_those_outcomes_in_more_programs():
    assert compare_with_sc(range(1000, 1600), 8) > 150


def crossing_threads(rng: random.Random) -> list[list[Event]]:
    """Return two threads of relaxed accesses to X and Y, and sometimes a third."""
    threads = []
    for t, cells in enumerate(rng.choice((["XY", "YX"], ["XY", "YX", "X"]))):
        kinds = [rng.choice("RRWWU") for _ in cells]
        threads.append(
            [
                Event(f"{t}.{i}", t, kind, cell, "relaxed")
                for i, (kind, cell) in enumerate(zip(kinds, cells, strict=True))
            ]
        )
    return threads


def strengthened(threads: list[list[Event]], rng: random.Random) -> list[list[Event]]:
    """Return the program with most of its orders made stronger."""

    def stronger(event: Event) -> Event:
        orders = [o for o in STRONGER.get(event.order, ()) if o in SETS[event.kind]]
        is_kept = not orders or rng.random() < 0.2
        return event if is_kept else replace(event, order=rng.choice(orders))

    return [[*map(stronger, events)] for events in threads]


def compare_stronger(seeds: range, repeats: int) -> int:
    """Make orders stronger, and again; return how many executions that took away."""
    n_gone = 0
    for seed in seeds:
        rng = random.Random(seed)
        threads = crossing_threads(rng)
        before = Runs(threads).graphs()
        for _ in range(repeats):
            stronger = strengthened(threads, rng)
            after = Runs(stronger).graphs()
            assert after <= before, text_of(threads) + "\n---\n" + text_of(stronger)
            n_gone += len(before) - len(after)
            threads, before = stronger, after
    return n_gone


def test_a_stronger_order_adds_no_execution():
    assert compare_stronger(range(60), 2) > 10


@pytest.mark.soak
def test_a_stronger_order_adds_no_execution_in_more_programs():
    assert compare_stronger(range(2000, 2600), 3) > 100
