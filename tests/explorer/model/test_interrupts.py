"""Interrupts come before any step that is not masked, and both explorers agree."""

import pytest
from explorer.model.compare import same_answers
from explorer.model.generate_interrupts import random_interrupts
from explorer.model.models import GILS

import refrace
from refrace.errors import InvalidArgument

PROGRAMS_PER_TEST = 80
PROGRAMS_PER_SOAK = 1500
FEW_STATES = 120
LOCKED = "lock L\ninterrupt T1 f 1\nfn f: lock L ; unlock L\n"


def explored(text, gil="released", mode="atomic"):
    return refrace.explore(text, mode, gil=gil)


# -------------------------------------------------------------------- the meaning


@pytest.mark.parametrize("gil", GILS)
def test_a_handler_that_takes_the_lock_of_its_thread_deadlocks(gil):
    trace = explored(f"{LOCKED}T1: lock L ; unlock L", gil).counterexample()

    assert trace.finding.kind == "deadlock"
    assert trace.schedule == ("T1", "T1!")
    assert [(w.thread, w.place, w.held_by) for w in trace.waits] == [("T1", "L", "T1")]
    assert "interrupt f" in str(trace)


def test_a_reentrant_lock_does_not_keep_a_handler_out():
    text = "int N = 0\nrlock L\ninterrupt T1 f 1\nfn f: lock L ; N = 7 ; unlock L\n"

    found = explored(f"{text}T1: lock L ; n = N ; m = N ; unlock L ; assert n == m")
    assert [finding.kind for finding in found.findings] == ["wrong-value"]


@pytest.mark.parametrize("body", [
    "masked { lock L ; unlock L }",
    "masked { masked { gil } ; lock L ; unlock L }",
    "masked { call g }",
    "repeat 2 { masked { lock L ; unlock L ; break } }",
])  # fmt: skip
def test_a_masked_block_keeps_it_out_also_in_what_it_calls(body):
    assert explored(f"{LOCKED}T1: {body}\nfn g: lock L ; unlock L").verdict == "safe"


@pytest.mark.parametrize("body", [
    "masked { gil } ; lock L ; unlock L",
    "masked { lock L } ; unlock L",
    "repeat 2 { masked { break } } ; lock L ; unlock L",
    "call g ; lock L ; unlock L",
    "masked { call h } ; lock L ; unlock L",
])  # fmt: skip
def test_outside_of_the_block_it_comes_again(body):
    functions = "fn g: masked { gil ; return }\nfn h: masked { return }"

    found = explored(f"{LOCKED}T1: {body}\n{functions}").findings
    assert [finding.kind for finding in found] == ["deadlock"]


def test_an_interrupt_comes_at_most_as_often_as_it_says():
    text = "int N = 0\nT1: gil ; gil ; n = N ; assert n < 2\nfn f: k = finc N\n"

    assert explored(f"{text}interrupt T1 f 1").verdict == "safe"
    assert explored(f"{text}interrupt T1 f 2").verdict == "corrupt"


def test_no_interrupt_comes_inside_of_another():
    text = "int IN = 0\nT1: gil ; gil\nfn f: k = IN ; assert k == 0 ; IN = 1 ; IN = 0\n"

    assert explored(f"{text}interrupt T1 f 3").verdict == "safe"


def test_none_comes_inside_of_a_counting_operation_nor_while_detached():
    """Before `incref x`, which has two accesses here, or not at all: two runs."""
    text = "slot S = A\nborrow T1.x = A\ninterrupt T1 f 1\nfn f: y = S ; incref y\n"
    assert explored(f"{text}T1: incref x", mode="unlocked").interleavings == 2
    detached = "int N = 0\ninterrupt T1 f 1\nfn f: k = N ; assert k == 0\n"
    assert explored(f"{detached}T1: detach ; N = 1 ; N = 0 ; attach").verdict == "safe"


def test_after_the_last_step_none_comes_in_any_mode():
    text = "int N = 0\ninterrupt T1 f 1\nT1: N = 1\nfn f: k = N ; assert k == 0"

    assert all(explored(text, mode=m).verdict == "safe" for m in ("atomic", "biased"))


def test_it_comes_where_the_thread_waits_and_another_can_go_on():
    text = "int N = 0\nlock L\ninterrupt T1 f 1\nfn f: N = 1\n"

    found = explored(f"{text}T1: lock L ; unlock L\nT2: lock L ; await N ; unlock L")
    kinds = [finding.kind for finding in found.findings]
    assert kinds == ["deadlock"]  # it need not come
    assert frozenset() in found.outcomes  # but may


def test_who_waits_for_an_interrupt_alone_waits_for_ever():
    found = explored("int N = 0\ninterrupt T1 f 1\nT1: await N\nfn f: N = 1")

    assert found.verdict == "corrupt"
    assert found.interleavings == 1


def test_with_the_gil_it_comes_only_to_the_thread_that_has_it():
    text = "int N = 0\ninterrupt T1 f 1\nT1: gil\nT2: N = 1 ; N = 0\nfn f: k = N\n"
    text = text.replace("k = N", "k = N ; assert k == 0")

    assert explored(text, "held").verdict == "safe"
    assert explored(text, "released").verdict == "corrupt"


def test_a_finaliser_and_its_free_step_are_interrupted_too():
    text = "obj A final bye\nhold T1.x = A\ninterrupt T1 f 1\nint N = 0\n"

    found = explored(f"{text}T1: decref x\nfn bye: N = 1\nfn f: k = N ; assert k == 0")
    assert found.counterexample().schedule == ("T1", "T1", "T1!", "T1")


def test_a_second_interrupt_has_its_own_mark_and_replays():
    text = "interrupt T1 f 1\ninterrupt T1 g 1\nint N = 0\nT1: gil\nfn f: gil\n"
    trace = explored(f"{text}fn g: k = N ; assert k == 1").counterexample()

    assert trace.schedule == ("T1!2", "T1")
    assert refrace.replay(trace.token) == trace
    assert refrace.Trace.from_json(trace.to_json()) == trace


def test_threads_with_different_interrupts_are_not_interchanged():
    text = "int N = 0\nT1: gil\nT2: gil\nfn f: n = finc N\nfn g: n = fadd N 5\n"
    of_both = f"{text}interrupt T1 f 1\ninterrupt T2 g 1\nend: n = N ; assert n != 5"

    found = explored(of_both)
    assert "T2!" in found.counterexample().schedule
    assert "T1!" not in found.counterexample().schedule
    assert refrace.Program.parse(of_both).facts.identical_threads == (("T1",), ("T2",))


def test_the_words_are_names_still():
    text = "int masked = 0\nT1: interrupt = masked ; masked = interrupt + 1"

    assert explored(text).verdict == "safe"
    assert str(refrace.Program.parse(text)).startswith("int masked = 0\nT1:\n  interr")


def test_a_program_with_interrupts_is_refused_under_c11():
    with pytest.raises(
        InvalidArgument, match="f interrupts T1, which is modelled only"
    ):
        refrace.explore(f"{LOCKED}T1: gil", memory="c11")


def test_sampled_runs_and_real_threads_meet_the_deadlock_too():
    text = f"{LOCKED}T1: lock L ; unlock L\nT2: gil"
    race = refrace.race("atomic", program=text, rounds=300, seed=1)
    sample = refrace.sample(text, runs=200, seed=1)
    pct = refrace.sample(text, runs=200, strategy="pct", seed=1)

    for found in (race, sample, pct):
        assert [finding.kind for finding in found.findings] == ["deadlock"]


def test_a_sample_by_pct_takes_each_interrupt_of_a_thread():
    program = """
int F = 0
interrupt T1 f 1
interrupt T1 g 1
T1: gil
fn f: F = 1
fn g: x = F ; assert x == 0
"""
    sample = refrace.sample(program, strategy="pct", runs=200, seed=1)

    assert [finding.kind for finding in sample.findings] == ["wrong-value"]
    assert "of when interrupts come are not covered" in " ".join(str(sample).split())


def test_an_error_in_a_free_step_after_an_interrupt_is_placed_at_a_statement():
    chain = "\n".join(f"obj A{i} final F field n=A{i + 1}" for i in range(49))
    program = f"""{chain}
hold T1.x = A0
interrupt T1 g 1
T1: decref x
fn F: y = swap self.n null ; decref y
fn g: gil
"""
    with pytest.raises(refrace.ProgramTooLarge, match="`decref y`"):
        refrace.explore(program)


def test_the_stepper_offers_an_interrupt():
    stepper = refrace.explore(f"{LOCKED}T1: lock L ; unlock L").stepper()
    walk = stepper.walk()

    assert [choice.shown["does"] for choice in walk.choices] == [
        "lock L",
        "interrupt f",
    ]


# ------------------------------------------------------- against the reference


def agree(seeds, mode, gil, least):
    answers = same_answers(
        random_interrupts, seeds, mode, gil, True, max_states=FEW_STATES
    )
    kinds = {kind for answer in answers.values() if answer for kind in answer[0]}

    assert len(answers) > least
    assert {"deadlock", "wrong-value"} <= kinds


@pytest.mark.parametrize("gil", GILS)
def test_generated_programs_have_the_same_answer(gil):
    agree(range(PROGRAMS_PER_TEST), "atomic", gil, PROGRAMS_PER_TEST // 2)


@pytest.mark.soak
@pytest.mark.parametrize("mode", ["atomic", "object_lock", "biased", "deferred"])
@pytest.mark.parametrize("gil", GILS)
def test_thousands_of_generated_programs_have_the_same_answer(mode, gil):
    seeds = range(10_000, 10_000 + PROGRAMS_PER_SOAK // 4)
    agree(seeds, mode, gil, PROGRAMS_PER_SOAK // 16)
