"""Threads that make their calls many times in a round."""

import sys
from collections import Counter

import pytest

from refrace.canaries.spec import CanarySpec
from refrace.hunting.execution import run_program, smaller
from refrace.hunting.execution.compared_answers import ComparedAnswers
from refrace.hunting.execution.rounds import Round
from refrace.hunting.execution.same_calls import is_one_call
from refrace.hunting.judging.orders import Orders
from refrace.subjects import Subject, operation

sys.path.insert(0, __file__.rpartition("/")[0])
from subjects_to_run import PLAIN, program, subject_on

LONG = 600.0  # seconds, which no machine needs
ADDS = program([("add",)], [("add",)], suffix=[("add",)], times=10)


SEEN = []


class Recording:
    @operation
    def note(self, value):
        SEEN.append(value)


def test_each_thread_makes_its_calls_as_often_as_the_program_says():
    SEEN.clear()
    which = program(
        [("note", "a")], [("note", "b"), ("note", "c")], prefix=[("note", "d")], times=7
    )
    ran = run_program(Subject.of(Recording), which, rounds=8, seconds=LONG)
    often = Counter(SEEN)

    assert often == {"d": ran.rounds, **dict.fromkeys("abc", 7 * ran.rounds)}


def test_each_time_has_arguments_of_its_own():
    SEEN.clear()
    which = program([("note", [])], times=5)
    run_program(Subject.of(Recording), which, rounds=1, seconds=LONG)

    assert len({id(one) for one in SEEN[:5]}) == 5


def test_arguments_that_cannot_change_are_loaded_once():
    SEEN.clear()
    which = program([("note", b"abc" * 100)], times=5)
    run_program(Subject.of(Recording), which, rounds=1, seconds=LONG)

    assert len({id(one) for one in SEEN[:5]}) == 1


def test_equal_calls_are_told_from_calls_with_other_arguments():
    equal = program([("put", 0)], [("put", 0)], canaries=[PLAIN], times=2)
    other = program([("put", 0)], [("put", 1)], canaries=[PLAIN, PLAIN], times=2)
    longer = program([("put", [0])], [("put", [0]), ("put", [0, 0])], canaries=[PLAIN])

    assert is_one_call(equal)
    assert not is_one_call(other)
    assert not is_one_call(longer)
    assert not is_one_call(program([("put", 0)], [("size",)], canaries=[PLAIN]))


def test_answers_of_equal_calls_in_correct_code_are_those_of_an_order():
    ran = run_program(Subject.of(subject_on(False)), ADDS, rounds=50, seconds=LONG)

    assert ran.observations == ()
    assert ran.not_compared == ()


def round_of(last, *answers):
    """Return a round of ADDS: the answers of the threads, and that of the suffix."""
    alike = [("skipped",), ("skipped",), ("returned", last)]
    return Round(alike, together=frozenset(Counter(answers).items()))


def test_a_lost_update_among_equal_calls_is_a_wrong_answer():
    right = round_of(3, ("returned", 1), ("returned", 2))
    wrong = round_of(2, ("returned", 1), ("returned", 1))
    answers = ComparedAnswers(ADDS, True)
    orders = Orders([1, 1], lambda order: answers.of(right))
    orders.begin()

    answers.compare(orders, 0, right)
    answers.compare(orders, 1, wrong)

    assert answers.wrong == [(1, "add() 2 times returned 1; add() returned 2")]
    assert answers.names_of({0, 1}) == ["add"]


@pytest.mark.parametrize(
    ("supports", "is_held", "is_wrong"),
    [({"weakref"}, False, False), ({"weakref"}, True, True), (set(), False, True)],
)
def test_a_canary_that_is_reached_weakly_before_its_call_ends_is_no_wrong_answer(
    supports, is_held, is_wrong
):
    canary = CanarySpec(supports=frozenset(supports), held=is_held)
    caching = program([("put", 0)], [("get",)], canaries=[canary])
    put = ("returned", None)
    answers = ComparedAnswers(caching, False)
    orders = Orders([1, 1], lambda order: (put, ("returned", None)))
    orders.begin()

    alive = ("returned", ("list", 1, (("canary", 0),)))
    answers.compare(orders, 0, Round([put, alive]))

    assert [round_ for round_, _ in answers.wrong] == [0] * is_wrong


def test_different_calls_are_not_compared_when_they_are_many():
    which = program([("add",)], [("add",), ("add",)], suffix=[("leak", None)], times=2)
    mixed = program([("add",)], [("leak", None)], times=2)

    for one in (which, mixed):
        ran = run_program(Subject.of(subject_on(False)), one, rounds=9, seconds=LONG)
        assert any("sequential orders" in why for why in ran.not_compared) == (
            one is mixed
        )


def test_shrinking_lowers_how_often_calls_are_made():
    assert {one.times for one in smaller(ADDS)} >= {1, 5}
