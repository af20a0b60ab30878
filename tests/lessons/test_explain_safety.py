"""Explaining harms nothing: no code of the object runs, no reference stays."""

import gc
import sys
import threading
import types
import weakref

import pytest

import refrace
from refrace.environment import gil_is_enabled


class Thing:
    """What references are counted of: tracked, mortal, weakly referable."""


def places(explanation, kind=None):
    return [p.place for p in explanation.parts if kind in (None, p.kind)]


def test_looking_at_local_variables_leaves_no_reference_in_the_frame():
    """Up to 3.12 reading f_locals makes a dictionary that the frame then keeps."""
    thing = Thing()
    before = sys.getrefcount(thing)

    for _ in range(3):
        refrace.explain_refcount(thing)

    assert sys.getrefcount(thing) == before


def test_no_reference_is_kept_even_with_the_garbage_collector_off():
    gc.disable()
    try:
        thing = Thing()
        alive = weakref.ref(thing)
        refrace.explain_refcount(thing)
        del thing
        assert alive() is None
    finally:
        gc.enable()


def test_variables_of_other_threads_are_found_or_said_to_be_unseen():
    thing = Thing()
    there = threading.Event()
    leave = threading.Event()

    def hold(kept):
        there.set()
        leave.wait(30)

    thread = threading.Thread(target=hold, args=(thing,))
    thread.start()
    there.wait(30)
    explanation = refrace.explain_refcount(thing)
    leave.set()
    thread.join()

    if gil_is_enabled():
        assert any("local kept of" in place for place in places(explanation))
        assert explanation.threads_unseen == 0
    else:
        assert explanation.threads_unseen >= 1


def test_accounts_add_up_while_other_threads_take_and_drop_references():
    thing = Thing()
    table = {}
    ended = threading.Event()

    def churn():
        while not ended.is_set():
            for number in range(100):
                table[number] = [thing]
            table.clear()

    threads = [threading.Thread(target=churn) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        explanations = [refrace.explain_refcount(thing) for _ in range(10)]
    finally:
        ended.set()
        for thread in threads:
            thread.join()

    for each in explanations:
        assert sum(p.count for p in each.parts) + each.unattributed == each.shown
        assert each.unattributed >= 0
    assert refrace.explain_refcount(thing).unattributed == 0


def test_an_object_that_holds_itself_is_explained_without_being_changed():
    thing = []
    thing.append(thing)

    explanation = refrace.explain_refcount(thing)

    assert "item 0 of the object itself" in places(explanation, "item")
    assert explanation.unattributed == 0
    assert len(thing) == 1
    thing.clear()


def test_a_huge_container_is_looked_through():
    thing = Thing()
    huge = [None] * 1_000_000
    huge[999_999] = thing

    (place,) = places(refrace.explain_refcount(thing), "item")

    assert place.startswith("item 999999 of a list, local huge of")


class Trap(Exception):
    """Raised by everything that a hostile object does."""


def trap(*args, **kwargs):
    raise Trap


class HostileType(type):
    __call__ = type.__call__
    __repr__ = __eq__ = __hash__ = __instancecheck__ = __getattribute__ = trap


HOSTILE = {
    "__eq__": trap,
    "__ne__": trap,
    "__hash__": trap,
    "__repr__": trap,
    "__str__": trap,
    "__bool__": trap,
    "__len__": trap,
    "__iter__": trap,
    "__getattribute__": trap,
    "__class__": property(trap),
    "__dict__": property(trap),
}


def hostile(*bases):
    return HostileType("Hostile", bases, dict(HOSTILE))


@pytest.mark.parametrize(
    "bases", [(), (list,), (dict,), (tuple,), (set,), (Exception,), (types.ModuleType,)]
)
def test_no_code_of_a_hostile_object_or_its_holders_runs(bases):
    cls = hostile(*bases)
    arguments = ("name",) if types.ModuleType in bases else ()
    thing = type.__call__(cls, *arguments)
    holder = type.__call__(hostile(list))
    list.append(holder, thing)
    mapping = type.__call__(hostile(dict))
    dict.__setitem__(mapping, "key", thing)
    owner = type.__call__(hostile())
    object.__setattr__(owner, "kept", thing)

    for each in (thing, holder, mapping, owner):
        explanation = refrace.explain_refcount(each)
        assert explanation.type_name == "Hostile"
        assert explanation.unattributed == 0
        assert str(explanation)
    assert refrace.explain_refcount(cls).shown > 0


def test_hostile_keys_are_not_printed():
    class Key:
        __repr__ = trap

    thing = Thing()
    table = {Key(): thing, "a\nb\ud800": thing, 10**5000: thing}

    (place,) = places(refrace.explain_refcount(thing), "item")

    assert place.startswith(r"values of keys of type Key, 'a\nb\ud800', of a large int")
    assert len(table) == 3


@pytest.mark.parametrize(
    "thing", [object(), 10**40, 1.5, b"bytes", "some text", range(3), slice(1), print]
)
def test_objects_of_every_kind_are_explained(thing):
    explanation = refrace.explain_refcount(thing)

    assert explanation.type_name == type(thing).__name__
    assert explanation.unattributed >= 0
    assert explanation.is_tracked == gc.is_tracked(thing)
    counts = sum(part.count for part in explanation.parts)
    assert counts + explanation.unattributed == explanation.shown


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (0, refrace.InvalidArgument, "max_places=0 .* from 1 to 1,000"),
        (1001, refrace.InvalidArgument, "max_places=1001"),
        ("3", refrace.InvalidArgumentType, "max_places='3' is a str"),
        (True, refrace.InvalidArgumentType, "max_places=True is a bool"),
    ],
)
def test_wrong_input_says_value_place_and_cure(wrong, error, message):
    with pytest.raises(error, match=message):
        refrace.explain_refcount([], max_places=wrong)
