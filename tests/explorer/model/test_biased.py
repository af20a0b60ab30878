"""Counting biased towards the owner: who takes which path, what waits, and for whom."""

from math import factorial

import pytest
from explorer.model.models import explore, model_of
from hypothesis import HealthCheck, assume, given, settings

import refrace
from refrace.strategies import programs

FAMILY = [mode.name for mode in refrace.modes() if mode.name.startswith("biased")]


def walked(text, schedule, mode="biased"):
    """Replay a schedule of threads (0 is T1); give what each step did, and the rest."""
    replay = model_of(text, mode).replay([4 * thread for thread in schedule])
    assert replay.misfit is None
    return replay


def accesses(replay):
    return [
        (step.operation, step.c_text.split("(")[0], step.place)
        for step in replay.steps
        if step.c_text is not None
    ]


# ------------------------------------------------------------------ the paths


def test_the_owner_counts_in_its_own_word_with_a_plain_load_and_store():
    replay = walked("hold T1.x = A\nT1: incref x ; decref x ; decref x", [0] * 3)

    assert accesses(replay) == [
        ("incref", "rc_load_relaxed", "A.ob_tid"),
        ("incref", "rc_load_relaxed", "A.refcount"),
        ("incref", "rc_store_relaxed", "A.refcount"),
    ]
    assert replay.steps[0].before == "T1"


def test_another_thread_counts_in_the_shared_word_by_an_addition():
    text = "hold T1.x = A\nborrow T2.x = A\nT1: decref x\nT2: incref x ; decref x"

    replay = walked(text, [1, 1])

    assert accesses(replay)[1] == ("incref", "rc_fetch_add_relaxed", "A.ob_ref_shared")
    assert (replay.steps[1].before, replay.steps[1].after) == (0, 4)
    assert replay.steps[1].count == (1, 2)


def test_the_last_reference_of_an_owner_without_contention_needs_only_a_load():
    replay = walked("hold T1.x = A\nT1: decref x", [0] * 4)

    assert accesses(replay)[-1] == ("decref", "rc_load_acquire", "A.ob_ref_shared")
    assert replay.state.objects["A"].status == "dying"


def test_an_object_only_in_a_slot_when_the_run_begins_has_no_owner():
    replay = walked("slot S = A\nT1: z = swap S null ; decref z", [0, 0])

    assert replay.steps[1].place == "A.ob_tid"
    assert replay.steps[1].before is None


# ------------------------------------------------------------------ the queue

DETACHES = """
int DONE = 0
hold T1.x = A
hold T2.x = A
T1: decref x ; await DONE
T2: decref x ; DONE = 1
"""


def test_an_object_that_others_drop_last_waits_while_its_owner_is_detached():
    # T1 drops its own (3 steps), T2 queues its own (5), and goes on.
    replay = walked(DETACHES, [0] * 3 + [1] * 6)

    assert replay.steps[7].place == "T1.queue"
    assert replay.steps[7].after == ("A",)
    thing = replay.state.objects["A"]
    assert (thing.status, thing.count, thing.ledger) == ("alive", 1, 0)
    assert refrace.explore(DETACHES, "biased").is_proof


def test_a_quiescent_point_settles_what_waits_and_the_last_of_it_frees():
    text = DETACHES.replace("await DONE", "await DONE ; quiesce")

    replay = walked(text, [0] * 3 + [1] * 6 + [0] * 7)

    assert accesses(replay)[-6:] == [
        ("quiesce", "rc_queue_pop", "T1.queue"),
        ("quiesce", "rc_load_relaxed", "A.refcount"),
        ("quiesce", "rc_store_relaxed", "A.refcount"),
        ("quiesce", "rc_store_relaxed", "A.ob_tid"),
        ("quiesce", "rc_load_relaxed", "A.ob_ref_shared"),
        ("quiesce", "rc_cas_weak_acq_rel", "A.ob_ref_shared"),
    ]
    assert replay.state.objects["A"].status == "dying"


def test_in_a_mode_that_puts_nothing_off_a_quiescent_point_is_a_step_and_no_more():
    found = refrace.explore("T1: quiesce ; quiesce\nT2: quiesce", "atomic")

    assert found.is_proof
    assert found.interleavings == 3


def test_what_was_queued_last_is_seen_to_first():
    text = """
    hold T1.x = A
    hold T1.y = B
    hold T2.x = A
    hold T2.y = B
    T1: decref x ; decref y
    T2: decref x ; decref y
    """
    replay = walked(text, [0] * 6 + [1] * 10 + [0])

    assert replay.steps[15].after == ("A", "B")
    assert replay.steps[16].object == "B"
    assert replay.steps[16].after == ("A",)


def test_a_thread_that_drops_an_object_of_an_ended_thread_merges_it():
    text = "hold T1.x = A\nhold T2.x = A\nT1: decref x\nT2: decref x"
    # T1 drops (3 steps) and leaves (1); T2 goes below zero and finds the queue closed.
    replay = walked(text, [0] * 4 + [1] * 10)

    assert accesses(replay)[3] == ("leave", "rc_queue_pop_or_close", "T1.queue")
    push = replay.steps[8]
    assert (push.place, push.before, push.after) == ("T1.queue", (), ())
    assert replay.state.objects["A"].status == "dying"


# ------------------------------------------------------------------ the numbers


@pytest.mark.parametrize(("threads", "uses"), [(1, 3), (2, 1), (2, 4), (3, 2)])
def test_a_thread_takes_one_step_more_to_leave(threads, uses):
    """Threads of k + 1 steps each: (T (k + 1))! / (k + 1)!^T orders."""
    names = [f"T{n + 1}" for n in range(threads)]
    lines = ["slot S = A", *(f"borrow {name}.x = A" for name in names)]
    lines += [f"{name}: repeat {uses} {{ use x }}" for name in names]

    found = refrace.explore("\n".join(lines), "biased")

    n = uses + 1
    assert found.interleavings == factorial(threads * n) // factorial(n) ** threads


ANY_PROGRAM = given(programs(max_threads=3, max_length=3))
FIXED = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@settings(FIXED, max_examples=20)
@ANY_PROGRAM
@pytest.mark.parametrize("mode", FAMILY)
def test_identical_threads_are_merged_exactly(mode, program):
    merge_identical_threads(mode, program)


@pytest.mark.soak
@settings(FIXED, max_examples=60)
@ANY_PROGRAM
@pytest.mark.parametrize("mode", FAMILY)
def test_identical_threads_of_more_programs_are_merged_exactly(mode, program):
    merge_identical_threads(mode, program)


def merge_identical_threads(mode, program):
    """Owners and queues name threads, which symmetry has to rename."""
    assume(refrace.mode(mode).has_operations_of(program))
    text = str(program)
    merged = model_of(text, mode).explore(20_000, 5.0, 2**28, symmetry=True)
    apart = model_of(text, mode).explore(20_000, 5.0, 2**28, symmetry=False)
    assume(merged.finished and apart.finished)

    for what in ("interleavings", "outcomes", "infinite", "error"):
        if what == "error" and getattr(merged, what) is not None:
            assert apart.error.message == merged.error.message
            return
        assert getattr(merged, what) == getattr(apart, what), what
    assert {kind: (s.preemptions, s.steps) for kind, s in merged.schedules.items()} == {
        kind: (s.preemptions, s.steps) for kind, s in apart.schedules.items()
    }


ALIKE = """
slot S = A
hold T1.x = B
borrow T2.x = B
borrow T3.x = B
borrow T4.x = B
T1: use x
T2: incref x ; decref x
T3: incref x ; decref x
T4: incref x ; decref x
"""


def test_symmetry_saves_states_where_threads_are_alike_and_the_owner_is_not():
    merged = explore(ALIKE, "biased")
    apart = explore(ALIKE, "biased", symmetry=False)

    assert merged.states < apart.states / 3
    assert merged.outcomes == apart.outcomes


def test_a_thread_alone_settles_what_it_dropped_of_others():
    checked = refrace.Program.parse(DETACHES.replace(" ; await DONE", "")).check()

    assert checked.findings == ()


def test_objects_that_are_made_while_it_runs_are_their_makers():
    text = """
    type N
    slot S = null
    T1: x = new N ; S = x ; quiesce
    T2: z = swap S null ; if z != null { decref z }
    """
    merged = explore(text, "biased")
    apart = explore(text, "biased", symmetry=False)

    assert set(merged.outcomes) == {frozenset()}
    assert merged.interleavings == apart.interleavings
    assert refrace.explore(text, "biased_weak_queue").is_proof
    leaks = refrace.explore(text, "biased_undrained").outcomes
    assert frozenset({refrace.FindingKind.LEAK}) in leaks


def test_one_drop_too_many_is_reported_by_the_ledger():
    found = refrace.explore("hold T1.x = A\nT1: decref x ; decref x", "biased")

    assert {str(f.kind) for f in found.findings} <= {"use-after-free", "underflow"}
    assert found.findings


def test_a_drop_that_ends_in_a_queue_is_judged_though_the_object_is_freed_by_then():
    # T2 sees 1 only if its drop began when T1's was done: then it is one too many.
    text = """
    int N = 0
    hold T1.x = A
    borrow T2.x = A
    T1: decref x ; N = 1
    T2: decref x ; n = N ; assert n == 0
    """
    outcomes = explore(text, "biased").outcomes

    assert set(outcomes) == {frozenset({"use-after-free"}), frozenset({"underflow"})}


def test_a_try_that_need_never_get_through_is_explored_all_the_same():
    text = """
    int N = 0
    slot S = A
    borrow T1.x = A
    borrow T2.x = A
    T1: b = try_incref x ; N = 1 ; if b == 1 { decref x }
    T2: n = N ; while n == 0 { incref x ; decref x ; n = N }
    """
    raw = model_of(text, "biased").explore(10_000, 60.0, 2**28)

    assert raw.finished
    assert raw.infinite
    assert set(raw.outcomes) == {frozenset()}


def test_with_the_gil_held_no_thread_interleaves_and_everything_is_settled():
    found = refrace.explore(DETACHES, "biased", gil="held")

    assert found.is_proof


# One that trusts `unique` writes in place; the other may yet take a reference.
IN_PLACE = """
obj A stable
int BUSY = 0
hold T1.x = A
borrow T2.x = A
T1: u = unique x ; if u == 1 { BUSY = 1 ; use x ; BUSY = 0 } ; decref x
T2: t = try_incref x ; if t == 1 { b = BUSY ; assert b == 0 ; decref x }
"""


@pytest.mark.parametrize("mode", ["biased", "biased_suspend", "sign_split"])
def test_an_object_that_others_may_try_to_count_is_never_unique(mode):
    assert refrace.explore(IN_PLACE, mode).is_proof


def test_where_the_count_alone_decides_another_can_come_in_after_unique():
    kinds = {str(f.kind) for f in refrace.explore(IN_PLACE, "atomic").findings}

    assert kinds == {"wrong-value"}
