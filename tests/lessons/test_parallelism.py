"""The verb: which workloads run, what it refuses, and how it stops."""

import _thread
import sys
import threading
from importlib.util import find_spec

import pytest

import refrace
from refrace._native import work as native_work
from refrace.environment import usable_cores
from refrace.lessons import parallelism as verb
from refrace.lessons.parallelism_row import Pair
from refrace.lessons.workloads import WORKLOADS


@pytest.fixture
def instant(monkeypatch):
    """Replace the measurement: every pair takes turns, in no time."""

    def measure_pairs(steps, amount, rounds):
        for _ in range(rounds):
            yield Pair(0.02, 0.02, 0.02 * len(steps), 0.02 * len(steps))

    monkeypatch.setattr(verb, "measure_pairs", measure_pairs)
    monkeypatch.setattr(verb, "calibrate", lambda step, seconds: 1)


def test_all_named_workloads_are_measured_by_default(instant):
    report = refrace.parallelism()

    assert [row.workload for row in report.rows] == [work.name for work in WORKLOADS]
    assert report.is_complete


def test_every_named_workload_does_its_work():
    for work in WORKLOADS:
        if work.name != "numpy" or find_spec("numpy"):
            work.prepare()()


def test_a_workload_whose_library_is_missing_is_skipped(monkeypatch, instant):
    monkeypatch.setitem(sys.modules, "numpy", None)  # makes its import fail

    report = refrace.parallelism("numpy")

    (row,) = report.rows
    assert row.pairs == ()
    assert row.skipped == "not installed (numpy)"
    assert report.is_complete


def test_real_threads_give_the_pairs_asked_for():
    report = refrace.parallelism(("c_loop", "c_loop_held"), rounds=2, run_s=0.002)

    assert [len(row.pairs) for row in report.rows] == [2, 2]
    assert report.yardstick is report.rows[0]
    for row in report.rows:
        for pair in row.pairs:
            assert pair.one_wall_s > 0
            assert pair.many_wall_s > 0
            # No more processor time than cores; the two clocks are read one after
            # the other, hence the margin.
            assert pair.cores_used <= usable_cores() + 0.5


def test_a_callable_is_called_by_one_thread_and_by_several():
    callers = set()

    def work():
        callers.add(threading.current_thread().name)

    report = refrace.parallelism(work, threads=3, rounds=1, run_s=0.001)

    assert {"refrace-0", "refrace-1", "refrace-2"} <= callers
    assert report.rows[0].workload.endswith("work")
    assert report.rows[0].holding == "unknown"


class Unnamed:
    """A callable whose every attribute is a trap."""

    def __getattr__(self, name):
        raise ZeroDivisionError(name)

    def __call__(self):
        pass


def test_a_callable_without_a_name_goes_by_its_type(instant):
    assert refrace.parallelism(Unnamed()).rows[0].workload == "Unnamed"


def test_what_a_callable_raises_reaches_the_caller_and_leaves_no_thread():
    before = threading.active_count()

    def bad():
        if threading.current_thread() is not threading.main_thread():
            raise LookupError("of the workload")

    with pytest.raises(LookupError, match="of the workload"):
        refrace.parallelism(bad, rounds=1, run_s=0.001)

    assert threading.active_count() == before


def test_progress_counts_up_to_all_pairs(instant):
    seen = []

    refrace.parallelism(
        ["pure_python", "sleep"], rounds=2, progress=lambda *now: seen.append(now)
    )

    # Two workloads and the yardstick, two pairs each.
    assert seen == [(n, 6) for n in range(1, 7)]


def test_ctrl_c_gives_the_rows_measured_so_far(instant):
    def progress(done, total):
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(refrace.Interrupted) as caught:
        refrace.parallelism(["pure_python", "sleep"], rounds=3, progress=progress)

    report = caught.value.report
    assert [len(row.pairs) for row in report.rows] == [2]
    assert len(report.yardstick.pairs) == 3
    assert not report.is_complete


def test_ctrl_c_while_threads_work_leaves_no_thread():
    before = threading.active_count()
    once = [_thread.interrupt_main]

    def work():
        if threading.current_thread() is not threading.main_thread() and once:
            once.pop()()

    with pytest.raises(refrace.Interrupted) as caught:
        refrace.parallelism(work, rounds=3, run_s=0.001)

    assert threading.active_count() == before
    assert not caught.value.report.is_complete


def test_the_c_loop_counts_with_and_without_the_gil():
    assert native_work.count(1234, True) == native_work.count(1234, False) == 1234
    assert native_work.count(-5, True) == 0


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"workload": "hashng"}, refrace.InvalidArgument, "did you mean 'hashing'"),
        ({"workload": 3}, refrace.InvalidArgumentType, "workload=3 is an int"),
        ({"workload": []}, refrace.InvalidArgument, r"workload=\[\] is empty"),
        (
            {"workload": ["sleep", "sleep"]},
            refrace.InvalidArgument,
            r"workload\[1\]='sleep' is a duplicate",
        ),
        ({"workload": ["sleep", 4]}, refrace.InvalidArgumentType, r"workload\[1\]=4"),
        ({"threads": 1}, refrace.InvalidArgument, "threads=1 .* from 2 to 64"),
        ({"threads": 65}, refrace.InvalidArgument, "threads=65"),
        ({"threads": "2"}, refrace.InvalidArgumentType, "threads='2' is a str"),
        ({"rounds": 0}, refrace.InvalidArgument, "rounds=0"),
        ({"rounds": 2.5}, refrace.InvalidArgumentType, "rounds=2.5 is a float"),
        ({"run_s": 0}, refrace.InvalidArgument, "run_s=0 .* from 0.001 to 10"),
        ({"run_s": float("nan")}, refrace.InvalidArgument, "run_s=nan"),
        ({"run_s": "1"}, refrace.InvalidArgumentType, "run_s='1' is a str"),
        ({"progress": 7}, refrace.InvalidArgumentType, "progress=7 is an int"),
    ],
)
def test_wrong_input_says_value_place_and_cure(arguments, error, message):
    before = threading.active_count()

    with pytest.raises(error, match=message):
        refrace.parallelism(**arguments)

    assert threading.active_count() == before
