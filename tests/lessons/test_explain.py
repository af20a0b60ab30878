"""References are found where they are, and nothing of the object is touched."""

import asyncio
import collections
import functools
import sys
import sysconfig
import types

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import refrace

CLASSES_ARE_SEEN = pytest.mark.skipif(
    bool(sysconfig.get_config_var("Py_GIL_DISABLED")) and sys.version_info < (3, 14),
    reason="free-threaded 3.13 makes classes immortal once a thread has been started",
)


class Thing:
    """What references are counted of: tracked, mortal, weakly referable."""


class Slotted:
    __slots__ = ("kept", "other")


@pytest.fixture
def module(monkeypatch):
    module = types.ModuleType("a_module_of_the_test")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module


def places(explanation, kind=None):
    return [p.place for p in explanation.parts if kind in (None, p.kind)]


def seen(explanation):
    """Return how many references were seen, by kind, the argument left out."""
    numbers = collections.Counter()
    for part in explanation.parts:
        if part.kind != "argument":
            numbers[part.kind] += part.seen
    return dict(numbers)


def test_what_is_shown_is_what_sys_getrefcount_shows_in_place_of_the_call():
    thing = Thing()
    also = thing

    assert refrace.explain_refcount(thing).shown == sys.getrefcount(thing)
    assert refrace.explain_refcount(Thing()).shown == sys.getrefcount(Thing())
    assert also is thing


def test_two_globals_and_the_argument_are_the_whole_count(module):
    module.a = module.b = []

    explanation = refrace.explain_refcount(module.a)

    assert explanation.unattributed == 0
    assert seen(explanation) == {"global": 2}
    assert places(explanation, "global") == [
        "global a of a_module_of_the_test",
        "global b of a_module_of_the_test",
    ]
    # An attribute is loaded as a new reference by every version.
    assert explanation.shown == 3


counts = st.integers(0, 5)


@settings(max_examples=25, deadline=None)  # each looks at all objects twice
@given(counts, counts, counts, counts, counts)
def test_each_reference_added_is_shown_and_found(items, values, keys, slots, cells):
    thing = Thing()
    base = refrace.explain_refcount(thing)
    holders = [[thing] * items, dict.fromkeys(range(values), thing)]
    holders += [{thing: 1} for _ in range(keys)]
    slotted = [Slotted() for _ in range(slots)]
    for each in slotted:
        each.kept = thing
    closed = [types.CellType(thing) for _ in range(cells)]

    explanation = refrace.explain_refcount(thing)

    assert explanation.shown == base.shown + items + values + keys + slots + cells
    assert base.unattributed == explanation.unattributed == 0
    assert sum(p.count for p in explanation.parts) == explanation.shown
    found = collections.Counter(seen(explanation))
    found.subtract(seen(base))
    assert +found == +collections.Counter(
        item=items + values + keys, attribute=slots, cell=cells
    )
    assert len(closed) == cells


def test_local_variables_are_found_by_name_in_every_call_under_way():
    def inner(parameter):
        alias = parameter
        assert alias is parameter
        return refrace.explain_refcount(parameter)

    def outer():
        original = Thing()
        return inner(original)

    explanation = outer()

    variables = " / ".join(places(explanation, "variable"))
    assert "local original of" in variables
    assert "parameter" in variables
    assert "alias" in variables
    assert explanation.unattributed == 0


def test_an_attribute_is_found_by_name_and_by_its_owner(module):
    module.owner = Thing()
    module.owner.kept = thing = Thing()

    explanation = refrace.explain_refcount(thing)

    (place,) = places(explanation, "attribute")
    assert place.startswith("attribute kept of a Thing")
    assert explanation.unattributed == 0


def test_a_slot_is_found_by_name():
    owner = Slotted()
    owner.kept = thing = Thing()

    (place,) = places(refrace.explain_refcount(thing), "attribute")

    assert place.startswith("attribute kept of a Slotted, local owner of")


@CLASSES_ARE_SEEN
def test_a_class_attribute_is_found_by_its_class():
    class Owner:
        kept = Thing()

    assert "attribute kept of the class Owner" in places(
        refrace.explain_refcount(Owner.kept)
    )


@CLASSES_ARE_SEEN
def test_instances_are_found_as_keeping_their_class():
    class Owner:
        pass

    instances = [Owner() for _ in range(3)]

    assert seen(refrace.explain_refcount(Owner))["instance"] == len(instances)


def test_items_say_where_in_what_they_are(module):
    thing = Thing()
    module.held = [None, thing, thing]
    module.table = {"key": thing, 7: None}
    nameless = iter([thing])

    explanation = refrace.explain_refcount(thing)

    items = places(explanation, "item")
    assert "items 1, 2 of a list, global held of a_module_of_the_test" in items
    assert "value of key 'key' of a dict, global table of a_module_of_the_test" in items
    assert explanation.unattributed == 0
    assert nameless


def test_closure_cells_say_whose_they_are():
    thing = Thing()

    def uses():
        return thing

    (place,) = places(refrace.explain_refcount(uses()), "cell")

    assert place.startswith("cell of thing, used by")
    assert place.endswith("uses()")


def test_variables_of_suspended_generators_and_coroutines_are_found():
    thing = Thing()

    def generate(inside):
        yield

    async def run(within):
        await asyncio.sleep(0)

    generator = generate(thing)
    next(generator)
    coroutine = run(thing)

    explanation = refrace.explain_refcount(thing)

    variables = " / ".join(places(explanation, "variable"))
    assert "local inside of the generator" in variables
    assert "local within of the coroutine" in variables
    assert explanation.unattributed == 0
    coroutine.close()


def test_a_generator_that_runs_is_not_counted_twice():
    def generate():
        thing = Thing()
        yield refrace.explain_refcount(thing)

    (explanation,) = generate()

    assert seen(explanation) == {"variable": 1}
    assert explanation.unattributed == 0
    assert explanation.uncounted == 0


def test_the_frames_of_a_caught_exception_are_found():
    def fail(inside):
        raise LookupError

    thing = Thing()
    try:
        fail(thing)
    except LookupError as error:
        kept = error

    explanation = refrace.explain_refcount(thing)

    assert any("finished call of" in place for place in places(explanation))
    assert explanation.unattributed == 0
    assert kept.__traceback__ is not None


def test_bound_methods_and_partials_are_found():
    class Owner:
        def method(self):
            pass

    thing = Owner()
    bound = thing.method
    partial = functools.partial(print, thing)

    explanation = refrace.explain_refcount(thing)

    assert any("attribute __self__ of a method" in p for p in places(explanation))
    assert explanation.unattributed == 0
    assert partial.args == (thing,)
    assert bound


def test_constants_of_code_are_found_for_objects_without_garbage_collection():
    def function():
        return 123456789123456789

    constant = function()

    # Free-threaded builds make constants immortal.
    explanation = refrace.explain_refcount(constant)
    assert explanation.is_immortal or any(
        place.startswith(("constant of the code of", "item 1 of a tuple"))
        for place in places(explanation)
    )


@pytest.mark.skipif(sys.version_info < (3, 12), reason="nothing is immortal in 3.11")
@pytest.mark.parametrize("immortal", [None, True, 5, "", (), int])
def test_immortal_objects_show_a_constant(immortal):
    several = [immortal] * 100

    explanation = refrace.explain_refcount(immortal)

    assert explanation.is_immortal
    assert explanation.shown == sys.getrefcount(immortal)
    assert [part.kind for part in explanation.parts] == ["constant"]
    assert explanation.unattributed == 0
    assert len(several) == 100


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="3.12 made them immortal")
def test_static_objects_of_3_11_begin_with_a_start_value():
    explanation = refrace.explain_refcount(5)

    assert not explanation.is_immortal
    assert explanation.parts[0].kind == "start"
    assert explanation.parts[0].count == 999_999_999


def test_a_free_threaded_build_shows_both_halves_of_the_count():
    thing = Thing()

    split = refrace.explain_refcount(thing).split

    if hasattr(sys, "_is_gil_enabled") and "free-threading" in sys.version:
        assert split.owner == "this thread"
        assert split.local + split.shared == refrace.explain_refcount(thing).shown
    else:
        assert split is None


def test_more_holders_than_named_are_summed_up_by_type():
    thing = Thing()
    holders = [[thing] for _ in range(50)]

    explanation = refrace.explain_refcount(thing, max_places=3)

    assert any(" more of type list" in place for place in places(explanation, "other"))
    assert sum(seen(explanation).values()) >= len(holders)
    assert len(explanation.parts) < 10
    assert explanation.unattributed == 0


def test_a_module_has_its_first_name_where_it_is_registered_twice(monkeypatch):
    """As multiprocessing does with ``__main__``."""
    module = types.ModuleType("its_first_name")
    module.only_here = []
    monkeypatch.setitem(sys.modules, "its_first_name", module)
    monkeypatch.setitem(sys.modules, "another_name", module)

    text = str(refrace.explain_refcount(module.only_here))

    assert "only_here of its_first_name" in text
    assert "another_name" not in text
