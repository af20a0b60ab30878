"""Every mode against its claim: the smallest program that shows a broken one broken."""

import pytest

import refrace

DROPS = """
hold T1.x = A
hold T2.x = A
T1: decref x
T2: decref x
"""

# The object's memory stays readable, so that to try is no mistake of the program.
TRIES = """
obj A stable
hold T1.x = A
borrow T2.x = A
borrow T3.x = A
T1: decref x
T2: n = try_incref x ; if n == 1 { decref x }
T3: n = try_incref x ; if n == 1 { decref x }
"""

# The thread that dropped the last reference may be one of the two that try.
DROP_AND_TRY = """
obj A stable
borrow T1.x = A
hold T2.x = A
T1: n = try_incref x ; if n == 1 { decref x }
T2: decref x ; n = try_incref x ; if n == 1 { decref x }
"""

TRY = """
obj A stable
hold T1.x = A
borrow T2.x = A
T1: decref x
T2:
  repeat 2 {
    n = try_incref x
    if n == 1 {
      decref x
    }
  }
"""

# Who tries while the temporary count stands drops what was never to be had.
TRIED = """
obj A stable
hold T1.x = A
borrow T2.x = A
T1: decref x
T2: n = try_incref x ; if n == 1 { decref x }
"""

LAST_DROP = "hold T1.x = A\nT1: decref x"

# T1 made it, T2 makes T1 merge, and T3 drops the last reference meanwhile.
MERGE = """
hold T1.x = A
hold T2.x = A
hold T3.x = A
T1: decref x
T2: decref x
T3: incref x ; decref x ; decref x
"""

# T2 drops what T1 has counted, has the object again, and gives that to T1.
HAND_BACK = """
obj A stable
raw W = A
slot S = null
hold T1.x = A
hold T2.x = A
T1: decref x ; z = swap S null ; if z != null { decref z }
T2: decref x ; y = upgrade W ; S = y
"""

# T2 is an epoch ahead when it reads; T1 drops in the one before, and moves both on.
READ_AHEAD = """
slot S = A
hold T2.b = B
T1: z = swap S null ; decref z ; quiesce
T2: decref b ; quiesce ; y = S ; if y != null { incref y ; decref y }
"""

# T1 comes back while T2 merges what T1 has.
ATTACHES_AGAIN = """
hold T1.x = A
hold T2.x = A
T1: detach ; attach ; decref x
T2: decref x
"""

# Mode: its smallest witness, the threads that it takes, what is found in it.
WITNESSES = {
    "unlocked": (DROPS, 2, {"leak"}),
    "add_then_undo": (DROP_AND_TRY, 2, {"revival"}),
    "free_by_second_load": (DROPS, 2, {"double-free", "use-after-free"}),
    "temporary_count": (TRIED, 2, {"dangling-free", "use-after-free"}),
    "free_inside_lock": (LAST_DROP, 1, {"use-after-free"}),
    "mixed_width": (DROPS, 2, {"leak"}),
    "biased_as_printed": (TRIED, 2, {"use-after-free"}),
    "biased_publish_first": (MERGE, 3, {"use-after-free"}),
    "biased_weak_queue": (HAND_BACK, 2, {"use-after-free"}),
    "biased_undrained": (DROPS, 2, {"leak"}),
    "decrements_first": (
        TRIED,
        2,
        {"dangling-free", "revival", "use-after-free"},
    ),
    "epoch_too_soon": (READ_AHEAD, 2, {"revival", "use-after-free"}),
    "biased_unsuspended": (ATTACHES_AGAIN, 2, {"leak"}),
}

CLAIMS = {mode.name: mode.claim for mode in refrace.modes()}
BROKEN = [name for name, claim in CLAIMS.items() if claim == "broken"]
CORRECT = [name for name, claim in CLAIMS.items() if claim == "correct"]


def test_every_broken_mode_has_a_witness_and_no_other_has():
    assert WITNESSES.keys() == set(BROKEN)


@pytest.mark.parametrize("mode", WITNESSES)
def test_a_broken_mode_fails_its_witness(mode):
    text, threads, kinds = WITNESSES[mode]

    found = refrace.explore(text, mode)

    assert {str(finding.kind) for finding in found.findings} == kinds
    assert len(found.program.threads) == threads


@pytest.mark.parametrize("mode", CORRECT)
@pytest.mark.parametrize(
    "text", [DROPS, TRY, TRIES, DROP_AND_TRY, TRIED, LAST_DROP, MERGE, HAND_BACK]
)
def test_a_correct_mode_passes_every_witness(mode, text):
    assert refrace.explore(text, mode).is_proof


def test_one_thread_that_tries_meets_no_other_attempt_however_often_it_does():
    assert refrace.explore(TRY, "add_then_undo").is_proof


def test_the_attempt_that_succeeds_meets_the_one_that_is_not_undone_yet():
    last = refrace.explore(TRIES, "add_then_undo").counterexample().steps[-1]

    assert (last.before, last.after) == (1, 2)


ATTEMPTS = """
hold T1.x = A
hold T2.x = A
slot S = A
T1: incref x ; decref x ; decref x
T2: incref x ; decref x ; decref x
"""


def test_a_failed_attempt_is_a_step_and_the_loop_continues_with_the_value_it_read():
    increments = "slot S = A\nborrow T1.x = A\nborrow T2.x = A\n"
    increments += "T1: incref x\nT2: incref x"

    found = refrace.explore(increments, "atomic_cas")

    # One after the other: 2 orders.  Both loads first: 2 orders of the loads times 2 of
    # the attempts, of which the later one fails once and is then the only step left.
    assert found.interleavings == 6
    assert {str(f.kind) for f in found.findings} == {"leak"}  # nobody owns them
    assert found.outcomes.keys() == {frozenset({"leak"})}


def test_attempts_without_end_have_finitely_many_states():
    looping = """
    int STOP = 0
    slot S = A
    borrow T1.x = A
    borrow T2.x = A
    T1:
      n = STOP
      while n == 0 {
        incref x
        decref x
        n = STOP
      }
    T2:
      incref x
      decref x
      STOP = 1
    """

    assert refrace.explore(looping, "atomic_cas").is_proof
    assert refrace.explore(ATTEMPTS, "atomic_cas").is_proof


# Without tries two threads are not enough to see a merge that publishes too early: the
# one that makes the owner merge has dropped what it had.
TWO_THREADS = """
hold T1.x = A
hold T2.x = A
T1: decref x
T2: incref x ; decref x ; decref x
"""


def test_a_merge_that_publishes_too_early_takes_three_threads_that_only_count():
    assert refrace.explore(TWO_THREADS, "biased_publish_first").is_proof
    assert not refrace.explore(MERGE, "biased_publish_first").is_proof


# T1 hands its reference over and drops the one that it took for that; T2 may settle its
# decrement before T1 settles its increment.
HANDED_OVER = """
slot S = null
hold T1.x = A
T1: incref x ; S = x ; use x ; decref x
T2: await S ; z = swap S null ; use z ; decref z
"""


@pytest.mark.parametrize("mode", CORRECT)
def test_handing_over_is_right_in_a_correct_mode(mode):
    assert refrace.explore(HANDED_OVER, mode).is_proof


def test_a_decrement_can_be_applied_before_the_increment_it_takes_back():
    kinds = {
        str(f.kind) for f in refrace.explore(HANDED_OVER, "decrements_first").findings
    }

    assert kinds == {"dangling-free", "use-after-free"}


# The finaliser counts the object that it is called for, under its temporary count, and
# T2 finds a live one.
FINALISED = """
obj A final f stable
hold T1.x = A
borrow T2.x = A
T1: decref x
T2: t = try_incref x ; if t == 1 { use x ; decref x }
fn f: gil
"""


def test_what_is_tried_while_a_finaliser_runs_is_freed_under_a_temporary_count():
    found = refrace.explore(FINALISED, "temporary_count")

    assert "dangling-free" in {str(finding.kind) for finding in found.findings}
    assert refrace.explore(FINALISED, "atomic").is_proof
