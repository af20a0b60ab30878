"""Arguments without an owner: the thread that drops the last reference frees them."""

import sys
from threading import Thread

from hypothesis import given, settings
from hypothesis import strategies as st

from refrace import Canary
from refrace._native import canary as native
from refrace.canaries import harness

VALUES = st.recursive(
    st.integers() | st.text() | st.binary() | st.floats(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner)
    ),
)


def in_another_thread(task):
    thread = Thread(target=task)
    thread.start()
    thread.join()


def test_what_nobody_owns_dies_where_its_last_reference_is_dropped():
    canary = Canary(owner="merged")
    number = harness.number(canary)
    box = [([canary], {"key": (canary,)})]
    del canary
    native.unown(box)
    seen = []

    def drop():
        box.clear()
        seen.append(harness.record(number).state)

    in_another_thread(drop)

    assert seen == ["dead"]


def test_a_canary_stays_with_its_owner():
    box = [Canary()]
    number = harness.number(box[0])
    native.unown(box)
    before = native.read(number).references

    in_another_thread(lambda: box.append(box[0]))

    assert native.read(number).references == before + 1


@settings(max_examples=30, deadline=None)
@given(st.lists(VALUES, max_size=4))
def test_counts_and_values_stay_as_they_are(values):
    def counts(of):
        return [sys.getrefcount(one) for one in of]

    nested = [values, *[one for one in values if isinstance(one, list)]]
    before = repr(values), [counts(one) for one in nested]
    native.unown(values)

    assert (repr(values), [counts(one) for one in nested]) == before


def test_containers_that_have_themselves_inside_come_to_an_end():
    one = []
    one.append([one])
    native.unown([one])
    deep = []
    for _ in range(1_000):
        deep = [deep]
    native.unown([deep])

    assert one[0][0] is one
