"""What holds in every race of a program: the explorer predicts each outcome."""

import pytest

import refrace

LONGEST_TRACE = 1024


def check(report):
    """What every report has to say of itself, and what the explorer says of it."""
    assert report.is_complete
    assert 0 <= report.overlap <= 1
    explored = refrace.explore(
        report.program, report.mode, report.gil, max_states=20_000
    )
    for part in report.parts:
        check_part(part, explored)


def check_part(part, explored):
    known = sum(outcome.rounds for outcome in part.outcomes.values())
    assert known + part.undecided + part.cut + part.disputed == part.rounds
    assert part.disputed == 0
    assert 0 <= part.met <= part.shared <= part.operations
    for kinds, outcome in part.outcomes.items():
        if explored.limit is None:
            assert kinds in explored.outcomes
        if outcome.trace is not None:
            found = (outcome.trace.finding, *outcome.trace.others)
            assert {finding.kind for finding in found} == kinds
            assert refrace.replay(outcome.trace) == outcome.trace
        else:
            assert not kinds or part.steps > LONGEST_TRACE


def some_rounds(few, many):
    """Run a test with few rounds, and with many as a long search."""
    return pytest.mark.parametrize(
        "rounds", [few, pytest.param(many, marks=pytest.mark.soak)]
    )
