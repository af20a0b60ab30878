"""A race of a program with the GIL held assumes that waits give up the GIL."""

import json
import re
from dataclasses import replace

import pytest

import refrace

LOCKED = """
lock L
slot S = A
T1: lock L ; x = S ; unlock L
T2: lock L ; y = S ; unlock L
"""
SENTENCE = "If the code keeps the GIL while it waits, write `native_lock`"


def raced(program, gil):
    report = refrace.race("atomic", program=program, rounds=20, gaps="natural", seed=1)
    # So that this works in a build without a GIL too.
    return replace(report, gil=gil)


def flat(text):
    return " ".join(text.split())


def test_a_clean_race_that_may_wait_with_the_gil_held_says_so_everywhere():
    report = raced(LOCKED, "held")

    assert "20 rounds on real threads, if waits give up the GIL, which is no" in flat(
        str(report)
    )
    assert SENTENCE in flat(str(report))
    in_html = re.sub("</?code>", "`", report._repr_html_())
    assert SENTENCE in flat(in_html)
    assert json.loads(report.to_json())["assumptions"] == list(report.assumptions)
    assert "`lock L`" in report.assumptions[0]


@pytest.mark.parametrize(
    ("program", "gil"), [(LOCKED, "released"), ("slot S = A\nT1: x = S", "held")]
)
def test_a_race_without_the_gil_or_without_waits_assumes_nothing(program, gil):
    report = raced(program, gil)

    assert report.assumptions == ()
    assert "give up the GIL" not in flat(str(report))
    assert json.loads(report.to_json())["assumptions"] == []


def test_a_stored_race_reads_back_with_and_without_its_assumptions():
    report = raced(LOCKED, "held")
    data = report.to_dict()

    assert refrace.ProgramRace.from_dict(data) == report
    del data["assumptions"]
    assert refrace.ProgramRace.from_dict(data) == report
    del data["gaps"], data["seconds"], data["widened"], data["contention"]
    assert refrace.ProgramRace.from_dict(data | {"version": 1}).assumptions
