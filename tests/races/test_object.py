"""A single object agrees with a reference in Python, and forgives misuse."""

import gc
import html
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

import refrace
from refrace._native import objects as native_objects
from refrace.races.object_findings import findings_of

MODES = [mode.name for mode in refrace.modes()]
CORRECT = [mode.name for mode in refrace.modes() if mode.claim == "correct"]
# Where each thread counts for itself, a drop too many is seen when that is added up.
COUNTED_AT_ONCE = [mode.name for mode in refrace.modes() if not mode.memory.lanes]
HAS_GIL = refrace.Environment.current().gil_enabled

gil_settings = st.sampled_from(["released", "held"] if HAS_GIL else ["released"])


class ObjectAgainstReference(RuleBasedStateMachine):
    """One thread: in every mode the object does what a plain integer would."""

    @initialize(mode=st.sampled_from(COUNTED_AT_ONCE))
    def open(self, mode):
        self.object = refrace.Object(mode)
        self.count = 1
        self.held_late = 0  # taken of the freed object, and not dropped again
        self.late = 0
        self.over_released = 0
        self.operations = 0

    @rule(n=st.integers(1, 50), gil=gil_settings)
    def incref(self, n, gil):
        self.object.incref(n, gil=gil)
        self.operations += n
        if self.count:
            self.count += n
        else:
            self.held_late += n
            self.late += n

    @rule(n=st.integers(1, 50), gil=gil_settings)
    def decref(self, n, gil):
        self.object.decref(n, gil=gil)
        self.operations += n
        too_many = max(n - self.count, 0)
        self.count = max(self.count - n, 0)
        late = min(too_many, self.held_late)
        self.held_late -= late
        self.late += late
        self.over_released += too_many - late

    @rule(gil=gil_settings)
    def use(self, gil):
        self.object.use(gil=gil)
        self.operations += 1
        self.late += not self.count

    @invariant()
    def agrees(self):
        assert self.object.refcount == self.object.ledger == self.count
        assert self.object.alive == (self.count > 0)
        assert self.object.operations == self.operations
        found = {str(f.kind): f.count for f in self.object.findings}
        expected = {"use-after-free": self.late, "underflow": self.over_released}
        assert found == {kind: n for kind, n in expected.items() if n}

    def teardown(self):
        self.object.close()


TestObjectAgainstReference = ObjectAgainstReference.TestCase
TestObjectAgainstReference.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None
)


def in_threads(n, work):
    threads = [threading.Thread(target=work) for _ in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@settings(max_examples=15, deadline=None)
@given(mode=st.sampled_from(CORRECT), n=st.integers(1, 3000), gil=gil_settings)
def test_threads_that_give_back_what_they_took_leave_a_correct_mode_exact(mode, n, gil):
    thing = refrace.Object(mode)

    def take_and_drop():
        thing.incref(n, gil=gil)
        thing.use(gil=gil)
        thing.decref(n, gil=gil)

    in_threads(3, take_and_drop)

    assert (thing.refcount, thing.ledger, thing.alive) == (1, 1, True)
    thing.decref()
    assert thing.refcount == 0
    assert thing.alive == thing.waiting
    assert thing.findings == ()


@pytest.mark.skipif(not HAS_GIL, reason="there is no GIL to hold")
def test_the_gil_held_keeps_an_unlocked_object_exact_between_threads():
    thing = refrace.Object("unlocked")

    in_threads(3, lambda: thing.incref(2000, gil="held"))

    assert thing.refcount == thing.ledger == 6001


@settings(max_examples=15, deadline=None)
@given(n=st.integers(1, 3000))
def test_the_ledger_of_an_unlocked_object_is_exact_even_where_its_count_is_not(n):
    thing = refrace.Object("unlocked")

    in_threads(2, lambda: thing.incref(n))

    assert thing.ledger == 1 + 2 * n
    # A thread can store what it loaded first when the other has one increment left.
    assert 1 + min(n, 2) <= thing.refcount <= 1 + 2 * n
    drifted = thing.refcount < thing.ledger
    assert [str(f.kind) for f in thing.findings] == ["count-too-low"] * drifted


def test_misuse_never_raises_out_of_a_thread_and_is_written_down():
    thing = refrace.Object("atomic")
    errors = []

    def misuse():
        try:
            thing.decref(5)
            thing.use()
            thing.incref()
        except BaseException as error:  # what must not happen is what is caught
            errors.append(error)

    in_threads(2, misuse)

    assert errors == []
    assert not thing.alive
    assert {"use-after-free", "underflow"} == {f.kind for f in thing.findings}
    with pytest.raises(refrace.CorruptionFound, match="use-after-free"):
        thing.raise_for_findings()


def messages(thing):
    return {str(finding.kind): finding.message for finding in thing.findings}


@pytest.mark.parametrize("mode", COUNTED_AT_ONCE)
def test_one_decref_too_many_is_called_an_over_release_and_nothing_else(mode):
    thing = refrace.Object(mode)

    thing.decref(2)

    assert messages(thing) == {
        "underflow": "over-release, a reference was dropped that did not exist: decref "
        "by MainThread (count 0, then -1)"
    }


def test_one_decref_too_many_of_a_count_that_is_put_off_is_an_over_release_too():
    thing = refrace.Object("per_thread")

    thing.decref(2)
    thing.incref(1)  # the drop that nobody could make has happened all the same

    assert thing.alive
    assert messages(thing) == {
        "underflow": "over-release, a reference was dropped that did not exist: decref "
        "by MainThread (count 0, then -1)"
    }


def test_a_finding_names_the_first_operation_and_its_thread_and_no_later_one():
    thing = refrace.Object("atomic")
    thing.decref()
    for name, work in (
        ("reader", thing.use),
        ("taker", lambda: thing.incref(3)),
        ("dropper", lambda: thing.decref(4)),
        ("late dropper", thing.decref),
    ):
        thread = threading.Thread(target=work, name=name)
        thread.start()
        thread.join()

    assert messages(thing) == {
        "use-after-free": "an operation after the object was freed: use by reader "
        "(count 0, then 0)",
        "underflow": "over-release, a reference was dropped that did not exist: decref "
        "by dropper (count 0, then -1)",
    }
    assert [finding.count for finding in thing.findings] == [7, 2]


def read(**numbers):
    """What was read of an object in whose life no gap was widened."""
    return native_objects.Reading(gap_waits=0, gaps_met=0, **numbers)


def test_an_early_free_names_who_freed_and_how_many_references_there_were():
    reading = {
        "refcount": 0, "ledger": 3, "ledger_at_end": 3, "deaths": 1,
        "uses_after_free": 0, "over_releases": 0, "operations": 3, "in_flight": 0,
        "is_waiting": 0,
    }  # fmt: skip
    first = native_objects.First(doing=2, thread=77, before=4, after=3)

    (finding,) = findings_of(read(**reading), {"free": first}, {"free": "dropper"})

    assert finding.message == (
        "freed while 3 counted references existed: decref by dropper (count 4, then 3)"
    )


def test_text_html_and_json_of_an_objects_findings_say_the_same():
    thing = refrace.Object("atomic")
    thing.decref(2)
    (finding,) = thing.findings

    assert finding.message in html.unescape(thing._repr_html_())
    assert refrace.Finding.from_dict(finding.to_dict()) == finding
    for word in ("over-release", "MainThread", "count 0, then -1"):
        assert word in str(thing)


def test_a_closed_object_still_names_who_did_what():
    with refrace.Object("atomic") as thing:
        thing.decref(2)

    assert "decref by MainThread" in thing.findings[0].message


def test_a_free_by_another_objects_settling_names_the_thread_by_its_number():
    """Nobody calls the object's own methods then, so no name is asked for."""
    reading = {
        "refcount": 0, "ledger": 2, "ledger_at_end": 2, "deaths": 1,
        "uses_after_free": 0, "over_releases": 0, "operations": 3, "in_flight": 0,
        "is_waiting": 0,
    }  # fmt: skip
    first = native_objects.First(doing=4, thread=77, before=2, after=2)

    (finding,) = findings_of(read(**reading), {"free": first}, {})

    assert finding.message == (
        "freed while 2 counted references existed: quiesce by thread 77 (count 2, "
        "then 2)"
    )


def test_an_event_that_is_still_being_recorded_is_reported_without_its_place():
    reading = {
        "refcount": 0, "ledger": 0, "ledger_at_end": 0, "deaths": 1,
        "uses_after_free": 1, "over_releases": 0, "operations": 3, "in_flight": 1,
        "is_waiting": 0,
    }  # fmt: skip

    (finding,) = findings_of(read(**reading), {}, {})

    assert finding.message == "an operation after the object was freed"


def test_an_object_is_conclusive_unless_it_waits():
    thing = refrace.Object("per_thread")
    thing.raise_unless_conclusive()

    thing.decref()

    assert (thing.findings, thing.conclusive, thing.judgement) == (
        (), False, "inconclusive",
    )  # fmt: skip
    with pytest.raises(refrace.Inconclusive, match=r"call quiesce\(\) or collapse\(\)"):
        thing.raise_unless_conclusive()
    assert "Inconclusive: the object is waiting to be settled" in str(thing)
    with pytest.warns(refrace.InconclusiveWarning, match="waiting to be settled"):
        thing.raise_for_findings()
    thing.collapse()
    thing.raise_unless_conclusive()
    with pytest.raises(refrace.NotProved, match="never a proof"):
        thing.raise_unless_proved()


def test_a_closed_object_shows_its_last_numbers_and_refuses_operations():
    with refrace.Object("unlocked") as thing:
        thing.incref(3)

    assert thing.closed
    assert (thing.refcount, thing.ledger) == (4, 4)
    thing.close()
    for operation in (thing.incref, thing.decref, thing.use):
        with pytest.raises(refrace.ObjectClosed, match=r"make a new one"):
            operation()


def test_objects_give_their_memory_back():
    for mode in MODES:
        refrace.Object(mode).close()  # what objects of one mode share stays
    gc.collect()  # what earlier tests left is not to go in between
    before = native_objects.live_allocations()

    things = [refrace.Object(mode) for mode in MODES]
    assert native_objects.live_allocations() > before
    del things

    assert native_objects.live_allocations() == before


def test_an_allocation_that_fails_is_a_memory_error_and_leaks_nothing():
    gc.collect()
    before = native_objects.live_allocations()
    refused = 0
    for n in (1, 2, 3, 4, 5):
        native_objects.fail_allocation(n)
        try:
            refrace.Object("unlocked").close()
        except MemoryError:
            refused += 1
        assert native_objects.live_allocations() == before
    native_objects.fail_allocation(0)

    assert refused == 4
    assert refrace.Object("unlocked").alive


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda o: o.incref(0), refrace.InvalidArgument, r"n=0 .* from 1 to"),
        (lambda o: o.decref(-1), refrace.InvalidArgument, r"n=-1 .* from 1 to"),
        (lambda o: o.incref(1.5), refrace.InvalidArgumentType, r"n=1\.5 is a float"),
        (lambda o: o.incref(10**13), refrace.InvalidArgument, r"n=10000000000000 "),
        (lambda o: o.use(gil="no"), refrace.InvalidArgument, r"gil='no' is unknown"),
    ],
)
def test_a_wrong_argument_is_refused_and_changes_nothing(call, error, message):
    thing = refrace.Object("unlocked")

    with pytest.raises(error, match=message):
        call(thing)

    assert (thing.refcount, thing.operations) == (1, 0)


def test_an_unknown_mode_makes_no_object():
    with pytest.raises(refrace.UnknownMode, match="mode='nolock'"):
        refrace.Object("nolock")


def test_what_an_object_shows_fits_a_terminal_and_a_notebook():
    thing = refrace.Object("unlocked")
    thing.decref()
    thing.use()

    assert repr(thing) == "<refrace.Object unlocked: refcount 0, ledger 0, freed>"
    assert max(map(len, str(thing).splitlines())) <= 80
    assert "use-after-free" in thing._repr_html_()
