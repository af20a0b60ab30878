"""The explorer counts exactly the interleavings there are: closed forms."""

from fractions import Fraction
from math import comb, factorial

import pytest
from explorer.model.models import decrefs, explore, pairs, smallest, threads

INTACT = frozenset()
LEAK = frozenset({"leak"})


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_unlocked_decrefs_are_intact_only_one_after_the_other(n):
    raw = explore(decrefs(n), "unlocked")

    # Each is a load and a store.  Nothing is lost only if none is cut by another: n!
    # orders, each met with probability 1/n! since 1 of k threads is at its load.
    assert raw.interleavings == factorial(2 * n) // 2**n
    assert raw.outcomes[INTACT] == (factorial(n), Fraction(1, factorial(n)))
    assert raw.outcomes.keys() <= {INTACT, LEAK}
    assert sum(count for count, _ in raw.outcomes.values()) == raw.interleavings


@pytest.mark.parametrize(("m", "n"), [(1, 1), (1, 4), (2, 3), (5, 5), (9, 30)])
def test_two_threads_without_conflicts_interleave_in_binomially_many_ways(m, n):
    raw = explore(f"slot S = A\nT1: {'gil;' * m}\nT2: {'gil;' * n}")

    assert raw.interleavings == comb(m + n, n)
    assert raw.outcomes == {INTACT: (comb(m + n, n), Fraction(1))}


def test_a_count_beyond_one_machine_word_is_exact():
    """Three threads of 40 steps each: 120! / 40!^3, some 182 bits."""
    raw = explore(threads(3, "repeat 40 { gil }"))

    assert raw.interleavings == factorial(120) // factorial(40) ** 3


@pytest.mark.parametrize("n", [1, 2, 3, 6])
def test_lock_sections_run_in_as_many_orders_as_there_are(n):
    raw = explore("lock L\nint N = 0\n" + threads(n, "lock L ; n = finc N ; unlock L"))

    assert raw.outcomes == {INTACT: (factorial(n), Fraction(1))}


def test_three_threads_that_take_and_drop_twice_unlocked():
    """The number of runs before any is cut short is 24! / 8!^3; many are."""
    raw = explore(pairs(3, 2), "unlocked")

    assert raw.interleavings == 7_396_607_334 < factorial(24) // factorial(8) ** 3
    assert raw.outcomes[INTACT][0] == 1_671_068_262
    assert raw.outcomes[LEAK][0] == 2_588_254_128
    assert sum(share for _, share in raw.outcomes.values()) == 1


def test_a_maybe_doubles_the_runs_and_splits_the_probability():
    raw = explore("T1: maybe f ; maybe f\nfn f: x = new A")

    # Two coins; a new object that nobody drops leaks.
    assert raw.outcomes == {INTACT: (1, Fraction(1, 4)), LEAK: (3, Fraction(3, 4))}


def test_a_waiting_write_may_leave_its_buffer_at_any_time():
    raw = explore("slot S = A\nborrow T1.x = A\nT1: put x ; gil ; gil")

    # The one drain comes after the put: before, between or behind the two steps.
    assert raw.interleavings == 3


def test_a_loop_without_a_bound_has_infinitely_many_runs_and_exact_chances():
    raw = explore("int N = 0\nT1: n = N\n  while n == 0 {\n    n = N\n  }\nT2: N = 1")

    assert raw.interleavings is None
    assert raw.infinite
    assert raw.outcomes == {INTACT: (None, Fraction(1))}


def test_a_loop_that_can_be_left_by_two_doors_has_exact_chances():
    # The spinner sees 1 or 2: the one that it reads first after it was written.
    raw = explore(
        "int N = 0\n"
        "T1: n = N\n  while n == 0 {\n    n = N\n  }\n  assert n == 1\n"
        "T2: N = 1 ; N = 2"
    )

    # From N == 1 on, T1 looks or T2 writes, with equal chances, once.
    assert raw.outcomes[INTACT] == (None, Fraction(1, 2))
    assert raw.outcomes[frozenset({"wrong-value"})] == (None, Fraction(1, 2))


@pytest.mark.parametrize("gil", ["released", "held"])
def test_with_the_gil_threads_change_only_where_it_says(gil):
    raw = explore("T1: fence ; fence ; gil ; fence\nT2: fence ; fence", gil=gil)

    # Held: T2 runs as a whole before T1, at its `gil`, or behind it.
    assert raw.interleavings == {"released": comb(6, 2), "held": 3}[gil]


def test_a_field_of_a_type_that_nothing_makes_can_be_named():
    """Its one step goes through null."""
    raw = explore("type M field f=null\nraw R = null\nT1: x = R ; y = x.f")

    assert smallest(raw) == {"null-dereference": (0, 2)}
