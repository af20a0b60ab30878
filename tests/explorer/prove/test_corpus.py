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
            fits &= balance > 0 or letter not in "+-uqQ"
            balance += change.get(letter, 0)
        fitting += fits and balance == 0
    from refrace.explorer.corpus import _threads

    letters = "".join(LETTERS)
    assert len(_threads(letters, 3)) == len(set(_threads(letters, 3))) == fitting


@pytest.mark.parametrize("steps", [2, 3, 4])
def test_every_program_is_clean_where_an_operation_is_one_step(steps):
    for threads in (2, 3):
        for program in programs(threads, steps):
            assert refrace.explore(program).is_proof, str(program)


def test_more_effort_has_no_smaller_bound():
    small, large = (dict(bounds) for bounds in EFFORTS.values())

    assert small.keys() < large.keys()
    assert all(small[threads] < large[threads] for threads in small)


def test_large_effort_is_every_program_of_up_to_six_steps_in_up_to_four_threads():
    assert EFFORTS["large"] == ((2, 6), (3, 6), (4, 6))
    assert sum(1 for n in (4, 5, 6) for _ in corpus(4, n)) == 3441
    # Four threads that each make a step, up to their order.
    for text in corpus(4, 4):
        assert {f"T{n}:" for n in (1, 2, 3, 4)} <= set(text.split("\n"))


@pytest.mark.soak
def test_the_modes_of_one_atomic_word_are_proved_for_six_steps_in_four_threads():
    proof = refrace.prove("atomic", "large", max_seconds=3600)

    assert proof.proved
    assert [(part.threads, part.programs) for part in proof.parts] == [
        (2, 20193),
        (3, 11480),
        (4, 3441),
    ]
