"""Finalisers that the collector runs may resurrect their object, as under PEP 442."""

import pytest
from explorer.model.compare import COMPARED, same_answers
from explorer.model.generate_collections import random_resurrected_garbage
from explorer.model.models import GILS

import refrace

PROGRAMS_PER_TEST = 20

# Garbage A and B refer to each other; the finaliser of A publishes it.
RESURRECTED = """
obj A gc field f=B final bye
obj B gc field f=A
slot S = null
int TIMES = 0
T1: collect
T2: await S ; x = swap S null ; y = x.f ; use y ; decref x
end: n = TIMES ; assert n == 1
fn bye: n = finc TIMES ; resurrect self ; incref self ; S = self
  kept = resurrect_end self ; assert kept == 1 ; use self
"""


@pytest.mark.parametrize("mode", ["atomic", "object_lock", "biased", "deferred"])
def test_garbage_that_its_finaliser_publishes_is_kept_with_all_it_leads_to(mode):
    assert refrace.explore(RESURRECTED, mode).verdict == "safe"
    # What T2 drops then is garbage again, and is not finalised again.
    again = RESURRECTED.replace("decref x", "decref x ; collect")
    assert refrace.explore(again, mode).verdict == "safe"
    uncounted = RESURRECTED.replace("incref self ; ", "")
    assert refrace.explore(uncounted, mode).verdict == "corrupt"


def test_a_resurrection_of_garbage_is_no_access_of_its_count():
    trace = refrace.explore(
        "obj A gc field f=A final bye\nT1: collect\n"
        "fn bye: resurrect self ; resurrect_end self ; assert 1 == 2",
        "biased",
    ).findings
    assert trace == ()  # and without a result the rest does not run

    found = refrace.explore(
        "obj A gc field f=A final bye\nT1: collect\n"
        "fn bye: resurrect self ; k = resurrect_end self ; assert k == 0",
        "biased",
    )
    steps = found.counterexample().steps
    assert [step.operation for step in steps][-2:] == ["resurrect", "resurrect_end"]
    assert all(step.begins and step.completes for step in steps[-2:])
    assert refrace.replay(found.counterexample().token) == found.counterexample()


# The finaliser of A, which the collector runs, drops B, whose finaliser keeps it.
KEPT_ON_THE_WAY = """
obj A gc field f=A final bye
obj B final stay
slot S = B
raw R = A
T1: collect
fn bye: b = swap S null ; decref b ; assert 1 == 2
fn stay: resurrect self ; incref self ; S = self ; kept = resurrect_end self
  a = R ; resurrect_end a ; assert 1 == 2
"""


@pytest.mark.parametrize("mode", ["atomic", "biased"])
def test_a_destruction_that_is_over_is_no_longer_in_between(mode):
    """The finaliser around is that of A, so `resurrect_end a` leaves both."""
    (answer,) = same_answers(
        lambda _: KEPT_ON_THE_WAY, range(1), mode, "released", True
    ).values()

    assert answer is not None
    assert answer[0] == {}  # neither assert is reached


@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", ["atomic", "object_lock", "biased", "deferred"])
def test_resurrected_garbage_has_the_same_answer(mode, gil):
    first = 5000 + 1000 * COMPARED.index(mode)
    answers = same_answers(
        random_resurrected_garbage, range(first, first + PROGRAMS_PER_TEST),
        mode, gil, True, max_states=400,
    )  # fmt: skip

    assert len(answers) > 5
    assert any(answer and "leak" in answer[0] for answer in answers.values())
