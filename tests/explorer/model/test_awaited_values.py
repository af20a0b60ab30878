"""`fadd` and `await S == v`, and both explorers agree on them."""

from random import Random

import pytest
from explorer.model.compare import same_answers
from explorer.model.models import GILS

import refrace

PROGRAMS_PER_TEST = 40
PROGRAMS_PER_SOAK = 600


def kinds_of(text, gil="released"):
    found = refrace.explore(text, gil=gil)
    return {str(kind) for outcome in found.outcomes for kind in outcome}


@pytest.mark.parametrize("gil", GILS)
def test_a_barrier_of_three_threads_opens_when_all_have_come(gil):
    text = "int N = 0\nint LATE = 0\n" + "".join(
        f"T{i}: k = fadd N 1 ; await N == 3 ; n = N ; assert n == 3\n"
        for i in (1, 2, 3)
    )

    assert kinds_of(text, gil) == set()


def test_a_value_that_nobody_stores_is_awaited_forever():
    trace = refrace.explore("int N = 0\nT1: await N == 2\nT2: N = 1").counterexample()

    assert trace.finding.kind == "deadlock"
    assert "await N == 2" in trace.finding.message


def test_a_pointer_is_awaited_too():
    text = "slot S = A\nborrow T1.x = A\nT1: await S == null ; use x\n"
    text += "T2: y = swap S null ; decref y"

    assert kinds_of(text) == {"use-after-free"}


def test_a_sum_is_added_and_given():
    text = "int N = 2\nT1: i = 1 ; n = fadd N i + 3 ; assert n == 6 ; k = fadd N (-6)"

    assert kinds_of(f"{text} ; assert k == 0") == set()
    assert "fadd N (-6)" in str(refrace.Program.parse(text))


def test_an_awaited_value_is_an_assumption_with_the_gil():
    report = refrace.explore("int N = 2\nT1: await N == 2", gil="held")

    assert "`await N == 2`" in report.assumptions[0]


def test_a_value_of_another_type_is_refused():
    with pytest.raises(refrace.InvalidProgram, match="null is the empty pointer"):
        refrace.Program.parse("int N = 2\nT1: await N == null")


STEPS = (
    *("k = fadd N 1", "k = fadd N 2", "k = fadd N (-1)", "k = fadd N k", "k = N"),
    *("await N == 1", "await N == k", "await S == null", "await S == x", "N = 0"),
    *("S = null", "S = x", "detach ; await N == 1 ; attach", "gil", "use x"),
)


def random_values(seed):
    random = Random(seed)
    lines = ["int N = 0", "slot S = A"]
    for number in range(1, random.choice([3, 3, 4])):
        body = " ; ".join(random.choices(STEPS, k=random.randint(1, 3)))
        lines += [f"borrow T{number}.x = A", f"T{number}: k = 1 ; {body}"]
    return "\n".join(lines)


def agree(seeds, gil):
    answers = same_answers(random_values, seeds, "atomic", gil, True)
    seen = {kind for answer in answers.values() if answer for kind in answer[0]}

    assert len(answers) > len(seeds) // 2
    assert "deadlock" in seen


@pytest.mark.parametrize("gil", GILS)
def test_generated_programs_have_the_same_answer(gil):
    agree(range(PROGRAMS_PER_TEST), gil)


@pytest.mark.soak
@pytest.mark.parametrize("gil", GILS)
def test_thousands_of_generated_programs_have_the_same_answer(gil):
    agree(range(10_000, 10_000 + PROGRAMS_PER_SOAK), gil)
