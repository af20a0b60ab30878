"""Stored results with values that none can have: refused, or shown without harm."""

import copy
import dataclasses
import json

import pytest
from hunting.fakes.reports import hunt_finding, hunt_report
from hypothesis import strategies as st

import refrace
from refrace._base.field_ranges import RANGES
from refrace.canaries.spec import CanarySpec
from refrace.catalogue.recorded_costs import recorded_costs
from refrace.lessons.explanation_report import CountSplit

NATIVE_STEP = refrace.NativeStep(
    1, "read", None, "f", "f.c", 1, "n = count;", "count", 0, 0, None, False
)
PROGRAM = "slot S = A\nhold T1.x = A\nT1: decref x\nT2: x = S ; use x ; decref x\n"


def made():
    """One small result of each kind."""
    explored = refrace.explore(PROGRAM, "unlocked")
    return [
        refrace.race("biased", objects=3, hold=5),
        refrace.race("unlocked", program=PROGRAM, rounds=20),
        explored,
        refrace.explore(PROGRAM, "unlocked", memory="c11").counterexample(),
        refrace.sample(PROGRAM, "unlocked", runs=20, seed=1),
        refrace.prove("free_by_second_load"),
        refrace.compare(["atomic", "biased"], [1, 2], rounds=1),
        refrace.deadlock(timeout=10),
        refrace.growth(pairs=1, rounds=3),
        refrace.lost_append(),
        refrace.refleaks(
            lambda x, kept=[]: kept.append(x),
            arguments={"x": st.sampled_from([b"one", b"two"])},
            calls=150,
            seconds=60.0,
        ),
        refrace.parallelism(rounds=1, run_s=0.005),
        refrace.lesson(1),
        refrace.explain_refcount(object()),
        refrace.Program.parse(PROGRAM).check("unlocked"),
    ]


@pytest.fixture(scope="module")
def results():
    return {type(result): result for result in made()}


KINDS = [
    "AppendReport", "Comparison", "DeadlockReport", "Exploration", "Growth",
    "LeakReport", "Lesson", "ParallelismReport", "ProgramCheck", "ProgramRace", "Proof",
    "RaceReport", "RefcountExplanation", "Sample", "Trace",
]  # fmt: skip

VALUES = [
    None, -1, 0, 1, 10**400, 10**5000, float("nan"), -0.5, 1e308, "", "\n", "\ud800",
    "1e9999999", [], {},
]  # fmt: skip


def leaves(data, path=()):
    """Yield (shape of the path, path) of all in it; a run within is one by itself."""
    if path:
        yield tuple(key if isinstance(key, str) else 0 for key in path), path
    if isinstance(data, dict):
        if path and "schedule" in data:
            return
        for key in data:
            yield from leaves(data[key], (*path, key))
    if isinstance(data, list):
        for index in range(len(data)):
            yield from leaves(data[index], (*path, index))


def changed(data, path, value):
    """Return a copy with another value at one place."""
    data = copy.deepcopy(data)
    inside = data
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = value
    return data


FORMER = {"words"}  # former names, which give a DeprecationWarning


def show(result):
    """Do with it whatever a reader of results does."""
    assert str(result)
    assert result._repr_html_()
    assert result.findings is not None
    assert isinstance(result.is_conclusive, bool)
    hash(result)
    repr(result)
    for name in dir(type(result)):
        if isinstance(getattr(type(result), name), property) and name not in FORMER:
            getattr(result, name)
    assert type(result).from_json(result.to_json()) == result


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(
    "values",
    [
        pytest.param(VALUES[::4], id="some"),
        pytest.param(VALUES, id="all", marks=pytest.mark.soak),
    ],
)
def test_a_value_that_no_result_has_is_refused_or_can_be_shown(name, values, results):
    (result,) = [result for kind, result in results.items() if kind.__name__ == name]
    stored = json.loads(result.to_json())
    places = dict(leaves(stored)).values()  # one of each shape
    for path in places:
        for value in values:
            data = changed(stored, path, value)
            try:
                read = type(result).from_dict(data)
            except refrace.InvalidData:
                continue
            try:
                show(read)
            except refrace.RefraceError:
                pass
            except Exception as error:
                raise AssertionError(f"{path} = {value!r:.40}") from error


def test_the_list_of_ranges_names_fields_that_there_are(results):
    fields = set()

    def look(value):
        if dataclasses.is_dataclass(value) or hasattr(value, "_fields"):
            names = getattr(value, "_fields", None)
            names = names or [field.name for field in dataclasses.fields(value)]
            for name in names:
                fields.add(f"{type(value).__name__}.{name}")
                look(getattr(value, name))
        elif isinstance(value, tuple):
            for item in value:
                look(item)
        elif isinstance(value, dict):
            look(tuple(value.values()))

    for result in results.values():
        look(result)
    look((recorded_costs(), CountSplit(0, 0, "no thread")))
    look((hunt_report(hunt_finding(native_trace=(NATIVE_STEP,))), CanarySpec()))
    assert set(RANGES) - fields == set()


@pytest.mark.parametrize(
    ("name", "path", "value", "message"),
    [
        ("RaceReport", ("threads",), -2, r"threads is -2; expected .* of at least 1"),
        ("RaceReport", ("overlap",), 1.5, r"overlap is 1\.5; expected .* 0 to 1"),
        ("RaceReport", ("elapsed_s",), float("nan"), "elapsed_s is nan"),
        ("RaceReport", ("leaked",), 1000, "do not add up to objects"),
        ("RaceReport", ("drift",), 2**63, "drift is 9223372036854775808"),
        ("Sample", ("runs",), 1, "more runs than there were"),
        ("Sample", ("horizon",), 0, "horizon is 0"),
        ("Comparison", ("rows", 0, "settled"), 0, r"rows\[0\]\.settled is 0"),
        ("Comparison", ("rows", 0, "corrupted"), 10**9, "more objects were corrupt"),
        ("AppendReport", ("threads",), 0, "threads is 0"),
        ("AppendReport", ("kept",), 10**9, "do not add up to appends"),
        ("DeadlockReport", ("cycle",), [{"thread": 0, "holds": 0, "waits_for": 1}],
         "two or more threads"),
        ("DeadlockReport", ("finished",), 3, "more threads finished"),
        ("Lesson", ("steps",), [], "none of the steps leads to a finding"),
        ("Trace", ("steps", 0, "thread"), "T9", "no thread 'T9'"),
        ("Trace", ("mode",), "\ud800", r"'\\ud800'; expected text"),
        ("Exploration", ("outcomes", 0, "probability"), "1e9999999", "a fraction"),
        ("Exploration", ("outcomes", 0, "probability"), "1/0", "a fraction"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named_with_its_place(name, path, value, message, results):
    (result,) = [result for kind, result in results.items() if kind.__name__ == name]
    with pytest.raises(refrace.InvalidData, match=message):
        type(result).from_dict(changed(result.to_dict(), path, value))


def test_an_integer_that_python_does_not_print_is_refused(results):
    stored = results[refrace.Exploration].to_dict()
    with pytest.raises(refrace.InvalidData, match="<int of 16,610 bits>"):
        refrace.Exploration.from_dict({**stored, "interleavings": 10**5000})


def test_a_key_that_is_not_text_is_refused(results):
    stored = results[refrace.RaceReport].to_dict()
    with pytest.raises(refrace.InvalidData, match="expected the fields"):
        refrace.RaceReport.from_dict({**stored, 5: 1})


def test_lists_in_lists_without_end_are_refused(results):
    with pytest.raises(refrace.InvalidData, match="not JSON"):
        refrace.Trace.from_json("[" * 200_000)

    deep = []
    for _ in range(200_000):
        deep = [deep]
    stored = results[refrace.RaceReport].to_dict()
    with pytest.raises(refrace.InvalidData, match="is <list>; expected"):
        refrace.RaceReport.from_dict(changed(stored, ("seed",), deep))
    with pytest.raises(refrace.InvalidData, match="format is <list>"):
        refrace.RaceReport.from_dict(deep)
