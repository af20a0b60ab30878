"""Answers with and without the contents of containers that others have."""

from refrace.hunting.judging.answers import Describer
from refrace.hunting.judging.contents import has_shared, without_contents

SHARED = [1]


def answer(make):
    return Describer(lambda _: None).of_result([make()])


def test_it_is_seen_in_tuples_and_in_fresh_containers():
    assert has_shared(answer(lambda: SHARED))
    assert has_shared(answer(lambda: (1, (SHARED,))))
    assert has_shared(answer(lambda: [[SHARED]]))
    assert has_shared(("together", frozenset({(answer(lambda: SHARED), 2)})))


def test_texts_and_what_nobody_else_has_are_not_shared():
    for make in (lambda: ("list", "shared"), lambda: [["shared"]], lambda: None):
        assert not has_shared(answer(make))
    assert not has_shared(("skipped",))
    assert not has_shared(("teardown", "shared"))
    assert not has_shared(("raised", "KeyError", ("shared",)))


def test_without_contents_a_fresh_container_is_as_a_shared_one():
    for fresh, shared in (
        (lambda: [1], lambda: SHARED),
        (lambda: (2, [1]), lambda: (2, SHARED)),
        (lambda: [[1]], lambda: [SHARED]),
    ):
        assert without_contents(answer(fresh)) == without_contents(answer(shared))
        assert answer(fresh) != answer(shared)


def test_what_cannot_change_keeps_its_contents():
    for make in (lambda: (1, "a"), lambda: frozenset({3}), lambda: "x" * 999):
        assert without_contents(answer(make)) == answer(make)
    for other in (("skipped",), ("raised", "KeyError", ("a",)), ("teardown", "E")):
        assert without_contents(other) == other


def test_of_equal_calls_those_that_become_equal_count_together():
    one, other = answer(lambda: [1]), answer(lambda: SHARED)
    together = ("together", frozenset({(one, 2), (other, 3)}))
    assert without_contents(together) == ("together", frozenset({(other, 5)}))
