"""Barriers: both explorers agree on them, what they order, and who waits for ever."""

import pytest
from explorer.model.compare import (
    COMPARED,
    legal_programs,
    replay_all_findings,
    same_answers,
    some_programs,
)
from explorer.model.generate_barriers import random_barriers
from explorer.model.models import GILS

import refrace
from refrace.traces.step_cells import doing


def kinds_of(text, mode="atomic", **options):
    found = refrace.explore(text, mode, **options)
    assert found.limit is None
    return {str(kind) for outcome in found.outcomes for kind in outcome}


@some_programs(60, 400)
@pytest.mark.parametrize("gil", GILS)
def test_generated_barriers_have_the_same_answer(gil, n_programs):
    answers = same_answers(random_barriers, range(n_programs), "atomic", gil, True)
    kinds = {kind for answer in answers.values() if answer for kind in answer[0]}

    assert len(answers) > n_programs // 3
    assert "deadlock" in kinds


@pytest.mark.parametrize("mode", COMPARED[:6])
def test_generated_barriers_have_the_same_answer_in_a_mode(mode):
    assert same_answers(random_barriers, range(500, 506), mode, "released", False)


@pytest.mark.parametrize("gil", GILS)
def test_findings_at_barriers_replay(gil):
    for seed, text in legal_programs(random_barriers, range(12)):
        replay_all_findings(text, "atomic", gil, f"random_barriers({seed})")


MEET = """
barrier B 2
int M = 0
int N = 0
T1: M = 1 ; wait B ; n = N ; assert n == 1
T2: N = 1 ; wait B ; m = M ; assert m == 1
"""


@pytest.mark.parametrize("gil", GILS)
def test_what_is_before_a_barrier_is_seen_behind_it(gil):
    assert kinds_of(MEET, gil=gil) == set()


def test_under_c11_a_barrier_orders_what_is_before_it():
    text = """
    barrier B 2
    hold T1.x = A
    borrow T2.y = A
    T1: put x ; wait B ; wait B ; decref x
    T2: wait B ; use y ; wait B
    """

    assert kinds_of(text, memory="c11") == set()
    assert kinds_of(MEET.replace("= 1 ;", "= 1 relaxed ;"), memory="c11") == set()
    one_less = text.replace("put x ; wait B ; wait B", "wait B ; put x ; wait B")
    assert kinds_of(one_less, memory="c11") == {"data-race"}


def test_a_barrier_is_used_again_round_after_round():
    text = """
    barrier B 2
    int N = 0
    T1: repeat 3 { n = N ; wait B ; N = n + 1 ; wait B }
    T2: repeat 3 { wait B ; wait B }
    end: n = N ; assert n == 3
    """

    assert kinds_of(text) == set()


def test_one_who_goes_round_again_does_not_pass_for_one_who_has_not_gone_on():
    text = """
    barrier B 2
    int GATE = 0
    T1: wait B ; gil
    T2: wait B ; GATE = 1 ; wait B
    T3: await GATE ; wait B
    """

    assert kinds_of(text) == set()


def test_a_barrier_of_one_thread_is_a_step():
    free = refrace.explore("barrier B 1\nT1: wait B\nT2: gil", "atomic")
    plain = refrace.explore("T1: fence\nT2: gil", "atomic")

    assert free.interleavings == plain.interleavings
    assert free.states == plain.states


def test_a_barrier_has_no_part_in_states():
    text = "int N = 0\nT1: N = 1\nT2: n = N"

    sizes = [
        refrace.explore(one, "atomic").states for one in (text, f"barrier B 2\n{text}")
    ]

    assert sizes[0] == sizes[1]


@pytest.mark.parametrize("gil", GILS)
def test_a_deadlock_names_the_barrier_and_who_waits(gil):
    text = "barrier GATE 3\nint N = 0\nT1: wait GATE\nT2: N = 1 ; wait GATE"
    trace = refrace.explore(text, "atomic", gil=gil).counterexample()

    assert trace.finding.message == (
        "T1 waits at barrier GATE, which needs 3 threads, and T2 waits at barrier "
        "GATE, which needs 3 threads: none of them can ever go on"
    )
    assert [(wait.thread, wait.place, wait.held_by) for wait in trace.waits] == [
        ("T1", "GATE", None),
        ("T2", "GATE", None),
    ]
    assert "GATE" in str(trace)
    assert refrace.replay(trace.token).finding == trace.finding


def test_a_deadlock_of_a_barrier_and_a_lock_names_both():
    text = """
    barrier B 2
    lock L
    T1: lock L ; wait B ; unlock L
    T2: lock L ; wait B ; unlock L
    """
    trace = refrace.explore(text, "atomic").counterexample()

    assert "waits at barrier B, which needs 2 threads" in trace.finding.message
    assert "waits for L, which" in trace.finding.message


def test_a_trace_says_who_arrives_and_who_goes_on():
    text = """
    barrier B 2
    slot S = A
    T1: wait B ; old = swap S null ; decref old
    T2: x = S ; wait B ; use x
    """
    trace = refrace.explore(text, "atomic").counterexample()
    waits = [step for step in trace.steps if step.operation == "wait"]

    assert [(one.thread, one.begins, one.completes) for one in waits] == [
        ("T2", True, False),
        ("T1", True, True),
        ("T2", False, True),
    ]
    assert list(map(doing, waits)) == ["wait B: arrives", "wait B", "wait B: goes on"]


def test_the_stepper_says_who_waits_at_a_barrier():
    told = refrace.step("barrier B 2\nT1: wait B\nT2: gil", "atomic").data

    assert [said for said in told["waits"] if said] == [["T1 waits at barrier B"]]


def test_a_wait_gives_the_gil_up():
    report = refrace.explore(MEET, "atomic", gil="held")

    assert report.interleavings > 0
    assert "`wait B`" in " ".join(report.assumptions)


def test_a_thread_at_a_barrier_has_stopped():
    text = """
    barrier B 2
    T1: stop_world { gil } ; wait B
    T2: wait B
    """

    assert kinds_of(text) == set()


def test_a_thread_at_a_barrier_suspends_its_sections():
    text = """
    barrier B 2
    borrow T1.x = A
    borrow T2.x = A
    slot S = A
    T1: critical x { wait B }
    T2: critical x { wait B }
    """

    assert kinds_of(text) == set()


def test_an_interrupt_arrives_for_its_thread():
    text = """
    barrier B 2
    interrupt T1 comes 1
    T1: wait B
    T2: gil
    fn comes: wait B
    """
    explored = refrace.explore(text, "atomic")

    assert sorted(len(outcome) for outcome in explored.outcomes) == [0, 1]
    assert kinds_of(text) == {"deadlock"}


@pytest.mark.parametrize("name", ["wait", "barrier"])
def test_the_words_are_still_names(name):
    text = f"int N = 0\nT1: {name} = N ; call {name} {name}\nfn {name}: n = arg"

    assert kinds_of(text) == set()


def test_reduced_searches_find_the_same():
    for text in (MEET, MEET.replace("barrier B 2", "barrier B 3")):
        whole = refrace.explore(text, "atomic")
        reduced = refrace.explore(text, "atomic", counts=False)

        assert reduced.verdict == whole.verdict


def test_sampled_runs_meet_at_the_barrier():
    assert not refrace.sample(MEET, "atomic", runs=200, seed=1).findings


def test_threads_race_through_barriers():
    text = """
    barrier B 2
    int M = 0
    int N = 0
    T1: M = 1 ; wait B ; n = N ; assert n == 1 ; wait B
    T2: N = 1 ; wait B ; m = M ; assert m == 1 ; wait B
    """

    assert not refrace.race("atomic", program=text, rounds=30).findings
