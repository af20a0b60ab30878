"""Temporary resurrections in every mode, and finalisers that go on behind them."""

import pytest
from explorer.model.compare import (
    COMPARED,
    replay_all_findings,
    same_answers,
    some_programs,
)
from explorer.model.generate_resurrections import random_resurrections
from explorer.model.models import GILS, explore

import refrace
from refrace.errors import InvalidArgument, InvalidProgram

PROGRAMS_PER_TEST = 12
PROGRAMS_PER_SOAK = 200
MODES = [mode.name for mode in refrace.modes() if mode.claim == "correct"]

ONCE = """
obj A final bye
slot S = null
int ONCE = 0
hold T1.x = A
T1: decref x ; quiesce
T2: y = upgrade S ; if y != null {{ use y ; decref y }}
fn bye: o = ONCE
  if o == 0 {{
    ONCE = 1 ; resurrect self ; {use} ; {end}
  }}
"""


def kinds_of(text, mode="atomic", **options):
    found = refrace.explore(text, mode, **options)
    assert found.limit is None
    return {str(kind) for outcome in found.outcomes for kind in outcome}


def once(end, use="incref self ; S = self"):
    return ONCE.format(use=use, end=end)


ALIKE = """
obj A final bye
slot S = A
raw R = null
int ONCE = 0
T1: o = swap S null ; if o != null { decref o } else { call deep }
T2: o = swap S null ; if o != null { decref o } else { call deep }
T3: await R ; y = R ; decref y
fn bye: o = swap ONCE 1
  if o == 0 {
    resurrect self ; incref self ; R = self ; incref self ; decref self
    k = resurrect_end self
  }
fn deep: call deeper
fn deeper: call deepest
fn deepest: n = ONCE
"""


def test_a_thread_that_resurrects_is_taken_for_no_other():
    """Another has read its number as the owner's when the two exchange places."""
    together, apart = explore(ALIKE, "biased"), explore(ALIKE, "biased", symmetry=False)

    assert together.outcomes == apart.outcomes
    assert list(apart.outcomes) == [frozenset()]


GOES_ON = """
obj A final bye
slot S = null
int ONCE = 0
hold T1.x = A
T1: decref x
T2: await S ; z = swap S null ; decref z
fn bye: o = swap ONCE 1
  if o == 0 {
    resurrect self ; incref self ; S = self ; k = resurrect_end self ; use self
  }
"""


@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", MODES)
def test_a_finaliser_resurrects_for_a_while_or_for_good_in_every_correct_mode(
    mode, gil
):
    for_good = once("k = resurrect_end self ; if k == 0 { S = null }")

    assert kinds_of(for_good, mode, gil=gil) == set()
    assert kinds_of(once("resurrect_end self", "use self"), mode, gil=gil) == set()
    assert "dangling-free" in kinds_of(once("gil"), mode, gil=gil)


BIASED = [mode.name for mode in refrace.modes() if mode.name.startswith("biased")]
INTERRUPTED = """
obj A final bye
slot S = null
int F = 0
int N = 0
int ONCE = 0
hold T1.x = A
interrupt T1 h 2
T1: decref x ; b = N ; f = F ; if f == 1 { assert b == 0 }
fn bye: o = swap ONCE 1
  if o == 0 { resurrect self ; incref self ; S = self ; c = ONCE }
fn h: y = swap S null
  if y { F = 1 ; N = 0 ; k = resurrect_end y } else { N = 1 }
"""


@pytest.mark.parametrize("mode", ["atomic", "unlocked", "sign_split", "biased"])
def test_a_finaliser_goes_on_with_the_result_and_touches_what_others_may_free(mode):
    gone = GOES_ON

    assert "use-after-free" in kinds_of(gone, mode)
    assert "use-after-free" not in kinds_of(gone.replace("k = ", ""), mode)


def test_an_owner_gives_up_what_it_has_resurrected_as_in_cpython():
    after = GOES_ON.replace("k = ", "").replace("T1: decref x", "T1: decref x ; use x")

    for text in (GOES_ON, after):
        assert kinds_of(text, "biased") == kinds_of(text, "atomic")


def test_interrupts_come_again_when_one_has_cancelled_the_finaliser():
    goes_on = INTERRUPTED
    cancelled = INTERRUPTED.replace("k = resurrect_end", "resurrect_end")

    assert "wrong-value" in kinds_of(goes_on)
    assert "wrong-value" in kinds_of(cancelled)
    same_answers(lambda _: cancelled, [0], "atomic", "released", True)


def test_the_result_tells_whether_the_object_is_kept():
    kept = once("k = resurrect_end self ; assert k == 1")
    dead = once("k = resurrect_end self ; assert k == 0", "use self")

    assert kinds_of(kept) == kinds_of(dead) == set()


def test_what_follows_in_a_sub_program_and_behind_its_call_is_done():
    text = once("call f self ; n = finc N ; assert n == 2").replace(
        "S = null", "S = null\nint N = 0"
    )
    text += "fn f: k = resurrect_end arg ; n = finc N\nend: n = N ; assert n == 2\n"

    assert kinds_of(text) == set()


def test_a_section_is_left_behind_the_resurrection():
    text = once("critical self { k = resurrect_end self }")

    assert kinds_of(text) == set()
    with pytest.raises(InvalidProgram, match="or keep the result"):
        refrace.explore(text.replace("k = ", ""))


def test_a_decrement_that_is_put_off_runs_the_finaliser_again():
    text = """
    obj A final bye
    int N = 0
    hold T1.x = A
    T1: decref x ; quiesce ; quiesce
    fn bye: n = finc N
      if n == 1 { resurrect self ; k = resurrect_end self ; assert k == 1 }
    end: n = N ; assert n == 2
    """
    assert kinds_of(text, "deferred") == set()
    assert kinds_of(text, "biased") == {"wrong-value"}


@pytest.mark.parametrize(
    ("body", "match"),
    [
        ("resurrect x", "begins a resurrection outside that object's finaliser"),
        ("k = resurrect_end x", "ends a resurrection outside that object's finaliser"),
    ],
)
@pytest.mark.parametrize("mode", ["atomic", "biased"])
def test_outside_of_the_finaliser_it_is_an_error_of_the_program(mode, body, match):
    with pytest.raises(InvalidProgram, match=match):
        refrace.explore(f"hold T1.x = A\nT1: {body} ; decref x", mode)


@pytest.mark.parametrize("mode", COMPARED)
def test_outside_of_the_finaliser_its_end_counts_nothing_that_could_be_missing(mode):
    """It is an error of the program also where a decrement would be an underflow."""
    text = "obj A rc 0\nraw R = A\nT1: x = R ; k = resurrect_end x"
    with pytest.raises(InvalidProgram, match="outside that object's finaliser"):
        refrace.explore(text, mode)


def test_a_masked_block_that_no_finaliser_enters_may_call_what_ends_one():
    text = (
        once("call keep self")
        + """
    borrow T3.z = A
    T3: masked { call keep z }
    fn keep: if arg == null { resurrect_end arg }
    """
    )
    assert refrace.Program.parse(text).facts.uses("resurrect_end")


def test_c11_is_refused_with_a_cure():
    with pytest.raises(
        InvalidArgument, match="mode whose count is one word, write `setrc self 1`"
    ):
        refrace.explore(once("resurrect_end self"), memory="c11")


@pytest.mark.parametrize("mode", ["atomic", "biased", "epoch"])
def test_real_threads_meet_what_is_predicted(mode):
    text = GOES_ON
    race = refrace.race(mode, program=text, rounds=300, seed=1)

    assert race.disputed == 0
    assert set(race.outcomes) <= set(refrace.explore(text, mode).outcomes)


def test_a_run_is_sampled_replayed_checked_and_stepped_through():
    text = GOES_ON
    trace = refrace.explore(text).counterexample()

    assert refrace.replay(trace.token).steps == trace.steps
    assert refrace.sample(text, runs=300, seed=1).findings
    assert "k = resurrect_end self" in str(trace)
    assert refrace.explore(text, counts=False).verdict == "corrupt"
    parsed = refrace.Program.parse(text)
    assert refrace.Program.from_json(parsed.to_json()) == parsed


# ------------------------------------------------------- against the reference


@pytest.mark.parametrize(
    "mode", ["atomic", "unlocked", "biased", "deferred", "sign_split"]
)
def test_generated_programs_have_the_same_answer(mode):
    answers = same_answers(
        random_resurrections, range(PROGRAMS_PER_TEST), mode, "released", True
    )
    seen = {kind for answer in answers.values() if answer for kind in answer[0]}

    assert {"use-after-free", "leak"} <= seen


@pytest.mark.parametrize("mode", [mode for mode in BIASED if mode != "biased"])
@some_programs(3, 12)
def test_the_biased_family_has_the_same_answer(mode, n_programs):
    seeds = range(n_programs)

    assert same_answers(random_resurrections, seeds, mode, "released", True)


def interrupted(seed):
    """Return such a program in which an interrupt may end the finaliser."""
    end = ("resurrect_end y", "k = resurrect_end y", "n = finc N")[seed % 3]
    handler = f"fn h: y = swap S null ; if y != null {{ {end} }} else {{ N = 2 }}"
    return f"{random_resurrections(seed)}\ninterrupt T1 h 2\n{handler}"


@pytest.mark.parametrize("mode", ["atomic", "biased"])
@some_programs(6, 60)
def test_interrupted_finalisers_have_the_same_answer(mode, n_programs):
    assert same_answers(interrupted, range(n_programs), mode, "released", True)


@pytest.mark.soak
@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", COMPARED)
def test_thousands_of_generated_programs_have_the_same_answer(mode, gil):
    first = 1000 * (1 + COMPARED.index(mode))
    seeds = range(first, first + PROGRAMS_PER_SOAK)

    assert (
        len(same_answers(random_resurrections, seeds, mode, gil, True))
        > PROGRAMS_PER_SOAK // 2
    )


def test_every_run_to_a_finding_replays_to_it():
    for seed in range(12):
        text = str(refrace.Program.parse(random_resurrections(seed)))
        try:
            replay_all_findings(
                text, "biased", "released", f"random_resurrections({seed})"
            )
        except InvalidProgram:
            continue
