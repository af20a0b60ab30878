"""Changes of the whole count: `immortalise`, `merge` and `enable_try`."""

import pytest
from explorer.model.compare import replay_all_findings, same_answers
from explorer.model.generate_whole_counts import random_immortals, random_whole_counts
from explorer.model.models import GILS
from hypothesis import HealthCheck, given, settings

import refrace
from refrace import Program, strategies
from refrace.errors import InvalidProgram

BIASED = [mode.name for mode in refrace.modes() if mode.name.startswith("biased")]
ABLE = {mode.name: mode.whole_count for mode in refrace.modes() if mode.whole_count}
SOUND = [name for name in ABLE if refrace.mode(name).claim == "correct"]
FEW = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def kinds_of(text, mode="biased", **options):
    found = refrace.explore(text, mode, **options)
    assert found.limit is None
    return {str(kind) for outcome in found.outcomes for kind in outcome}


def test_the_modes_say_which_changes_they_have():
    assert {
        **dict.fromkeys(BIASED, ("immortalise", "merge", "enable_try")),
        "immortal": ("immortalise",),
        "mixed_width": ("immortalise",),
    } == ABLE
    assert "immortalise, merge, enable_try" in str(refrace.mode("biased"))
    assert "whole count" not in str(refrace.mode("atomic"))


@pytest.mark.parametrize("step", ["immortalise x", "n = merge x", "enable_try x"])
def test_a_mode_without_the_change_refuses_the_program(step):
    text = f"hold T1.x = A\nT1: use x ; {step}"

    with pytest.raises(InvalidProgram, match=r"line 2, column 13.*'atomic'.*biased"):
        refrace.explore(text, "atomic")


@pytest.mark.parametrize("word", ["immortalise", "merge", "enable_try"])
def test_the_words_are_still_names(word):
    text = f"int {word} = 0\nT1: {word} = 1\nT2: x = {word} ; n = x + 1"

    assert kinds_of(text, "atomic") == set()
    assert Program.from_json(Program.parse(text).to_json()) == Program.parse(text)


# ------------------------------------------------------------------- immortal objects

IMMORTAL = """
obj A
slot S = A
int READY = 0
hold T1.x = A
T1: immortalise x ; READY = 1 ; decref x ; decref x ; decref x
T2: await READY ; y = S ; b = try_incref y ; assert b == 1 ; decref y ; decref y ; use y
"""


@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", SOUND)
def test_nothing_counts_an_immortal_object_and_nothing_is_leaked(mode, gil):
    assert kinds_of(IMMORTAL, mode, gil=gil) == set()
    mortal = IMMORTAL.replace("immortalise x ; ", "")
    assert kinds_of(mortal, mode, gil=gil) != set()


@pytest.mark.parametrize("mode", SOUND)
def test_an_immortal_object_becomes_immortal_again_in_one_step(mode):
    once = refrace.explore("hold T1.x = A\nT1: immortalise x", mode)
    twice = refrace.explore("hold T1.x = A\nT1: immortalise x ; immortalise x", mode)

    assert set(once.outcomes) == set(twice.outcomes) == {frozenset()}
    assert twice.transitions == once.transitions + 1


def test_an_owner_in_the_middle_of_an_operation_takes_immortality_away():
    """As in CPython: https://github.com/python/cpython/issues/113956."""
    text = "slot S = A\nhold T1.x = A\nT1: incref x ; decref x ; decref x\n"
    by_another = f"{text}T2: y = S ; immortalise y"
    by_the_owner = f"{text.replace('T1:', 'T1: immortalise x ;')}T2: y = upgrade S"

    assert "leak" in kinds_of(by_another)
    assert kinds_of(by_another, gil="held") == kinds_of(by_another, "immortal") == set()
    assert kinds_of(by_the_owner) == set()


@pytest.mark.parametrize("mode", SOUND)
def test_the_ledger_stands_still_and_memory_may_still_be_freed_by_hand(mode):
    text = "hold T1.x = A\nT1: immortalise x ; decref x ; decref x ; decref x ; free x"

    assert kinds_of(text, mode) == {"dangling-free"}


def test_a_count_written_by_hand_counts_again():
    text = "hold T1.x = A\nT1: immortalise x ; decref x ; setrc x 2 ; decref x"

    assert kinds_of(text, "immortal") == {"leak"}
    assert kinds_of(f"{text} ; decref x", "immortal") == set()


@pytest.mark.parametrize("mode", SOUND)
def test_the_collector_forgets_an_immortal_object(mode):
    cycle = "obj A gc field next=B\nobj B gc field next=A\nborrow T1.x = A\nT1: collect"
    immortal = f"{cycle}\nT2: y = 0".replace("T1:", "T1: immortalise x ;")

    assert kinds_of(f"{cycle} ; use x", mode) == {"use-after-free"}
    assert kinds_of(immortal.replace("collect", "collect ; use x"), mode) == set()


def test_a_narrow_count_cannot_be_immortal_where_it_is_one_word():
    text = "obj A max 7\nhold T1.x = A\nT1: immortalise x"

    for mode in ("immortal", "mixed_width"):
        with pytest.raises(InvalidProgram, match="leave its `max` out"):
            refrace.explore(text, mode)
    assert kinds_of(text) == set()


def test_low_bits_of_mixed_widths_stop_at_the_top():
    text = "hold T1.x = A\nT1: immortalise x ; incref x ; decref x ; n = rc x ; m = n"

    assert kinds_of(f"{text} ; assert n == 268435455", "mixed_width") == set()


# ---------------------------------------------------------------------------- merging

MERGE = "hold T1.x = A\nhold T2.y = A\nT1: incref x ; decref x ; decref x\nT2: "


@pytest.mark.parametrize("mode", ["biased", "biased_suspend"])
def test_only_owners_and_those_who_stop_the_world_may_merge(mode):
    apart = f"{MERGE}merge y ; decref y"
    stopped = f"{MERGE}stop_world {{ n = merge y }} ; assert n > 0 ; decref y"
    by_the_owner = f"{MERGE}decref y".replace("incref x ;", "n = merge x ; incref x ;")

    assert "use-after-free" in kinds_of(apart, mode)
    assert kinds_of(stopped, mode) == set()
    assert kinds_of(by_the_owner, mode) == set()
    assert kinds_of(apart, mode, gil="held") == set()


def test_a_merge_gives_the_count_of_all_and_destroys_nothing():
    text = "hold T1.x = A\nT1: incref x ; n = merge x ; assert n == 2 ; use x"
    none = "borrow T1.x = A\nT1: n = merge x ; use x ; if n == 0 { dealloc x }"

    assert kinds_of(f"{text} ; decref x ; decref x") == set()
    assert kinds_of(none) == set()
    assert kinds_of(none.replace("dealloc", "use")) == {"leak"}


def test_a_merged_object_needs_no_owner_that_quiesces():
    text = "int N = 0\nhold T1.x = A\nhold T2.y = A\n"
    text += "T1: decref x ; {} N = 1 ; await N == 2"
    other = "\nT2: await N ; decref y ; N = 2 ; await GONE"
    whole = f"obj A final bye\nint GONE = 0\n{text}{other}\nfn bye: GONE = 1"
    merged = whole.replace("decref x ; {}", "merge x ; decref x ;")
    waits = (
        whole.replace("decref x ; {}", "")
        .replace("await GONE", "")
        .replace("N == 2", "GONE ; decref x")
    )

    assert kinds_of(merged) == set()
    assert kinds_of(waits) == {"deadlock"}


# --------------------------------------------------------------------------- attempts

TRY = """
obj A stable
raw R = null
hold T1.x = A
T1: {} ; await DONE ; decref x
T2: await R ; y = R ; b = try_incref y ; assert b == 1 ; decref y ; DONE = 1
int DONE = 0
"""


@pytest.mark.parametrize("mode", ["biased", "biased_suspend"])
def test_an_attempt_may_fail_before_it_is_enabled(mode):
    assert kinds_of(TRY.format("enable_try x ; R = x"), mode) == set()
    assert "wrong-value" in kinds_of(TRY.format("R = x ; enable_try x"), mode)
    never = TRY.format("R = x ; if 1 == 2 { enable_try x }")
    assert kinds_of(never, mode) == {"wrong-value"}


def test_without_the_step_every_object_is_enabled():
    assert kinds_of(TRY.format("R = x")) == set()


def test_an_owner_may_try_and_what_others_hold_may_be_tried():
    owner = "hold T1.x = A\nT1: b = try_incref x ; assert b == 1 ; decref x ; decref x"
    held = "hold T2.x = A\nhold T1.x = A\nhold T2.y = A\nT1: {0}\nT2: {0}".format(
        "b = try_incref x ; assert b == 1 ; decref x ; decref x"
    )

    never = "\nfn never: enable_try arg"
    assert kinds_of(f"{owner}{never}") == set()
    assert "wrong-value" in kinds_of(held.replace("hold T2.y = A\n", "") + never)


# ----------------------------------------------------------------------- in all forms


@pytest.mark.parametrize("mode", SOUND)
def test_sampled_and_replayed_runs_have_the_steps(mode):
    text = (
        IMMORTAL
        if mode == "immortal"
        else IMMORTAL.replace(
            "T1: immortalise x", "T1: enable_try x ; n = merge x ; immortalise x"
        )
    )

    assert refrace.sample(text, mode, runs=200, seed=3).findings == ()
    replay_all_findings(f"{text}\nT3: z = S ; free z", mode, "released", "immortal")


@pytest.mark.parametrize("mode", SOUND)
def test_a_trace_and_its_token_replay_without_a_mode(mode):
    trace = refrace.explore("hold T1.x = A\nT1: immortalise x ; free x", mode).traces[0]

    assert refrace.replay(trace) == refrace.replay(trace.token) == trace


@pytest.mark.parametrize("mode", SOUND)
def test_they_run_under_c11(mode):
    before = "T1: immortalise x ; READY = 1"
    text = IMMORTAL.replace(before, f"{before} release").replace(
        "READY ;", "READY acquire ;"
    )

    assert kinds_of(text, mode, memory="c11") == set()


@pytest.mark.parametrize("mode", BIASED)
def test_drawn_programs_break_no_rule(mode):
    features = [*ABLE[mode], "slots", "branches", "weak", "options"]

    @FEW
    @given(strategies.programs(features=features, max_threads=2, max_length=4))
    def explore(program):
        refrace.explore(program, mode, max_states=500)

    explore()


@pytest.mark.parametrize("gil", GILS)
def test_the_immortal_mode_has_the_same_answer(gil):
    assert same_answers(random_immortals, range(12), "immortal", gil, True, False)


@pytest.mark.parametrize("mode", BIASED)
def test_the_biased_family_has_the_same_answer(mode):
    assert same_answers(random_whole_counts, range(4), mode, "released", True)
    assert same_answers(random_whole_counts, range(4, 10), mode, "held", True)


@pytest.mark.soak
@pytest.mark.parametrize("what", ["immortalise", "merge", "enable_try"])
@pytest.mark.parametrize("mode", BIASED)
def test_many_generated_programs_have_the_same_answer(mode, what):
    def generate(seed):
        return random_whole_counts(seed, what)

    assert same_answers(generate, range(60), mode, "released", True, max_states=800)
