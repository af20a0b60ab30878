"""With the GIL held a verdict says that it assumes that waits give up the GIL."""

import json
import re

import pytest

import refrace

LOCKED = """
lock L
slot S = A
T1: lock L ; x = S ; unlock L
T2: lock L ; y = S ; unlock L
"""
HINT = "safe if waits give up the GIL: "
SENTENCE = "If the code keeps the GIL while it waits, write `native_lock`"


def flat(text):
    return " ".join(text.split())


def test_a_safe_verdict_with_locks_under_the_gil_carries_the_assumption_everywhere():
    report = refrace.explore(LOCKED, gil="held")

    assert str(report).startswith(f"atomic, GIL held: {HINT}none of its ")
    assert SENTENCE in flat(str(report))
    assert "gives up the GIL: `lock L`. Code that" in flat(str(report))
    assert HINT in report._repr_html_()
    in_html = re.sub("</?code>", "`", report._repr_html_())
    assert SENTENCE in flat(in_html)
    stored = json.loads(report.to_json())
    assert stored["assumptions"] == list(report.assumptions)
    assert SENTENCE in stored["assumptions"][0]


def test_the_assumption_is_the_paragraph_after_the_verdict():
    paragraphs = str(refrace.explore(LOCKED, gil="held")).split("\n\n")
    first = str(refrace.explore(LOCKED, gil="held")).split("\nlock L\n")[0]

    assert flat(first).index(SENTENCE) > 0
    assert "interleavings" in paragraphs[0]


def test_a_report_with_any_stored_assumptions_is_read_back():
    report = refrace.explore(LOCKED, gil="held")
    data = report.to_dict()

    assert refrace.Exploration.from_dict(data) == report
    assert refrace.Exploration.from_dict(data | {"assumptions": []}) == report
    del data["assumptions"]
    assert refrace.Exploration.from_dict(data).assumptions == report.assumptions


def test_a_sample_that_found_nothing_carries_it_too():
    report = refrace.sample(LOCKED, gil="held", runs=10, seed=1)

    assert "10 sampled runs, if waits give up the GIL, which is" in flat(str(report))
    assert SENTENCE in flat(str(report))
    assert json.loads(report.to_json())["assumptions"] == list(report.assumptions)
    assert refrace.Sample.from_json(report.to_json()) == report


def test_a_finding_with_the_gil_held_carries_it_behind_the_verdict():
    deadlock = "lock L\nlock M\nT1: lock L ; lock M\nT2: lock M ; gil ; lock L"
    report = refrace.explore(deadlock, gil="held")

    assert report.verdict == "corrupt"
    assert "`lock L`, `lock M`" in flat(str(report))
    assert SENTENCE in flat(str(report))


@pytest.mark.parametrize(
    ("wait", "named"),
    [
        ("lock x.m", "`lock x.m`"),
        ("await N", "`await N`"),
        ("await not N", "`await not N`"),
        ("if n == 0 {\n    lock L\n  }", "`lock L`"),
        ("while n == 1 {\n    await N\n  }", "`await N`"),
        ("detach ; attach ; await N", "`await N`"),
        ("detach ; repeat 1 {\n    use x\n  }\n  attach ; lock L", "`lock L`"),
    ],
)
def test_every_wait_of_an_attached_thread_counts(wait, named):
    text = f"lock L\nint N = 1\nhold T1.x = A\nT1: n = 0\n  {wait}\n  use x"
    report = refrace.explore(text, gil="held")

    assert len(report.assumptions) == 1
    assert f"gives up the GIL: {named}." in report.assumptions[0]


def test_a_wait_in_a_sub_program_counts():
    report = refrace.explore("lock L\nT1: call f\nfn f: lock L ; unlock L", gil="held")

    assert report.assumptions


@pytest.mark.parametrize(
    ("program", "gil"),
    [
        (LOCKED, "released"),
        ("slot S = A\nT1: x = S\nT2: y = S", "held"),
        ("int N = 1\nT1: detach ; await N ; attach\nT2: gil", "held"),
        ("int N = 1\nT1: detach ; repeat 2 {\n    await N\n  }\n  attach", "held"),
    ],
)
def test_where_no_thread_waits_with_the_gil_the_verdict_is_unconditional(program, gil):
    report = refrace.explore(program, gil=gil)

    assert report.assumptions == ()
    assert ": safe: " in str(report).splitlines()[0]
    assert SENTENCE not in " ".join(str(report).split())


def test_many_waits_are_cut_to_a_few():
    locks = "".join(f"lock L{i}\n" for i in range(9))
    body = " ; ".join(f"lock L{i}" for i in range(9))

    (said,) = refrace.explore(f"{locks}T1: {body}", gil="held").assumptions

    assert "`lock L3` and 5 more. Code that waits" in said
