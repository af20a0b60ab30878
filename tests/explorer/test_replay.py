"""Replays do the same again, or say what differs and where."""

import json

import pytest
from explorer.programs import BORROWED_GETTER, SHARED_DECREF, SPINNING
from hypothesis import given, settings
from hypothesis import strategies as st

import refrace
from refrace.explorer.session import session_of
from refrace.explorer.traced import trace as traced
from refrace.traces.schedule import codes_of
from refrace.traces.token import read_token

TRACE = refrace.explore(SHARED_DECREF, "unlocked").counterexample()


def stored(**changes):
    return {**TRACE.to_dict(), **changes}


def with_step(number, **changes):
    steps = [dict(step) for step in TRACE.to_dict()["steps"]]
    steps[number - 1].update(changes)
    return stored(steps=steps)


# ------------------------------------------------------------------- the same again


@pytest.mark.parametrize(
    "form",
    [
        TRACE,
        TRACE.to_dict(),
        TRACE.to_json(),
        TRACE.to_json(indent=None).encode(),
        TRACE.token,
        TRACE.token.encode(),
        f"\n  {TRACE.token}\n",
    ],
    ids=["trace", "dict", "json", "bytes", "token", "token-bytes", "token-in-spaces"],
)
def test_a_run_is_replayed_from_every_form_it_is_kept_in(form):
    assert refrace.replay(form) == TRACE


def test_an_exploration_is_replayed_by_its_smallest_counterexample():
    found = refrace.explore(BORROWED_GETTER)

    assert refrace.replay(found) == found.counterexample()
    assert refrace.replay(found.to_json()) == found.counterexample()


def test_an_exploration_without_a_counterexample_has_nothing_to_replay():
    safe = refrace.explore(SHARED_DECREF)

    with pytest.raises(refrace.InvalidData, match="nothing to replay: atomic: safe"):
        refrace.replay(safe.to_json())


# One of each way to count: in one step, with a lost update, by owner, split by sign,
# deferred.  `make soak` replays the counterexamples of every other mode.
FEW_MODES = {"unlocked", "biased", "epoch"}


@pytest.mark.parametrize("gil", ["released", "held"])
@pytest.mark.parametrize(
    "mode",
    [
        pytest.param(
            mode.name, marks=[] if mode.name in FEW_MODES else pytest.mark.soak
        )
        for mode in refrace.modes()
    ],
)
def test_every_counterexample_of_a_pattern_replays(mode, gil):
    for pattern in refrace.gallery:
        for variant in refrace.gallery[pattern].variants:
            try:
                found = refrace.explore(
                    variant.buggy, mode, gil, memory=variant.memory, max_seconds=1
                )
            except refrace.InvalidProgram:
                continue  # sees the count as a cell
            for trace in found.traces:
                assert refrace.replay(trace.token) == trace
                assert refrace.Trace.from_json(trace.to_json()) == trace


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_any_run_that_can_be_taken_goes_through_token_and_json(data):
    """A run is drawn step by step from what can happen next."""
    session, codes = session_of(BORROWED_GETTER, "unlocked", "released"), []
    for _ in range(data.draw(st.integers(0, 12))):
        enabled = session.replay(codes).enabled
        if not enabled:
            break
        codes.append(data.draw(st.sampled_from(enabled)))
    trace = traced(session, codes)

    assert refrace.replay(trace.token) == trace
    assert refrace.replay(trace.to_json()) == trace
    assert len(trace.schedule) == len(codes)


def test_a_run_that_stops_early_says_that_it_is_not_over():
    trace = refrace.replay(stored_prefix(2))

    assert not trace.is_whole
    assert trace.findings == ()
    assert str(trace).startswith(
        "unlocked: no finding in the first 2 steps of an incomplete run."
    )


def stored_prefix(n):
    """The token of the first n steps."""
    key = read_token(TRACE.token)
    session = session_of(key.program, key.mode, key.gil)
    return traced(session, codes_of(key.schedule, session.runners)[:n]).token


def test_a_livelock_is_reported_only_for_a_run_that_could_continue():
    program = SPINNING.replace("T2: N = 1", "T2: gil")
    trace = refrace.explore(program).counterexample("livelock")

    assert refrace.replay(trace.token) == trace
    assert trace.is_whole


# ----------------------------------------------------------------- what does not fit


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (with_step(3, after=7), r"step 3 \(T2, `decref x`\).*after is 7 .* and 1 now"),
        (with_step(1, c_text="rc_load_acquire(&x)"), "step 1 .*c_text is"),
        (with_step(2, preempts=False), "step 2 .*preempts is False in the trace"),
        (stored(preemptions=0), "preemptions is 0 in the trace and 1 now"),
        (
            stored(finding=None, judgement="clean"),
            "finding is None in the trace and Finding",
        ),
        (stored(steps=TRACE.to_dict()["steps"][:3]), "steps is 3 in the trace and 4"),
        (stored(schedule=["T1", "T1", "T1"]), "step 3 of 3, T1, cannot be taken"),
        (stored(schedule=["T1+"]), r"step 1 of 1, T1\+, cannot be taken"),
        (stored(mode="atomic"), "step 4 of 4, T1, cannot be taken"),
        (stored(mode="quantum"), "mode 'quantum' is not in this refrace"),
    ],
)
def test_a_trace_that_does_something_else_now_says_what_and_where(data, message):
    with pytest.raises(refrace.ReplayMismatch, match=message):
        refrace.replay(data)


def test_that_lines_of_the_c_source_have_moved_does_not_matter():
    data = with_step(1, c_line=1, c_file="elsewhere.c")

    assert refrace.replay(data) == TRACE


def test_a_token_whose_mode_has_become_another_says_so(monkeypatch):
    monkeypatch.setattr("refrace.traces.trace.steps_digest", lambda steps: 0)
    other = TRACE.token
    monkeypatch.undo()

    with pytest.raises(refrace.ReplayMismatch, match=r"mode 'unlocked' has changed"):
        refrace.replay(other)


def test_a_run_of_another_program_names_the_first_line_that_differs():
    other = SHARED_DECREF.replace("T2: decref x", "T2: use x")

    with pytest.raises(
        refrace.ReplayMismatch, match="line 6 is `decref x`, not `use x`"
    ):
        refrace.replay(TRACE, program=other)


def test_a_run_of_a_longer_program_says_how_many_lines_it_has():
    other = SHARED_DECREF + "T3: gil"

    with pytest.raises(refrace.ReplayMismatch, match="it has 6 lines, not 8"):
        refrace.replay(TRACE, program=other)


@pytest.mark.parametrize(
    ("expected", "message"),
    [
        ({"mode": "atomic"}, "another mode: 'unlocked', not 'atomic'"),
        ({"gil": "held"}, "another GIL setting: 'released', not 'held'"),
    ],
    ids=["mode", "gil"],
)
def test_a_run_of_another_setting_says_which(expected, message):
    with pytest.raises(refrace.ReplayMismatch, match=message):
        refrace.replay(TRACE.token, **expected)


def test_what_is_expected_and_fits_is_replayed():
    assert (
        refrace.replay(TRACE, program=SHARED_DECREF, mode="unlocked", gil="released")
        == TRACE
    )


# ------------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    ("run", "error", "message"),
    [
        (None, refrace.InvalidArgumentType, "run=None is a NoneType"),
        (7, refrace.InvalidArgumentType, "run=7 is an int"),
        ("", refrace.InvalidData, "neither a replay token nor JSON"),
        ("trace.json", refrace.InvalidData, "neither a replay token nor JSON"),
        ("[]", refrace.InvalidData, "format is"),
        ("[" * 100_000, refrace.InvalidData, "neither a replay token nor JSON"),
        (b"\xff\xfe", refrace.InvalidData, "not UTF-8"),
        ({"format": "refrace/race"}, refrace.InvalidData, "format is 'refrace/race'"),
        (stored(version=2), refrace.InvalidData, "version is 2"),
        (stored(program="T1: x"), refrace.InvalidData, r"trace\.program"),
        (stored(program=None), refrace.InvalidData, "expected text"),
        (stored(schedule=["T9"]), refrace.InvalidData, r"schedule\[0\] is 'T9'"),
        (stored(schedule=[0]), refrace.InvalidData, r"trace\.schedule\[0\] is 0"),
        (stored(gil="half"), refrace.InvalidData, r"trace\.gil is 'half'"),
        (with_step(1, before=0.5), refrace.InvalidData, r"steps\[0\]\.before is 0\.5"),
        (with_step(1, before=[1.5]), refrace.InvalidData, r"before\[0\] is 1\.5; exp"),
        (with_step(1, extra=1), refrace.InvalidData, "expected the fields"),
    ],
)
def test_data_that_is_not_a_run_is_refused_with_its_place(run, error, message):
    with pytest.raises(error, match=message):
        refrace.replay(run)


@pytest.mark.parametrize(
    ("expected", "error"),
    [
        ({"program": "T1: x"}, refrace.InvalidProgram),
        ({"program": 3}, refrace.InvalidArgumentType),
        ({"mode": "nolock"}, refrace.UnknownMode),
        ({"gil": "half"}, refrace.InvalidArgument),
    ],
    ids=str,
)
def test_an_expectation_that_is_wrong_in_itself_is_refused(expected, error):
    with pytest.raises(error):
        refrace.replay(TRACE, **expected)


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_no_json_at_all_crashes_the_reader(data):
    text = json.dumps(data)

    with pytest.raises(refrace.InvalidData):
        refrace.replay(text)


@given(st.sampled_from(sorted(TRACE.to_dict())), st.none() | st.integers() | st.text())
def test_no_change_of_a_stored_trace_is_taken_for_the_trace(name, value):
    data = stored(**{name: value})

    if data == TRACE.to_dict():
        return
    with pytest.raises((refrace.InvalidData, refrace.ReplayMismatch)):
        refrace.replay(data)
