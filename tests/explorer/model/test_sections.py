"""Critical sections: what suspends them, and that both explorers agree on it."""

import pytest
from explorer.model.compare import same_answers
from explorer.model.generate_sections import (
    random_interrupted_sections,
    random_interrupted_waits,
    random_sections,
)
from explorer.model.models import GILS, PLENTY, model_of

import refrace
from refrace.errors import InvalidArgument, InvalidProgram

PROGRAMS_PER_TEST = 60
PROGRAMS_PER_SOAK = 400
FEWER_STATES = 150
MODES_COMPARED = ["atomic", "object_lock", "biased_suspend", "epoch"]
ONE = "slot S = A\nslot R = B\nborrow T1.x = A\nborrow T1.y = B\n"
TWO = f"{ONE}borrow T2.x = A\nborrow T2.y = B\n"


def explored(text, gil="released"):
    return refrace.explore(text, gil=gil)


def actions(trace):
    return [(step.thread, step.operation, step.place) for step in trace.steps]


# -------------------------------------------------------------------- the meaning


def test_a_section_protects_what_it_does_without_waiting():
    result = explored(
        f"int N = 0\n{TWO}"
        "T1: critical x { n = N ; N = n + 1 }\n"
        "T2: critical x { n = N ; N = n + 1 }\n"
        "end: n = N ; assert n == 2"
    )

    assert result.verdict == "safe"
    assert result.interleavings == 2


WAITS = (
    f"lock L\nint N = 0\n{TWO}"
    "T1: critical x { n = N ; lock L ; m = N ; unlock L ; assert m == n }\n"
    "T2: lock L ; critical x { N = 1 } ; unlock L"
)


def test_a_thread_that_waits_for_a_lock_suspends_its_section():
    trace = explored(WAITS).counterexample()

    assert trace.finding.kind == "wrong-value"
    of_t1 = [(op, place) for who, op, place in actions(trace) if who == "T1"]
    assert of_t1 == [
        *(("critical", "A.m"), ("load", "N"), ("suspend", "A.m")),
        *(("lock", "L"), ("resume", "A.m"), ("load", "N"), ("unlock", "L")),
    ]
    assert "suspend" in str(trace)
    assert "end critical x" in str(trace)


def test_with_the_gil_a_section_is_no_step():
    result = explored(WAITS, "held")

    assert result.verdict == "safe"
    without = WAITS.replace("critical x { N = 1 } ;", "N = 1 ;").replace(
        "critical x { n = N", "n = N"
    ).replace("assert m == n }", "assert m == n")  # fmt: skip
    assert result.interleavings == explored(without, "held").interleavings


def test_two_sections_in_opposite_orders_do_not_deadlock():
    bodies = "T1: {} x {{ {} y {{ use x }} }}\nT2: {} y {{ {} x {{ use y }} }}"

    assert explored(TWO + bodies.format(*["critical"] * 4)).verdict == "safe"
    locks = (
        "T1: lock x.m ; lock y.m ; unlock y.m ; unlock x.m\n"
        "T2: lock y.m ; lock x.m ; unlock x.m ; unlock y.m"
    )
    assert explored(TWO + locks).findings[0].kind == "deadlock"


def test_a_section_of_two_objects_takes_their_locks_in_one_order():
    result = explored(
        f"{TWO}T1: critical x y {{ use x }}\nT2: critical y x {{ use y }}"
    )

    assert result.verdict == "safe"
    assert result.interleavings == 2


def test_an_object_locked_by_hand_deadlocks_with_a_section_of_its_thread():
    trace = explored(
        f"{ONE}T1: lock x.m ; critical x {{ use x }} ; unlock x.m"
    ).counterexample()

    assert trace.finding.kind == "deadlock"
    assert "T1 waits for A.m, which it holds itself" in str(trace.finding)


def test_the_same_object_twice_takes_its_lock_once():
    twice = f"{ONE}T1: critical x {{ critical x {{ use x }} ; free x }}"
    trace = explored(twice).counterexample()

    assert [(op, place) for _, op, place in actions(trace)][:4] == [
        *(("critical", "A.m"), ("critical", "A.m"), ("use", "A"), ("free", "A")),
    ]


def test_only_the_topmost_section_is_taken_again():
    text = (
        f"int N = 0\nint M = 0\n{TWO}"
        "T1: critical x { critical y { N = 1 ; await M ; N = 0 } }\n"
        "T2: await N ; critical x { M = 1 ; n = N ; k = N ; assert n == k }"
    )

    # T2 is in a section of A, which T1 entered first: T1 changes N meanwhile.
    assert explored(text).findings[0].kind == "wrong-value"


def test_a_detached_thread_has_no_section():
    text = f"{TWO}T1: critical x {{ detach ; attach }}\nT2: critical x {{ use x }}"
    found = explored(text)

    assert found.verdict == "safe"
    with pytest.raises(InvalidProgram, match="critical section while it is detached"):
        explored(f"{ONE}T1: detach ; critical x {{ use x }} ; attach")


def test_a_native_lock_suspends_nothing():
    text = (
        f"{{}} M\n{TWO}T1: lock M ; critical x {{{{ use x }}}} ; unlock M\n"
        "T2: critical x {{ lock M ; unlock M }}"
    )

    assert explored(text.format("native_lock")).findings[0].kind == "deadlock"
    assert explored(text.format("lock")).verdict == "safe"


def test_a_finaliser_runs_in_the_sections_of_its_thread():
    text = """
    obj A final bye
    obj B
    slot S = B
    int N = 0
    hold T1.x = A
    borrow T1.y = B
    borrow T2.y = B
    T1: critical y { N = 1 ; decref x ; N = 0 }
    T2: critical y { n = N ; assert n == 0 }
    fn bye: INSIDE
    """

    assert explored(text.replace("INSIDE", "use self")).verdict == "safe"
    sleeping = explored(text.replace("INSIDE", "detach ; attach"))
    assert sleeping.findings[0].kind == "wrong-value"


@pytest.mark.parametrize("way", ["break", "return", "use x"])
def test_every_way_out_of_a_section_releases_it(way):
    text = (
        f"{TWO}T1: repeat 1 {{ critical x {{ critical y {{ {way} }} }} }}\n"
        "T2: critical y x { use y }"
    )

    assert explored(text).verdict == "safe"


def test_a_freed_object_has_no_lock():
    text = f"{ONE}T1: critical x {{ free x }}"

    assert explored(text).findings[0].kind in ("use-after-free", "dangling-free")
    assert "use-after-free" in {finding.kind for finding in explored(text).findings}


def test_a_section_cannot_be_unlocked_by_hand():
    with pytest.raises(InvalidProgram, match="a critical section of its own holds"):
        explored(f"{ONE}T1: critical x {{ unlock x.m }}")


def test_a_finaliser_cannot_end_its_destruction_in_a_section():
    text = (
        "obj A final bye\nslot S = null\nhold T1.x = A\nT1: decref x\n"
        "fn bye: critical self { setrc self 2 ; S = self ; resurrect_end self }"
    )

    with pytest.raises(InvalidProgram, match="leave the section first"):
        explored(text)


def test_c11_is_refused():
    with pytest.raises(InvalidArgument, match="critical sections are modelled only"):
        refrace.explore(f"{ONE}T1: critical x {{ use x }}", memory="c11")


def test_real_threads_meet_what_the_section_does_not_protect():
    race = refrace.race("atomic", program=WAITS, rounds=300, seed=1)

    assert [finding.kind for finding in race.findings] == ["wrong-value"]


def test_the_locals_of_a_section_cost_nothing_elsewhere():
    plain = f"{TWO}T1: lock x.m ; use x ; unlock x.m\nT2: lock x.m ; use x ; unlock x.m"
    text = plain.replace("lock x.m ; use x ; unlock x.m", "critical x { use x }")

    assert explored(text).states == explored(plain).states


# ------------------------------------------------------------ against the reference


def agree(mode, gil, first, n):
    answers = same_answers(
        random_sections, range(first, first + n), mode, gil, True,
        max_states=FEWER_STATES,
    )  # fmt: skip

    assert len(answers) > n // 2
    assert None in answers.values()
    assert any(answer and "deadlock" in answer[0] for answer in answers.values())


@pytest.mark.parametrize("gil", GILS)
def test_generated_programs_have_the_same_answer(gil):
    agree("atomic", gil, 0, PROGRAMS_PER_TEST)


@pytest.mark.parametrize("mode", ["biased_suspend", "epoch"])
def test_generated_programs_have_the_same_answer_where_detaching_is_work(mode):
    agree(mode, "released", 1000, PROGRAMS_PER_TEST // 2)


@pytest.mark.soak
@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", MODES_COMPARED)
def test_thousands_of_generated_programs_have_the_same_answer(mode, gil):
    agree(mode, gil, 10_000, PROGRAMS_PER_SOAK)


@pytest.mark.parametrize("gil", GILS)
def test_interrupted_sections_have_the_same_answer(gil):
    answers = same_answers(
        random_interrupted_sections, range(30), "atomic", gil, True,
        max_states=FEWER_STATES,
    )  # fmt: skip

    assert len(answers) > 10
    assert None in answers.values()


def test_interrupted_waits_in_sections_have_the_same_answer():
    answers = same_answers(
        random_interrupted_waits, range(80), "atomic", "released", True,
        max_states=FEWER_STATES,
    )  # fmt: skip

    assert len(answers) > 50
    assert any(answer and answer[0] for answer in answers.values())


def test_the_programs_suspend_and_resume():
    seen = set()
    for seed in range(PROGRAMS_PER_TEST):
        try:
            model = model_of(random_sections(seed), "atomic", "released")
        except InvalidProgram:
            continue
        for way in model.explore(**PLENTY).schedules.values():
            seen |= {step.operation for step in model.replay(way.schedule).steps}

    assert {"critical", "critical-end", "suspend", "resume"} <= seen


def test_no_interrupt_comes_between_the_two_locks_of_a_section():
    program = """
slot S = A
slot U = B
int N = 0
interrupt T1 f 1
T1: x = S ; y = U ; critical x y { gil }
T2: y = U ; critical y { N = 1 ; n = N ; assert n == 1 }
fn f: x = S ; y = U ; critical y { N = 2 }
"""
    assert refrace.explore(program).findings == ()
    other = program.replace(
        "fn f: x = S ; y = U ; critical y", "fn f: x = S ; critical x"
    )
    found = refrace.explore(other).findings
    assert [finding.kind for finding in found] == ["wrong-value"]  # and no deadlock


# While INSIDE is 1, T1 is in its section, which it suspends while it waits for DONE.
INTERRUPTED = """
slot S = A
int N = 0
int INSIDE = 0
int DONE = 0
borrow T1.x = A
borrow T2.x = A
interrupt T1 signal 1
T1: critical x { INSIDE = 1 ; await DONE ; INSIDE = 0 }
T2: critical x { n = N ; m = N ; assert n == m } ; DONE = 1
fn signal: inside = INSIDE ; if inside == 1 { N = 1 ; N = 0 }
"""


def test_an_interrupt_finds_the_topmost_section_resumed():
    assert refrace.explore(INTERRUPTED).verdict == "safe"
    outside = INTERRUPTED.replace("INSIDE = 1 ; await DONE ; INSIDE = 0 }", "gil }")
    outside = outside.replace("if inside == 1", "if inside == 0")
    assert refrace.explore(outside).verdict == "corrupt"


def test_after_the_interrupt_the_section_is_suspended_again():
    text = (
        "int C = 0\nborrow T1.x = A\nslot S = A\ninterrupt T1 signal 1\n"
        "T1: critical x { await C }\nT2: C = 1\nfn signal: fence"
    )
    t1, interrupt = 0, 3  # of T1, the first thread

    run = model_of(text, "atomic", "released").replay([*[t1] * 2, interrupt, *[t1] * 3])

    assert run.misfit is None
    assert [step.operation for step in run.steps] == [
        *("critical", "suspend", "interrupt", "resume", "fence", "suspend"),
    ]


def test_a_native_race_resumes_the_section_for_an_interrupt():
    race = refrace.race("atomic", program=INTERRUPTED, rounds=100, seed=1)

    assert race.findings == ()
