"""Races for references that the running interpreter's own macros count."""

import os
import subprocess
import sys
import sysconfig

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import refrace
from refrace import RaceReport
from refrace._native import objects as native_objects

FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
with_gil = pytest.mark.skipif(FREE_THREADED, reason="counts need no GIL here")
without_gil = pytest.mark.skipif(not FREE_THREADED, reason="counts need the GIL here")
pytestmark = [
    pytest.mark.skipif(
        not native_objects.interpreter_can_race(), reason="this build checks counts"
    ),
    # The interpreter's macros are plain accesses, and racing ones are what is shown.
    pytest.mark.skipif(
        "libtsan" in os.environ.get("LD_PRELOAD", ""), reason="data races are the point"
    ),
]


@settings(deadline=None, max_examples=30)
@given(
    threads=st.integers(1, 4),
    objects=st.integers(1, 40),
    hold=st.integers(1, 300),
    shared=st.booleans(),
    owner=st.sampled_from(["racing", "elsewhere"]),
)
def test_every_object_ends_as_exactly_one_thing_and_every_operation_is_counted(
    threads, objects, hold, shared, owner
):
    report = refrace.race(
        "cpython",
        threads=threads,
        objects=objects,
        hold=hold,
        shared=shared,
        owner=owner,
        gaps="natural",
    )
    made = objects * (1 if shared else threads)

    assert report.objects == made
    assert report.intact + report.leaked + report.freed_early == made
    assert report.operations == objects * (2 * threads * hold) + made
    if not shared or threads == 1 or FREE_THREADED:
        assert report.intact == made
        assert report.lost_updates == report.drift == 0


@with_gil
def test_with_the_gil_held_nothing_is_lost():
    report = refrace.race("cpython", gil="held", objects=50)

    assert report.intact == report.objects == 50
    assert report.lost_updates == 0


@with_gil
def test_without_the_gil_updates_are_lost_in_widened_gaps():
    report = refrace.race(
        "cpython", gaps="widened", hold=32, until_corrupt=True, seconds=60, seed=1
    )

    assert report.corrupted > 0
    assert report.lost_updates > 0


ON_ONE_CORE = """
import os, refrace
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
setting = {"gaps": "widened", "hold": 32, "until_corrupt": True, "seconds": 60}
report = refrace.race("cpython", **setting, seed=1)
print(report.corrupted > 0)
"""


@with_gil
@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cores are not chosen")
def test_updates_are_lost_on_one_core_too():
    done = subprocess.run(
        [sys.executable, "-c", ON_ONE_CORE], capture_output=True, text=True, check=True
    )

    assert done.stdout == "True\n"


@without_gil
@pytest.mark.parametrize("owner", ["racing", "elsewhere"])
def test_a_free_threaded_interpreter_loses_nothing(owner):
    report = refrace.race("cpython", owner=owner, hold=5000, objects=100)

    assert report.intact == report.objects
    assert report.findings == ()


def test_the_report_names_the_interpreter_and_says_what_was_counted():
    report = refrace.race("cpython", objects=3, gaps="natural")
    version = report.environment.python

    assert report.answer.startswith(f"CPython {version}: ")
    said = " ".join(str(report).split())
    assert f"These are Py_INCREF and Py_DECREF of CPython {version}, on objects" in said
    assert ("needs no GIL" if FREE_THREADED else "did not hold it") in said


def test_a_stored_report_comes_back():
    report = refrace.race("cpython", objects=3, gaps="natural")

    assert RaceReport.from_json(report.to_json()) == report


def test_its_cost_is_compared_with_that_of_modes():
    comparison = refrace.compare(["cpython", "atomic"], threads=[1, 2], rounds=1)

    assert {row.mode for row in comparison.rows} == {"cpython", "atomic"}
    alone = [
        row for row in comparison.rows if row.mode == "cpython" and row.threads == 1
    ]
    assert all(row.corrupted == 0 for row in alone)
    assert all(row.claims_correct == FREE_THREADED for row in alone)


def test_counts_that_an_interpreter_takes_for_immortal_are_refused():
    with pytest.raises(refrace.InvalidArgument, match="a hold of at most 268,435,455"):
        refrace.race("cpython", threads=4, hold=2**28)


@pytest.mark.parametrize(
    "use",
    [
        lambda: refrace.explore("T1: gil", mode="cpython"),
        lambda: refrace.prove("cpython"),
        lambda: refrace.Object("cpython"),
        lambda: refrace.race("cpython", program="T1: gil"),
        lambda: refrace.mode("cpython"),
    ],
)
def test_everything_but_a_race_is_refused_with_the_mode_to_use(use):
    with pytest.raises(
        refrace.UnknownMode, match=r"use 'unlocked' .* or 'biased' for free-threaded"
    ):
        use()


def test_it_is_in_no_list_of_modes():
    assert "cpython" not in [mode.name for mode in refrace.modes()]
