"""Arguments of one group for a parameter: those that an API takes."""

import pytest

from refrace.strategies.draw_thread_programs import draw_programs
from refrace.strategies.focus import GROUPS, group_of, possible_groups, read_accepted
from refrace.subjects import CanaryArgument, HostileValue, Subject, load


def put(value):
    """Do nothing."""


def _groups_drawn(accepted):
    drawn = list(draw_programs(Subject.of(put), 7, 150, (1,), accepted))
    found = []
    for program in drawn:
        canary = [
            CanaryArgument(n, one.supports) for n, one in enumerate(program.canaries)
        ]
        found += [
            group_of(entry[0][0]) for entry in load(program.values, canary.__getitem__)
        ]
    return found


def test_what_calls_have_taken_is_drawn_more_often_and_other_things_still_are():
    before, after = _groups_drawn(()), _groups_drawn(("value:number",))

    assert before.count("number") < len(before) / 4
    assert after.count("number") > len(after) / 3
    assert {*GROUPS} <= {*after}


@pytest.mark.parametrize(
    ("value", "group"),
    [
        (3, "number"),
        ("", "text"),
        (b"", "bytes"),
        ([], "sequence"),
        ({}, "mapping"),
        (None, "none"),
        (len, "callable"),
        (CanaryArgument(0, frozenset({"hash", "eq"})), "object"),
        (CanaryArgument(0, frozenset({"hash", "call"})), "callable"),
        (HostileValue(None, "key"), "text"),
        (1j, None),
    ],
)
def test_a_group_is_what_an_argument_passes_for(value, group):
    assert group_of(value) == group


def test_the_name_of_a_parameter_hints_at_its_group_until_calls_refute_it():
    assert possible_groups("on_callback", ()) == (None, "callable")
    assert possible_groups("start_index", ("number", "object")) == (None, "number")
    assert possible_groups("index", ("text",)) == (None, "text")


def test_a_parameter_that_takes_anything_often_has_canaries():
    assert possible_groups("key", GROUPS) == (None, None, "object")


def test_groups_of_parameters_are_read_from_what_was_told():
    told = ("key:text", "key:bytes", "value:none", "key:text", "x:no group")

    assert read_accepted(told) == {"key": ("bytes", "text"), "value": ("none",)}
