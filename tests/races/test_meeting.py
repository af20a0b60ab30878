"""Races of programs whose threads met, hardly met, or never did."""

import dataclasses

import pytest

import refrace
from refrace.cli import main

TWO_DROPS = "hold T1.x = A\nhold T2.x = A\nT1: decref x\nT2: decref x"
LOCKED = (
    "slot S = A\nlock L\n"
    "T1: lock L ; x = S ; incref x ; decref x ; unlock L\n"
    "T2: lock L ; x = S ; incref x ; decref x ; unlock L"
)


def clean_race(**numbers):
    report = refrace.race("atomic", program=TWO_DROPS, rounds=1)
    return dataclasses.replace(report, undecided=0, outcomes={}, **numbers)


@pytest.mark.parametrize(
    ("numbers", "conclusive", "says"),
    [
        ({"shared": 2000, "met": 2}, True, "in 1 round on real threads, which is no"),
        ({"shared": 2000, "met": 1}, False, "but counting operations hardly met"),
        ({"shared": 2000, "met": 0}, False, "but counting operations never met"),
        ({"shared": 0, "met": 0}, True, "which is no proof."),
        ({"shared": 0, "met": 0, "overlap": 0.0}, False, "hardly under way together"),
        ({"shared": 9, "met": 9, "overlap": 0.0}, False, "hardly under way together"),
    ],
)
def test_a_clean_race_whose_threads_did_not_meet_is_inconclusive_and_says_so(
    numbers, conclusive, says
):
    report = clean_race(**{"overlap": 0.5, "operations": 2000, **numbers})

    assert report.is_conclusive is conclusive
    assert says in report.answer
    assert ("that do not meet show nothing" in " ".join(str(report).split())) is (
        not conclusive
    )


def test_threads_that_a_lock_keeps_apart_might_have_met_and_never_do():
    report = refrace.race("unlocked", program=LOCKED, rounds=50, seed=1)

    assert (report.shared, report.met, report.findings) == (200, 0, ())
    assert report.answer == (
        "unlocked: nothing went wrong in 50 rounds on real threads, but counting "
        "operations never met: inconclusive."
    )


def test_counting_of_one_thread_or_at_objects_of_ones_own_need_not_meet():
    apart = "hold T1.x = A\nhold T2.x = B\nT1: decref x\nT2: decref x"
    checked = "slot S = A\nT1: x = S ; incref x ; decref x\nend: y = S ; n = rc y"

    assert refrace.race("atomic", program=apart, rounds=5).shared == 0
    assert refrace.race("atomic", program=checked, rounds=5).shared == 0


@pytest.mark.skipif(
    not refrace.Environment.current().gil_enabled, reason="there is no GIL to hold"
)
def test_with_the_gil_held_threads_need_not_meet():
    report = refrace.race("unlocked", program=LOCKED, gil="held", rounds=20)

    assert (report.met, report.overlap, report.is_conclusive) == (0, 0.0, True)


def test_a_clean_race_whose_threads_never_met_exits_with_3(tmp_path, capsys):
    file = tmp_path / "locked.race"
    file.write_text(LOCKED)

    status = main(["race", "unlocked", "--program", str(file), "--rounds", "20"])

    assert status == 3
    assert "never met: inconclusive." in " ".join(capsys.readouterr().out.split())


def test_how_often_something_went_wrong_is_not_called_a_probability():
    report = refrace.race(
        "atomic", program="slot S = A\nT1: x = S ; incref x", rounds=5
    )

    told = " ".join(str(report).split())
    assert "this machine's timing, and no probability." in told
    assert "no probability" not in str(clean_race(shared=0, met=0, overlap=0.5))
