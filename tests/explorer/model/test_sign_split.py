"""Counts split by sign: who shares an object, from when on, and what is too many."""

from math import comb

import pytest
from explorer.model.compare import some_programs
from explorer.model.generate import random_program
from explorer.model.models import GILS, accesses, explore, model_of

import refrace

MOST = 2**29 - 1  # the largest count without `max`
SLACK = 2**20
PLAIN, ADD = "rc_store_relaxed", "rc_fetch_add_acq_rel"


def kinds(text, mode="sign_split", **how):
    return {
        str(finding.kind) for finding in refrace.explore(text, mode, **how).findings
    }


def counting(text, codes):
    return accesses(text, "sign_split", codes)


# ------------------------------------------------------------------ two threads at it

HANDED_ON = """
slot S = null
T1: n = new M ; incref n ; S = n ; use n ; decref n
T2: x = swap S null
  if x != null {
    use x
    decref x
  }
end: x = S
"""


def test_two_threads_at_a_published_object_free_it_once():
    explored = refrace.explore(HANDED_ON, "sign_split")

    # Where T2 looks too early the slot keeps its reference, and nothing is lost.
    assert explored.is_proof
    assert set(explored.outcomes) == {frozenset()}


def test_pairs_of_operations_on_a_shared_object_interleave_freely_and_safely():
    text = "slot S = A\nborrow T1.x = A\nborrow T2.x = A\n"
    text += "T1: incref x ; decref x\nT2: incref x ; decref x"

    explored = refrace.explore(text, "sign_split")

    # Two steps an operation: a look at the sign, and the addition.
    assert explored.is_proof
    assert explored.interleavings == comb(8, 4)


@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize(
    "text",
    [
        HANDED_ON,
        "slot S = null\n" + "".join(f"T{t}: n = new M ; S = n\n" for t in (1, 2, 3)),
        "vec C = []\n"
        + "".join(f"T{t}: n = new M ; append C n ; use n\n" for t in (1, 2)),
        "raw R = null\n"
        + "".join(
            f"T{t}: n = new M ; old = swap R n ; incref n ; decref n\n" for t in (1, 2)
        ),
    ],
    ids=["handed on", "stores", "appends", "swaps"],
)
def test_identical_threads_may_be_taken_for_one_another(text, gil):
    merged = explore(text, "sign_split", gil)
    apart = explore(text, "sign_split", gil, symmetry=False)

    for what in ("interleavings", "outcomes"):
        assert getattr(merged, what) == getattr(apart, what)


def safe_and_found(text, gil):
    """What is found in atomic and in sign_split; None if it is no program for both."""
    try:
        program = refrace.Program.parse(text)
        if program.facts.uses_count_word:
            return None
        atomic, split = (
            refrace.explore(program, m, gil) for m in ("atomic", "sign_split")
        )
    except refrace.InvalidProgram:
        return None
    if not (atomic.is_conclusive and split.is_conclusive):
        return None
    return [{str(f.kind) for f in explored.findings} for explored in (atomic, split)]


@pytest.mark.parametrize("gil", GILS)
@some_programs(300, 1000)
def test_what_is_found_with_one_atomic_word_is_found_and_what_is_safe_stays_safe(
    gil, n_programs
):
    """Where nobody comes between two of its steps it is atomic's operation."""
    n_safe = n_corrupt = 0
    for seed in range(500, 500 + n_programs):
        text = random_program(seed)
        found = None if " max " in text else safe_and_found(text, gil)
        if found is None:
            continue
        atomic, split = found
        assert split >= atomic, text
        assert atomic or not split, text
        n_safe += not atomic
        n_corrupt += bool(atomic)
    assert min(n_safe, n_corrupt) > n_programs // 20


# ------------------------------------------------------------------ too many, or none

COUNTED = """
obj A max {most}
slot S = A
T1: x = S ; {increments} ; {decrements}
"""


def counted(most, increments, decrements):
    return COUNTED.format(
        most=most,
        increments=" ; ".join(["incref x"] * increments),
        decrements=" ; ".join(["decref x"] * decrements),
    )


@pytest.mark.parametrize("most", [1, 2, 3, 7])
@pytest.mark.parametrize("decrements", [0, 1, 2, 9])
def test_a_shared_count_beyond_the_largest_leaks_however_many_go_again(
    most, decrements
):
    assert kinds(counted(most, most, decrements)) == {"leak"}


@pytest.mark.parametrize("most", [1, 2, 3, 7])
def test_up_to_the_largest_count_all_are_counted(most):
    assert kinds(counted(most, most - 1, most - 1)) == set()


def test_beyond_the_largest_count_increments_go_on_and_decrements_do_not():
    # Load S, three increments of two steps, and decrements that only look.
    words = [after for _, after in counting(counted(3, 4, 2), [0] * 11)]

    assert words == [-1, -2, -2, -3, -3, -4, -4, -5, -5, -5]


@pytest.mark.parametrize("stuck", [True, False])
def test_beyond_the_second_threshold_the_word_changes_no_more(stuck):
    count = MOST + SLACK + stuck
    text = f"obj A rc {count}\nslot S = A\nT1: x = S ; incref x ; gil"

    words = [after for _, after in counting(text, [0] * 3)]

    assert words == [-count, *([] if stuck else [-count - 1])]


def test_a_local_count_beyond_the_largest_goes_where_nothing_changes():
    text = "type M max 2\nT1: n = new M ; incref n ; incref n ; decref n ; decref n"

    assert [after for _, after in counting(text, [0] * 7)] == [
        *(1, 2, 2),
        *(-2 - 2 * SLACK,) * 3,
    ]
    assert kinds(text) == {"leak"}


@pytest.mark.parametrize("most", [2, 3])
def test_threads_that_come_to_the_threshold_at_once_free_nothing_early(most):
    text = f"obj A max {most} rc {most}\n"
    text += "".join(f"hold T{t}.x = A\n" for t in range(1, most + 1))
    text += "".join(
        f"T{t}: incref x ; decref x ; decref x\n" for t in range(1, most + 1)
    )

    assert kinds(text) == {"leak"}


def test_a_drop_that_looked_before_brings_the_count_back_one_too_high():
    text = """
    obj A max 2
    hold T1.x = A
    hold T2.x = A
    T1: decref x
    T2: incref x ; decref x ; decref x
    """
    t1, t2 = 0, 4

    taken = counting(text, [t1, t2, t2, t2, t1, t2, t2])

    assert [after for _, after in taken] == [-2, -2, -3, -3, -2, -2, -1]
    assert kinds(text) == {"leak"}


def test_a_count_of_many_is_left_to_itself_at_the_end_of_the_word():
    text = f"obj A rc {MOST}\nslot S = A\nT1: x = S ; incref x ; decref x"

    assert [after for _, after in counting(text, [0] * 4)] == [
        *(-MOST, -MOST - 1, -MOST - 1),
    ]
    assert kinds(text) == {"leak"}


def test_a_try_takes_one_step_of_a_shared_object_and_two_of_a_local_one():
    body = "T1: b = try_incref x ; assert b == 1 ; decref x ; decref x"

    assert counting(f"hold T1.x = A\n{body}", [0] * 2) == [
        ("rc_decrement_within_acquire", 1),
        (PLAIN, 2),
    ]
    assert counting(f"raw R = A\nhold T1.x = A\n{body}", [0]) == [
        ("rc_decrement_within_acquire", -2),
    ]
    assert kinds(f"hold T1.x = A\n{body}") == set()
    assert kinds(f"raw R = A\nhold T1.x = A\n{body}") == set()


@pytest.mark.parametrize("seen", ["", "raw R = A\n"])
def test_an_object_without_a_count_is_not_taken_by_a_try(seen):
    text = f"{seen}obj A rc 0\nborrow T1.x = A\nT1: b = try_incref x ; assert b == 0"

    assert kinds(text) == {"leak"}


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("seen", ["", "raw R = A\n"])
def test_unique_is_the_only_reference_of_an_object_that_no_other_thread_can_reach(
    seen, count
):
    text = f"{seen}obj A rc {count}\nborrow T1.x = A\nT1: u = unique x ; assert u == "
    is_unique = count == 1 and not seen

    assert "wrong-value" not in kinds(f"{text}{int(is_unique)}")
    assert "wrong-value" in kinds(f"{text}{int(not is_unique)}")


@pytest.mark.parametrize("seen", ["", "raw R = A\n"])
def test_an_over_release_is_found_by_any_thread_that_reads_zero(seen):
    text = f"{seen}obj A final f\nhold T1.x = A\nT1: decref x\nfn f: decref self"

    assert kinds(text) == {"underflow"}


def test_a_drop_too_many_is_found_by_the_addition_that_comes_to_zero():
    text = "obj A final f\nhold T1.x = A\nborrow T2.x = A\nT1: decref x\nT2: decref x\n"
    text += "int N = 0\nfn f: await N"
    t1, t2 = 0, 4

    replay = model_of(text, "sign_split").replay([t1, t2, t1, t2])

    assert [(f.kind, f.thread) for f in replay.findings] == [("underflow", "T2")]
    assert replay.steps[-1].c_text.startswith(ADD)


@pytest.mark.parametrize("seen", ["", "raw R = A\n"])
def test_to_count_a_dying_object_is_a_revival(seen):
    text = f"{seen}obj A final f\nhold T1.x = A\nT1: decref x\nfn f: incref self"

    assert kinds(text) == {"revival"}


def test_a_borrowed_reference_is_as_dangerous_as_anywhere():
    text = "slot S = A\nborrow T1.x = A\nT1: incref x ; decref x\n"
    text += "T2: y = swap S null ; decref y"

    assert kinds(text) >= {"use-after-free", "revival"}


@pytest.mark.parametrize(
    "step", ["n = rc x", "setrc x 2", "b = casrc x 1 2", "n = incfetch x"]
)
def test_the_error_says_that_the_count_is_not_a_cell(step):
    with pytest.raises(refrace.InvalidProgram, match="the count is not a single w"):
        refrace.explore(f"hold T1.x = A\nT1: {step} ; decref x", "sign_split")


# ------------------------------------------------------------------ compiled code


@pytest.mark.parametrize(
    "text",
    [
        HANDED_ON,
        "type N field f=null\nslot S = null\n"
        "T1: n = new N ; m = new N ; incref m ; n.f = m ; S = n ; decref m\n"
        "T2: x = upgrade S\n  if x != null {\n    y = x.f ; use y ; decref x\n  }",
        f"obj A rc {MOST}\nslot S = A\nborrow T1.x = A\nborrow T2.x = A\n"
        "T1: incref x ; decref x\nT2: incref x ; decref x",
    ],
    ids=["handed on", "with a field", "too many"],
)
def test_compiled_code_does_what_the_explorer_says(text):
    report = refrace.race("sign_split", program=text, rounds=200, seed=1)
    explored = refrace.explore(text, "sign_split")

    assert report.disputed == report.undecided == 0
    assert set(report.outcomes) <= set(explored.outcomes)
