"""`counts=False`: fewer states, the same verdict, findings and smallest runs."""

from __future__ import annotations

import pytest
from explorer.generated_programs import generated
from explorer.model.generate_barriers import random_barriers

import refrace
from refrace import Program
from refrace.errors import InvalidArgumentType, InvalidProgram
from refrace.explorer.session import Session

MODES = refrace.modes()
BOUNDS = {"max_states": 30_000, "max_seconds": 600}
OWN_CELLS = "\n".join(
    f"int M{t} = 0\nT{t}: repeat 2 {{ n = finc N\n repeat 4 {{ n = finc M{t} }} }}"
    for t in (1, 2, 3)
)
OWN_OBJECTS = "\n".join(
    f"T{t}: repeat 2 {{ n = finc N ; y = new Node\n incref y ; decref y ; decref y }}"
    for t in (1, 2, 3)
)


def sizes(found):
    """Return the preemptions and steps of the smallest run to each kind."""
    return {t.finding.kind: (t.preemptions, len(t.steps)) for t in found.traces}


def compared(text, mode="atomic", gil="released", **more):
    """Return the states of both searches, after a comparison of what they found."""
    whole = refrace.explore(text, mode, gil, **BOUNDS, **more)
    reduced = refrace.explore(text, mode, gil, **BOUNDS, **more, counts=False)
    assert whole.limit is None
    assert (reduced.limit, reduced.verdict) == (None, whole.verdict)
    assert sizes(reduced) == sizes(whole)
    assert reduced.states <= whole.states
    return whole.states, reduced.states


def check_generated(seeds):
    """Compare both searches on programs, in every mode, with and without the GIL."""
    n_compared, n_states, n_kept, kinds = 0, 0, 0, set()
    for seed in seeds:
        program = Program.parse(generated(seed))
        for mode in MODES:
            for gil in ("released", "held"):
                if not mode.has_operations_of(program):
                    continue
                session = Session(program, mode, gil)
                whole = session.search(30_000, 600, 2**30)
                if whole.limit is not None:
                    continue
                raw = session.explore(30_000, 600, 2**30, counts=False)
                full = session.explore(30_000, 600, 2**30)
                ways = {kind: way[:2] for kind, way in raw.schedules.items()}
                place = (seed, mode.name, gil)
                assert (raw.limit, raw.error) == (full.limit, full.error), place
                assert ways == {k: w[:2] for k, w in full.schedules.items()}, place
                assert raw.states <= full.states, place
                for kind, way in raw.schedules.items():
                    run = session.replay(way.schedule)
                    assert run.misfit is None, place
                    assert (run.preemptions, run.fits) == way[:2], place
                    assert kind in run.kinds or not run.ended, place
                n_compared += 1
                n_states += full.states
                n_kept += raw.states
                kinds |= set(ways)
    return n_compared, n_states / n_kept, kinds


def test_generated_programs_have_the_same_findings_and_smallest_runs():
    n_compared, ratio, kinds = check_generated(range(10))
    assert n_compared > 250
    assert ratio > 1.5
    assert kinds >= {"leak", "use-after-free", "deadlock"}


@pytest.mark.soak
def test_more_generated_programs_have_the_same_findings_and_smallest_runs():
    n_compared, _, _ = check_generated(range(1000, 1075))
    assert n_compared > 2000


@pytest.mark.parametrize("own", [OWN_CELLS, OWN_OBJECTS])
def test_ten_times_fewer_states_where_threads_work_on_things_of_their_own(own):
    whole, reduced = compared(f"type Node\nint N = 0\n{own}")
    assert whole >= 10 * reduced


def test_with_the_gil_held_only_states_where_it_changes_hands_are_kept():
    text = "int N = 0\nT1: repeat 9 { n = finc N }\nT2: repeat 8 { n = finc N }"
    whole, reduced = compared(text, gil="held")
    assert whole > 30
    assert reduced <= 8


def test_a_step_of_its_own_may_save_a_preemption_before_a_thread_waits():
    text = """
int N = 0
int M = 0
int F = 0
T1: F = 1 ; n = finc M ; n = finc M ; await N ; f = F ; assert f == 1
T2: await F ; F = 2 ; N = 1
"""
    compared(text)
    found = refrace.explore(text, counts=False)
    assert [(t.preemptions, len(t.steps)) for t in found.traces] == [(0, 8)]


def test_steps_of_its_own_that_a_finding_does_not_need_are_left_out():
    text = "int N = 0\nint M = 0\nT1: N = 1 ; repeat 9 { n = finc M }\nT2: n = N"
    text += " ; assert n == 0"
    compared(text)
    found = refrace.explore(text, counts=False)
    assert [(t.preemptions, len(t.steps)) for t in found.traces] == [(0, 11)]


@pytest.mark.parametrize("n", [254, 255, 256, 600])
def test_any_number_of_steps_of_its_own_may_follow_each_other(n):
    text = f"int M = 0\nint N = 0\nT1: repeat {n} {{ n = finc M }} ; N = n\n"
    compared(text + "T2: n = N ; n = N ; assert n == 0")


def test_a_thread_may_be_busy_with_its_own_for_ever():
    text = "int M = 0\nint N = 0\nT1: n = M ; while n == 0 { n = M } ; N = 1\n"
    compared(text + "T2: await N ; n = finc N")


def test_an_object_is_no_longer_its_own_once_it_is_stored():
    text = "type Node\nslot S = null\nT1: x = new Node ; S = x ; decref x ; decref x\n"
    whole, reduced = compared(text + "T2: y = S ; if y != null { incref y ; use y }")
    assert reduced < whole


AT_A_BARRIER = """
barrier B 2
int N = 0
int M1 = 0
int M2 = 0
T1: repeat 4 { n = finc M1 } ; wait B ; repeat 4 { n = finc M1 } ; n = finc N
T2: repeat 4 { n = finc M2 } ; wait B ; repeat 4 { n = finc M2 } ; n = N ; assert n == 1
"""


def test_steps_of_its_own_before_and_behind_a_barrier_are_left_out():
    whole, reduced = compared(AT_A_BARRIER)
    assert whole >= 5 * reduced
    compared(AT_A_BARRIER, gil="held")


def check_barriers(seeds):
    """Compare both searches on programs with barriers, most of which are reduced."""
    ratios, kinds = [], set()
    for seed in seeds:
        text = random_barriers(seed)
        settings = ("atomic", "released"), ("atomic", "held"), ("biased", "released")
        for mode, gil in settings:
            try:
                found = refrace.explore(text, mode, gil, **BOUNDS)
            except InvalidProgram:  # in some schedule, so in that of the other search
                with pytest.raises(InvalidProgram):
                    refrace.explore(text, mode, gil, **BOUNDS, counts=False)
                continue
            kinds |= {str(finding.kind) for finding in found.findings}
            whole, reduced = compared(text, mode, gil)
            ratios.append(whole / reduced)
    return ratios, kinds


def test_programs_with_barriers_have_the_same_findings_and_smallest_runs():
    ratios, kinds = check_barriers(range(60))
    assert len(ratios) > 80
    assert any(ratio > 1.2 for ratio in ratios)
    assert "deadlock" in kinds


@pytest.mark.soak
def test_more_programs_with_barriers_have_the_same_findings_and_smallest_runs():
    check_barriers(range(1000, 1250))


def test_what_a_finaliser_does_to_shared_cells_is_seen_by_others():
    text = "type Node final bye\nint N = 0\nT1: x = new Node ; use x ; decref x\n"
    compared(text + "T2: n = N ; m = N ; assert n == m\nfn bye: N = 1")


IN_A_QUEUE = """
obj A rawfield f=0 final bye
int GO = 0
int DONE = 0
hold T1.x = A
hold T2.x = A
T1: decref x ; GO = 1 ; await DONE ; quiesce
T2: await GO ; decref x ; DONE = 1 ; x.f = 1 ; x.f = 0
fn bye: v = self.f ; assert v == 0
"""
WITH_A_LANE = """
obj A rawfield f=0 final bye
int GO = 0
int DONE = 0
borrow T1.x = A
hold T2.x = A
T1: incref x ; decref x ; GO = 1 ; await DONE ; quiesce
T2: await GO ; decref x ; quiesce ; DONE = 1 ; x.f = 1 ; x.f = 0
fn bye: v = self.f ; assert v == 0
"""


@pytest.mark.parametrize("text", [IN_A_QUEUE, WITH_A_LANE])
@pytest.mark.parametrize("mode", ["biased", "biased_suspend", "per_thread", "deferred"])
def test_an_object_that_a_hook_of_the_mode_finds_belongs_to_no_thread(text, mode):
    compared(text, mode)


def test_no_state_is_left_out_where_writes_are_buffered_or_under_c11():
    buffered = "hold T1.x = A\nhold T2.x = A\nint M = 0\n"
    buffered += "T1: n = finc M ; put x\nT2: put x"
    whole, reduced = compared(buffered)
    assert whole == reduced
    own = OWN_CELLS.replace("repeat 4", "repeat 1")
    whole, reduced = compared(f"int N = 0\n{own}", memory="c11")
    assert whole == reduced


def test_an_error_of_the_program_after_steps_of_its_own_shows_its_run():
    text = "int M = 0\nlock L\nint N = 0\n"
    text += "T1: n = finc N ; n = finc M ; unlock L\nT2: N = 2"
    with pytest.raises(InvalidProgram, match="unlock L") as whole:
        refrace.explore(text)
    with pytest.raises(InvalidProgram) as reduced:
        refrace.explore(text, counts=False)
    assert str(reduced.value) == str(whole.value)
    assert len(reduced.value.trace.steps) == len(whole.value.trace.steps)


def test_a_result_without_counts_says_so_and_is_stored():
    found = refrace.explore(
        "hold T1.x = A\nhold T2.x = A\nT1: decref x\nT2: decref x",
        "unlocked",
        counts=False,
    )
    assert (found.counts, found.interleavings, found.outcomes) == (False, None, {})
    assert found.answer.startswith("unlocked: corrupt: ")
    assert "interleavings, probability" not in str(found)
    assert "not counted" in str(found)
    assert "<svg" in found._repr_html_()
    assert refrace.Exploration.from_json(found.to_json()) == found
    safe = refrace.explore("int N = 0\nT1: N = 1", counts=False)
    assert safe.answer == "atomic: safe: none of its interleavings corrupts anything."


def test_a_stored_result_of_before_was_counted():
    found = refrace.explore("int N = 0\nT1: N = 1")
    stored = found.to_json().replace('"counts": true', '"counts_": true')
    old = stored.replace(', "counts_": true', "").replace('"counts_": true,', "")
    assert refrace.Exploration.from_json(old).counts


@pytest.mark.parametrize("counts", [None, 0, "no"])
def test_counts_is_true_or_false(counts):
    with pytest.raises(InvalidArgumentType, match="counts="):
        refrace.explore("int N = 0\nT1: N = 1", counts=counts)
