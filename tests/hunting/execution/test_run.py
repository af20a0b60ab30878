"""Running a program: planted bugs are seen, their correct twins are not."""

import ctypes
import sys
import threading
import time
from importlib import import_module
from itertools import count
from types import SimpleNamespace

import pytest

import refrace
from refrace.canaries.hook import Hook
from refrace.canaries.spec import CanarySpec
from refrace.hunting.execution import run_program
from refrace.subjects import Callback, Noise, Subject, operation

sys.path.insert(0, __file__.rpartition("/")[0])
from subjects_to_run import HELD, PLAIN, program, subject_on

pytestmark = pytest.mark.usefixtures("quick_collections")

LEAK = program([("leak", 0)], canaries=[PLAIN])
LEAK_OF_HELD = program([("leak", 0)], canaries=[HELD])
DROP = program([("drop", 0)], canaries=[PLAIN])
DROP_OF_HELD = program([("drop", 0)], canaries=[HELD])
DISCARD = program([("store", 0), ("discard",)], canaries=[PLAIN])
BORROW = program([("first", [0, 0], Callback("mutate"))], canaries=[PLAIN])

# When DISCARD drops the last reference: since 3.14 it reads the state of the thread.
INTERPRETER_CRASHES = sys.version_info >= (3, 14)


def run(is_buggy, which, *, rounds=20, seconds=600.0, **settings):
    subject = Subject.of(subject_on(is_buggy))
    return run_program(subject, which, rounds=rounds, seconds=seconds, **settings)


@pytest.mark.parametrize(
    ("which", "kind"),
    [
        (LEAK, "never-freed"),
        (LEAK_OF_HELD, "leak"),
        (DROP, "over-decref"),
        (DROP_OF_HELD, "over-decref"),
        (DISCARD, "decref-without-gil"),
        (BORROW, "use-after-free"),
    ],
)
def test_a_planted_bug_shows_in_every_round(which, kind):
    if which is DISCARD and INTERPRETER_CRASHES:
        pytest.skip("this ends the process, as in tests/native/test_planted.py")
    ran = run(True, which)

    assert kind in ran.rounds_with
    assert ran.rounds_with[kind] >= ran.rounds - 1
    (seen,) = [one for one in ran.observations if one.kind == kind]
    assert seen.operations == which.operations


@pytest.mark.parametrize(
    "which", [LEAK, LEAK_OF_HELD, DROP, DROP_OF_HELD, DISCARD, BORROW]
)
def test_the_correct_twin_of_a_planted_bug_shows_nothing(which):
    ran = run(False, which)

    assert ran.observations == ()
    assert ran.rounds_with == {}
    assert ran.rounds >= 20  # what other threads allocate may be a suspicion


@pytest.mark.parametrize(("later", "is_leak"), [(1000, True), (2000, False)])
def test_a_container_that_grows_once_by_chance_excuses_no_leak(
    monkeypatch, later, is_leak
):
    """Another one may have got its address; that of a cache goes on growing."""
    sizes = iter([{7: 0}, {7: 1000}, {7: 1000}, {7: later}])
    module = import_module("refrace.hunting.execution.growth")
    for name in ("sizes_of_all", "entries_that_may_refer"):
        monkeypatch.setattr(module, name, lambda *_: next(sizes))

    ran = run(True, LEAK)

    assert ("never-freed" in ran.rounds_with) == is_leak
    assert next(sizes, None) is None


def test_a_leak_shows_however_long_a_look_at_all_objects_takes(monkeypatch):
    module = import_module("refrace.hunting.execution.growth")
    monkeypatch.setattr(module, "SETTLE_S", 0.0)

    assert "never-freed" in run(True, LEAK).rounds_with


def test_answers_with_canaries_are_compared():
    class Cell:
        def setup(self):
            self.values = {}

        @operation
        def put(self, value):
            return self.values.setdefault("key", value)

    both = program([("put", 0)], [("put", 1)], canaries=[PLAIN, PLAIN])
    ran = run_program(Subject.of(Cell), both, rounds=20, seconds=600.0)

    assert ran.not_compared == ()


def test_which_canary_a_set_gives_first_is_not_compared():
    """That depends on their hashes, which without values are others in each round."""

    class Bag:
        def setup(self):
            self.values = set()

        @operation
        def add(self, value):
            return self.values.add(value)

        @operation
        def has(self, value):
            return value in self.values

        @operation
        def pop(self):
            return self.values.pop()

    calls = [[("add", 0), ("add", 1), ("pop",)], [("has", 2)]]
    both = program(*calls, canaries=[PLAIN] * 3)
    ran = run_program(Subject.of(Bag), both, rounds=100, seconds=600.0)

    assert ran.observations == ()
    assert ran.not_compared == ("answers of pop: they vary in one thread alone",)


def test_a_leak_shows_if_the_last_round_needs_more_rounds_to_compare_its_answers():
    answers = map((50).__eq__, count(1))

    class Counting(subject_on(True)):
        def setup(self):
            super().setup()
            self.answers = answers

        @operation
        def is_last(self):
            return self.answers.__next__()

    both = program([("leak", 0)], [("is_last",)], canaries=[PLAIN])
    ran = run_program(Subject.of(Counting), both, rounds=50, seconds=600.0)

    assert "never-freed" in ran.rounds_with


def test_slow_rounds_leave_time_to_confirm_a_leak(monkeypatch):
    """1,100 rounds of 50 ms do not fit in the time; fewer show as much growth."""
    clock = [0.0]

    class Slow(subject_on(True)):
        @operation
        def lose(self):
            for _ in range(8):
                self.planted.leak(object())
            clock[0] += 0.05

    for name in ("run", "growth"):
        monkeypatch.setattr(
            import_module(f"refrace.hunting.execution.{name}"),
            "time",
            SimpleNamespace(perf_counter=lambda: clock[0]),
        )

    ran = run_program(Subject.of(Slow), program([("lose",)]), rounds=20, seconds=1.0)

    assert [one.kind for one in ran.observations] == ["block-leak"]
    assert 20 < ran.rounds < 20 + 3 * 96


def test_a_run_that_another_finding_ends_says_nothing_of_what_lived_on_until_then():
    both = program([("leak", 0), ("drop", 1)], canaries=[PLAIN, PLAIN])
    ran = run(True, both)

    assert {one.kind for one in ran.observations} == {"over-decref"}
    assert ran.not_compared == ()


def test_an_answer_with_one_reference_in_two_places_shows_in_every_round():
    take, give = ctypes.pythonapi.Py_IncRef, ctypes.pythonapi.Py_DecRef
    take.argtypes = give.argtypes = [ctypes.c_void_p]

    class Pairs:
        @operation
        def pair(self):
            value = [1]
            self.address, self.answer = id(value), (value, value)
            give(self.address)
            return self.answer

        def teardown(self):
            take(self.address)  # before it is freed twice

    ran = run_program(Subject.of(Pairs), program([("pair",)]), rounds=5, seconds=600.0)

    (seen,) = ran.observations
    assert seen.kind == "over-decref"
    assert "a list has a count of 1, but 2 references" in seen.message
    assert ran.rounds_with == {"over-decref": 5}


def test_objects_other_than_canaries_leak_blocks():
    ran = run(True, program([("leak", [])]))

    (seen,) = ran.observations
    assert seen.kind == "block-leak"
    assert "+1 blocks a round" in seen.message or "+2 blocks a round" in seen.message


def test_threads_of_a_correct_counter_give_answers_of_some_order():
    both = [("add",), ("add",)]
    ran = run(False, program(both, both, suffix=[("add",)]), rounds=100)

    assert ran.observations == ()
    assert ran.not_compared == ()
    assert 0 <= ran.overlap <= 1
    assert 0 < ran.seconds_single < ran.seconds


def test_noise_changes_no_verdict():
    noise = Noise(collect=True, allocate=True, switch_us=5)
    two = program([("leak", 0)], [("store", 1)], canaries=[PLAIN, HELD], noise=noise)
    one = program([("leak", 0), ("store", 0)], canaries=[HELD], noise=noise)

    assert run(False, two).observations == ()
    assert run(False, one).observations == ()


def test_settings_of_the_interpreter_are_as_before():
    import gc

    before = sys.getswitchinterval(), gc.get_threshold(), gc.isenabled()
    threads = threading.active_count()
    noise = Noise(collect=True, switch_us=5)
    run(False, program([("add",)], [("add",)], noise=noise))
    run(False, program([("add",)], noise=noise))

    assert before == (sys.getswitchinterval(), gc.get_threshold(), gc.isenabled())
    assert threading.active_count() == threads


def test_hooks_call_the_subject_again_and_their_answers_are_judged():
    """Code that drops an object while it is still reachable shows the dying object."""

    class Kept:
        value = None

    class Late:
        def setup(self):
            self.kept = Kept()

        @operation
        def set(self, value):
            self.kept.value = value

        @operation
        def get(self):
            return self.kept.value

    hooked = CanarySpec(hooks=(Hook("death", "reenter"), Hook("any", "reenter", 0)))
    which = program(
        [("set", 0), ("set", None)], reentries=[("get",)], canaries=[hooked]
    )
    ran = run_program(Subject.of(Late), which, rounds=20, seconds=600)

    assert ran.observations == ()  # Python objects store first and drop then


def test_a_check_that_fails_is_a_wrong_answer():
    class Failing:
        @operation
        def one(self):
            """Do nothing."""

        def check(self):
            raise AssertionError("three is not four")

    ran = run_program(Subject.of(Failing), program([("one",)]), rounds=5, seconds=600)

    (seen,) = ran.observations
    assert seen.kind == "wrong-answer"
    assert seen.message == "check() raised AssertionError: three is not four"


def test_a_setup_that_raises_is_refused():
    class Broken:
        def setup(self):
            raise OSError("no such device")

        @operation
        def one(self, obj):
            """Do nothing."""

    which = program([("one", 0)], canaries=[HELD])
    with pytest.raises(refrace.InvalidArgument, match=r"OSError: no such device"):
        run_program(Subject.of(Broken), which, rounds=5, seconds=600)
    assert run(False, LEAK_OF_HELD).observations == ()  # nothing is left


def test_a_visible_cache_is_not_a_leak():
    class Caching:
        kept = []  # noqa: RUF012

        @operation
        def one(self, obj):
            self.kept.append(obj)

    which = program([("one", 0)], canaries=[PLAIN])
    ran = run_program(Subject.of(Caching), which, rounds=20, seconds=600)
    Caching.kept.clear()

    assert ran.observations == ()
    assert (
        "c0 is kept by a visible container, as caches do; no leak" in ran.not_compared
    )


def test_a_registry_that_grows_is_not_a_leak():
    class Registering:
        kept = []  # noqa: RUF012

        @operation
        def one(self):
            self.kept.append(object())

    ran = run_program(
        Subject.of(Registering), program([("one",)]), rounds=20, seconds=600
    )
    Registering.kept.clear()

    assert ran.observations == ()
    assert any("visible container" in note for note in ran.not_compared)


def test_answers_that_vary_in_one_thread_are_not_compared():
    class Clock:
        @operation
        def now(self):
            return time.perf_counter_ns()

    which = program([("now",)], [("now",)])
    ran = run_program(Subject.of(Clock), which, rounds=20, seconds=600)

    assert ran.observations == ()
    assert ran.not_compared == ("answers of now: they vary in one thread alone",)


def written_in_python():
    return 1


@pytest.mark.parametrize("reason", ["more than one call", "calls Python code"])
def test_operations_that_are_not_atomic_units_are_not_compared(reason):
    class Steps:
        def setup(self):
            self.items = []

        @operation
        def steps(self):
            self.items.append(1)
            return len(self.items)

        @operation
        def python(self):
            return written_in_python()

    name = "steps" if "more" in reason else "python"
    which = program([(name,)], [(name,)], prefix=[("steps",)])
    ran = run_program(Subject.of(Steps), which, rounds=20, seconds=600)

    assert ran.observations == ()
    assert reason in ran.not_compared[0]


def test_progress_is_reported_for_every_round():
    seen = []
    ran = run(False, program([("add",)], [("add",)]), progress=seen.append)
    assert seen == list(range(1, ran.rounds + 1))


def test_it_ends_when_the_time_is_over():
    ran = run(False, LEAK, rounds=10**9, seconds=0.2)

    assert 0 < ran.rounds < 10**9
