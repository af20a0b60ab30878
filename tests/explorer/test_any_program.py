"""Whatever the program: results print, go through JSON, and their traces replay."""

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import refrace
from refrace.strategies import modes, programs

BOUNDS = {"max_states": 20_000, "max_seconds": 2}


@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(programs(), modes(), st.sampled_from(["released", "held"]))
def test_results_of_any_program_are_whole(program, mode, gil):
    assume(refrace.mode(mode).has_operations_of(program))
    found = refrace.explore(program, mode, gil, **BOUNDS)

    assert refrace.Exploration.from_json(found.to_json()) == found
    assert max(map(len, str(found).splitlines())) <= 80
    if found.limit is None:
        outcomes = found.outcomes.values()
        assert sum(outcome.probability for outcome in outcomes) == 1
        kinds = {kind for outcome in outcomes for kind in outcome.kinds}
        assert kinds == {trace.finding.kind for trace in found.traces}
    for trace in found.traces:
        assert refrace.replay(trace.token) == trace
        assert refrace.replay(trace.to_json(), program=program) == trace
        assert trace.finding.message
        assert max(map(len, str(trace).splitlines())) <= 80
        assert len(trace.schedule) == len(trace.steps)
        assert trace.preemptions == sum(step.preempts for step in trace.steps)
