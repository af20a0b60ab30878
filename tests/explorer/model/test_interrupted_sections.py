"""Interrupts that come where a thread is about to enter a critical section."""

from explorer.model.compare import same_answers
from explorer.model.models import model_of

# T1 waits for y; it has the lock of x, or has suspended the section of x.
BEFORE_A_SECTION = """
slot S = A
borrow T1.x = A
borrow T1.y = B
borrow T2.y = B
interrupt T1 signal 1
T1: critical x { critical y { gil } }
T2: critical y { gil }
fn signal: x = S ; critical x { fence }
"""


def test_an_interrupt_enters_its_own_section_and_not_the_one_that_is_waited_for():
    t1, t2, interrupt = 0, 4, 3  # of T1
    model = model_of(BEFORE_A_SECTION, "atomic", "released")

    run = model.replay([t1, t2, t1, interrupt, *[t1] * 4])

    assert run.misfit is None
    assert [step.operation for step in run.steps][2:] == [
        *("suspend", "interrupt", "load", "critical", "fence", "critical-end"),
    ]


def test_both_explorers_say_the_same_of_it():
    answers = same_answers(
        lambda _: BEFORE_A_SECTION, range(1), "atomic", "released", True
    )

    assert answers[0] is not None
