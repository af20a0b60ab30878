"""Arguments in each other's place: the error says which is which."""

import pytest

import refrace

TEXT = "hold T1.x = A\nT1: decref x\n"
PROGRAM = refrace.Program.parse(TEXT)


@pytest.mark.parametrize("verb", [refrace.explore, refrace.sample])
@pytest.mark.parametrize("program", [TEXT, PROGRAM])
def test_a_mode_before_a_program_is_reported_as_swapped(verb, program):
    with pytest.raises(refrace.InvalidArgument, match="the two are swapped: write exp"):
        verb("unlocked", program)
    with pytest.raises(refrace.InvalidArgument, match="the two are swapped"):
        verb(refrace.mode("unlocked"), program)


def test_a_mode_alone_is_not_a_program():
    with pytest.raises(
        refrace.InvalidArgument,
        match=r"'biased' is the name of a mode; the program comes first: write "
        r"explore\(program, 'biased'\)",
    ):
        refrace.explore("biased")


@pytest.mark.parametrize(
    "verb", [refrace.race, refrace.prove, refrace.mode, refrace.Object]
)
def test_a_program_in_place_of_a_mode_is_reported_as_such(verb):
    cure = (
        r"is a program, but the name of a mode is needed here; write refrace\.explore"
    )

    with pytest.raises(refrace.UnknownMode, match=cure):
        verb(TEXT)
    with pytest.raises(refrace.UnknownMode, match=cure):
        verb("T1: gil")
    with pytest.raises(refrace.InvalidArgumentType, match=cure):
        verb(PROGRAM)


def test_a_gil_setting_in_place_of_a_mode_is_reported_as_such():
    with pytest.raises(refrace.UnknownMode, match="write gil='held'"):
        refrace.explore(TEXT, "held")


def test_a_file_in_place_of_a_mode_is_reported_as_such():
    with pytest.raises(refrace.UnknownMode, match="looks like a file name"):
        refrace.race("programs/leak.race")


def test_the_name_of_no_mode_is_answered_with_the_nearest():
    with pytest.raises(refrace.UnknownMode, match="did you mean 'unlocked'"):
        refrace.race("unlockd")


def test_an_endless_device_is_refused_as_a_program(tmp_path, monkeypatch):
    from pathlib import Path

    monkeypatch.setattr("refrace._base.files.MOST_BYTES", 1000)

    with pytest.raises(refrace.InvalidArgument, match="/dev/zero' has more than 1,000"):
        refrace.explore(Path("/dev/zero"))
