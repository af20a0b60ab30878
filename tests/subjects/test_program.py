"""Programs of a hunt as data and as text, and their pickled arguments."""

import json
import threading

import pytest

import refrace
from refrace.canaries.hook import Hook
from refrace.canaries.spec import CanarySpec
from refrace.errors import InvalidData
from refrace.subjects import (
    Call,
    Callback,
    CanaryArgument,
    HostileClass,
    HostileValue,
    HuntProgram,
    Noise,
    OrderedSet,
    dump,
    load,
    make_class,
)
from refrace.subjects.text import value_text

PROGRAM = HuntProgram(
    prefix=(Call("put", "c0, c1"),),
    threads=((Call("get", "c0"),), (Call("clear"), Call("get", "c1"))),
    suffix=(Call("size"),),
    reentries=(Call("clear"),),
    canaries=(
        CanarySpec(hooks=(Hook("eq", "reenter"),), value=3),
        CanarySpec(supports=frozenset(), tracked=True, held=True),
    ),
    values=dump([((1,), {})]),
    noise=Noise(collect=True, switch_us=5),
)


def test_a_program_survives_json():
    stored = json.loads(json.dumps(PROGRAM.to_dict()))
    again = HuntProgram.from_dict(stored)

    assert again == PROGRAM
    assert again.digest == PROGRAM.digest


def test_a_program_says_how_often_its_threads_make_their_calls():
    often = HuntProgram.from_dict(PROGRAM.to_dict() | {"times": 30})

    assert often.times == 30
    assert often.to_dict()["times"] == 30
    assert "# thread 1, 30 times\n" in often.source()
    assert "times" not in PROGRAM.to_dict()
    for wrong in (0, 10**6):
        with pytest.raises(InvalidData, match="expected 1 to 1,000"):
            HuntProgram.from_dict(PROGRAM.to_dict() | {"times": wrong})


def test_an_instance_of_a_hostile_class_is_made_anew_by_each_load():
    hostile = HostileValue(HostileClass(list, "__len__", "method", "raise"), [1, 2])
    data = dump([hostile])
    (first,), (second,) = (load(data, int, make_class) for _ in range(2))

    assert isinstance(first, list)
    assert first[:] == [1, 2]
    assert first is not second
    with pytest.raises(RuntimeError):
        len(first)
    assert value_text(hostile) == "Hostile_list___len___raise([1, 2])"
    (again,) = load(data, int)
    assert again.value == [1, 2]


def test_the_digest_tells_programs_apart():
    other = HuntProgram.from_dict(PROGRAM.to_dict() | {"prefix": []})
    assert other.digest != PROGRAM.digest


def test_the_text_has_every_call_in_its_place():
    assert PROGRAM.source() == (
        "c0 = Canary(supports={'eq', 'hash'}, value=3)"
        "  # dropped, reenter at no. 1 eq\n"
        "c1 = Canary(supports={}, tracked=True)  # held\n"
        "# before\n"
        "put(c0, c1)\n"
        "# thread 1\n"
        "get(c0)\n"
        "# thread 2\n"
        "clear()\n"
        "get(c1)\n"
        "# after\n"
        "size()\n"
        "# called by hooks\n"
        "clear()\n"
        "# noise: the collector, switches every 5 us\n"
    )


def test_the_operations_are_named_once():
    assert PROGRAM.operations == ("clear", "get", "put", "size")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"values": "%"}, "program.values is not base64"),
        ({"threads": []}, "program.threads is empty"),
        ({"noise": 3}, "program.noise is 3"),
        (
            {"prefix": [{"operation": 1, "arguments": ""}]},
            r"prefix\[0\].operation is 1",
        ),
        ({"more": 1}, "expected the fields"),
    ],
)
def test_other_data_is_refused(change, message):
    with pytest.raises(refrace.InvalidData, match=message):
        HuntProgram.from_dict(PROGRAM.to_dict() | change)


def test_data_that_is_not_a_program_is_refused():
    with pytest.raises(refrace.InvalidData, match="program is 3"):
        HuntProgram.from_dict(3)


def test_an_object_in_two_places_is_one_object_after_each_loading():
    shared, canary = [1], CanaryArgument(0)
    data = dump([shared, shared, canary, [canary]])
    made = {0: object()}

    first, again, one, (nested,) = load(data, made.__getitem__)
    other, *_ = load(data, made.__getitem__)

    assert first is again
    assert first is not other
    assert one is nested is made[0]


def test_a_list_may_contain_itself():
    loop = []
    loop.append(loop)
    (again,) = load(dump(loop), None)
    assert again[0] is again


def test_an_argument_that_cannot_be_pickled_is_refused_with_a_way_out():
    with pytest.raises(refrace.InvalidArgument, match="draw plain data"):
        dump([threading.Lock()])


def test_a_callback_and_a_lambda_are_loaded_again():
    callback, function = load(dump([Callback("raise", 3), lambda x: x + 1]), None)

    assert function(1) == 2
    assert callback.value == 3
    with pytest.raises(RuntimeError, match="raised by a callback"):
        callback(1, key=2)


def test_a_set_is_loaded_as_a_plain_set_and_pickled_in_its_order():
    names = [f"key{i}" for i in range(50)]
    data = dump(OrderedSet(names))

    assert data == dump(OrderedSet(names))
    assert type(load(data, None)) is set
    assert load(data, None) == set(names)


def test_a_hostile_class_misbehaves_in_one_attribute():
    hostile = HostileClass(dict, "__len__", "method", "raise")
    again = load(dump([hostile, hostile]), None, make_class)

    assert again[0] is again[1]
    made = again[0](a=1)
    assert made["a"] == 1
    with pytest.raises(RuntimeError, match="raised by a callback"):
        len(made)


def test_a_hostile_class_that_only_yields_gives_the_same_answers():
    made = make_class(HostileClass(dict, "__getitem__", "method", "yield"))
    looked = make_class(HostileClass(complex, "real", "property", "yield"))

    assert made(a=1)["a"] == 1
    assert looked(3).real == 3.0


def test_texts_of_arguments_are_short():
    assert value_text(b"ab" * 50_000) == "b'ab' * 50000"
    assert (
        value_text({1: [CanaryArgument(2)], "a": (None,)}) == "{1: [c2], 'a': (None,)}"
    )
    assert value_text(OrderedSet()) == "set()"
    assert value_text([0] * 20).endswith(", ...]")
    assert value_text(object()) == "object()"
    assert value_text(Callback("yield", [int])) == "Callback('yield', [int])"
