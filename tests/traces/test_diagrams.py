"""The space-time diagram: marks, values, conflicts, locks, and the finding's signs."""

import re

from display.pictures.results import BORROWED, CROSSED, LOST
from hypothesis import given, settings
from hypothesis import strategies as st

import refrace
from refrace.strategies import programs
from refrace.traces.run_events import freed_at, overwritten
from refrace.traces.run_picture import MOST_STEPS, drawn_run


def run_of(trace):
    return drawn_run(
        trace.steps,
        trace.waits,
        [thread.name for thread in trace.program.threads],
        trace.word_layout,
        trace.finding,
        title="title",
        subtitle="subtitle",
        verdict="verdict",
    )


def lost():
    return refrace.explore(LOST, "unlocked").counterexample("leak")


def test_a_lost_update_is_an_arrow_from_the_lost_write_to_the_one_over_it():
    run = run_of(lost())

    (join,) = run.joins
    first, last = run.events[join.first], run.events[join.last]
    assert (first.number, first.mark, run.threads[first.lane]) == (3, "store", "T2")
    assert (last.number, last.mark, run.threads[last.lane]) == (4, "store", "T1")
    assert last.is_bad
    assert not first.is_bad


def test_the_gap_between_load_and_store_is_marked_if_another_thread_wrote_in_it():
    gaps = {span.lane: span for span in run_of(lost()).spans}

    assert (gaps[0].first, gaps[0].last, gaps[0].is_crossed) == (0, 3, True)
    assert (gaps[1].first, gaps[1].last, gaps[1].is_crossed) == (1, 2, False)
    assert gaps[0].label == "has read 2"


def test_the_true_count_is_shown_and_where_the_count_differs_in_the_end():
    truths = [(event.truth, event.is_off) for event in run_of(lost()).events]

    assert truths == [("1", False), ("0", False), ("0", False), ("0, not 1", True)]


def test_a_touch_of_freed_memory_is_joined_with_the_free_and_both_are_marked():
    trace = refrace.explore(BORROWED, "biased").counterexample("use-after-free")
    run = run_of(trace)

    (join,) = run.joins
    freed, touch = run.events[join.first], run.events[join.last]
    assert freed.mark == "free"
    assert freed.is_bad
    assert touch.is_bad
    assert touch.number == len(trace.steps)
    ended = {run.words[lane].name for lane in freed.ends}
    assert ended == {word.name for word in run.words if word.name.startswith("A.")}


def test_a_word_is_shown_by_its_bit_fields():
    trace = refrace.explore(BORROWED, "biased").counterexample("use-after-free")
    run = run_of(trace)

    values = {event.value for event in run.events if event.value}
    assert ("shared 0", "merged") in values
    assert ">shared 0</text>" in trace.svg()
    assert ">merged</text>" in trace.svg()


def test_a_lock_is_a_bar_from_its_taking_on_and_a_wait_points_at_its_holder():
    run = run_of(refrace.explore(CROSSED).counterexample("deadlock"))

    locks = [span for span in run.spans if span.kind == "lock"]
    assert [(span.label, span.last) for span in locks] == [
        ("holds A.m", None),
        ("holds B.m", None),
    ]
    waits = [event for event in run.events if event.mark == "wait"]
    assert {event.label for event in waits} == {"waits for A.m", "waits for B.m"}
    assert len(run.joins) == 2


def test_a_released_lock_is_a_bar_with_an_end():
    program = "lock L\nint N = 0\nT1: lock L ; unlock L ; n = N ; assert n == 1\n"
    run = run_of(refrace.explore(program).counterexample())

    (lock,) = [span for span in run.spans if span.kind == "lock"]
    assert (lock.first, lock.last) == (0, 1)


def test_of_a_long_run_the_last_steps_are_drawn_and_the_picture_says_so():
    body = " ; ".join(["n = N"] * (MOST_STEPS + 50))
    trace = refrace.explore(f"int N = 0\nT1: {body} ; assert n == 1\n").counterexample()
    run = run_of(trace)

    assert len(run.events) == MOST_STEPS
    assert run.events[-1].number == len(trace.steps)
    first = len(trace.steps) - MOST_STEPS + 1
    assert f"drawn: steps {first} to {len(trace.steps)}" in run.subtitle


@settings(max_examples=25, deadline=None)
@given(programs(), st.sampled_from([mode.name for mode in refrace.modes()]))
def test_every_run_of_any_program_is_drawn_step_by_step(program, mode):
    if not refrace.mode(mode).has_operations_of(program):
        return
    for trace in refrace.explore(program, mode, max_states=3000).traces[:2]:
        run = run_of(trace)
        numbered = [event for event in run.events if event.number is not None]
        assert [event.number for event in numbered] == [s.number for s in trace.steps]
        assert [run.threads[e.lane] for e in numbered] == [
            step.thread for step in trace.steps
        ]
        assert len(run.events) == len(trace.steps) + len(trace.waits)
        for join in run.joins:
            assert join.first < join.last
        for span in run.spans:
            assert span.last is None or span.first < span.last
        svg = trace.svg()
        assert len(re.findall(r"<desc>", svg)) == 1


@settings(max_examples=25, deadline=None)
@given(programs())
def test_an_overwritten_write_lies_between_a_read_and_a_write_of_another_thread(
    program,
):
    for trace in refrace.explore(program, "atomic", max_states=3000).traces[:2]:
        steps = trace.steps
        for read, lost_write, last in overwritten(steps):
            assert read < lost_write < last
            assert steps[read].thread == steps[last].thread
            assert steps[lost_write].thread != steps[last].thread
            places = {steps[at].place for at in (read, lost_write, last)}
            assert len(places) == 1
        for name, place in freed_at(steps).items():
            assert any(change.object == name for change in steps[place].changes)


def test_a_trace_without_steps_has_a_picture_that_says_so():
    trace = refrace.explore("T1: x = new A ; decref x ; decref x").counterexample()
    empty = trace.replace(
        schedule=(), steps=(), finding=None, others=(), is_whole=False
    )

    assert empty.answer in empty.svg()


def test_findings_are_displayed_as_sentences():
    found = refrace.explore(LOST, "unlocked").findings

    assert str(found).startswith("leak: T1 and T2 both read 2")
    assert "<strong>leak</strong>" in found._repr_html_()
    assert "<strong>leak</strong>" in found[0]._repr_html_()
    assert found == tuple(found)
