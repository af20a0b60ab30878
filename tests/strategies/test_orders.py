"""Generated programs with memory orders, and what C11 has in common with SC."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

import refrace
from refrace import strategies
from refrace.explorer.memory import Memory, unmodelled
from refrace.explorer.session import session_of
from refrace.programs.syntax import Step, walk

QUICK = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=40,
    suppress_health_check=list(HealthCheck),
)
RACES = {"data-race", "unsynchronised-free"}
SMALL = {"max_threads": 2, "max_length": 3}


def steps(program):
    bodies = [*program.threads, *program.functions]
    return [
        each for body in bodies for each in walk(body.body) if isinstance(each, Step)
    ]


def kinds(program, memory):
    """The sets of kinds of the runs of a program; None if it is too large."""
    session = session_of(program, "atomic", "released", memory)
    found = session.explore(20_000, 60.0, 2**28)
    if not found.finished:
        return None
    return set(found.outcomes)


def stronger(program, number):
    """A program in which one step that states an order states none."""
    seen = -1

    def changed(node):
        nonlocal seen
        if isinstance(node, tuple):
            return tuple(map(changed, node))
        if isinstance(node, Step):
            if node.order is None:
                return node
            seen += 1
            return replace(node, order=None, failure=None) if seen == number else node
        parts = {
            name: changed(value)
            for name in getattr(node, "__slots__", ())
            if isinstance(value := getattr(node, name), tuple)
        }
        return replace(node, **parts) if parts else node

    return refrace.Program(
        program.declarations,
        changed(program.threads),
        changed(program.functions),
        program.end,
    )


def orders_of(program):
    return {step.order for step in steps(program)}


@settings(phases=[Phase.generate])
@given(program=strategies.programs(memory="c11"))
def test_programs_under_c11_have_only_what_is_modelled_there(program):
    assert unmodelled(program) == []


def test_programs_under_c11_state_every_order_and_parse():
    seen = set()

    @QUICK
    @given(strategies.programs(memory="c11"))
    def drawn(program):
        assert refrace.Program.parse(str(program)) == program
        seen.update(orders_of(program))

    drawn()
    assert seen >= {None, "relaxed", "acquire"}
    assert seen <= {None, "relaxed", "acquire", "release", "acq_rel"}


@QUICK
@given(strategies.programs())
def test_programs_state_no_order_without_it(program):
    assert orders_of(program) <= {None}


def test_an_unknown_memory_model_is_refused():
    with pytest.raises(refrace.InvalidArgument, match="'sc', 'c11'"):
        strategies.programs(memory="tso")
    with pytest.raises(refrace.InvalidArgument, match="'sections' is not modelled"):
        strategies.programs(memory="c11", features=["slots", "sections"])
    with pytest.raises(refrace.InvalidArgument, match="'sections' is not modelled"):
        strategies.programs(memory="c11", features=["sections"])


@QUICK
@given(strategies.programs(memory="c11", clean=True, **SMALL))
def test_clean_programs_with_orders_have_no_relaxed_access(program):
    assert "relaxed" not in orders_of(program)


@QUICK
@given(strategies.programs(memory="c11", **SMALL))
def test_c11_has_every_outcome_of_sequential_consistency(program):
    """Unless a race ends the runs before they get there."""
    weak, strong = kinds(program, Memory("c11")), kinds(program, Memory())
    assume(weak is not None and strong is not None)
    assume(not any(RACES & {*map(str, some)} for some in weak))
    assert strong <= weak


@QUICK
@given(strategies.programs(memory="c11", **SMALL), st.integers(0, 5))
def test_a_stronger_order_adds_no_outcome(program, number):
    """Unless the weaker one ended the runs with a race."""
    weak = kinds(program, Memory("c11"))
    assume(weak is not None)
    assume(not any(RACES & {*map(str, some)} for some in weak))
    strong = kinds(stronger(program, number), Memory("c11"))
    assert strong is not None
    assert strong <= weak
