"""Where an error of a program is: in the text of who wrote it."""

import pytest

import refrace
from refrace.cli import main
from refrace.cli.exit_codes import ExitCode

UNLOCKS = "\n\n# a comment\n\nlock L\n\nT1: use_nothing = 1 ; unlock L\n"
PLACE = "line 7, column 23: `unlock L`: T1 unlocks a lock that it does not hold"

COUNTS_AS_A_WORD = "slot S = A\nT1: x = S ; "

VERBS = [refrace.explore, refrace.sample, lambda p: refrace.Program.parse(p).check()]


@pytest.mark.parametrize("verb", VERBS)
def test_a_misuse_is_reported_at_the_users_own_line_and_column(verb):
    with pytest.raises(refrace.InvalidProgram) as caught:
        verb(UNLOCKS)

    error = caught.value
    assert str(error).startswith(PLACE)
    assert (error.line, error.column, error.text) == (7, 23, "unlock L")


def test_a_misuse_on_locals_is_reported_where_it_is_and_not_at_the_step_before_it():
    program = "int R = 0\n\nT1: n = R\n  n = n + 1073741823\n  n = n + 1 ; gil"

    with pytest.raises(refrace.InvalidProgram, match="a number above 1") as caught:
        refrace.explore(program)

    error = caught.value
    assert (error.line, error.column, error.text) == (5, 3, "n = n + 1")


def test_a_misuse_before_the_first_step_has_its_place_too():
    with pytest.raises(refrace.InvalidProgram, match="T2 runs 10,000 state") as caught:
        refrace.explore("T1: gil\n\nT2: while 1 == 1 {\n  }")

    assert (caught.value.line, caught.value.column) == (3, 5)
    assert caught.value.trace.steps == ()


def test_a_misuse_in_a_sub_program_and_in_the_end_block_has_its_place():
    finaliser = "obj A final f\nhold T1.x = A\nlock L\nT1: decref x\nfn f:\n  unlock L"
    end = "slot S = A\nobj B field h=null\nslot U = B\nT1: gil\nend: x = S\n  y = x.h"

    for program, place in [(finaliser, (6, 3)), (end, (6, 3))]:
        with pytest.raises(refrace.InvalidProgram) as caught:
            refrace.explore(program)
        assert (caught.value.line, caught.value.column) == place


def test_a_misuse_of_a_program_that_was_built_names_its_section():
    program = refrace.Program(["lock L"], {"T1": "gil", "T2": ["gil", "unlock L"]})

    with pytest.raises(refrace.InvalidProgram) as caught:
        refrace.explore(program)

    assert str(caught.value).startswith("in thread T2: `unlock L`: T2 unlocks")
    assert (caught.value.line, caught.value.column) == (None, None)


def test_a_replay_shows_the_run_up_to_a_misuse_and_then_the_error(capsys):
    with pytest.raises(refrace.InvalidProgram) as caught:
        refrace.explore(UNLOCKS)

    code = main(["replay", caught.value.trace.token])

    printed = capsys.readouterr()
    assert code == ExitCode.USAGE
    assert "1  unlock L  L" in printed.out
    # The token has the program as str(program) has it, which is what was just printed.
    assert printed.err == (
        "refrace: line 4, column 3: `unlock L`: T1 unlocks a lock that it does not "
        "hold\n"
    )


def test_a_file_is_read_and_named_in_the_error_of_a_run_and_of_its_text(tmp_path):
    path = tmp_path / "lines.race"
    path.write_text(UNLOCKS)
    with pytest.raises(refrace.InvalidProgram) as caught:
        refrace.explore(path)
    assert str(caught.value).startswith(f"{path}, {PLACE}")
    assert caught.value.file == str(path)

    path.write_text("slot S = A\nT1: x\n")
    with pytest.raises(refrace.InvalidProgram) as caught:
        refrace.Program.parse(path)
    assert str(caught.value).startswith(f"{path}, line 2, column 5: `x`: ")


def test_the_command_line_names_the_file(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "leak.race").write_text("slot S = A\nT1: x\n")

    for command in ("explore", "sample"):
        assert main([command, "leak.race"]) == ExitCode.USAGE
        assert capsys.readouterr().err.startswith(
            "refrace: leak.race, line 2, column 5"
        )


def test_a_file_that_cannot_be_read_is_refused_with_its_name(tmp_path):
    with pytest.raises(
        refrace.InvalidArgument, match=r"nope\.race' cannot be read: No"
    ):
        refrace.explore(tmp_path / "nope.race")


@pytest.mark.parametrize("name", ["2_dangling.race", "programs/leak"])
def test_the_name_of_a_file_in_place_of_a_program_is_taken_for_one(name):
    with pytest.raises(refrace.InvalidProgram, match=r"pass pathlib\.Path\('" + name):
        refrace.explore(name)


# --------------------------------------------------- what a mode does not have


@pytest.mark.parametrize(
    ("statement", "does"),
    [
        ("n = rc x", "reads the count as one word"),
        ("setrc x 1", "writes the count as one word"),
        ("b = casrc x 1 2", "exchanges the count as one word"),
        ("n = incfetch x", "adds to the count as one word"),
        ("n = decfetch x", "subtracts from the count as one word"),
    ],
)
@pytest.mark.parametrize("mode", ["per_thread", "biased", "sticky"])
def test_what_takes_the_count_for_one_word_is_refused_before_a_run(
    statement, does, mode
):
    program = COUNTS_AS_A_WORD + statement
    place = (
        f"line 2, column 13: `{statement}`: {does}; in '{mode}' the count is not a sin"
    )

    with pytest.raises(refrace.InvalidProgram) as caught:
        refrace.explore(program, mode)

    assert str(caught.value).startswith(place)
    assert "a mode whose count is one word: object_lock, " in str(caught.value)
    assert caught.value.trace is None
    assert refrace.explore(program).states > 1


def test_a_mode_without_a_count_word_is_reported_at_any_statement():
    never = "slot S = A\nobj A final f\nT1: x = S\nfn f: gil ; setrc self 1"

    with pytest.raises(refrace.InvalidProgram, match=r"line 4, column 13: `setrc"):
        refrace.sample(never, "per_thread")
