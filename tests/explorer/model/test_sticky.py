"""The sticky counter: zero is a flag that any thread may set; one thread frees."""

import pytest
from explorer.model.models import model_of

import refrace

# T2 looks at what T1 drops; the finaliser keeps the memory until it has.
LOOKED_AT = """
obj A final f
int DONE = 0
hold T1.x = A
borrow T2.x = A
T1: decref x
T2: u = unique x ; DONE = 1
fn f: await DONE
"""

# T2 may find the object between the subtraction and the swap, and drop it again.
REVIVED = """
raw W = A
hold T1.x = A
T1: decref x
T2: y = upgrade W
  if y != null {
    use y
    decref y
  }
"""


def kinds(text):
    return {str(finding.kind) for finding in refrace.explore(text, "sticky").findings}


def test_a_thread_that_reads_zero_may_set_the_flag_and_the_decref_undoes_the_free():
    assert refrace.explore(LOOKED_AT, "sticky").is_proof


def test_the_decref_that_was_helped_takes_three_steps():
    t1, t2 = 0, 4  # codes of a thread's step
    replay = model_of(LOOKED_AT, "sticky").replay([t1, t2, t2, t1, t1])

    took = [(step.thread, step.c_text.split("(")[0]) for step in replay.steps]
    assert took == [
        ("T1", "rc_fetch_add_release"),
        ("T2", "rc_load_acquire"),
        ("T2", "rc_cas_acq_rel"),
        ("T1", "rc_cas_acq_rel"),
        ("T1", "rc_exchange_acq_rel"),
    ]
    pending = -(2**29) + 2**28
    assert [step.after for step in replay.steps[2:]] == [
        pending,
        pending,
        -(2**29),
    ]
    assert replay.misfit is None


def test_memory_stays_while_an_operation_is_at_it():
    assert refrace.explore(REVIVED, "sticky").is_proof
    assert refrace.explore(REVIVED, "atomic").is_proof


def test_a_borrowed_reference_is_as_dangerous_as_anywhere():
    text = "slot S = A\nT1: x = S ; incref x ; decref x\nT2: y = swap S null ; decref y"
    text = text.replace("T1: x = S ;", "borrow T1.x = A\nT1:")

    assert "use-after-free" in kinds(text)
    assert "revival" in kinds(text)


def test_a_drop_too_many_is_found_though_the_flag_hides_it():
    text = "obj A final f\nhold T1.x = A\nT1: decref x\nfn f: decref self"

    assert kinds(text) == {"underflow"}


@pytest.mark.parametrize(
    "step", ["n = rc x", "setrc x 2", "b = casrc x 1 2", "n = incfetch x"]
)
def test_the_error_says_that_the_count_is_not_a_cell(step):
    with pytest.raises(refrace.InvalidProgram, match="the count is not a single w"):
        refrace.explore(f"hold T1.x = A\nT1: {step} ; decref x", "sticky")


def test_an_object_that_begins_without_a_count_cannot_be_taken():
    text = "obj A rc 0\nborrow T1.x = A\nT1: n = try_incref x ; assert n == 0"

    assert kinds(text) == {"leak"}
