"""Waits that keep the GIL: they deadlock with it, and both explorers agree when."""

import pytest
from explorer.model.compare import same_answers
from explorer.model.generate_native_waits import random_native_waits
from explorer.model.models import GILS

import refrace

PROGRAMS_PER_TEST = 60
PROGRAMS_PER_SOAK = 600
HANDED_OVER = "T1: lock M ; gil ; unlock M\nT2: gil ; lock M ; unlock M"


def explored(text, gil="held"):
    return refrace.explore(text, gil=gil)


# -------------------------------------------------------------------- the meaning


def test_a_native_lock_held_across_a_release_of_the_gil_deadlocks():
    trace = explored(f"native_lock M\n{HANDED_OVER}").counterexample()

    assert trace.finding.kind == "deadlock"
    assert {(wait.thread, wait.place, wait.held_by) for wait in trace.waits} == {
        ("T1", "the GIL", "T2"),
        ("T2", "M", "T1"),
    }
    assert "T1 waits for the GIL, which T2 holds" in str(trace.finding)
    assert "lock M: takes the" in str(trace)


@pytest.mark.parametrize("kind", ["lock", "rlock"])
def test_a_lock_that_gives_up_the_gil_does_not(kind):
    result = explored(f"{kind} M\n{HANDED_OVER}")

    assert result.verdict == "safe"
    assert result.assumptions


def test_without_the_gil_a_native_lock_is_a_lock():
    native = explored(f"native_lock M\n{HANDED_OVER}", "released")
    plain = explored(f"lock M\n{HANDED_OVER}", "released")

    assert native.outcomes == plain.outcomes
    assert native.interleavings == plain.interleavings


def test_a_native_lock_that_is_never_held_across_a_release_is_safe():
    result = explored("native_lock M\nint N = 0\n" + "".join(
        f"T{i}: lock M ; n = N ; N = n + 1 ; unlock M ; gil\n" for i in (1, 2)
    ))  # fmt: skip

    assert result.verdict == "safe"
    assert result.assumptions == ()


def test_a_detached_thread_waits_for_a_native_lock_without_the_gil():
    text = "native_lock M\nT1: lock M ; gil ; unlock M\nT2: detach ; lock M"

    assert explored(f"{text} ; unlock M ; attach").verdict == "safe"
    assert explored(f"{text} ; attach ; unlock M").verdict == "corrupt"


def test_a_detached_holder_of_a_native_lock_lets_the_waiting_thread_go_on():
    text = "native_lock M\nT1: lock M ; detach ; unlock M ; attach"

    assert explored(f"{text}\nT2: lock M ; unlock M").verdict == "safe"


def test_a_detached_holder_that_needs_the_gil_back_deadlocks():
    text = "native_lock M\nT1: lock M ; detach ; attach ; unlock M"

    found = explored(f"{text}\nT2: lock M ; unlock M")
    assert found.counterexample().finding.kind == "deadlock"


def test_a_spin_with_the_gil_waits_for_a_thread_that_needs_it():
    spinning = explored("int N = 0\nT1: spin N\nT2: N = 1")
    waiting = explored("int N = 0\nT1: await N\nT2: N = 1")

    assert spinning.findings[0].kind == "deadlock"
    assert waiting.verdict == "safe"


def test_a_spin_on_a_value_that_a_detached_thread_stores_is_safe():
    cells = "int N = 0\nint DETACHED = 0\n"
    late = explored(f"{cells}T1: spin N\nT2: detach ; N = 1 ; attach")
    early = explored(
        f"{cells}T1: await DETACHED ; spin N\n"
        "T2: detach ; DETACHED = 1 ; N = 1 ; attach"
    )

    assert late.verdict == "corrupt"  # T1 may take the GIL before T2 detaches
    assert early.verdict == "safe"


def test_a_finaliser_that_takes_a_native_lock_deadlocks_with_the_gil():
    text = """
    native_lock M
    obj A final bye
    hold T2.x = A
    T1: lock M ; gil ; unlock M
    T2: gil ; decref x
    fn bye: lock M ; unlock M
    """

    assert explored(text).findings[0].kind == "deadlock"


def test_real_threads_meet_the_deadlock_too():
    race = refrace.race(
        "atomic", program=f"native_lock M\n{HANDED_OVER}", gil="held", rounds=200,
        seed=1,
    )  # fmt: skip

    assert [finding.kind for finding in race.findings] == ["deadlock"]


# ------------------------------------------------------- against the reference


def agree(seeds, gil, least):
    answers = same_answers(random_native_waits, seeds, "atomic", gil, True, False)
    deadlocks = sum("deadlock" in answer[0] for answer in answers.values() if answer)

    assert len(answers) > least
    assert deadlocks > 0


@pytest.mark.parametrize("gil", GILS)
def test_generated_programs_have_the_same_answer(gil):
    agree(range(PROGRAMS_PER_TEST), gil, PROGRAMS_PER_TEST // 2)


@pytest.mark.soak
@pytest.mark.parametrize("gil", GILS)
def test_thousands_of_generated_programs_have_the_same_answer(gil):
    seeds = range(10_000, 10_000 + PROGRAMS_PER_SOAK)
    agree(seeds, gil, PROGRAMS_PER_SOAK // 2)


def test_generated_programs_differ_from_those_whose_waits_give_up_the_gil():
    def plain(seed):
        text = random_native_waits(seed).replace("native_lock", "lock")
        return text.replace("spin", "await")

    seeds = range(PROGRAMS_PER_TEST)
    native = same_answers(random_native_waits, seeds, "atomic", "held", True)
    without = same_answers(plain, seeds, "atomic", "held", True)

    shared = native.keys() & without.keys()
    assert sum(native[seed] != without[seed] for seed in shared) > len(shared) // 5
