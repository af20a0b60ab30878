"""The corpus of small programs: every one of them, once, legal, and clean in atomic."""

from itertools import product

import pytest

import refrace
from refrace import Program
from refrace.explorer.corpus import EFFORTS, LETTERS, corpus


def programs(threads, steps):
    return [Program.parse(text) for text in corpus(threads, steps)]


def test_the_smallest_programs_of_two_threads_can_be_listed_by_hand():
    """One step each: a holder can only drop, others can only try, upgrade, or clear."""
    # Threads: hold and drop; borrow and try; upgrade; clear.  Of the pairs that they
    # make the corpus leaves out those in which nobody has a reference.
    bodies = [
        tuple(thread.body[0].op for thread in program.threads)
        for program in programs(2, 2)
    ]

    assert len(bodies) == len(set(bodies)) == 9
    assert ("try_incref", "try_incref") not in bodies
    assert {op for pair in bodies for op in pair} == {
        "decref",
        "try_incref",
        "upgrade",
        "swap",
    }


@pytest.mark.parametrize(("threads", "steps"), [(2, 4), (3, 4), (3, 5)])
def test_no_two_programs_differ_in_the_order_of_threads_alone(threads, steps):
    def without_order(program):
        held = [d.thread for d in program.declarations if getattr(d, "thread", None)]
        kinds = {d.thread: d.kind for d in program.declarations if d.kind != "slot"
                 and getattr(d, "thread", None)}  # fmt: skip
        assert len(held) == len(kinds)
        return tuple(
            sorted(
                (kinds.get(thread.name, ""), *(str(s) for s in _texts(thread)))
                for thread in program.threads
            )
        )

    found = [without_order(program) for program in programs(threads, steps)]

    assert len(found) == len(set(found))


def _texts(thread):
    from refrace.programs.text.printer import node_text

    return [node_text(node) for node in thread.body]


def test_every_thread_of_three_steps_is_there():
    """Counted without the corpus: all words of letters, those that fit kept."""
    change = {"+": 1, "-": -1}
    fitting = 0
    for held, word in product((0, 1), product(LETTERS, repeat=3)):
        balance, fits = held, True
        for letter in word:
            fits &= balance > 0 or letter not in "+-uq"
            balance += change.get(letter, 0)
        fitting += fits and balance == 0
    from refrace.explorer.corpus import _threads

    assert len(_threads(3)) == len(set(_threads(3))) == fitting


@pytest.mark.parametrize("steps", [2, 3, 4])
def test_every_program_is_clean_where_an_operation_is_one_step(steps):
    for threads in (2, 3):
        for program in programs(threads, steps):
            assert refrace.explore(program).is_proof, str(program)


def test_more_effort_has_no_smaller_bound():
    for (threads, small), (same, large) in zip(*EFFORTS.values(), strict=True):
        assert threads == same
        assert small < large
