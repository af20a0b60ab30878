"""Answers as plain data."""

import ctypes

import pytest

from refrace._native.refcount import short_of_references
from refrace.canaries.harness import new, number
from refrace.canaries.spec import CanarySpec
from refrace.hunting.judging.answers import Describer

take, give = ctypes.pythonapi.Py_IncRef, ctypes.pythonapi.Py_DecRef
take.argtypes = give.argtypes = [ctypes.c_void_p]


def described(make):
    return Describer(lambda _: 7).of_result([make()])[1]


@pytest.mark.parametrize("value", [0, -3, 2**70, True, None, "abc", b"abc", ...])
def test_plain_values_are_themselves(value):
    assert described(lambda: value) == value


def test_long_texts_are_shortened_but_stay_distinct():
    one, other = (
        described(lambda: "a" * 9999 + "b"),
        described(lambda: "a" * 9999 + "c"),
    )
    assert one != other
    assert len(str(one)) < 100


def test_addresses_in_texts_do_not_count():
    assert described(lambda: "<x at 0x7f12>") == described(lambda: "<x at 0x7f34>")


def test_a_canary_is_its_number_in_the_program():
    assert described(lambda: new(CanarySpec())) == ("canary", 7)
    assert described(lambda: [new(CanarySpec())]) == ("list", 1, (("canary", 7),))


def test_other_objects_are_their_types():
    assert described(object) == ("object", "object")


def test_sets_have_no_order_and_dictionaries_have():
    assert described(lambda: {"a", "b"}) == described(lambda: {"b", "a"})
    assert described(lambda: {1: 2, 3: 4}) != described(lambda: {3: 4, 1: 2})


def test_a_container_that_others_can_change_is_its_type_only():
    shared = [1]
    assert described(lambda: shared) == ("list", "shared")
    assert described(lambda: [1]) == ("list", 1, (1,))


def test_of_items_too_only_what_nobody_else_has_is_described():
    shared = [1]
    assert described(lambda: (shared, [2])) == (
        "tuple",
        2,
        (("list", "shared"), ("list", 1, (2,))),
    )


def test_what_is_in_a_shared_tuple_may_change_too():
    shared = ([1],)
    assert described(lambda: shared) == ("tuple", 1, (("list", "shared"),))


def test_a_container_in_itself_ends():
    loop = []
    loop.append(loop)
    assert described(lambda: (loop,))[0] == "tuple"


def test_errors_are_type_and_arguments():
    describer = Describer(lambda _: None)
    assert describer.of_error(KeyError("a")) == ("raised", "KeyError", ("a",))
    assert describer.broken == []
    assert not describer.exhausted


def test_an_error_about_c_code_is_broken_c_code():
    describer = Describer(lambda _: None)
    text = "<method 'x' of 'y' at 0x1> returned a result with an exception set"
    describer.of_error(SystemError(text))
    describer.of_error(SystemError("my own words"))
    (broken,) = describer.broken
    assert broken.endswith("at 0x...> returned a result with an exception set")


def test_without_memory_or_stack_answers_mean_nothing():
    for error in (MemoryError(), RecursionError()):
        describer = Describer(lambda _: None)
        describer.of_error(error)
        assert describer.exhausted


def test_a_living_canary_is_not_noted_as_dead():
    describer = Describer(lambda _: None)
    canary = new(CanarySpec())
    describer.look((canary, [canary]))
    assert describer.dead == []
    assert number(canary) is not None


@pytest.mark.parametrize("make", [list, dict, set, object, lambda: bytearray(3)])
def test_what_containers_refer_to_more_often_than_it_is_counted_is_noted(make):
    """As what C code has put into two places for one reference."""
    values = [[{"key": make()}]]
    values.append((values[0][0]["key"],))
    describer = Describer(lambda _: None)
    address = id(values[1][0])

    describer.count(values)
    give(address)
    describer.count(values)
    take(address)
    describer.count(values)

    (text,) = describer.short
    assert text.endswith("has a count of 1, but 2 references are in containers")


def test_what_is_nowhere_but_in_containers_is_not_noted():
    inner = ((), [], {}, "a text", b"", 10**9, None, 1, 1.5, object, len)
    cycle = [inner, [*inner], dict(enumerate(inner)), frozenset({"x", 10**9})]
    cycle.append(cycle)
    describer = Describer(lambda _: None)

    describer.count([cycle, cycle, new(CanarySpec())])

    assert describer.short == []


@pytest.mark.parametrize(("most", "is_seen"), [(5, False), (6, True)])
def test_no_more_objects_are_counted_than_was_asked_for(most, is_seen):
    """The limit also holds inside one long list."""
    others = [bytearray(1) for _ in range(3)]
    values = [[bytearray(1), *others]]
    values[0].append(values[0][0])
    address = id(values[0][0])

    give(address)
    short = short_of_references(values, most)
    take(address)

    assert [entry[0] for entry in short] == [address] * is_seen


def test_counts_that_other_threads_may_change_are_not_compared():
    values = [[[]]]
    values.append(values[0][0])
    describer = Describer(lambda _: None, is_counting=False)
    address = id(values[1])

    give(address)
    describer.count(values)
    take(address)

    assert describer.short == []
