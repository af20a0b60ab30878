"""What a harness does with canaries: keep, release, tell apart, begin again."""

import gc
import threading

import pytest
from canaries.pointers import decref, hash_of, incref, object_at

from refrace import Canary, InvalidArgument, InvalidArgumentType, LimitReached
from refrace._native import canary as native
from refrace.canaries import harness
from refrace.canaries.spec import OWNERS, CanarySpec


@pytest.mark.parametrize("tracked", [False, True])
@pytest.mark.parametrize("owner", OWNERS)
def test_the_caller_has_the_only_reference_to_a_new_canary(owner, tracked):
    canary = harness.new(CanarySpec(owner=owner, tracked=tracked))
    number = harness.number(canary)

    assert harness.record(number).count == 1
    assert harness.record(number).expected == 0
    del canary
    harness.quiesce()

    assert harness.record(number).state == "dead"
    assert harness.record(number).drift == 0


@pytest.mark.parametrize("owner", OWNERS)
def test_held_references_are_expected(owner):
    number = harness.hold(harness.new(CanarySpec(owner=owner)))
    harness.hold(object_at(harness.address(number)))
    harness.quiesce()

    record = harness.record(number)

    assert (record.expected, record.count, record.drift) == (2, 2, 0)


@pytest.mark.parametrize("owner", OWNERS)
def test_references_of_other_threads_are_counted_once_they_have_ended(owner):
    number = harness.hold(harness.new(CanarySpec(owner=owner)))
    kept = [[] for _ in range(4)]

    def work(mine):
        for _ in range(1000):
            mine.append(object_at(harness.address(number)))
        del mine[10:]

    threads = [threading.Thread(target=work, args=[mine]) for mine in kept]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    harness.quiesce()

    assert harness.record(number).drift == 40
    kept.clear()
    harness.quiesce()
    assert harness.record(number).drift == 0


def test_a_tracked_canary_in_a_cycle_is_collected_and_an_untracked_one_is_not():
    numbers = []
    for tracked in (True, False):
        canary = Canary(tracked=tracked, supports={"attributes"})
        canary.itself = canary
        numbers.append(harness.number(canary))
        assert gc.is_tracked(canary) == tracked
        del canary
    gc.collect()
    harness.quiesce()

    assert [harness.record(number).state for number in numbers] == ["dead", "live"]
    assert harness.record(numbers[0]).drift == 0


def test_what_was_stored_in_a_canary_dies_with_it():
    outer, inner = Canary(supports={"mapping"}), Canary()
    number = harness.number(inner)
    outer["key"] = inner
    del inner
    assert harness.record(number).state == "live"
    del outer

    assert harness.record(number).state == "dead"


def test_after_a_reset_the_memory_of_dead_canaries_is_used_again():
    address = harness.address(harness.number(Canary()))
    harness.reset()

    assert harness.numbers() == []
    assert harness.address(harness.number(Canary())) == address


def test_a_reset_leaves_a_living_canary_alone():
    canary = Canary(value=1)
    number = harness.number(canary)
    harness.reset()
    others = [Canary() for _ in range(10)]

    assert number not in [harness.number(other) for other in others]
    assert harness.number(canary) == number
    assert canary == Canary(value=1)
    assert number not in harness.numbers()


def test_the_memory_of_a_canary_with_a_finding_is_not_used_again():
    numbers = [harness.number(Canary()) for _ in range(3)]
    incref(harness.address(numbers[0]))
    hash_of(harness.address(numbers[1]))
    harness.reset()
    decref(harness.address(numbers[0]))

    assert harness.number(Canary()) == numbers[2]


def test_a_held_canary_prevents_a_reset():
    number = harness.hold(Canary())

    with pytest.raises(InvalidArgument, match=rf"release\({number}\) before the reset"):
        harness.reset()

    assert harness.numbers() == [number]


def test_there_is_a_limit_of_canaries_and_a_reset_clears_it():
    harness.reset()  # canaries of other tests that had findings keep their memory
    made, most = 0, native.LIMITS["canaries"]
    spec = CanarySpec()

    def make_all():
        nonlocal made
        while made <= most:
            harness.new(spec)
            made += 1

    with pytest.raises(LimitReached, match=r"262,144 canaries is reached"):
        make_all()
    assert most - 1000 < made <= most

    harness.reset()

    assert Canary().state == "live"


def test_wrong_arguments_are_refused_with_a_cure():
    canary = Canary()
    number = harness.number(canary)
    for call, error, cure in (
        (lambda: harness.new(5), InvalidArgumentType, "pass a CanarySpec"),
        (
            lambda: harness.record(10**6),
            InvalidArgument,
            "not the number of a canary",
        ),
        (
            lambda: harness.record(2**62),
            InvalidArgument,
            "not the number of a canary",
        ),
        (lambda: harness.record("0"), InvalidArgumentType, "pass a whole number"),
        (lambda: harness.hold(5), InvalidArgumentType, "pass a Canary"),
        (lambda: harness.release(number), InvalidArgument, "once for each hold"),
        (lambda: harness.arm(1), InvalidArgumentType, "pass True or False"),
    ):
        with pytest.raises(error, match=cure):
            call()


def test_a_dead_canary_cannot_be_held():
    number = harness.number(Canary())
    dead = object_at(harness.address(number))

    with pytest.raises(InvalidArgument, match="no reference to keep"):
        harness.hold(dead)
