"""Explorations: verdicts, outcomes, honest limits, and what goes through JSON."""

import dataclasses
from fractions import Fraction

import pytest
from explorer.programs import (
    BORROWED_GETTER,
    MANY_STATES,
    ONE_SHOT,
    SHARED_DECREF,
    SPINNING,
)

import refrace
from refrace import FindingKind
from refrace.explorer.model import deadline

INTACT = frozenset()


def first_sentence(report):
    return str(report).split("\n\n")[0].replace("\n", " ")


# ------------------------------------------------------------------ what it says


def test_a_correct_program_in_a_correct_mode_is_proved_safe():
    found = refrace.explore(SHARED_DECREF)

    assert (found.verdict, found.is_proof, found.findings) == ("safe", True, ())
    # Two atomic decrements in either order, and the free step of the second.
    assert found.interleavings == 2
    assert found.outcomes == {
        INTACT: refrace.Outcome(INTACT, 2, Fraction(1)),
    }


def test_a_lost_decrement_is_found_with_its_exact_share_and_probability():
    """(2T)!/2^T interleavings, T! of them intact, for T = 2: see the closed forms."""
    found = refrace.explore(SHARED_DECREF, "unlocked")

    assert (found.verdict, found.is_proof) == ("corrupt", False)
    assert found.interleavings == 6
    assert found.outcomes[INTACT].interleavings == 2
    leak = found.outcomes[frozenset({"leak"})]
    assert leak == refrace.Outcome(frozenset({FindingKind.LEAK}), 4, Fraction(1, 2))
    assert found.outcomes[frozenset({FindingKind.LEAK})] is leak


def test_outcomes_come_with_nothing_wrong_first_and_add_up():
    found = refrace.explore(BORROWED_GETTER, "unlocked")

    assert next(iter(found.outcomes)) == INTACT
    outcomes = found.outcomes.values()
    assert sum(outcome.probability for outcome in outcomes) == 1
    assert sum(outcome.interleavings for outcome in outcomes) == found.interleavings


def test_a_program_and_its_text_give_the_same():
    program = refrace.Program.parse(BORROWED_GETTER)

    one, other = refrace.explore(program), refrace.explore(BORROWED_GETTER)

    assert one.program == program
    assert one.traces == other.traces


def test_a_mode_may_be_given_as_itself():
    assert refrace.explore(ONE_SHOT, refrace.mode("unlocked")).mode == "unlocked"


def test_the_gil_prevents_the_bug_of_the_borrowed_getter():
    assert refrace.explore(BORROWED_GETTER, gil="held").verdict == "safe"


def test_the_gil_is_modelled_even_where_there_is_none(monkeypatch):
    monkeypatch.setattr("refrace.environment.gil_is_enabled", lambda: False)

    assert refrace.explore(ONE_SHOT, gil="held").is_proof


def test_a_program_with_one_interleaving_is_safe_in_one_short_sentence():
    found = refrace.explore("hold T1.x = A\nT1: decref x")

    assert found.answer.endswith(": safe: its only interleaving corrupts nothing.")


def test_a_cycle_makes_the_interleavings_infinite_but_not_the_answer():
    found = refrace.explore(SPINNING)

    assert found.verdict == "safe"
    assert found.interleavings is None
    assert found.outcomes[INTACT] == refrace.Outcome(INTACT, None, Fraction(1))
    assert first_sentence(found).startswith(
        "atomic: safe: none of its infinitely many interleavings"
    )


def test_each_kind_has_its_smallest_trace_and_the_smallest_of_all_comes_first():
    found = refrace.explore(BORROWED_GETTER)

    sizes = [
        (str(trace.finding.kind), trace.preemptions, len(trace.steps))
        for trace in found.traces
    ]
    assert sizes == [("use-after-free", 1, 5), ("revival", 2, 4)]
    assert found.counterexample() is found.traces[0]
    assert found.counterexample("revival") is found.traces[1]
    assert found.counterexample(FindingKind.REVIVAL) is found.traces[1]


def test_a_finaliser_may_name_the_fields_of_a_type_without_objects():
    program = "type Q final bye field f=null\nT1: gil\nfn bye: x = self.f"

    assert refrace.explore(program).verdict == "safe"


# ---------------------------------------------------------------------- limits


LIMITED = {
    "states": {"max_states": 1000},
    "seconds": {"max_seconds": 0},
    "memory": {"max_bytes": 1 << 20},
}


@pytest.mark.parametrize("limit", LIMITED)
def test_a_bound_that_was_hit_is_not_reported_as_a_proof(limit):
    found = refrace.explore(MANY_STATES, **LIMITED[limit])

    assert (found.verdict, found.limit) == ("unfinished", limit)
    assert not found.is_proof
    assert not found.is_conclusive
    assert (found.interleavings, found.outcomes) == (None, {})
    text = str(found)
    assert "safe" not in text
    assert "unfinished" in first_sentence(found)
    assert "proves nothing" in first_sentence(found)
    assert "NOT every schedule was explored" in text
    assert found.to_dict()["limit"] == limit


@pytest.mark.parametrize("limit", LIMITED)
def test_insisting_on_a_proof_raises_where_a_limit_was_hit(limit):
    found = refrace.explore(MANY_STATES, **LIMITED[limit])

    with pytest.warns(refrace.InconclusiveWarning, match="unfinished"):
        found.raise_for_findings()  # there are none
    with pytest.raises(refrace.LimitReached, match="unfinished") as caught:
        found.raise_unless_proved()

    assert caught.value.report is found


def test_insisting_on_a_proof_lets_one_pass():
    refrace.explore(SHARED_DECREF).raise_unless_proved()


@pytest.mark.parametrize("method", ["raise_for_findings", "raise_unless_proved"])
def test_findings_are_raised_with_the_report(method):
    found = refrace.explore(SHARED_DECREF, "unlocked")

    with pytest.raises(refrace.CorruptionFound, match="leak") as caught:
        getattr(found, method)()

    assert caught.value.report is found


def test_what_was_found_before_a_limit_counts_but_says_that_there_may_be_more():
    """T1 fails alone, in a few steps; the others have too many states."""
    text = MANY_STATES.replace("T1: ", "T1: free x ; ", 1)

    found = refrace.explore(text, max_states=1000)

    assert (found.verdict, found.limit) == ("corrupt", "states")
    assert "there may be more" in first_sentence(found)
    assert found.traces
    for trace in found.traces:
        assert refrace.replay(trace) == trace


def test_an_interrupt_carries_what_was_found_until_then():
    def interrupt(explored, met):
        raise KeyboardInterrupt

    with pytest.raises(refrace.Interrupted) as caught:
        refrace.explore(MANY_STATES, progress=interrupt)

    report = caught.value.report
    assert (report.verdict, report.limit) == ("unfinished", "interrupt")
    assert "interrupted" in first_sentence(report)


def test_progress_is_reported_states_explored_and_met(monkeypatch):
    monkeypatch.setattr(deadline, "PERIOD_S", 0.0)
    seen = []

    refrace.explore(
        MANY_STATES, max_states=300_000, progress=lambda *now: seen.append(now)
    )

    assert seen
    assert all(0 <= explored <= met for explored, met in seen)


def test_what_progress_raises_comes_through():
    def fail(explored, met):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        refrace.explore(MANY_STATES, progress=fail)


# ------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (({},), refrace.InvalidArgumentType, "program={} is a dict; pass a refrace.Pr"),
        (("T1: x",), refrace.InvalidProgram, "line 1"),
        ((ONE_SHOT, "nolock"), refrace.UnknownMode, "mode='nolock' is unknown"),
        ((ONE_SHOT, 3), refrace.InvalidArgumentType, "mode=3 is an int"),
        ((ONE_SHOT, "atomic", "half"), refrace.InvalidArgument, "gil='half' is unkn"),
    ],
)
def test_wrong_arguments_are_refused_with_value_and_cure(arguments, error, message):
    with pytest.raises(error, match=message):
        refrace.explore(*arguments)


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_states": 0},
        {"max_states": 2.5},
        {"max_states": True},
        {"max_seconds": -1},
        {"max_seconds": float("nan")},
        {"max_seconds": "long"},
        {"max_bytes": 1},
        {"max_bytes": 2**20 - 1},
        {"max_bytes": 2**64},
    ],
    ids=str,
)
def test_bounds_out_of_range_are_refused_by_name(wrong):
    (name,) = wrong
    with pytest.raises(refrace.RefraceError, match=name):
        refrace.explore(ONE_SHOT, **wrong)


def test_what_no_program_may_do_is_an_error_with_the_way_there():
    program = "lock L\nT1: gil\nT2: gil ; unlock L"

    with pytest.raises(refrace.InvalidProgram, match="unlocks a lock") as caught:
        refrace.explore(program)

    error = caught.value
    assert (error.text, error.line, error.column) == ("unlock L", 3, 11)
    assert "T2" in str(error)
    assert error.trace.steps[-1].statement == "unlock L"


def test_asking_for_a_counterexample_that_is_not_there_says_what_there_is():
    safe = refrace.explore(SHARED_DECREF)
    corrupt = refrace.explore(SHARED_DECREF, "unlocked")

    with pytest.raises(refrace.InvalidArgument, match="verdict is 'safe' and nothing"):
        safe.counterexample()
    with pytest.raises(refrace.InvalidArgument, match=r"'revival'.* leak was found"):
        corrupt.counterexample("revival")
    with pytest.raises(refrace.InvalidArgument, match=r"kind='leek'.*did you mean"):
        corrupt.counterexample("leek")


# ----------------------------------------------------------------------- stored


REPORTS = {
    "safe": lambda: refrace.explore(SHARED_DECREF),
    "corrupt": lambda: refrace.explore(BORROWED_GETTER, "unlocked"),
    "infinite": lambda: refrace.explore(SPINNING),
    "unfinished": lambda: refrace.explore(MANY_STATES, max_states=10),
}


@pytest.mark.parametrize("name", REPORTS)
def test_an_exploration_goes_through_json_unchanged(name):
    found = REPORTS[name]()

    assert refrace.Exploration.from_json(found.to_json()) == found


@pytest.mark.parametrize("name", REPORTS)
def test_no_line_is_longer_than_80_columns_and_html_has_the_same_cells(name):
    found = REPORTS[name]()

    html = found._repr_html_()

    assert max(map(len, str(found).splitlines())) <= 80
    assert "<script" not in html
    for trace in found.traces[:1]:
        for step in trace.steps:
            assert f">{step.number}</td>" in html


def test_stored_outcomes_that_repeat_are_refused():
    data = refrace.explore(SHARED_DECREF).to_dict()
    data["outcomes"] *= 2

    with pytest.raises(refrace.InvalidData, match="items with distinct kinds"):
        refrace.Exploration.from_dict(data)


def test_a_stored_program_that_is_none_is_refused_with_its_place():
    data = refrace.explore(SHARED_DECREF).to_dict()
    data["program"] = "T1: x"

    with pytest.raises(refrace.InvalidData, match=r"exploration\.program: line 1"):
        refrace.Exploration.from_dict(data)


def test_an_exploration_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        refrace.explore(ONE_SHOT).limit = None


def test_the_bound_of_memory_is_kept_to_a_chunk_and_what_the_runs_take():
    """States and steps keep the bound; order and shortest runs are no larger."""
    bound = 1 << 20

    found = refrace.explore(MANY_STATES, max_bytes=bound)

    assert (found.verdict, found.limit) == ("unfinished", "memory")
    assert bound < found.peak_bytes < 2 * bound
