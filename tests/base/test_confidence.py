"""Confidence bounds: closed forms, tables, and the defining equation."""

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refrace._base.confidence import interval, upper_bound


def at_most(k, n, p):
    """The probability of at most k of n, exactly."""
    return sum(comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k + 1))


@pytest.mark.parametrize("n", [1, 10, 1000, 10**12])
def test_nothing_in_n_trials_gives_the_closed_form(n):
    assert upper_bound(0, n) == pytest.approx(1 - 0.05 ** (1 / n), rel=1e-3)


def test_nothing_in_many_trials_is_the_rule_of_three():
    assert upper_bound(0, 1_000_000) == pytest.approx(3 / 1_000_000, rel=0.002)


def test_no_trials_and_nothing_but_hits_bound_nothing():
    assert (upper_bound(0, 0), upper_bound(7, 7)) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(1, 10, 0.0025, 0.4450), (5, 10, 0.1871, 0.8129), (10, 10, 0.6915, 1.0)],
)
def test_the_interval_is_that_of_the_published_tables(k, n, low, high):
    """Clopper and Pearson's 95% intervals, as in any table of the binomial."""
    assert interval(k, n) == pytest.approx((low, high), abs=5e-5)


@given(
    st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n)))
)
def test_at_the_bound_so_few_hits_are_as_rare_as_the_doubt(kn):
    k, n = kn

    assert float(at_most(k, n, Fraction(upper_bound(k, n)))) == pytest.approx(0.05)


def test_a_bound_of_many_hits_in_very_many_trials_is_quick_and_near():
    k, n = 10**6, 10**12

    assert upper_bound(k, n) == pytest.approx((k + 1.645 * k**0.5) / n, rel=1e-5)
