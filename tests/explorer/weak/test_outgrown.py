"""What a walk does under C11 where the mode or a cell does more than was known."""

from __future__ import annotations

import refrace

RELAXED = "hold T1.x = A\nhold T2.x = A\nT1: decref_rlx x\nT2: decref_rlx x"
STORES = """
int X = 0
T1: repeat 40 { X = 1 relaxed }
T2: repeat 40 { X = 2 relaxed }
T3: x = X relaxed ; y = X relaxed ; assert x == y
"""


def test_an_operation_that_no_probe_has_shown_can_be_sampled_and_replayed():
    sample = refrace.sample(RELAXED, memory="c11", runs=10, seed=1)
    trace = sample.traces[0]
    assert refrace.replay(trace.token) == trace


def test_runs_with_too_many_writes_of_a_cell_are_cut_off_and_counted():
    sample = refrace.sample(STORES, memory="c11", runs=50, seed=2)

    ended = sum(outcome.runs for outcome in sample.outcomes.values())
    assert 0 <= sample.outgrown < sample.runs == 50
    assert ended == sample.runs - sample.outgrown
    assert sample.traces[0].finding.kind == "wrong-value"


def test_a_longer_history_cuts_off_fewer_runs():
    short, long = (
        refrace.sample(STORES, memory="c11", history=history, runs=50, seed=2)
        for history in (4, 15)
    )

    assert short.outgrown > long.outgrown
    assert f"{short.outgrown} runs were cut off" in " ".join(str(short).split())
    assert refrace.Sample.from_json(short.to_json()) == short


def test_runs_that_are_cut_off_count_as_findings_in_the_bound():
    program = "int X = 0\nT1: repeat 9 { X = 1 relaxed }\nT2: await X ; x = X relaxed"

    cut = refrace.sample(program, memory="c11", history=1, runs=50, seed=0)
    whole = refrace.sample(program, memory="c11", history=15, runs=50, seed=0)

    assert cut.outgrown > 0
    assert cut.bound > whole.bound
    assert whole.outgrown == 0
    assert "`history`" in str(cut)
    assert "cut off" not in str(whole)
