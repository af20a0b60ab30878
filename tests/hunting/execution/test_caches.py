"""Bounded caches in C code, which the collector cannot see, are not called leaks."""

import sys
import threading
from array import array
from importlib import import_module
from itertools import count

import pytest

from refrace.hunting.execution import run_program
from refrace.subjects import Subject, operation

sys.path.insert(0, __file__.rpartition("/")[0])
from caches_in_c import Buffers, First, Ring, give, take
from subjects_to_run import HELD, PLAIN, program

pytestmark = pytest.mark.usefixtures("quick_collections")

BOUND = 1_000
"""The largest cache that the documents promise to tell from a leak."""


@pytest.fixture(autouse=True)
def time_enough(monkeypatch):
    """However busy the machine is, there is time to fill the cache."""
    for name in ("run", "growth"):
        module = import_module(f"refrace.hunting.execution.{name}")
        monkeypatch.setattr(module, "SETTLE_S", 600.0)


@pytest.fixture(params=[Ring, pytest.param(First, marks=pytest.mark.soak)])
def make(request):
    made = []

    def new(size):
        made.append(request.param(size))
        return made[-1]

    yield new
    for cache in made:
        cache.clear()


def subject_on(cache):
    class OnCache:
        @operation
        def put(self, value):
            cache.put(value)

        @operation
        def fill(self):
            cache.put(object())

    return Subject.of(OnCache)


def run(cache, which, rounds=17):
    return run_program(subject_on(cache), which, rounds=rounds, seconds=600.0)


@pytest.mark.parametrize("canary", [PLAIN, HELD])
def test_canaries_in_a_cache_with_a_bound_are_no_leak(make, canary):
    ran = run(make(BOUND), program([("put", 0)], canaries=[canary]))

    assert ran.observations == ()


def test_canaries_that_a_full_cache_keeps_are_not_said_to_be_too_few():
    cache = First(400)
    ran = run(cache, program([("put", 0)], canaries=[PLAIN]))
    cache.clear()

    assert ["a cache that is full" in one for one in ran.not_compared] == [True]


@pytest.mark.parametrize("size", [200, BOUND])
def test_objects_in_a_cache_with_a_bound_are_no_leak(make, size):
    ran = run(make(size), program([("fill",)]))

    assert ran.observations == ()


def test_what_threads_put_in_a_cache_with_a_bound_is_no_leak(make):
    both = program([("put", 0)], [("put", 1), ("fill",)], canaries=[PLAIN, HELD])
    ran = run(make(BOUND), both, rounds=30)

    assert ran.observations == ()


def keep_in_dictionary(kept, value):
    kept.append(kept[-1] if kept else {})
    kept[-1][len(kept)] = value


def keep_in_tuple(kept, value):
    # Nothing that others share: a constant that is kept as often would be a finding.
    kept.append((object(), (value, object())))


def keep_in_object(kept, value):
    """As an object of C code does that takes no part in collections."""
    take(id(value))
    kept.append(Handle(id(value)))


class Handle(int):
    """Holds the object with this address."""

    __slots__ = ()

    def __del__(self):
        give(int(self))


def keep_in_class(kept, value):
    kept.append(None)
    type("Immortal", (), {"value": value})  # with no GIL on 3.13


@pytest.mark.parametrize(
    "keep", [keep_in_dictionary, keep_in_tuple, keep_in_object, keep_in_class]
)
def test_what_containers_hold_that_the_collector_leaves_out_is_no_leak(keep):
    """Those that hold nothing which could be in a cycle."""
    kept = []

    class Keeping:
        @operation
        def put(self, value):
            keep(kept, value)

    one = program([("put", 0)], canaries=[PLAIN])
    thread = threading.Thread(target=len, args=((),))
    thread.start()
    thread.join()
    ran = run_program(Subject.of(Keeping), one, rounds=17, seconds=600.0)
    kept.clear()

    assert ran.observations == ()


@pytest.mark.parametrize(
    "which", [program([("put", 0)], canaries=[PLAIN]), program([("fill",)])]
)
def test_a_cache_is_filled_once_in_a_process_for_the_same_operations(make, which):
    subject = subject_on(make(BOUND))
    first, second = (
        run_program(subject, which, rounds=17, seconds=600.0) for _ in range(2)
    )

    assert first.rounds > BOUND > second.rounds
    assert first.observations == second.observations == ()


@pytest.mark.parametrize(
    ("which", "what"),
    [
        (program([("put", 0)], canaries=[PLAIN]), "canaries that live on: put"),
        (program([("fill",)]), "memory and counts that grow: fill"),
    ],
)
def test_growth_of_operations_that_filled_a_cache_is_said_not_to_be_judged(which, what):
    cache = First(BOUND)
    subject = subject_on(cache)
    run_program(subject, which, rounds=17, seconds=600.0)
    cache.slots.extend(array("Q", bytes(8 * 20_000)))
    ran = run_program(subject, which, rounds=400, seconds=600.0)
    cache.clear()

    assert ran.observations == ()
    assert ran.not_compared == (f"{what} fill a cache, as seen before",)


def test_threads_that_make_their_calls_many_times_fill_a_cache_sooner(make):
    thirty = program([("put", 0)], [("put", 0)], canaries=[PLAIN], times=30)
    ran = run(make(BOUND), thirty, rounds=30)

    assert ran.observations == ()
    assert ran.rounds < BOUND


@pytest.mark.parametrize("size", [2, BOUND])
def test_what_one_of_two_threads_puts_in_a_cache_is_no_leak(make, size):
    """Which thread is first is a race; here it is each of them in turn."""
    cache, calls = make(size), count()

    class Either:
        @operation
        def put(self, value):
            if next(calls) % 4 in (0, 3):
                cache.put(value)

    either = program([("put", 0)], [("put", 1)], canaries=[PLAIN, PLAIN])
    ran = run_program(Subject.of(Either), either, rounds=30, seconds=600.0)

    assert ran.observations == ()


@pytest.mark.parametrize("rate", [pytest.param(1, marks=pytest.mark.soak), 5])
def test_what_threads_lose_is_a_leak_also_if_only_some_rounds_lose_it(rate):
    cache, calls = Ring(20_000), count()

    class Losing:
        @operation
        def put(self, value):
            if threading.current_thread() is not threading.main_thread() and (
                next(calls) % rate == 0
            ):
                cache.put(value)

    losing = program([("put", 0)], [("put", 0)], canaries=[PLAIN])
    ran = run_program(Subject.of(Losing), losing, rounds=60, seconds=600.0)
    cache.clear()

    assert [one.kind for one in ran.observations] == ["never-freed"]


def test_a_visible_log_of_numbers_and_texts_explains_no_leak():
    cache, log = Ring(20_000), []

    class Logging:
        @operation
        def put(self, value):
            log.extend(["put", 1.5, None])
            cache.put(value)

    one = program([("put", 0)], canaries=[PLAIN])
    ran = run_program(Subject.of(Logging), one, rounds=17, seconds=600.0)
    cache.clear()

    assert [one.kind for one in ran.observations] == ["never-freed"]


def test_a_visible_log_of_what_leaks_explains_only_its_own_references():
    cache, log = Ring(20_000), []

    class Logging:
        @operation
        def put(self, value):
            log.append(value)
            cache.put(value)

    one = program([("put", 0)], canaries=[PLAIN])
    ran = run_program(Subject.of(Logging), one, rounds=17, seconds=600.0)
    cache.clear()
    log.clear()

    assert [one.kind for one in ran.observations] == ["never-freed"]


def test_what_a_few_rounds_lost_and_no_later_one_fills_no_cache():
    """As a leak in threads that needs luck; the next program may have it again."""
    cache = Ring(20_000)

    class Losing:
        @operation
        def put(self, value):
            if next(calls) in (10, 20):
                cache.put(value)

    subject = Subject.of(Losing)
    losing = program([("put", 0)], canaries=[PLAIN])
    said = []
    for _ in range(2):
        calls = count()
        ran = run_program(subject, losing, rounds=100, seconds=600.0)
        assert ran.observations == ()
        said += ran.not_compared
    cache.clear()

    assert ["in a cache that is full" in text for text in said] == [True, True]


def test_a_cache_of_buffers_that_rounds_of_many_calls_fill_slowly_is_no_leak():
    """A round of sixty calls adds one, of more bytes than there are calls."""
    cache, calls = Buffers(BOUND), count()

    class Slowly:
        @operation
        def fill(self):
            if next(calls) % 60 == 0:
                cache.add()

    thirty = program([("fill",)], [("fill",)], times=30)
    ran = run_program(Subject.of(Slowly), thirty, rounds=60, seconds=600.0)
    cache.clear()

    assert ran.observations == ()


def test_a_leak_is_reported_beside_a_canary_and_a_container_that_are_kept_once():
    cache, first, kept = Ring(20_000), First(1), []

    class Both:
        @operation
        def keep(self, value):
            first.put(value)

        @operation
        def lose(self, value):
            cache.put(value)
            if cache.next == BOUND + 500:  # a round after the cache would be full
                kept.append([])

    both = program([("keep", 0), ("lose", 1)], canaries=[PLAIN, PLAIN])
    ran = run_program(Subject.of(Both), both, rounds=17, seconds=600.0)
    cache.clear()
    first.clear()

    assert ran.rounds > BOUND + 500
    assert [one.kind for one in ran.observations] == ["never-freed"]


def test_garbage_of_rounds_before_a_leak_is_settled_is_still_collected():
    cache = Ring(20_000)

    class Both:
        @operation
        def lose(self, value):
            cache.put(value)

        @operation
        def put_in_cycle(self, value):
            cycle = [value]
            cycle.append(cycle)

    both = program([("lose", 0), ("put_in_cycle", 1)], canaries=[PLAIN, PLAIN])
    ran = run_program(Subject.of(Both), both, rounds=17, seconds=600.0)
    cache.clear()

    assert [one.kind for one in ran.observations] == ["never-freed"]
    assert ran.not_compared == ()


@pytest.mark.soak
@pytest.mark.parametrize(
    "which", [program([("put", 0)], canaries=[PLAIN]), program([("fill",)])]
)
def test_what_has_no_bound_is_a_leak(which):
    cache = Ring(20_000)
    ran = run(cache, which)
    cache.clear()

    assert {one.kind for one in ran.observations} <= {"never-freed", "block-leak"}
    assert ran.observations
