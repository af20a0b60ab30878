"""Sub-programs with parameters and results: both explorers agree, and what they do."""

import pytest
from explorer.model.compare import COMPARED, same_answers, some_programs
from explorer.model.generate_calls import random_calls
from explorer.model.models import GILS

import refrace


def kinds_of(text, mode="atomic", **options):
    found = refrace.explore(text, mode, **options)
    assert found.limit is None
    return {str(kind) for outcome in found.outcomes for kind in outcome}


@some_programs(40, 250)
@pytest.mark.parametrize("gil", GILS)
def test_generated_calls_have_the_same_answer(gil, n_programs):
    answers = same_answers(random_calls, range(n_programs), "atomic", gil, True)
    kinds = {kind for answer in answers.values() if answer for kind in answer[0]}

    assert len(answers) > n_programs // 3
    assert "wrong-value" in kinds


@pytest.mark.parametrize("mode", COMPARED[:6])
def test_generated_calls_have_the_same_answer_in_a_mode(mode):
    assert same_answers(random_calls, range(100, 106), mode, "released", True)


@pytest.mark.parametrize("memory", ["sc", "c11"])
def test_arguments_come_in_order_and_the_result_goes_back(memory):
    text = """
    int N = 0
    slot S = A
    T1: n = N ; x = S ; r = call f 1 n + 2 x ; assert r == x
      k = call take 7 3 ; assert k == 4 ; k = call take k k ; assert k == 0
    fn f a b p: assert a == 1 and b == 2 ; use p ; return p
    fn take a b: c = a - b ; return c
    """

    assert kinds_of(text, memory=memory) == set()


def test_a_result_may_be_the_variable_of_an_argument():
    text = """
    int N = 1
    T1: n = N ; repeat 3 { n = call double n n } ; assert n == 8
    fn double a b: a = a + b ; return a
    """

    assert kinds_of(text) == set()


def test_a_finaliser_and_an_interrupt_call_for_results():
    text = """
    obj A final bye
    int N = 0
    interrupt T1 comes 1
    hold T1.x = A
    T1: decref x ; gil
    end: n = N ; assert n == 0
    fn bye: n = call next self 1 ; N = n
    fn next x k: use x ; n = N ; return n + k
    fn comes: n = fadd N 1
    """

    assert kinds_of(text) == {"wrong-value"}


def test_a_return_with_a_value_leaves_the_blocks_around_it():
    text = """
    int N = 0
    slot S = A
    T1: x = S ; n = call f x 0 ; assert n == 1
      critical x { N = 2 }
    T2: y = S ; critical y { n = N }
    fn f x n: while n == 0 { critical x { masked { n = 1 ; return n } } }
      return 0
    """

    assert kinds_of(text) == set()


def test_what_the_result_was_before_the_call_makes_no_states():
    text = """
    int N = 0
    int M = 0
    T1: r = M ; r = call f 1 ; assert r == 1
    T2: M = 1
    fn f a: k = N ; k = N ; return a
    """
    without = text.replace("r = M ;", "k = M ;")

    states = [refrace.explore(one, "atomic").states for one in (text, without)]

    assert states[0] == states[1]


def test_identical_threads_that_call_are_exchanged():
    text = """
    int N = 0
    T1: n = N ; r = call f n 1 ; N = r
    T2: k = N ; s = call f k 1 ; N = s
    fn f a b: m = N ; m = m + a ; return m
    """

    assert refrace.Program.parse(text).facts.identical_threads == (("T1", "T2"),)
    assert refrace.explore(text, "atomic").interleavings > 0


def test_a_counterexample_through_a_result_replays_from_its_token():
    text = """
    slot S = A
    T1: x = call borrowed 0 1 ; if x != null { use x }
    T2: old = swap S null ; decref old
    fn borrowed i j: x = S ; if i == j { return null } ; return x
    """
    trace = refrace.explore(text, "atomic").counterexample()

    assert trace.finding.kind == "use-after-free"
    assert refrace.replay(trace.token).finding == trace.finding


def test_threads_race_through_calls_with_results():
    text = """
    int N = 0
    slot S = A
    T1: x = S ; n = call count x 1 ; N = n
    T2: y = S ; m = call count y 2 ; N = m
    fn count x k: incref x ; use x ; decref x ; return k
    end: n = N ; assert n == 1 or n == 2
    """
    report = refrace.race("atomic", program=text, rounds=50)

    assert not report.findings
