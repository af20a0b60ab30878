"""A stored result in which a key occurs twice, or that nests deep, is refused."""

import pytest

import refrace

PROGRAM = "hold T1.x = A\nhold T2.x = A\nT1: decref x\nT2: decref x\n"
EXPLORATION = refrace.explore(PROGRAM, "unlocked")
REPORTS = [
    EXPLORATION,
    EXPLORATION.traces[0],
    refrace.sample(PROGRAM, runs=5, seed=1),
    refrace.race("atomic", objects=3),
    refrace.Program.parse(PROGRAM).check(),
    refrace.lesson(1),
]


@pytest.mark.parametrize("report", REPORTS, ids=lambda one: type(one).__name__)
def test_a_duplicate_key_is_refused_at_any_depth(report):
    text = report.to_json()
    keys = [line.split('"')[1] for line in text.splitlines() if '": ' in line]

    for key in dict.fromkeys(keys):
        twice = text.replace(f'"{key}": ', f'"{key}": 0, "{key}": ', 1)
        with pytest.raises(refrace.InvalidData, match=f"'{key}' occurs twice in one"):
            type(report).from_json(twice)


def test_a_trace_with_a_key_twice_is_not_replayed():
    text = EXPLORATION.traces[0].to_json()

    with pytest.raises(refrace.InvalidData, match="'mode' occurs twice"):
        refrace.replay(text.replace('"mode": ', '"mode": "atomic", "mode": ', 1))


@pytest.mark.parametrize("report", REPORTS, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("opener", ["[", '{"a": '])
def test_deep_nesting_is_refused_and_does_not_end_the_process(report, opener):
    text = report.to_json().replace('"version": ', '"version": ' + opener * 100_000, 1)

    with pytest.raises(refrace.InvalidData, match="not JSON"):
        type(report).from_json(text)


def test_data_that_nests_deep_is_refused_too():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    data = EXPLORATION.to_dict() | {"traces": deep, "states": deep}

    with pytest.raises(refrace.InvalidData):
        refrace.Exploration.from_dict(data)
