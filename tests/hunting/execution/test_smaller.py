"""Candidates for shrinking: each is a complete, smaller program."""

import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from refrace.hunting.execution import smaller
from refrace.hunting.execution.simpler_values import simpler
from refrace.strategies import thread_programs
from refrace.subjects import Callback, HuntProgram, load, operation

sys.path.insert(0, __file__.rpartition("/")[0])
from subjects_to_run import HELD, PLAIN, program


class Table:
    @operation(key=st.integers())
    def put(self, key, value):
        """Do nothing; it is never called."""

    @operation
    def size(self):
        """Do nothing; it is never called."""


PROGRAM = program(
    [("put", 0), ("size",)],
    [("put", 1)],
    canaries=[HELD, PLAIN],
    suffix=[("size",)],
)


def weight(one):
    """Return how large a program is; nothing can be taken away without an end."""
    hooks = sum(len(spec.hooks) + 1 for spec in one.canaries)
    return len(one.threads) + len(list(one.calls())) + hooks, len(one.values)


def test_one_thread_comes_first_and_then_all_calls_in_one_thread():
    candidates = [str(one) for one in smaller(PROGRAM)]

    assert "# thread" not in candidates[0]
    assert "put(c0)\nsize()\n# after" in candidates[0]
    assert "put(c0)\n# after" in candidates[1]
    assert "put(c0)\nsize()\nput(c1)\n" in candidates[2]


def test_canaries_that_are_gone_leave_no_gap():
    second = list(smaller(PROGRAM))[1]

    assert len(second.canaries) == 1
    assert second.canaries[0] == PLAIN


@settings(max_examples=30, deadline=None)
@given(thread_programs(Table, threads=(1, 2, 3)))
def test_every_candidate_is_a_whole_program_and_none_is_larger(which):
    for one in smaller(which):
        assert HuntProgram.from_dict(one.to_dict()) == one
        numbers = []
        values = load(one.values, lambda n, seen=numbers: seen.append(n))
        assert set(numbers) == set(range(len(one.canaries)))
        assert len(values) == len(list(one.calls()))
        assert weight(one)[0] <= weight(which)[0]


@settings(max_examples=10, deadline=None)
@given(thread_programs(Table))
def test_taking_the_first_candidate_again_and_again_ends(which):
    for _ in range(1000):
        which = next(smaller(which), None)
        if which is None:
            break
    assert which is None


def test_simpler_values():
    assert simpler(7) == [0]
    assert simpler(0) == simpler("") == simpler(None) == simpler(True) == []
    assert simpler("ab") == ["", "a"]
    assert simpler([7]) == [[], 7, [], [0]]
    assert simpler({"a": 7}) == [7, {}]
    assert [one.action for one in simpler(Callback("raise"))] == ["return"]


def test_a_list_that_contains_itself_is_handled():
    loop = [1]
    loop.append(loop)
    assert [1] in simpler(loop)
