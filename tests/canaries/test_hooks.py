"""What a canary does inside its slots and its death."""

import operator
import os
import shutil
import sys
import threading
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import pytest
from canaries.pointers import decref_detached
from hunting.schedules.building import build_plainly

from refrace import Canary, InvalidArgument, InvalidArgumentType
from refrace.canaries import harness
from refrace.canaries.hook import Hook
from refrace.canaries.spec import CanarySpec


@pytest.fixture
def calls():
    made = []
    harness.set_hook_handler(lambda *call: made.append(call))
    return made


@pytest.mark.parametrize("action", ["reenter", "mutate", "drop"])
def test_an_action_calls_the_handler_with_number_slot_and_action(action, calls):
    canary = Canary(hooks=[Hook("hash", action)])
    hash(canary)

    assert calls == [(harness.number(canary), "hash", action)]


def test_a_hook_acts_in_the_call_that_it_names():
    canary = Canary(hooks=[Hook("hash", "raise", nth=3)])

    hash(canary)
    hash(canary)
    with pytest.raises(RuntimeError, match="hook of a canary in slot 'hash'"):
        hash(canary)
    hash(canary)


def test_a_hook_of_every_call_acts_in_every_call(calls):
    canary = Canary(hooks=[Hook("any", "mutate", nth=0)])
    for _ in range(3):
        hash(canary)
    assert canary == canary

    assert [slot for _, slot, _ in calls] == ["hash", "hash", "hash", "eq"]


def test_a_hook_does_not_act_inside_of_itself():
    canary = Canary(hooks=[Hook("hash", "reenter", nth=0)])
    depth = []
    harness.set_hook_handler(lambda *_: depth.append(hash(canary)))
    hash(canary)

    assert len(depth) == 1


def test_a_hook_in_the_death_acts_once_when_the_object_is_dead_for_all_others(calls):
    states = []
    harness.set_hook_handler(lambda n, *_: states.append(harness.record(n).state))
    number = harness.number(Canary(hooks=[Hook("death", "drop")]))

    assert states == ["dying"]
    assert harness.record(number).state == "dead"


def test_an_exception_of_the_handler_leaves_the_slot(calls):
    harness.set_hook_handler(lambda *_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        hash(Canary(hooks=[Hook("hash", "reenter")]))


@pytest.mark.parametrize("action", ["reenter", "raise"])
def test_a_released_buffer_leaves_the_exception_in_flight(monkeypatch, action):
    """`join` releases the buffers that it has when another item has none."""
    reported, called = [], []
    monkeypatch.setattr(sys, "unraisablehook", lambda args: reported.append(args))
    harness.set_hook_handler(lambda *call: called.append(getattr(call, "none", 0)))
    canary = Canary(supports={"buffer"}, hooks=[Hook("releasebuffer", action)])

    with pytest.raises(TypeError, match="sequence item 1"):
        b"".join([canary, 3])

    assert len(called) == (action == "reenter")
    assert len(reported) == (action == "raise")


def test_an_exception_in_a_death_is_reported_and_the_one_in_flight_remains(monkeypatch):
    reported = []
    monkeypatch.setattr(sys, "unraisablehook", lambda args: reported.append(args))
    harness.set_hook_handler(lambda *_: 1 / 0)
    cell = [Canary(hooks=[Hook("death", "reenter")])]

    def end_in_flight():
        try:
            raise KeyError("in flight")
        finally:
            cell.clear()

    with pytest.raises(KeyError, match="in flight"):
        end_in_flight()

    assert [args.exc_type for args in reported] == [ZeroDivisionError]


def test_a_yield_lets_another_thread_run():
    """The other thread needs the GIL to set the event, where there is a GIL."""
    canary = Canary(hooks=[Hook("hash", "yield", nth=0)])
    ran = threading.Event()
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1000)  # only a yield lets go of the GIL
    try:
        thread = threading.Thread(target=ran.set)
        thread.start()
        while not ran.is_set():
            hash(canary)
    finally:
        sys.setswitchinterval(interval)
    thread.join()


def test_disarmed_hooks_neither_act_nor_count(calls):
    canary = Canary(hooks=[Hook("hash", "mutate", nth=2)])
    harness.arm(False)
    hash(canary)
    hash(canary)
    harness.arm(True)
    hash(canary)
    assert calls == []
    hash(canary)

    assert len(calls) == 1
    assert canary.touches == 4


# Since 3.14 it reads the state of the thread before it calls the type.
DIES_DETACHED = pytest.mark.skipif(
    sys.version_info >= (3, 14),
    reason="the interpreter crashes before any code of ours runs",
)


@DIES_DETACHED
def test_a_death_without_a_thread_state_is_a_finding_and_runs_no_python(calls):
    number = harness.hold(
        Canary(hooks=[Hook("death", "drop")], supports={"attributes"})
    )
    decref_detached(harness.address(number))

    record = harness.record(number)

    assert record.died_detached
    assert record.state == "dead"
    assert (record.death_stack, calls) == ("", [])


@DIES_DETACHED
def test_a_tracked_canary_that_died_detached_does_not_disturb_the_collector():
    import gc

    numbers = [harness.hold(Canary(tracked=True)) for _ in range(3)]
    decref_detached(harness.address(numbers[1]))
    gc.collect()
    harness.release(numbers[0])
    gc.collect()

    assert harness.record(numbers[1]).died_detached
    assert harness.record(numbers[0]).state == "dead"
    assert harness.record(numbers[2]).drift == 0


@pytest.mark.parametrize(
    ("arguments", "error", "cure"),
    [
        (("hush", "yield"), InvalidArgument, "did you mean 'hash'"),
        (("hash", "yielt"), InvalidArgument, "did you mean 'yield'"),
        ((1, "yield"), InvalidArgumentType, "pass one of"),
        (("hash", "yield", -1), InvalidArgument, "from 0 to"),
        (("hash", "yield", 1.0), InvalidArgumentType, "pass a whole number"),
        (("death", "raise"), InvalidArgument, "choose another action or another slot"),
    ],
)
def test_a_wrong_hook_is_refused_with_a_cure(arguments, error, cure):
    with pytest.raises(error, match=cure):
        Hook(*arguments)


@pytest.mark.parametrize(
    ("settings", "error", "cure"),
    [
        ({"supports": "hash"}, InvalidArgumentType, "pass a set of names"),
        ({"supports": {"hsah"}}, InvalidArgument, "did you mean 'hash'"),
        ({"supports": 5}, InvalidArgumentType, "pass a set of names"),
        ({"tracked": 1}, InvalidArgumentType, "pass True or False"),
        ({"trap": None}, InvalidArgumentType, "pass True or False"),
        ({"owner": "me"}, InvalidArgument, "pass one of 'main', 'worker', 'merged'"),
        ({"value": 2**63}, InvalidArgument, "out of range"),
        ({"value": "5"}, InvalidArgumentType, "pass a whole number"),
        ({"hooks": Hook("eq", "yield")}, InvalidArgumentType, "a sequence of Hook"),
        ({"hooks": ["eq"]}, InvalidArgumentType, "pass Hook objects"),
        ({"hooks": [Hook("len", "yield")]}, InvalidArgument, "add 'sequence' or 'map"),
        ({"hooks": [Hook("eq", "yield")] * 9}, InvalidArgument, "at most 8"),
    ],
)
@pytest.mark.parametrize("make", [CanarySpec, Canary])
def test_a_wrong_setting_is_refused_with_a_cure(make, settings, error, cure):
    with pytest.raises(error, match=cure):
        make(**settings)


def test_a_handler_that_cannot_be_called_is_refused():
    with pytest.raises(InvalidArgumentType, match="pass a function, or None"):
        harness.set_hook_handler(5)


class List(list):
    """A list that is asked first if it stands on the right of another."""


@pytest.mark.skipif(
    "libasan" in os.environ.get("LD_PRELOAD", ""),
    reason="under AddressSanitizer the stack does not show which list calls",
)
@pytest.mark.parametrize(
    ("slot", "kind", "ask"),
    [
        ("repr", list, repr),
        ("lt", list, lambda items: items < [None]),
        ("gt", list, lambda items: operator.lt([None], items)),
        ("le", list, lambda items: items <= [None]),
        ("lt", List, lambda items: operator.gt([None], items)),
        ("gt", list, lambda items: operator.gt(items, List([None]))),
        ("lt", list, lambda items: [[None], items].sort()),
        ("gt", list, lambda items: [items, [None]].sort()),
    ],
)
def test_an_item_that_a_list_calls_and_that_empties_the_list_does_not_die_in_its_slot(
    slot, kind, ask
):
    """CPython up to 3.13 calls it without a reference: no fault of the subject."""
    items = kind([Canary(supports={"order"}, hooks=[Hook(slot, "mutate")])])
    number = harness.number(items[0])
    harness.set_hook_handler(lambda *_: items.clear())
    try:
        ask(items)
    except TypeError:  # None has no order
        assert slot != "repr"

    record = harness.record(number)
    assert record.state == "dead"
    assert not record.died_in_slot
    assert record.dead_touches == 0


@pytest.mark.skipif(shutil.which("gcc") is None, reason="building needs gcc")
@pytest.mark.parametrize("slot", ["eq", "lt", "ge"])
def test_what_compares_an_item_that_it_has_borrowed_is_not_taken_for_a_list(
    slot, tmp_path, monkeypatch
):
    """Compiled with a jump to the comparison of the item, it looks like a list."""
    build_plainly(Path(__file__).parent / "sources/forwarding.c", tmp_path, "-O2")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "forwarding", raising=False)
    holder = import_module("forwarding").Holder()
    holder.set(Canary(supports={"order", "eq"}, hooks=[Hook(slot, "mutate")]))
    (number,) = harness.numbers()
    harness.set_hook_handler(lambda *_: holder.set(None))
    with suppress(TypeError):  # None has no order
        getattr(operator, slot)(holder, None)

    assert harness.record(number).died_in_slot
