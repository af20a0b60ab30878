"""What the collector leaves out is found, and all references that objects have."""

import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refrace._native.refcount import count_references, left_out


def joined(picks):
    """Return objects, of which each may refer to all of those before it."""
    made = [(), {}]
    for kind, picked in picks:
        inside = [made[one % len(made)] for one in picked]
        if kind == "tuple":
            made.append(tuple(inside))
        elif kind == "dict":
            made.append(dict(enumerate(inside)))
        else:
            made.append(inside)
    gc.collect(0)  # which leaves out tuples that hold nothing tracked
    return made


def reached(roots):
    """Return what is left out, as the module gc sees it."""
    found, more = [], roots
    while more:
        more = [
            one
            for one in gc.get_referents(*more)
            if type(one) in {dict, tuple} and not gc.is_tracked(one)
        ]
        more = list({id(one): one for one in more}.values())
        known = set(map(id, found))
        more = [one for one in more if id(one) not in known]
        found += more
    return found


objects = st.lists(
    st.tuples(
        st.sampled_from(["tuple", "dict", "list"]),
        st.lists(st.integers(min_value=0, max_value=30), max_size=5),
    ),
    max_size=30,
).map(joined)


@given(objects)
def test_each_untracked_dictionary_or_tuple_is_found_once(made):
    roots = [made[-1], made, type, int, 5]

    found, expected = left_out(roots), reached(roots)

    assert len(found) == len({id(one) for one in found}) == len(expected)
    assert {id(one) for one in found} == {id(one) for one in expected}


@given(objects, st.integers(min_value=0))
def test_all_references_of_all_holders_are_counted(made, which):
    target = made[which % len(made)]

    expected = sum(one is target for holder in made for one in gc.get_referents(holder))

    assert count_references(made, target) == expected


def test_more_are_found_than_there_was_room_for_at_first():
    kept = [(number, str(number)) for number in range(5000)]
    gc.collect(0)

    assert {id(one) for one in left_out([kept])} == {id(one) for one in kept}


@pytest.mark.parametrize("function", [left_out, lambda one: count_references(one, 1)])
def test_only_a_list_is_walked(function):
    with pytest.raises(TypeError):
        function((1,))
