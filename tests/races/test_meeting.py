"""Races of programs whose threads met, hardly met, or never did."""

import dataclasses

import pytest

import refrace
from refrace.cli import main
from refrace.explorer.model.contention import contention_of
from refrace.explorer.session import session_of

TWO_DROPS = "hold T1.x = A\nhold T2.x = A\nT1: decref x\nT2: decref x"
LOCKED = (
    "slot S = A\nlock L\n"
    "T1: lock L ; x = S ; incref x ; decref x ; unlock L\n"
    "T2: lock L ; x = S ; incref x ; decref x ; unlock L"
)
ORDERED = (
    "slot S = A\nint N = 0\n"
    "T1: x = S ; incref x ; decref x ; N = 1\n"
    "T2: await N ; x = S ; incref x ; decref x"
)


def contention_within(max_states, program):
    session = session_of(program, "unlocked", "released")
    number = session.mode.number
    return contention_of(session.lowered, number, False, max_states, 2**28)


def clean_race(**numbers):
    report = refrace.race("atomic", program=TWO_DROPS, rounds=1, gaps="natural")
    return dataclasses.replace(report, undecided=0, outcomes={}, **numbers)


@pytest.mark.parametrize(
    ("numbers", "conclusive", "says"),
    [
        ({"shared": 2000, "met": 2}, True, "in 1 round on real threads, which is no"),
        ({"shared": 2000, "met": 1}, False, "operations were hardly ever concurrent"),
        ({"shared": 2000, "met": 0}, False, "but counting operations were never"),
        ({"shared": 0, "met": 0}, True, "which is no proof."),
        ({"shared": 0, "met": 0, "overlap": 0.0}, False, "threads hardly overlapped"),
        ({"shared": 9, "met": 9, "overlap": 0.0}, False, "threads hardly overlapped"),
    ],
)
def test_a_clean_race_whose_threads_did_not_meet_is_inconclusive_and_says_so(
    numbers, conclusive, says
):
    report = clean_race(**{"overlap": 0.5, "operations": 2000, **numbers})

    assert report.is_conclusive is conclusive
    assert says in report.answer
    assert ("that do not overlap show nothing" in " ".join(str(report).split())) is (
        not conclusive
    )


@pytest.mark.parametrize("gaps", ["auto", "widened"])
def test_widened_rounds_are_conclusive_whether_threads_met_or_not(gaps):
    report = refrace.race("unlocked", program=LOCKED, rounds=50, gaps=gaps)

    assert report.widened.shared == 4 * report.widened.rounds
    assert (report.widened.met, report.findings) == (0, ())
    assert report.conclusive
    report.raise_unless_conclusive()


@pytest.mark.parametrize("gaps", ["auto", "natural", "widened"])
def test_a_program_that_keeps_counting_apart_is_said_to(gaps):
    report = refrace.race("unlocked", program=LOCKED, rounds=20, gaps=gaps)

    assert report.contention == "steps"
    assert "The program keeps counting operations apart" in str(report)
    assert "counting operations were never concurrent" not in str(report)


@pytest.mark.parametrize("gaps", ["auto", "natural", "widened"])
def test_a_program_that_orders_its_threads_is_said_to_and_is_conclusive(gaps):
    report = refrace.race("unlocked", program=ORDERED, rounds=20, gaps=gaps)

    assert (report.contention, report.conclusive) == ("none", True)
    assert "The program orders its threads itself" in str(report)


@pytest.mark.parametrize(
    ("program", "contention"),
    [
        (TWO_DROPS, "counting"),
        (LOCKED, "steps"),
        (ORDERED, "none"),
        (f"{ORDERED} ; decref x", "none"),
        (ORDERED.replace("N = 1", "N = 1 ; n = N"), "steps"),
        (ORDERED.replace("N = 1", "N = 1 ; use x"), "steps"),
        (ORDERED.replace("N = 1", "incref x ; N = 1 ; decref x"), "counting"),
        ("hold T1.x = A\nhold T2.y = B\nT1: decref x\nT2: decref y", "steps"),
    ],
)
def test_what_threads_can_be_in_each_others_way_in_is_read_off_all_states(
    program, contention
):
    assert contention_within(20_000, program) == contention


def test_the_contention_of_a_program_with_too_many_states_is_not_known():
    assert contention_within(3, TWO_DROPS) is None


def test_counting_of_one_thread_or_at_objects_of_ones_own_need_not_meet():
    apart = "hold T1.x = A\nhold T2.x = B\nT1: decref x\nT2: decref x"
    checked = "slot S = A\nT1: x = S ; incref x ; decref x\nend: y = S ; n = rc y"

    for gaps in ("natural", "widened"):
        for program in (apart, checked):
            report = refrace.race("atomic", program=program, rounds=5, gaps=gaps)
            assert [part.shared for part in report.parts] == [0]


@pytest.mark.skipif(
    not refrace.Environment.current().gil_enabled, reason="there is no GIL to hold"
)
def test_with_the_gil_held_threads_need_not_meet():
    report = refrace.race("unlocked", program=LOCKED, gil="held", rounds=20)

    assert (report.met, report.overlap, report.is_conclusive) == (0, 0.0, True)


@pytest.mark.parametrize(
    ("text", "gaps", "status"),
    [
        (LOCKED, "auto", 0),
        (LOCKED, "widened", 0),
        (ORDERED, "natural", 0),
        (ORDERED, "auto", 0),
        (TWO_DROPS, "auto", 0),
    ],
)
def test_the_exit_code_of_a_clean_race_does_not_depend_on_luck(
    text, gaps, status, tmp_path, capsys
):
    file = tmp_path / "clean.race"
    file.write_text(text)
    arguments = ["--program", str(file), "--rounds", "20", "--gaps", gaps]

    statuses = {main(["race", "atomic", *arguments]) for _ in range(5)}

    assert statuses == {status}
    assert "which is no proof." in " ".join(capsys.readouterr().out.split())


def test_natural_rounds_whose_threads_never_met_exit_with_3(tmp_path, monkeypatch):
    """One thread does all of it before the other begins: as on a busy machine."""
    report = clean_race(operations=2000, shared=2000, met=0, overlap=0.5)
    monkeypatch.setattr("refrace.races.race.race_program", lambda *_, **__: report)
    file = tmp_path / "drops.race"
    file.write_text(TWO_DROPS)

    status = main(["race", "atomic", "--program", str(file), "--gaps", "natural"])

    assert status == 3


def test_how_often_something_went_wrong_is_not_called_a_probability():
    report = refrace.race(
        "atomic", program="slot S = A\nT1: x = S ; incref x", rounds=5
    )

    text = " ".join(str(report).split())
    assert "they are not probabilities." in text
    assert "not probabilities" not in str(clean_race(shared=0, met=0, overlap=0.5))
