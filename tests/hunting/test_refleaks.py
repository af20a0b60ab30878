"""Leaks of one thread: each kind is found and named, and nothing else is."""

import ctypes
import functools
import gc
import random
import sys
import tracemalloc
import types

import pytest
from hypothesis import strategies as st

import refrace
from refrace._native.planted import Planted
from refrace.hunting.leaks.measuring import FROZEN_AT_START
from refrace.hunting.leaks.meters import meters

pytestmark = pytest.mark.usefixtures("quick_collections")

# Called through Python's C interface, which counts on every build.
# Of a library object of our own: ctypes.pythonapi shares its argument types.
api = ctypes.PyDLL(None)
incref, decref = api.Py_IncRef, api.Py_DecRef
incref.argtypes = decref.argtypes = [ctypes.py_object]
incref.restype = decref.restype = None


def searched(call, **settings):
    """A search that ends after some calls, however busy the machine is."""
    settings = {"calls": 1500, "seconds": 120.0, "seed": 1} | settings
    return refrace.refleaks(call, **settings)


def series_of(report, kind):
    return [each for each in report.series if each.kind == kind]


class Node:
    """A type whose name a report should show."""


def test_a_kept_object_is_a_leak_of_one_object_per_call():
    kept = []
    report = searched(lambda: kept.append(Node()))

    (blocks,) = series_of(report, "blocks")
    (leaked,) = [each for each in report.types if each.type_name.endswith("Node")]
    assert report.judgement == "findings"
    assert [str(each.kind) for each in report.findings] == ["leak"]
    assert blocks.slope.low >= 1
    assert any("item " in place for place in leaked.held_by)
    assert leaked.unattributed == 0


def test_a_reference_that_no_one_holds_is_called_so():
    def forget():
        incref(Node())

    report = searched(forget)

    (leaked,) = [each for each in report.types if each.type_name.endswith("Node")]
    assert leaked.references == leaked.unattributed == 1
    assert "Python sees no holder of it: C code took a reference" in words(report)


def words(report):
    return " ".join(str(report).split())


def test_a_leaked_argument_is_found_by_the_set_that_leaks():
    def f(x):
        if isinstance(x, bytes):
            incref(x)
            raise ValueError(x)

    report = searched(f, arguments={"x": st.integers() | st.binary(min_size=40)})

    found = report.arguments
    assert 0 < found.sets < found.tried
    assert found.example.startswith("x=b")
    assert found.raised == "ValueError"
    assert found.per_call >= 0.9
    assert [name for name, _ in report.raised] == ["ValueError"]
    assert [line.place for line in report.lines] == ["an argument of the call"]


@pytest.mark.skipif(hasattr(sys, "_is_gil_enabled"), reason="functions may be immortal")
def test_a_builtin_that_gains_a_reference_is_named_although_no_memory_grows():
    report = searched(lambda: incref(len))

    assert report.findings[0].object == "builtins.len"
    (drift,) = series_of(report, "shared")
    assert drift.slope.low == drift.slope.high == 1
    for _ in range(report.calls_made):
        decref(len)


def test_a_constant_that_loses_references_is_a_count_too_low():
    module = types.ModuleType("shared_here")
    module.constant = object()
    sys.modules[module.__name__] = module
    for _ in range(100_000):
        incref(module.constant)

    def drop(module=module):
        decref(module.constant)

    drop.__globals__["shared_here"] = module
    try:
        report = searched(eval("lambda: drop(shared_here)", {**globals(), **locals()}))
    finally:
        del drop.__globals__["shared_here"], sys.modules[module.__name__]

    assert [(str(each.kind), each.object) for each in report.findings] == [
        ("count-too-low", "shared_here.constant")
    ]
    assert "loses" in report.answer


def test_memory_that_c_code_forgets_shows_in_malloc():
    if not any(meter.kind == "heap" for meter in meters()[0]):
        pytest.skip("this C library cannot tell")
    malloc = ctypes.CDLL(None).malloc
    malloc.restype = ctypes.c_void_p
    malloc.argtypes = [ctypes.c_size_t]

    report = searched(lambda: malloc(5000) and None)

    (heap,) = series_of(report, "heap")
    assert heap.grows
    assert 5000 <= heap.slope.low <= heap.slope.high < 5100
    assert series_of(report, "blocks")[0].is_settled


def test_a_large_buffer_of_python_shows_as_traced_memory_with_its_line():
    kept = []
    report = searched(lambda: kept.append(bytes(10_000)), calls=500)

    (traced,) = series_of(report, "traced")
    assert traced.slope.low >= 10_000
    assert report.lines[0].place.startswith("test_refleaks.py:")
    assert report.lines[0].bytes_per_call >= 10_000


def test_every_second_call_leaks_half_an_object():
    state = {"n": 0}

    def f():
        state["n"] += 1
        if state["n"] % 2:
            incref(Node())

    report = searched(f, calls=3600)

    (nodes,) = [s for s in series_of(report, "type") if s.name.endswith("Node")]
    assert nodes.slope.low == nodes.slope.high == 0.5
    assert "0.50 objects per call [0.50, 0.50]" in nodes.figure


canaries = st.builds(refrace.Canary)


def test_a_canary_that_outlives_its_call_is_a_leak_without_an_estimate():
    report = searched(Planted(True).leak, arguments=[canaries])

    (alive,) = series_of(report, "canaries")
    assert alive.slope.low == alive.slope.high == 1
    assert alive.grows
    assert report.canaries_harmed == 0


def test_a_canary_that_is_dropped_too_often_is_a_certain_finding():
    report = searched(Planted(True).drop, arguments=[canaries], calls=100)

    assert report.canaries_harmed == report.canaries == report.calls_made
    assert report.harm == "it was dropped 1 time after its last reference was gone"
    assert [str(each.kind) for each in report.findings] == ["count-too-low"]
    assert "harms its arguments" in report.answer


def test_canaries_that_are_counted_right_are_clean():
    planted = Planted(False)

    def f(x, y):
        assert (x is y) == (repr(x) == repr(y)) or x is not y
        planted.leak(x)
        planted.drop([y, y])

    report = searched(f, arguments={"x": canaries, "y": canaries.map(lambda c: [c, c])})

    assert report.judgement == "clean", str(report)
    assert report.canaries == 2 * report.calls_made


@functools.lru_cache(maxsize=64)
def cached(x):
    return [x]


ring = []


def replaced():
    """Cyclic garbage, of old objects too: a bounded list of the newest."""
    node = []
    node.append(node)
    ring.append(node)
    if len(ring) > 5000:
        del ring[0]


INNOCENT = {
    "results": lambda x: [x, {"a": x}],
    "a bounded cache": lambda x: cached(repr(x)),
    "cycles": lambda x: (lambda a: a.append(a))([x]),
    "errors": lambda x: {"[]": 1, "''": 2}[repr(x)],
    "generators": lambda x: next(iter(range(3))),
    "mutated arguments": lambda x: x.append(0) if isinstance(x, list) else x.upper(),
    "classes": lambda x: type("Local", (), {"x": x}),
    "random numbers": lambda x: random.random(),
}


@pytest.mark.parametrize("what", INNOCENT)
def test_a_callable_that_gives_everything_back_is_clean(what):
    report = searched(
        INNOCENT[what], arguments={"x": st.text() | st.lists(st.integers())}
    )

    assert report.findings == ()
    assert report.judgement == "clean", str(report)
    assert report.answer.startswith("No leak found in ")


def test_old_garbage_that_quick_collections_skip_is_not_a_leak():
    """Objects of before a series die in it, in cycles; new ones take their places."""
    ring.clear()
    for _ in range(5000):
        replaced()
    report = searched(replaced, calls=900)
    ring.clear()

    assert report.judgement == "clean", str(report)


def test_a_cache_that_fills_ever_more_slowly_is_inconclusive_with_a_cure():
    source = random.Random(1)
    cache = {}

    def f():
        cache.setdefault(source.randrange(1500), [])

    report = searched(f, calls=6000)

    assert report.findings == ()
    if not report.conclusive:
        assert "pass a larger" in report.inconclusive_because


def test_a_callable_that_only_raises_is_inconclusive():
    def f():
        raise KeyError("never works")

    report = searched(f)

    assert report.judgement == "inconclusive"
    assert "every call raised (KeyError most often)" in report.inconclusive_because
    assert "pass arguments=" in report.inconclusive_because


def test_too_little_time_is_inconclusive_with_a_cure():
    report = searched(lambda: sum(range(200_000)), seconds=0.01)

    assert report.judgement == "inconclusive"
    assert "pass a larger seconds= than 0.01" in report.inconclusive_because


def test_ctrl_c_returns_what_was_read_so_far():
    frozen = gc.get_freeze_count()
    calls = {"n": 0}

    def f():
        calls["n"] += 1
        if calls["n"] == 1000:
            raise KeyboardInterrupt

    with pytest.raises(refrace.Interrupted) as raised:
        searched(f)

    report = raised.value.report
    assert not report.is_complete
    assert "it was stopped early" in report.inconclusive_because
    assert not tracemalloc.is_tracing()
    assert gc.get_freeze_count() <= max(FROZEN_AT_START, frozen)


def test_the_collector_and_tracemalloc_are_left_as_they_were():
    frozen = gc.get_freeze_count()  # Python 3.12 starts with some
    tracemalloc.start()
    try:
        searched(lambda: None, calls=200)
        assert tracemalloc.is_tracing()
    finally:
        tracemalloc.stop()
    assert gc.get_freeze_count() <= frozen
    assert gc.isenabled()


def test_what_the_progress_callback_keeps_is_not_a_leak_of_the_callable():
    kept = []

    def progress(done, total):
        kept.append([done, total, [[] for _ in range(50)]])
        assert 0 < done <= total

    report = searched(lambda: None, progress=progress)

    assert kept
    assert report.judgement == "clean", str(report)


def test_the_same_seed_draws_the_same_arguments():
    def first_ten(seed):
        drawn = []

        def f(x):
            if len(drawn) < 10:  # what grows all the time is searched for the culprit
                drawn.append(x)

        refrace.refleaks(
            f,
            arguments={"x": st.integers() | st.text()},
            calls=13,
            seconds=1.0,
            seed=seed,
        )
        return drawn

    assert first_ten(7) == first_ten(7) != first_ten(8)


def test_a_report_survives_json_and_fits_80_columns():
    kept = []
    report = searched(lambda x: kept.append(x), arguments=[st.binary(min_size=9)])

    assert refrace.LeakReport.from_json(report.to_json()) == report
    assert max(map(len, str(report).splitlines())) <= 80
    assert words(report).startswith(report.answer)
    assert "per call" in report._repr_html_()
    with pytest.raises(refrace.CorruptionFound):
        report.raise_for_findings()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"levels": [1]}, "levels has 1 numbers for"),
        ({"calls": [5, 5]}, "levels has"),
    ],
)
def test_series_that_do_not_fit_are_refused(change, message):
    data = searched(lambda: None, calls=200).to_dict()
    data["series"][0] |= change
    with pytest.raises(refrace.InvalidData, match=message):
        refrace.LeakReport.from_dict(data)


def test_a_builtin_without_a_signature_needs_a_list():
    with pytest.raises(refrace.InvalidArgument, match="no signature that Python can"):
        refrace.refleaks(iter)
    report = searched(iter, arguments=[st.lists(st.integers())], calls=200)
    assert report.findings == ()
