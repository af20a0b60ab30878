"""A program that is too large for the core gets an error with the bound and place."""

from pathlib import Path

import pytest

import refrace
from refrace._native import explorer as native_explorer
from refrace.cli import main
from refrace.cli.exit_codes import ExitCode
from refrace.explorer.limits import OUTGROWN

DOCS = Path(__file__).parents[2] / "docs/language.md"

MANY_THREADS = "slot S = A\n" + "\n".join(f"T{i}: x = S" for i in range(1, 34))
MANY_FIELDS = "obj A " + " ".join(f"field f{i}=B{i}" for i in range(120))
MAKES_FOR_EVER = "T1: n = 1\n  while n == 1 {\n    x = new A\n  }"
APPENDS_FOR_EVER = "vec C = []\nT1: n = 1\n  while n == 1 {\n    append C null\n  }"
PUTS_FOR_EVER = "hold T1.x = A\nT1: n = 1\n  while n == 1 {\n    put x\n  }"

VERBS = [
    refrace.explore,
    refrace.sample,
    lambda program, mode="atomic": refrace.Program.parse(program).check(mode),
    lambda program, mode="atomic": refrace.race(mode, program=program, rounds=2),
]


def refusal(program, mode="atomic", verb=refrace.explore):
    with pytest.raises(refrace.ProgramTooLarge) as caught:
        verb(program, mode)
    assert isinstance(caught.value, refrace.InvalidProgram)
    assert isinstance(caught.value, refrace.LimitReached)
    assert "memory" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("verb", VERBS)
def test_more_than_32_threads_are_refused_at_the_first_that_is_too_many(verb):
    error = refusal(MANY_THREADS, verb=verb)

    assert (error.line, error.column, error.text) == (34, 1, "T33:")
    assert "this is thread 33 of 33; a program can run with at most 32" in str(error)


def test_32_threads_run():
    report = refrace.explore(MANY_THREADS.rpartition("\n")[0])

    assert report.verdict == "safe"


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("program", "place", "number"),
    [
        ("int N = 0\n\nT1: n = N\n  N = 2000000000", (4, 3), "2000000000"),
        ("int N = -1073741824\nT1: n = N", (1, 1), "-1073741824"),
        ("hold T1.x = A\nobj A rc 1073741824\nT1: use x", (2, 1), "1073741824"),
        ("obj A rawfield f=1500000000\nhold T1.x = A\nT1: use x", (1, 1), "1500000000"),
        ("T1: repeat 1500000000 {\n    gil\n  }", (1, 5), "1500000000"),
        (
            "int N = 0\nT1: gil\nend: n = N\n  assert n < 1073741824",
            (4, 3),
            "1073741824",
        ),
    ],
)
def test_a_number_beyond_the_largest_is_refused_at_its_place(
    verb, program, place, number
):
    error = refusal(program, verb=verb)

    assert (error.line, error.column) == place
    assert f": {number} is too large to run" in str(error)


def test_a_maximum_beyond_the_largest_number_is_refused_at_its_place():
    error = refusal("hold T1.x = A\nobj A max 1073741824\nT1: use x")

    assert (error.line, error.column) == (2, 1)


def test_a_number_in_a_program_without_text_is_refused_with_its_section():
    program = refrace.Program(["int N = 0"], {"T1": "gil", "T2": "N = 1500000000"})

    with pytest.raises(refrace.ProgramTooLarge, match=r"^in thread T2: `N = 15000000"):
        refrace.explore(program)


def test_an_initial_count_beyond_the_words_of_a_mode_is_refused_with_the_largest():
    program = "slot S = A\n\nobj A rc {}\nT1: x = S ; use x"

    error = refusal(program.format(300_000_000), "biased")

    assert (error.line, error.column, error.text) == (3, 1, "obj A rc 300000000")
    assert "cannot hold a count above 268,435,455 for this object" in str(error)
    assert refrace.explore(program.format(268_435_455), "biased").verdict == "corrupt"
    assert refrace.explore(program.format(300_000_000), "atomic").verdict == "corrupt"


def test_a_count_that_a_run_takes_beyond_the_words_is_reported_as_such():
    program = "obj A rc 268435455\nslot S = A\nT1: x = S ; incref x"

    error = refusal(program, "biased")

    assert "T1 raises a count above what the mode's words can hold" in str(error)
    assert (error.line, error.column, error.text) == (3, 13, "incref x")


@pytest.mark.parametrize("verb", VERBS)
def test_a_state_that_is_too_long_is_refused_with_what_it_consists_of(verb):
    items = ", ".join(["null"] * 66_000)

    error = refusal(f"vec C = [{items}]\nT1: n = len C", verb=verb)

    assert "more than 65,536 words: it has 66,000 items in containers;" in str(error)


def test_more_locals_than_there_is_room_for_are_refused_at_their_section():
    body = " ; ".join(f"x{i} = 1" for i in range(33_000))

    error = refusal(f"T1: gil\nT2: {body}")

    assert (error.line, error.text) == (2, "T2:")
    assert "has 33,000 locals" in str(error)


def test_too_many_destructions_under_way_are_not_an_error_of_the_program():
    error = refusal(f"{MANY_FIELDS}\nhold T1.x = A\nT1: decref x")

    assert "nests calls and destructions more than 100 deep" in str(error)
    assert (error.line, error.column, error.text) == (3, 5, "decref x")


def test_a_long_loop_on_locals_is_not_an_error_of_the_program():
    error = refusal("T1: n = 0\n  repeat 20000 {\n    n = n + 1\n  }")

    assert "runs 10,000 statements on locals" in str(error)
    assert error.line in (2, 3)


@pytest.mark.parametrize(
    ("program", "limit"),
    [
        (MAKES_FOR_EVER, "objects"),
        (APPENDS_FOR_EVER, "items"),
        (PUTS_FOR_EVER, "writes"),
    ],
)
def test_a_state_that_outgrows_a_bound_is_reported_as_such_and_not_as_memory(
    program, limit
):
    report = refrace.explore(program, max_seconds=120)

    assert (report.verdict, report.limit) == ("unfinished", limit)
    assert OUTGROWN[limit] in " ".join(str(report).split())
    assert refrace.Exploration.from_json(report.to_json()) == report
    assert "memory ran out" not in str(report)


@pytest.mark.parametrize(
    ("program", "limit"), [(MAKES_FOR_EVER, "objects"), (APPENDS_FOR_EVER, "items")]
)
def test_a_sample_of_what_outgrows_a_bound_is_refused_with_that_bound(program, limit):
    assert OUTGROWN[limit] in str(refusal(program, verb=refrace.sample))


def test_a_state_that_grows_beyond_its_words_keeps_what_was_found_before():
    threads = "\n".join(
        f"T{i}: n = 1\n  while n == 1 {{\n    x = new A\n  }}" for i in range(1, 33)
    )
    fields = " ".join(f"rawfield f{i}=0" for i in range(64))
    report = refrace.explore(f"type A {fields}\n{threads}", max_seconds=120)

    assert (report.verdict, report.limit) == ("unfinished", "words")
    assert report.states > 1


def test_the_command_line_exits_as_for_a_limit(tmp_path, capsys):
    path = tmp_path / "many.race"
    path.write_text(MANY_THREADS)

    assert main(["explore", str(path)]) == ExitCode.INCONCLUSIVE
    assert capsys.readouterr().err.startswith(
        f"refrace: {path}, line 34, column 1: `T33:`: this is thread 33 of 33;"
    )


def test_the_language_reference_has_every_bound_of_the_core():
    section = (
        DOCS.read_text().split("## How large a program may be")[1].split("\n## ")[0]
    )
    numbers = {
        cell.strip() for line in section.splitlines() for cell in line.split("|")
    }

    for name, value in native_explorer.BOUNDS.items():
        assert f"{value:,}" in numbers, name
    for word in OUTGROWN:
        assert f"`{word}`" in section or word == "calls"
    for name, text in OUTGROWN.items():
        if name != "history":  # a bound that the user sets
            bound = native_explorer.BOUNDS["state_words" if name == "words" else "room"]
            assert text.startswith(f"{bound:,} ")
    assert {"words", "history", *native_explorer.ROOM} == OUTGROWN.keys()


def test_the_messages_of_misuses_have_the_numbers_of_the_core():
    messages = " ".join(native_explorer.LIMIT_MESSAGES)

    for name in ("integer", "local_steps", "depth"):
        assert f"{native_explorer.BOUNDS[name]:,}" in messages
