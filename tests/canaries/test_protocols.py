"""A canary has the slots of its protocols, and no others."""

import asyncio
import copy
import operator
import pickle
import weakref

import pytest

from refrace import Canary
from refrace._native import canary as native
from refrace.canaries import harness
from refrace.canaries.hook import ACTIONS, Hook
from refrace.canaries.protocols import EVERY_CANARY, PROTOCOLS, SLOTS


async def _asynchronous(canary):
    assert await canary is None
    return [item async for item in canary]


def _with(canary):
    with canary as entered:
        return entered


def _setitem(canary, key):
    canary[key] = 1
    assert canary[key] == 1
    del canary[key]


def _attributes(canary):
    canary.name = 1
    assert canary.name == 1
    del canary.name
    return canary.name


def _buffer(canary):
    with memoryview(canary) as view:
        assert bytes(view) == (7).to_bytes(8, "little")


IN_PLACE = [
    *("iadd", "isub", "imul", "imatmul", "ifloordiv", "itruediv", "imod"),
    *("ilshift", "irshift", "iand", "ior", "ixor", "ipow"),
]
BINARY = [
    *("add", "sub", "mul", "matmul", "floordiv", "truediv", "mod"),
    *("lshift", "rshift", "and_", "or_", "xor", "pow"),
]


def _numbers(canary):
    for name in BINARY:
        getattr(operator, name)(canary, 2)
        getattr(operator, name)(2, canary)
    for name in IN_PLACE:
        assert getattr(operator, name)(canary, 2) is canary
    pow(canary, canary, canary)
    divmod(canary, 2)
    for function in (operator.neg, operator.pos, operator.invert, abs):
        assert isinstance(function(canary), Canary)
    assert (int(canary), float(canary), operator.index(canary)) == (7, 7.0, 7)
    assert bool(canary)


def _sequence(canary):
    assert len(canary) == 3
    assert canary[-1] is not canary[2]
    assert canary[0] not in [None, 1]
    _setitem(canary, 2)
    assert None not in canary
    operator.concat(canary, [])
    canary * 2
    assert operator.iconcat(canary, []) is canary
    canary *= 2


USES = {
    "hash": hash,
    "eq": lambda canary: (canary == 1, canary != canary),
    "order": lambda c: (c < c, c <= c, c > c, c >= c),
    "sequence": _sequence,
    "mapping": lambda canary: (len(canary), canary["key"], _setitem(canary, "key")),
    "number": _numbers,
    "buffer": _buffer,
    "call": lambda canary: canary(1, word=2),
    "iterator": list,
    "context": _with,
    "attributes": _attributes,
    "async": lambda canary: asyncio.run(_asynchronous(canary)),
    "weakref": lambda canary: weakref.ref(canary)(),
}


@pytest.fixture
def called():
    """The slots that are called, in order: every hook reports itself."""
    slots = []
    harness.set_hook_handler(lambda number, slot, action: slots.append(slot))
    return slots


@pytest.mark.parametrize("tracked", [False, True])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_slot_of_a_protocol_is_a_touch_and_has_hooks(protocol, tracked, called):
    canary = Canary(
        supports={protocol},
        value=7,
        tracked=tracked,
        hooks=[Hook("any", "reenter", nth=0)],
    )
    USES[protocol](canary)

    assert {*PROTOCOLS[protocol]} <= {*called} <= {*PROTOCOLS[protocol], *EVERY_CANARY}
    assert canary.touches >= len(called)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_without_its_protocol_a_slot_is_missing(protocol, called):
    others = {*PROTOCOLS} - {protocol}
    if protocol == "sequence":  # a mapping and a number answer for most of it
        others -= {"mapping", "number"}
    if protocol in {"mapping", "iterator"}:
        others -= {"sequence"}
    canary = Canary(supports=others, hooks=[Hook("any", "reenter", nth=0)])

    if protocol != "eq":
        with pytest.raises((TypeError, AttributeError)):
            USES[protocol](canary)
    missing = {*PROTOCOLS[protocol]}.difference(
        EVERY_CANARY, *(PROTOCOLS[other] for other in others)
    )
    assert not missing & {*called}


@pytest.mark.parametrize("tracked", [False, True])
def test_a_weak_reference_is_cleared_by_the_death_and_calls_back(tracked):
    canary = Canary(supports={"weakref"}, tracked=tracked)
    number, called = harness.number(canary), []
    reference = weakref.ref(canary, called.append)
    assert reference() is canary
    del canary
    harness.quiesce()

    record = harness.record(number)

    assert called == [reference]
    assert reference() is None
    assert (record.state, record.deaths, record.drift) == ("dead", 1, 0)


def test_a_canary_without_eq_is_equal_to_itself_by_identity_and_is_not_touched():
    canary = Canary(supports=())

    assert canary == canary
    assert canary != Canary(supports=())
    assert canary.touches == 0


def test_reading_the_attributes_of_refrace_is_not_a_touch():
    canary = Canary(supports=PROTOCOLS)
    _ = canary.expected, canary.count, canary.state, canary.touches

    assert canary.touches == 0


def test_slots_return_new_canaries_that_know_where_they_come_from():
    canary = Canary(supports={"call", "number", "eq"}, value=20)
    result = canary(1)
    record = harness.record(harness.number(result))

    assert (record.made_by, record.born_in) == (harness.number(canary), "call")
    assert record.count == 1
    assert canary % 6 == Canary(value=2)


@pytest.mark.parametrize(
    ("a", "b"), [(7, 3), (-7, 3), (7, -3), (-7, -3), (5, 1), (0, 9), (2**40, 2**12)]
)
def test_arithmetic_is_that_of_ints(a, b):
    canary = Canary(supports={"number"}, value=a)

    for name in ("add", "sub", "mul", "floordiv", "mod", "and_", "or_", "xor"):
        function = getattr(operator, name)
        assert int(function(canary, b)) == function(a, b), name
        assert int(function(a, Canary(supports={"number"}, value=b))) == function(a, b)
    assert [int(one) for one in divmod(canary, b)] == [*divmod(a, b)]
    assert int(pow(canary, 3)) == (a**3 + 2**63) % 2**64 - 2**63


def test_equal_values_are_equal_canaries_with_equal_hashes():
    assert len({Canary(value=3), Canary(value=3), Canary(value=-1)}) == 2
    assert len({Canary(), Canary()}) == 2


def test_its_text_is_an_expression_for_an_equal_canary():
    for canary in (
        Canary(),
        Canary(supports=()),
        Canary(supports={"call"}, tracked=True, value=-5, owner="merged"),
        Canary(hooks=[Hook("eq", "yield", 0)]),
    ):
        assert repr(eval(repr(canary))) == repr(canary)


@pytest.mark.parametrize("function", [copy.copy, copy.deepcopy, pickle.dumps])
def test_it_cannot_be_copied_or_pickled(function):
    with pytest.raises(TypeError, match="pickle its CanarySpec"):
        function(Canary())


def test_it_cannot_be_subclassed():
    with pytest.raises(TypeError, match="not an acceptable base type"):
        type("Subclass", (Canary,), {})


def test_a_type_is_made_once_for_each_set_of_protocols():
    first, second = Canary(supports={"eq", "call"}), Canary(supports=["call", "eq"])
    assert type(first) is type(second)
    assert isinstance(Canary(supports=()), Canary)


def test_the_names_in_python_and_in_c_are_the_same():
    assert tuple(PROTOCOLS) == native.PROTOCOLS
    assert {*native.SLOTS} - {*SLOTS} == {"none", "argument", "any", "death"}
    assert {*SLOTS} <= {*native.SLOTS}
    assert native.ACTIONS == ACTIONS
