"""Drawn programs of a hunt: reproducible, varied, and complete."""

import subprocess
import sys
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import refrace
from refrace.canaries.canary import Canary
from refrace.strategies import (
    anything,
    canaries,
    hostile,
    operations,
    thread_programs,
)
from refrace.strategies.draw_thread_programs import draw_programs
from refrace.subjects import Subject, load, operation


class Table:
    def setup(self):
        self.table = {}

    @operation(key=canaries())
    def put(self, key, value):
        self.table[key] = value

    @operation(key=canaries())
    def get(self, key):
        return self.table.get(key)

    @operation(size=st.booleans())
    def resize(self, *, size):
        """Do nothing."""

    @operation
    def count(self):
        return len(self.table)


SUBJECT = Subject.of(Table)


@cache
def drawn():
    return [
        *draw_programs(SUBJECT, 1, 150, (1, 2)),
        *draw_programs(SUBJECT, 1, 90, (2,)),
    ]


def test_the_same_seed_draws_the_same_programs():
    assert drawn()[:60] == list(draw_programs(SUBJECT, 1, 60, (1, 2)))
    assert drawn()[:60] != list(draw_programs(SUBJECT, 2, 60, (1, 2)))


def test_another_process_draws_the_same_programs():
    """Nothing depends on addresses or on the seed of hashes."""
    script = (
        "from refrace.strategies.draw_thread_programs import draw_programs\n"
        "from refrace.subjects import Subject\n"
        "def pack(one, other): pass\n"
        "for p in draw_programs(Subject.of(pack), 5, 40, (1, 2)): print(p.digest)"
    )
    first, second = (
        subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    )
    assert first == second
    assert len(first.split()) == 40


def test_programs_differ():
    assert len({one.digest for one in drawn()}) == len(drawn()) == 240


def test_one_and_two_threads_are_drawn():
    assert {len(one.threads) for one in drawn()} == {1, 2}
    assert {len(one.threads) for one in draw_programs(SUBJECT, 1, 20, (3,))} == {3}


def test_every_value_belongs_to_a_call_and_every_canary_has_a_specification():
    for one in drawn():
        numbers = set()
        values = load(one.values, numbers.add)
        assert len(values) == len(list(one.calls()))
        assert numbers <= set(range(len(one.canaries)))


def test_programs_with_threads_end_with_an_observer():
    with_threads = [one for one in drawn() if len(one.threads) > 1]
    assert all(one.suffix[0].operation == "count" for one in with_threads)


def test_threads_begin_with_several_items_and_do_different_things():
    with_threads = [one for one in drawn() if len(one.threads) > 1]
    filled = [
        one
        for one in with_threads
        if len(one.prefix) > 1 and {call.operation for call in one.prefix} == {"put"}
    ]
    different = [
        one
        for one in with_threads
        if len({call.operation for thread in one.threads for call in thread}) > 1
    ]

    assert len(filled) > len(with_threads) / 8
    assert len(different) > len(with_threads) / 3


def test_threads_with_pauses_make_few_calls():
    with_threads = [one for one in drawn() if len(one.threads) > 1]

    assert max(one.times for one in with_threads if one.noise.preempt) == 10
    assert max(one.times for one in with_threads) > 10


def test_everything_that_helps_is_drawn():
    specs = [spec for one in drawn() for spec in one.canaries]
    actions = {hook.action for spec in specs for hook in spec.hooks}

    assert actions == {"yield", "reenter", "mutate", "raise", "drop"}
    assert {spec.held for spec in specs} == {True, False}
    assert {spec.owner for spec in specs} == {"main", "worker", "merged"}
    assert any(one.noise.collect for one in drawn())
    assert any(not any(spec.hooks for spec in one.canaries) for one in drawn())
    texts = " ".join(one.source() for one in drawn())
    for text in ("Callback(", "[", "b'", "size=", "None", "c0, c0"):
        assert text in texts


class Names:
    """Only its parameters and the number of its operations matter."""

    @operation(key=canaries(), value=canaries())
    def bind(self, key, value):
        """Do nothing."""

    @operation(key=canaries())
    def unbind(self, key):
        """Do nothing."""

    @operation(key=canaries(), value=canaries())
    def send(self, key, value):
        """Do nothing."""


@cache
def drawn_names():
    return list(draw_programs(Subject.of(Names), 1, 300, (1,)))


def arguments_of(program, position):
    """Return the texts of the arguments at a position, of all calls that have one."""
    texts = [one.arguments.split(", ") for one in program.calls()]
    return [text[position] for text in texts if len(text) > position]


def test_a_parameter_often_has_equal_arguments_and_another_one_has_new_ones():
    long = [one for one in drawn_names() if len(list(one.calls())) >= 4]
    keyed = 0
    for one in long:
        keys, values = arguments_of(one, 0), arguments_of(one, 1)
        is_key = len(set(keys)) <= 2 and not set(keys) & set(values)
        keyed += is_key and len(set(values)) == len(values) > 1
    # In programs of the same length whose arguments are all drawn alike: almost never.
    assert keyed >= len(long) / 20


def test_hooks_often_call_each_operation():
    acting = [one for one in drawn_names() if one.reentries]
    whole = sum(len({call.operation for call in one.reentries}) == 3 for one in acting)
    assert len(acting) / 10 < whole < len(acting)


def test_hooks_change_containers_only_where_there_are_some():
    def actions(programs):
        specs = [spec for one in programs for spec in one.canaries]
        return {hook.action for spec in specs for hook in spec.hooks}

    assert actions(drawn_names()) == {"reenter", "raise", "drop"}

    class Sums:
        @operation(items=st.tuples(st.lists(canaries(), min_size=1)))
        def add(self, items):
            """Do nothing."""

    drawn = draw_programs(Subject.of(Sums), 1, 150, (1,))
    assert actions(drawn) == {"reenter", "raise", "drop", "mutate"}


def test_a_subject_without_arguments_has_few_programs_and_they_end():
    class Counter:
        @operation
        def add(self):
            """Do nothing."""

    drawn = list(draw_programs(Subject.of(Counter), 1, 10_000, (1,)))
    assert 8 <= len(drawn) <= 100


@settings(max_examples=30, deadline=None)
@given(operations(Table))
def test_operations_are_calls_on_an_instance_with_real_canaries(call):
    instance = Table()
    instance.setup()
    call(instance)
    assert all(isinstance(key, Canary) for key in instance.table)
    assert call.operation in repr(call)


@settings(max_examples=30, deadline=None)
@given(thread_programs(Table, threads=[2]))
def test_programs_are_a_strategy(program):
    assert len(program.threads) == 2


@settings(max_examples=30, deadline=None)
@given(st.lists(anything()))
def test_anything_is_something_in_an_ordinary_test_too(values):
    assert isinstance(values, list)


@settings(max_examples=20, deadline=None)
@given(canaries(supports={"hash", "call"}))
def test_canaries_are_real_ones_with_the_wanted_protocols(canary):
    assert isinstance(canary, Canary)
    assert callable(canary)


@settings(max_examples=20, deadline=None)
@given(hostile(dict))
def test_hostile_classes_are_subclasses(made):
    assert issubclass(made, dict)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: hostile(3), "pass a class"),
        (lambda: hostile(bool), "can be subclassed"),
        (lambda: canaries(supports="hash"), "pass a set"),
        (lambda: canaries(supports={"hush"}), "did you mean 'hash'"),
        (lambda: operations(int), "has no operation"),
        (lambda: thread_programs(Table, threads=(0,)), "threads=0"),
        (lambda: thread_programs(Table, threads=()), "threads"),
    ],
)
def test_wrong_arguments_are_refused(call, message):
    with pytest.raises(refrace.RefraceError, match=message):
        call()


def test_two_seeds_share_no_program():
    """Hypothesis begins every run with the simplest choices, which are left out."""
    drawn = [
        {one.digest for one in draw_programs(SUBJECT, seed, 6, (2,))} for seed in (1, 2)
    ]
    assert not drawn[0] & drawn[1]


def test_a_good_part_of_the_programs_with_threads_make_their_first_call_in_threads():
    threaded = [one for one in drawn() if len(one.threads) > 1]
    first = [one for one in threaded if not one.prefix]

    assert len(threaded) / 5 < len(first) < len(threaded) / 2
