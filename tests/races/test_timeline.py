"""When threads were inside: what is kept and shown, and the file for Perfetto."""

import itertools
import json
from collections import Counter

import pytest

import refrace
from refrace.races.timeline_report import MOST_DRAWN

MODES = [mode.name for mode in refrace.modes()]
needs_gil = pytest.mark.skipif(
    not refrace.Environment.current().gil_enabled, reason="there is no GIL to hold"
)


def made(*stretches, **changes):
    """A timeline with these stretches: (thread, begin, end, drops)."""
    race = refrace.timeline("atomic", objects=1, hold=1, seed=1).race.replace(**changes)
    return refrace.Timeline(
        race,
        tuple(
            refrace.Stretch(thread, begin, end, 0, 5, drops)
            for thread, begin, end, drops in stretches
        ),
    )


@pytest.mark.parametrize("mode", MODES)
def test_the_stretches_have_every_operation_of_the_race(mode):
    seen = refrace.timeline(mode, threads=2, objects=4, hold=32, seed=1)

    done = Counter()
    for one in seen.stretches:
        done[one.thread, one.drops] += one.operations
    assert done == {(t, drops): 4 * 32 for t in (0, 1) for drops in (False, True)}
    assert seen.race.objects == 4


@needs_gil
def test_with_the_gil_held_no_two_threads_are_inside():
    seen = refrace.timeline("unlocked", gil="held", objects=5, seed=1)

    ends = [one.end_ns for one in seen.stretches]
    begins = [one.begin_ns for one in seen.stretches]
    assert all(end <= begin for end, begin in zip(ends, begins[1:], strict=False))
    assert max(one.operations for one in seen.stretches) <= 16
    assert (seen.race.overlap, seen.race.corrupted) == (0, 0)


def test_the_stretches_of_a_thread_follow_each_other():
    seen = refrace.timeline("atomic", threads=3, objects=6, hold=100)

    for thread in range(3):
        own = [one for one in seen.stretches if one.thread == thread]
        assert all(
            a.end_ns <= b.begin_ns and a.round <= b.round
            for a, b in itertools.pairwise(own)
        )
        assert seen.inside_ns(thread) == sum(s.end_ns - s.begin_ns for s in own)


def test_it_is_stored_and_read_back():
    seen = refrace.timeline("unlocked", objects=3, hold=8, gaps="widened", seed=4)

    assert refrace.read_result(seen.to_json()) == seen


def test_a_stored_stretch_that_ends_before_it_begins_is_rejected():
    data = refrace.timeline("atomic", objects=1, hold=1).to_dict()
    data["stretches"][0]["end_ns"] = data["stretches"][0]["begin_ns"] - 1
    data["stretches"][0]["begin_ns"] += 1

    with pytest.raises(refrace.InvalidData, match="ends before it begins"):
        refrace.Timeline.from_dict(data)


def test_the_text_draws_each_thread_on_a_line():
    seen = made((0, 0, 32_000, False), (1, 32_000, 64_000, True))

    assert f"  T1 |{'+' * 32}{' ' * 32}|\n  T2 |{' ' * 32}{'-' * 32}|\n" in str(seen)
    assert "64.0 us" in str(seen)
    assert max(map(len, str(seen).splitlines())) <= 80


def test_the_picture_says_how_long_several_were_inside():
    drawn = made((0, 0, 3000, False), (1, 1000, 4000, False)).plot()

    assert "two or more threads inside for 2.0 of 4.0 microseconds" in drawn.description
    assert "T1: 1 stretches" in drawn.description
    assert drawn.content.count("two or more inside for 2,000 ns") == 1


def test_the_axis_of_a_long_race_counts_milliseconds():
    short = made((0, 0, 5_000_000, False)).svg()
    long = made((0, 0, 50_000_000, False)).svg()

    assert ">1,000.0 us<" in short
    assert ">10.0 ms<" in long


def test_a_long_timeline_says_how_much_of_it_is_drawn():
    seen = made(*[(0, 10 * n, 10 * n + 5, False) for n in range(100)])

    assert f"The first {MOST_DRAWN} of 100 stretches." in str(seen)
    assert f"The first {MOST_DRAWN} of 100 stretches." in seen.svg()
    assert len(slices(seen)) == 100


def events(seen, phase):
    data = json.loads(seen.chrome_trace())
    return [event for event in data["traceEvents"] if event["ph"] == phase]


def slices(seen):
    return events(seen, "X")


def check_trace_events(data):
    """Check the rules of the Trace Event Format for the phases X, C and M."""
    assert set(data) == {"displayTimeUnit", "otherData", "traceEvents"}
    assert data["displayTimeUnit"] in ("ms", "ns")
    named, lanes = {}, {}
    for event in data["traceEvents"]:
        assert isinstance(event["pid"], int)
        assert isinstance(event["tid"], int)
        assert isinstance(event["name"], str)
        assert event["name"]
        assert isinstance(event["args"], dict)
        needed = {"X": {"ts", "dur"}, "C": {"ts"}, "M": set()}[event["ph"]]
        assert set(event) == {"ph", "pid", "tid", "name", "args"} | needed
        assert all(event[key] >= 0 for key in needed)
        if event["ph"] == "M":
            assert event["name"] in ("process_name", "thread_name")
            assert (event["name"], event["tid"]) not in named
            named[event["name"], event["tid"]] = event["args"]["name"]
        if event["ph"] == "C":
            assert all(isinstance(n, int) for n in event["args"].values())
        if event["ph"] == "X":
            # In ns: fractions of a microsecond are not exact.
            begin = round(1000 * event["ts"])
            end = begin + round(1000 * event["dur"])
            lanes.setdefault(event["tid"], []).append((begin, -end))
    for thread, slices_of_it in lanes.items():
        assert ("thread_name", thread) in named
        # Slices of a thread nest: one ends before another begins, or is inside of it.
        open_until = []
        for begin, end in sorted(slices_of_it):
            while open_until and open_until[-1] <= begin:
                open_until.pop()
            assert not open_until or -end <= open_until[-1]
            open_until.append(-end)


@pytest.mark.parametrize("gil", ["released", pytest.param("held", marks=needs_gil)])
def test_the_file_for_perfetto_has_the_format_of_chrome_s_traces(tmp_path, gil):
    path = tmp_path / "race.perfetto.json"
    seen = refrace.timeline("unlocked", threads=3, objects=5, hold=50, gil=gil)
    seen.save(path)
    check_trace_events(json.loads(path.read_text()))

    names = {e["tid"]: e["args"]["name"] for e in events(seen, "M") if e["tid"]}
    assert names == {1: "T1", 2: "T2", 3: "T3"}
    assert {event["tid"] for event in slices(seen)} == set(names)


@pytest.mark.parametrize("slug", ["finaliser-escape", "abba-two-objects"])
def test_a_trace_for_perfetto_has_the_format_of_chrome_s_traces(slug):
    run = refrace.explore(refrace.gallery[slug].buggy).counterexample()
    check_trace_events(json.loads(run.chrome_trace()))


def test_the_slices_for_perfetto_are_the_stretches():
    seen = refrace.timeline("atomic", objects=3, hold=9)

    assert [
        (e["tid"] - 1, round(e["ts"] * 1000), round((e["ts"] + e["dur"]) * 1000))
        for e in slices(seen)
    ] == [(one.thread, one.begin_ns, one.end_ns) for one in seen.stretches]


def test_the_counter_for_perfetto_counts_the_threads_inside():
    seen = made((0, 0, 3000, False), (1, 1000, 4000, False), (0, 4000, 5000, True))

    assert [(e["ts"], e["args"]["threads"]) for e in events(seen, "C")] == [
        (0, 1),
        (1, 2),
        (3, 1),
        (4, 1),
        (5, 0),
    ]


def test_a_trace_of_a_program_can_be_opened_too(tmp_path):
    program = "hold T1.x = A\nhold T2.x = A\nT1: decref x\nT2: decref x"
    run = refrace.explore(program, "unlocked").counterexample()
    run.save(tmp_path / "run.perfetto.json")

    assert [(e["ts"], e["dur"], e["tid"]) for e in slices(run)] == [
        (0, 1, 1),
        (1, 1, 2),
        (2, 1, 2),
        (3, 1, 1),
    ]
    assert slices(run)[0]["name"].startswith("decref x: load")


def test_other_results_have_no_timeline(tmp_path):
    with pytest.raises(refrace.InvalidArgument, match="use another suffix"):
        refrace.check("T1: x = new A ; decref x").save(tmp_path / "x.perfetto.json")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"threads": 0}, "threads=0"),
        ({"objects": 0}, "objects=0"),
        ({"hold": 0}, "hold=0"),
        ({"gaps": "auto"}, "gaps='auto'"),
        pytest.param(
            {"gil": "held", "gaps": "widened"},
            "conflicts with gil='held'",
            marks=needs_gil,
        ),
        ({"seed": -1}, "seed=-1"),
    ],
)
def test_wrong_arguments_name_the_cure(arguments, message):
    with pytest.raises(refrace.InvalidArgument, match=message):
        refrace.timeline("atomic", **arguments)


def test_the_command_shows_and_saves_it(capsys, tmp_path):
    from refrace.cli import main

    page, trace = tmp_path / "race.html", tmp_path / "race.perfetto.json"
    main(
        [
            *("timeline", "atomic", "--objects", "2", "--hold", "8", "--json"),
            *("--save", str(page), "--save", str(trace)),
        ]
    )
    seen = refrace.Timeline.from_json(capsys.readouterr().out)

    assert seen.answer in page.read_text()
    assert json.loads(trace.read_text())["otherData"]["answer"] == seen.answer
