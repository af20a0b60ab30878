"""Litmus tests: whether a weak outcome is possible, in each choice of orders."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import refrace

LITMUS = tomllib.loads(Path(__file__).with_name("litmus.toml").read_text())
ORDERS = {
    "relaxed": {"s": "relaxed", "l": "relaxed", "f": ""},
    "rel_acq": {"s": "release", "l": "acquire", "f": ""},
    "seq_cst": {"s": "seq_cst", "l": "seq_cst", "f": ""},
    "fences": {"s": "relaxed", "l": "relaxed", "f": "fence"},
}
CASES = [(name, orders) for name in LITMUS for orders in ORDERS]


@pytest.mark.parametrize(("name", "orders"), CASES)
def test_a_weak_outcome_is_possible_just_where_the_orders_allow_it(name, orders):
    program = LITMUS[name]["program"].format(**ORDERS[orders])

    found = refrace.explore(program, memory="c11")

    assert found.limit is None
    assert (found.verdict == "corrupt") == LITMUS[name][orders]


@pytest.mark.parametrize("name", LITMUS)
def test_no_weak_outcome_is_possible_under_sequential_consistency(name):
    for orders in ORDERS.values():
        assert refrace.explore(LITMUS[name]["program"].format(**orders)).proved


@pytest.mark.parametrize("name", LITMUS)
def test_seq_cst_everywhere_is_sequential_consistency(name):
    program = LITMUS[name]["program"].format(**ORDERS["seq_cst"])
    program = program.replace(" relaxed", "")

    weak, strong = refrace.explore(program, memory="c11"), refrace.explore(program)

    assert weak.outcomes == strong.outcomes


TWO = """int X = 0
int Y = 0
T1:
  X = 1 {o}
{f}  a = Y {o}
T2:
  Y = 1 {o}
{f}  b = X {o}
"""


@pytest.mark.parametrize(
    ("orders", "runs"),
    [
        ({"o": "relaxed", "f": ""}, 20),
        ({"o": "seq_cst", "f": ""}, 6),
        ({"o": "relaxed", "f": "  fence\n"}, 38),
    ],
)
def test_the_runs_of_two_stores_and_loads(orders, runs):
    assert refrace.explore(TWO.format(**orders), memory="c11").interleavings == runs


def test_an_old_value_counts_as_a_departure_and_is_named_in_the_trace():
    program = LITMUS["MP"]["program"].format(**ORDERS["relaxed"])

    trace = refrace.explore(program, memory="c11").counterexample()

    assert trace.schedule == ("T1", "T1", "T2", "T2@1")
    assert trace.size == "4 steps, no preemption, 1 old value"
    assert trace.steps[2].memory.source == 2
    assert (trace.steps[3].memory.source, trace.steps[3].memory.is_old) == (0, True)
    assert "reads old 0 from the start" in " ".join(str(trace).split())
    assert refrace.replay(trace.token) == refrace.replay(trace.to_json()) == trace


def test_a_cas_whose_failure_alone_is_seq_cst_reads_no_write_before_the_last_seq_cst():
    program = """
        int F = 0
        T1: b = cas F 0 5 seq_cst relaxed
        T2: c = cas F 1 1 relaxed seq_cst
    """
    assert refrace.explore(program, memory="c11").interleavings == 2


def test_a_step_that_waits_with_the_newest_value_may_go_on_with_an_older_one():
    program = """
        slot S = null
        hold T1.x = A
        T1: S = x relaxed ; incref x ; decref x
        T2: y = upgrade S relaxed ; assert y != null
    """
    runs = refrace.explore(program, "object_lock", memory="c11").outcomes
    # T1 has 9 steps, and T2 can read null before and after each of them, also while T1
    # has A locked.
    assert runs[frozenset({"wrong-value"})].interleavings == 10
