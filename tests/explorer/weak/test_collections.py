"""The collector and weak references under C11: what they order, and what races."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from explorer.model.generate_collections import random_collection
from explorer.weak.collected import random_orders
from explorer.weak.walks import compare_with_walks, explored
from reference import explore as explore_slowly
from reference.explore import TooManyStates
from reference.ordering import OldValue, Ordered
from reference.program import InvalidProgram as ReferenceInvalid

import refrace
from refrace.catalogue.mode import mode as mode_called
from refrace.explorer.memory import SC, Memory, Model, unmodelled
from refrace.explorer.session import Session

CORRECT = [mode.name for mode in refrace.modes() if mode.claim == "correct"]
GILS = ("released", "held")
RACES = {"data-race", "unsynchronised-free"}
MOST_RUNS = 1500


def kinds(text: str, mode: str = "atomic", gil: str = "released") -> set[str]:
    found = refrace.explore(text, mode, gil=gil, memory="c11")
    assert found.limit is None
    return {str(finding.kind) for finding in found.findings}


# ------------------------------------------------------------- what a collection orders

SHARED = """
obj A gc
int F = 0
int G = 0
slot S = A
borrow T1.x = A
borrow T2.x = A
T1: poke x 1 ; F = 1 relaxed
"""


@pytest.mark.parametrize("between", ["collect", "stop_world { gil }"])
def test_a_collection_orders_what_a_stopped_thread_did_before_it(between):
    text = f"{SHARED}T2: n = F relaxed ; if n == 1 {{ {between} ; m = peek x }}"

    assert kinds(text) == set()
    assert kinds(text.replace(between, "gil")) == {"data-race"}


def test_a_collection_hands_on_to_other_threads_what_was_before_it():
    text = SHARED + "T2: n = G relaxed ; if n == 1 { m = peek x }\n"
    text += "T3: n = F relaxed ; if n == 1 { collect ; G = 1 relaxed }"

    assert kinds(text) == set()
    assert kinds(text.replace("collect", "gil")) == {"data-race"}


def test_a_collection_that_finds_another_under_way_orders_nothing():
    text = "obj B gc field f=B final bye\nobj A\nslot S = A\nborrow T1.x = A\n"
    text += "borrow T2.x = A\nT1: poke x 1 ; collect\nT2: collect ; m = peek x\n"
    text += "fn bye: gil"

    assert kinds(text) == {"data-race"}


LOOP = "obj A gc {} field f=A\nslot S = A\nborrow T2.x = A\nT1: collect\n"


@pytest.mark.parametrize(
    ("does", "races"),
    [
        ("k = swap x.f null ; x.f = k", False),
        ("k = x.f plain", False),
        ("detach ; k = x.f ; attach", False),
        ("detach ; k = x.f plain ; attach", False),
        ("detach ; k = swap x.f null ; x.f = k ; attach", True),
        ("detach ; x.f = x relaxed ; attach", True),
    ],
)
def test_only_a_detached_write_of_a_field_races_with_the_collector(does, races):
    assert kinds(LOOP.format("") + f"T2: {does}") == ({"data-race"} if races else set())


def test_fields_that_the_collector_does_not_visit_do_not_race_with_it():
    text = LOOP.format("rawfield g=null") + "T2: detach ; x.g = x relaxed ; attach"

    assert kinds(text) == set()
    visited = text.replace("g=null", "g=null visits g 1")
    assert kinds(visited) == {"data-race"}


def test_a_race_with_the_collector_is_told_by_field_and_steps():
    text = LOOP.format("") + "T2: detach ; k = swap x.f null ; x.f = k ; attach"
    trace = refrace.explore(text, memory="c11").counterexample("data-race")

    assert trace.steps[-1].place == "A.f"
    assert (
        "T2's `x.f = k` in step 4 is not ordered before T1's `collect` in step 5"
        in (" ".join(trace.finding.message.split()))
    )
    assert refrace.replay(trace.token).steps == trace.steps


def test_a_detached_thread_that_frees_what_the_collector_has_visited_is_found():
    text = "obj A gc\nhold T2.x = A\nT1: collect\nT2: {}"

    assert kinds(text.format("decref x")) == set()
    assert kinds(text.format("detach ; decref x ; attach")) == {"unsynchronised-free"}


def test_so_is_one_that_frees_what_is_visited_and_not_tracked_itself():
    text = "obj A gc rawfield f=B visits f 1\nslot S = A\nhold T2.x = B\n"
    text += "borrow T2.a = A\nT1: collect\nT2: a.f = null ; {}"

    assert kinds(text.format("decref x")) == set()
    late = text.replace("a.f = null ; ", "").format("detach ; decref x ; attach")
    assert "unsynchronised-free" in kinds(late)


GARBAGE = """
obj A gc stable field f=A field g=null
obj B
slot S = B
borrow T1.y = B
borrow T2.y = B
borrow T2.x = A
T1: poke y 1 ; collect
T2: detach ; k = x.f {} ; if k == null {{ n = peek y }} ; attach
"""


def test_a_field_that_tp_clear_has_set_to_null_orders_what_was_before():
    stores_late = GARBAGE.replace("T1: poke y 1 ; ", "T1: ").replace(
        "f=A field", "f=A final bye field"
    )
    stores_late += "fn bye: b = S ; poke b 1"

    assert kinds(stores_late.format("acquire")) == set()
    assert kinds(stores_late.format("relaxed")) == {"data-race"}


# ------------------------------------------------------------------- weak references

TOLD = """
weak W = A calls told
hold T1.x = A
slot S = B
borrow T1.y = B
borrow T2.y = B
T1: {} ; decref x
T2: {}
fn told: {}
"""


@pytest.mark.parametrize(
    ("load", "kind"),
    [("W", None), ("W acquire", None), ("W relaxed", "data-race")],
)
def test_a_load_that_acquires_null_comes_behind_the_destruction(load, kind):
    text = TOLD.format("poke y 1", f"z = {load} ; if z == null {{ use y }}", "gil")

    assert kinds(text) == ({kind} if kind else set())


@pytest.mark.parametrize(("look", "races"), [("upgrade W", False), ("W", True)])
def test_the_lock_of_a_weak_reference_orders_an_upgrade_before_the_callback(
    look, races
):
    text = f"""
    obj A final bye
    weak W = A calls told
    hold T1.x = A
    int F = 0
    int DYING = 0
    int LOOKED = 0
    T1: decref x
    T2: await DYING relaxed ; F = 1 plain ; z = {look} ; LOOKED = 1 relaxed
    fn bye: DYING = 1 relaxed ; await LOOKED relaxed
    fn told: n = F plain
    """

    assert kinds(text) == ({"data-race"} if races else set())


@pytest.mark.parametrize(("look", "kind"), [("upgrade W relaxed", None),
                                            ("W relaxed", "wrong-value")])  # fmt: skip
def test_an_upgrade_sees_the_newest_value_and_a_load_may_see_an_old_one(look, kind):
    text = "weak W = null\nslot S = A\nborrow T1.x = A\nint F = 0\n"
    text += "T1: W = x relaxed ; F = 1 relaxed\n"
    text += f"T2: n = F relaxed ; if n == 1 {{ z = {look} ; assert z != null"
    text += " ; decref z }" if "upgrade" in look else " }"

    assert kinds(text) == ({kind} if kind else set())


# ------------------------------------------------------------------- modes and verbs

CYCLE = """
obj A gc field f=B final bye
obj B gc field f=A
weak W = A calls told
int GONE = 0
int TOLD = 0
hold T2.y = B
T1: collect
T2: use y ; decref y ; collect ; z = upgrade W ; if z != null { use z ; decref z }
fn bye: n = finc GONE
fn told: n = finc TOLD
"""


@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", CORRECT)
def test_a_cycle_is_collected_in_every_correct_mode(mode, gil):
    assert kinds(CYCLE, mode, gil) == set()


def test_a_collection_is_sampled_replayed_checked_and_stepped():
    text = LOOP.format("") + "T2: detach ; x.f = x relaxed ; attach"
    found = refrace.explore(text, memory="c11")

    sampled = refrace.sample(text, runs=100, seed=1, memory="c11").findings
    assert {str(one.kind) for one in sampled} == {"data-race"}
    assert refrace.check(text, memory="c11").conclusive
    assert refrace.explore(text, counts=False, memory="c11").findings == found.findings
    assert "collect" in refrace.step(text, memory="c11").html()


# ----------------------------------------------------------------- generated programs


def test_the_form_changes_no_outcome_of_programs_that_collect():
    seen = compare_with_walks(map(random_orders, range(30)), MOST_RUNS)
    assert {"data-race", "use-after-free", "leak"} <= seen


@pytest.mark.soak
def test_the_form_changes_no_outcome_of_many_more_that_collect():
    compare_with_walks(map(random_orders, range(30, 4000)), MOST_RUNS)


WORDS = re.compile(r" (relaxed|acquire|release|plain)(?= |$)", re.MULTILINE)


def compare_stronger(seeds: range) -> int:
    """Make every order seq_cst; return of how many programs that took runs away."""
    n_gone = 0
    for seed in seeds:
        program = random_orders(seed)
        strong = WORDS.sub("", program)
        before, after = explored(program), explored(strong)
        if not any(RACES & outcome for outcome in before):
            assert after.keys() <= before.keys(), program
            assert after.keys() == explored(strong, model="sc").keys(), strong
            n_gone += before != after
    return n_gone


def test_stronger_orders_add_no_outcome_and_lead_to_those_of_sequential_consistency():
    assert compare_stronger(range(50)) > 3


def programs(seeds: range, write: str) -> Iterator[str]:
    """Yield texts that C11 has a model of, without store buffers."""
    for seed in seeds:
        text = random_collection(seed).replace("put x", write).replace("fence", "gil")
        try:
            if not unmodelled(refrace.Program.parse(text)):
                yield text
        except refrace.InvalidProgram:
            continue


def outcomes(
    text: str, mode: str, gil: str, model: Model, exactly: bool = True
) -> dict | None:
    """Return how the runs of a program end; None if some schedule is an error."""
    memory = Memory("c11", 15) if model == "c11" else SC
    session = Session(
        refrace.Program.parse(text), mode_called(mode), gil, memory=memory
    )
    raw = session.explore(50_000, 60.0, 2**30)
    return dict(raw.outcomes) if raw.finished and raw.error is None else None


def compare_with_clocks(seeds: range, gil: str) -> set[frozenset[str]]:
    """Compare with a slow explorer that has vector clocks; return all outcomes."""
    seen: set[frozenset[str]] = set()
    for program in programs(seeds, "poke x 1"):
        text = program.replace("u = unique x", "poke x 2")  # may read an old count
        try:
            slow = explore_slowly(text, "atomic", gil, 600, machine_type=Ordered)
        except (ReferenceInvalid, TooManyStates, OldValue):
            continue
        expected = {ends: tuple(found) for ends, found in slow.outcomes.items()}
        assert outcomes(text, "atomic", gil, "c11") == expected, text
        seen |= expected.keys()
    return seen


@pytest.mark.parametrize("gil", GILS)
def test_generated_programs_have_the_runs_and_races_that_vector_clocks_find(gil):
    seen = compare_with_clocks(range(1000, 1060), gil)

    assert {frozenset({kind}) for kind in RACES} & seen


@pytest.mark.soak
@pytest.mark.parametrize("gil", GILS)
def test_thousands_of_generated_programs_have_those_runs_and_races(gil):
    seen = compare_with_clocks(range(2000, 5000), gil)

    assert {frozenset({kind}) for kind in RACES} <= seen


def compare_with_sc(seeds: range, mode: str, gil: str) -> int:
    """Compare outcomes, unless something races; return how many programs."""
    n = 0
    for text in programs(seeds, "poke x 1"):
        weak, strong = (outcomes(text, mode, gil, model) for model in ("c11", "sc"))
        if weak and strong and not any(RACES & outcome for outcome in weak):
            assert weak.keys() == strong.keys(), text
            n += 1
    return n


@pytest.mark.parametrize("mode", ["biased", "deferred", "epoch", "object_lock"])
def test_modes_have_the_outcomes_of_sequential_consistency_unless_something_races(mode):
    first = 100 * CORRECT.index(mode)
    assert compare_with_sc(range(first, first + 25), mode, "released") > 10


@pytest.mark.soak
@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", CORRECT)
def test_every_mode_has_those_outcomes_in_more_programs(mode, gil):
    first = 10_000 + 1000 * CORRECT.index(mode)
    assert compare_with_sc(range(first, first + 200), mode, gil) > 50


def test_programs_with_weak_references_and_a_collector_are_modelled():
    text = "weak W = A\nobj A gc\nborrow T1.x = A\nT1: collect ; untrack x"

    assert unmodelled(refrace.Program.parse(text)) == []
