"""Each kind of misuse of a reference shows in the record of the canary.

The misuse goes through the object's address, as in an extension that is wrong.
"""

import ctypes
import threading
from dataclasses import replace
from threading import get_ident

import pytest
from canaries.pointers import decref, hash_of, incref, object_at

from refrace import Canary
from refrace.canaries import harness
from refrace.canaries.hook import Hook
from refrace.canaries.spec import CanarySpec


def held(**settings):
    """Give the number of a canary that nobody but the harness refers to."""
    return harness.hold(Canary(**settings))


def dead(**settings):
    """Give the number and the address of a canary that died in order."""
    number = held(**settings)
    harness.release(number)
    assert harness.record(number).state == "dead"
    return number, harness.address(number)


def after(number):
    harness.quiesce()
    return harness.record(number)


def test_a_canary_that_is_used_in_order_has_no_finding():
    number = held()
    canary = object_at(harness.address(number))
    assert {canary: 1}[canary] == 1
    del canary
    harness.release(number)

    record = after(number)

    assert (record.state, record.deaths, record.drift) == ("dead", 1, 0)
    assert record.touches > 0
    assert record.dead_touches == 0
    assert not any([record.died_in_slot, record.died_detached, record.died_while_held])
    assert (record.first_dead_slot, record.traps) == (None, ())
    assert (record.touch_stack, record.death_stack) == ("", "")


@pytest.mark.parametrize("n", [1, 2, 5])
def test_references_that_are_never_dropped_are_a_positive_drift(n):
    number = held()
    for _ in range(n):
        incref(harness.address(number))

    assert after(number).drift == n


def test_a_decref_too_many_of_a_canary_in_use_is_a_negative_drift():
    number = held()
    harness.hold(object_at(harness.address(number)))
    decref(harness.address(number))

    record = after(number)

    assert (record.state, record.drift) == ("live", -1)


def test_a_decref_of_the_only_reference_is_a_death_while_held():
    number = held()
    decref(harness.address(number))

    record = after(number)

    assert record.died_while_held
    assert (record.state, record.deaths, record.drift) == ("dead", 1, 0)
    assert record.killer == get_ident()
    assert "test_a_decref_of_the_only_reference" in record.death_stack
    harness.release(number)  # which leaves the dead object alone
    assert harness.record(number) == replace(record, expected=0)


@pytest.mark.parametrize("increfs", range(3))
@pytest.mark.parametrize("decrefs", range(3))
def test_a_count_that_changes_after_the_death_is_a_drift(increfs, decrefs):
    number, address = dead()
    for _ in range(decrefs):
        decref(address)
    for _ in range(increfs):
        incref(address)

    record = after(number)

    assert record.drift == increfs - decrefs
    assert record.deaths == 1


def test_a_slot_of_a_dead_canary_is_a_dead_touch_with_its_place():
    number, address = dead()
    hash_of(address)

    record = after(number)

    assert record.dead_touches == 1
    assert record.first_dead_slot == "hash"
    assert record.toucher == get_ident()
    assert "in test_a_slot_of_a_dead_canary" in record.touch_stack.splitlines()[0]


def test_a_dead_canary_that_is_passed_to_another_ones_slot_is_a_dead_touch():
    number, address = dead()
    assert Canary() != object_at(address)

    assert after(number).first_dead_slot == "argument"


def test_a_dead_canary_that_is_returned_is_known_by_its_address():
    number, address = dead()
    returned = object_at(address)

    assert harness.number(returned) == number
    assert harness.record(number).state == "dead"
    assert harness.number(object()) is None


def test_a_borrowed_reference_across_a_callback_is_a_death_inside_of_a_slot():
    cell = [Canary(hooks=[Hook("hash", "drop")])]
    number = harness.number(cell[0])
    harness.set_hook_handler(lambda *_: cell.clear())
    hash_of(harness.address(number))

    record = after(number)

    assert record.died_in_slot
    assert record.state == "dead"
    assert "<lambda>" in record.death_stack


def test_a_second_destruction_is_counted():
    number, address = dead()
    # As if the poison were no protection: the subject writes the count itself.
    for _ in range(2):
        native_dealloc(address)

    assert after(number).deaths == 3


def native_dealloc(address):
    dealloc = ctypes.pythonapi._Py_Dealloc
    dealloc.restype, dealloc.argtypes = None, [ctypes.c_void_p]
    dealloc(address)


def test_the_last_reference_of_a_worker_is_dropped_by_another_thread():
    box = []
    thread = threading.Thread(
        target=lambda: box.append(harness.new(CanarySpec(owner="worker")))
    )
    thread.start()
    thread.join()
    number = harness.number(box[0])

    assert after(number).count == 1
    box.clear()

    assert after(number).state == "dead"
    assert harness.record(number).drift == 0
