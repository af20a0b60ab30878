"""The cycle collector and weak references, and both explorers agree on them."""

import pytest
from explorer.model.compare import (
    COMPARED,
    legal_programs,
    replay_all_findings,
    same_answers,
)
from explorer.model.generate_collections import random_collection
from explorer.model.models import GILS

import refrace

PROGRAMS_PER_TEST = 20
PROGRAMS_PER_SOAK = 150
CORRECT = [mode.name for mode in refrace.modes() if mode.claim == "correct"]


def kinds_of(text, mode="atomic", gil="released", **how):
    found = refrace.explore(text, mode, gil=gil, **how)
    assert found.limit is None
    return {str(finding.kind) for finding in found.findings}


# ------------------------------------------------------------------ what is collected

CYCLE = """
obj A gc field f=B final bye
obj B gc field f=A
weak W = A calls told
int GONE = 0
int TOLD = 0
int LATE = 0
T1: collect
fn bye: n = finc GONE ; m = TOLD ; LATE = m
fn told: n = finc TOLD ; x = upgrade W ; assert x == null
end: n = GONE ; m = TOLD ; k = LATE ; w = W
  assert n == 1 and m == 1 and k == 1 and w == null
"""


@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", CORRECT)
def test_a_cycle_is_told_of_finalised_and_freed_in_every_correct_mode(mode, gil):
    assert kinds_of(CYCLE, mode, gil) == set()

    alive = CYCLE.replace("assert n == 1", "assert n == 0")
    assert kinds_of(alive, mode, gil) == {"wrong-value"}


def test_what_a_local_or_a_cell_leads_to_is_not_garbage():
    held = "obj A gc field f=B\nobj B gc field f=A\nhold T1.x = A\n"
    body = "T1: collect ; y = x.f ; z = y.f ; use z ; assert z == x ; decref x"
    slot = "obj A gc field f=A\nslot S = A\nT1: collect ; x = S ; use x"

    assert kinds_of(held + body) == set()
    assert kinds_of(slot) == set()


def test_what_an_untracked_object_leads_to_is_not_garbage():
    text = "obj A gc field f=B\nobj B field f=A\nborrow T1.x = A\nT1: collect ; use x"

    assert kinds_of(text) == set()
    assert kinds_of(text.replace("obj B", "obj B gc")) == {"use-after-free"}


def test_an_untracked_object_is_left_alone():
    text = "obj A gc field f=A\nborrow T1.x = A\nT1: untrack x ; collect ; {}use x"

    assert kinds_of(text.format("")) == set()
    assert kinds_of(text.format("track x ; collect ; ")) == {"use-after-free"}


# ------------------------------------------------------------------------ real mistakes


def test_a_count_that_is_too_low_makes_garbage_of_what_is_in_use():
    text = """
    obj A gc field f=B
    obj B gc field f=A
    hold T2.x = A
    borrow T1.x = A
    T1: {}collect
    T2: y = x.f ; use y ; gil ; decref x ; collect
    """

    assert kinds_of(text.format("")) == set()
    found = refrace.explore(text.format("decref x ; "))
    assert "use-after-free" in {str(one.kind) for one in found.findings}
    messages = [one.message for one in found.findings if one.kind == "use-after-free"]
    assert "took A for garbage and freed it in step" in messages[0]


def test_the_collector_is_blamed_for_what_it_freed_and_for_nothing_else():
    text = "obj A gc field f=A field g=C\nslot S = C\nborrow T2.c = C\n"
    text += "T1: {} ; y = swap S null ; decref y\nT2: gil ; use c"
    after = refrace.explore(text.format("collect")).counterexample("use-after-free")
    text = text.replace("T1: {} ; ", "T1: ").replace("decref y", "decref y ; collect")
    before = refrace.explore(text).counterexample("use-after-free")

    assert "for garbage" not in after.finding.message
    assert "T1 freed C in step" in after.finding.message
    assert "took A for garbage and freed C with it in step" in before.finding.message


def test_an_object_that_is_tracked_too_early_is_visited_uninitialised():
    text = "type N gc field f=null\nT1: x = raw_new N ; {}decref x\nT2: collect"

    trace = refrace.explore(text.format("track x ; gil ; init x ; ")).counterexample()
    assert trace.finding.kind == "uninitialised-use"
    assert "T2's `collect` in step 4 visits it" in trace.finding.message
    assert kinds_of(text.format("init x ; track x ; ")) == set()


def test_a_destruction_that_untracks_late_is_found_by_the_collector():
    text = "obj A gc {} final bye\nhold T1.x = A\nT1: decref x\nfn bye: {}collect"

    found = refrace.explore(text.format("untracks_late", ""))
    assert [str(one.kind) for one in found.findings] == ["double-free"]
    assert "T1's `tp_clear A` in step 6 destroys it again" in found.findings[0].message
    assert kinds_of(text.format("untracks_late", "untrack self ; ")) == set()
    assert kinds_of(text.format("", "")) == set()


@pytest.mark.parametrize(
    ("visits", "kinds"), [("", set()), ("visits g 1", {"null-dereference"})]
)
def test_visiting_what_is_not_owned_clears_what_is_in_use(visits, kinds):
    text = f"""
    obj A gc field f=A rawfield g=B {visits}
    obj B gc field f=C
    slot S = B
    T1: collect ; x = S ; y = x.f ; use y
    """

    assert kinds_of(text) == kinds


@pytest.mark.parametrize(
    ("visits", "n"), [("", 1), ("visits f 0", 0), ("visits f 2", 0)]
)
def test_a_field_visited_too_seldom_or_too_often_keeps_a_cycle_alive(visits, n):
    text = f"obj A gc field f=A final bye {visits}\nint N = 0\nT1: collect\n"
    text += f"fn bye: N = 1\nend: n = N ; assert n == {n}"

    assert kinds_of(text) == set()


def test_a_visited_field_that_dangles_is_a_use_after_free():
    text = "obj A gc field f=B\nslot S = A\nborrow T1.x = B\nT1: free x ; collect"

    assert "use-after-free" in kinds_of(text)


def test_what_a_finaliser_resurrects_is_kept_with_all_it_leads_to():
    text = """
    obj A gc field f=B final bye
    obj B gc field f=A
    slot S = null
    T1: collect ; x = S ; y = x.f ; z = y.f ; assert z == x ; use y
    fn bye: {}S = self
    """

    assert kinds_of(text.format("incref self ; ")) == set()
    assert "use-after-free" in kinds_of(text.format(""))


def test_a_finaliser_of_a_collected_type_runs_once():
    text = """
    obj A gc field f=A final bye
    slot S = null
    int N = 0
    T1: collect ; x = swap S null ; y = swap x.f null ; decref y ; decref x
    fn bye: n = finc N ; incref self ; S = self
    end: n = N ; assert n == 1
    """

    assert kinds_of(text) == set()


def test_another_thread_meets_fields_that_the_collector_has_cleared():
    text = """
    obj A gc stable field f=B
    obj B gc field f=A
    slot S = null
    borrow T2.x = A
    T1: collect
    T2: gil ; y = x.f ; use y
    """
    trace = refrace.explore(text).counterexample("null-dereference")

    assert "T1's collector took A for garbage and cleared it" in trace.finding.message


def test_a_collection_within_a_collection_does_nothing():
    text = """
    obj A gc field f=A final bye
    int N = 0
    T1: collect
    fn bye: n = finc N ; collect ; gil
    T2: collect
    end: n = N ; assert n == 1
    """

    assert kinds_of(text) == set()


@pytest.mark.parametrize(
    "mode", ["per_thread", "decrements_first", "deferred", "epoch"]
)
def test_the_counts_that_threads_keep_are_merged(mode):
    text = """
    obj A gc final bye field f=null
    hold T1.x = A
    int N = 0
    T1: incref x ; x.f = x ; decref x ; collect ; n = N ; assert n == 1
    fn bye: n = finc N
    """

    assert kinds_of(text, mode) == set()


def test_the_world_stops_for_no_counting_operation():
    text = "obj A gc field f=A\nhold T2.x = A\nT1: collect\n"
    text += "T2: incref x ; decref x ; use x"

    for mode in ("unlocked", "object_lock", "biased"):
        assert kinds_of(text + " ; decref x", mode) == set()


# --------------------------------------------------------------------- weak references


def test_a_weak_reference_becomes_null_before_the_memory_is_freed():
    text = """
    weak W = A calls told
    hold T1.x = A
    int N = 0
    T1: decref x
    T2: z = upgrade W ; if z != null { use z ; decref z }
    fn told: N = 1
    end: n = N ; assert n == 1
    """

    assert kinds_of(text) == set()
    assert kinds_of(text.replace("upgrade W", "W")) >= {"use-after-free"}


def test_a_weak_reference_that_a_finaliser_made_is_cleared_and_calls_nothing():
    text = """
    obj A gc field f=A final bye
    weak W = null calls told
    int TOLD = 0
    T1: collect ; n = TOLD ; assert n == 0
    T2: gil ; x = W ; if x != null { nosafe { gil ; y = W ; assert y != null } }
    fn bye: W = self
    fn told: TOLD = 1
    end: w = W ; assert w == null
    """

    assert kinds_of(text) == set()


def test_releasing_the_memory_by_hand_clears_no_weak_reference():
    text = "weak W = A\nhold T1.x = A\nT1: setrc x 0 ; free x ; y = W ; use y"

    assert "use-after-free" in kinds_of(text)


# ------------------------------------------------------------------ every other verb


def test_the_words_of_the_collector_are_names_where_nothing_follows():
    text = "slot collect = A\nint weak = 0\nT1:\n  track = collect\n  use track\n"
    text += "  weak = 1"
    program = refrace.Program.parse(text)

    assert str(program) == text
    assert refrace.Program.from_json(program.to_json()) == program


def test_text_and_json_keep_all_that_is_said_of_collections():
    text = (
        "obj A field f=B rawfield g=null gc visits f 0 visits g 1 untracks_late\n"
        "obj B gc\nweak W = A calls cb\nweak V = null\n"
        "T1:\n  x = W\n  untrack x\n  track x\n  collect\nfn cb:\n  gil"
    )
    program = refrace.Program.parse(text)

    assert str(program) == text
    assert refrace.Program.from_json(program.to_json()) == program


def test_a_collection_is_proved_sampled_replayed_checked_and_stepped():
    text = "obj A gc field f=A\nborrow T2.x = A\nT1: collect\nT2: gil ; use x"
    found = refrace.explore(text)
    trace = found.counterexample()

    sampled = refrace.sample(text, runs=200, seed=1).findings
    assert [str(one.kind) for one in sampled] == ["use-after-free"]
    assert refrace.replay(trace.token).steps == trace.steps
    assert refrace.explore(text, counts=False).findings[0].kind == "use-after-free"
    assert refrace.check(text).conclusive
    assert {"collect", "look-again", "tp-clear"} <= {s.operation for s in trace.steps}
    assert "tp_clear A" in str(trace)
    assert "tp_clear A" in refrace.step(text).html()


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("hold T1.x = A\nT1: track x ; decref x", "write `gc` after its name"),
        (
            "obj A gc\nhold T1.x = A\nT1: track x ; decref x",
            "tracked already; leave `track` out",
        ),
        ("int N = 0\nT1: detach ; collect ; attach", "while it is detached"),
        ("hold T1.x = A\nobj A gc\nT1: detach ; untrack x", "while it is detached"),
        (
            "obj U uncounted\nobj A gc rawfield f=U visits f 1\nslot S = A\n"
            "T1: collect",
            "visits memory that has no count; write `visits f 0`",
        ),
        (
            "obj A gc field f=A final bye\nobj B\nslot S = B\nT1: collect\n"
            "fn bye: use self ; b = S ; resurrect_end b",
            "an object whose own finaliser has not run, in a finaliser that",
        ),
        (
            "obj A gc field f=A final bye\nobj B\nslot S = B\nT1: collect\n"
            "fn bye: use self ; b = S ; resurrect b",
            "an object whose own finaliser has not run, in a finaliser that",
        ),
        (
            "obj A gc field f=A final bye\nT1: collect\n"
            "fn bye: critical self { resurrect_end self }",
            "leave the section first",
        ),
        (
            "obj A gc field f=A\nweak W = A calls cb\nslot S = B\nT1: collect\n"
            "fn cb: b = S ; resurrect_end b",
            "outside that object's finaliser",
        ),
    ],
)
def test_what_nobody_may_do_is_an_error_of_the_program(text, match):
    with pytest.raises(refrace.InvalidProgram, match=match):
        refrace.explore(text)


# ------------------------------------------------------------- against the reference


def agree(seeds, mode, gil):
    answers = same_answers(random_collection, seeds, mode, gil, True, max_states=600)
    seen = {kind for answer in answers.values() if answer for kind in answer[0]}

    assert len(answers) > len(seeds) // 2
    return seen


@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", ["atomic", "object_lock", "biased", "deferred"])
def test_generated_programs_have_the_same_answer(mode, gil):
    first = 1000 * COMPARED.index(mode)
    seen = agree(range(first, first + PROGRAMS_PER_TEST), mode, gil)

    assert {"use-after-free", "leak"} <= seen


@pytest.mark.soak
@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", COMPARED)
def test_thousands_of_generated_programs_have_the_same_answer(mode, gil):
    first = 100_000 + 1000 * COMPARED.index(mode)
    agree(range(first, first + PROGRAMS_PER_SOAK), mode, gil)


def test_every_run_to_a_finding_replays_to_it():
    for seed, text in legal_programs(random_collection, range(12)):
        replay_all_findings(text, "biased", "released", f"random_collection({seed})")
