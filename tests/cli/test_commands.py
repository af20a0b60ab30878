"""Every command: data on standard output, complaints elsewhere, the right exit code."""

import gc
import json

import pytest

import refrace
from refrace.cli import command_line, main
from refrace.cli.exit_codes import ExitCode
from refrace.cli.output import show_and_judge

# Commands take their defaults from the verbs when they are imported, which is to be
# before a test puts something else in a verb's place.
for name in command_line.list_commands(None):
    command_line.get_command(None, name)


def run(capsys, *arguments):
    code = main(list(arguments))
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_a_race_prints_its_report_and_says_by_its_code_what_it_found(capsys):
    code, out, err = run(capsys, "race", "unlocked", "--threads", "1", "--objects", "3")

    assert code == ExitCode.INCONCLUSIVE
    assert out.startswith("unlocked: all 3 objects intact, but this run proves nothing")
    assert err == ""


def test_a_race_as_json_is_the_report(capsys):
    _, out, _ = run(capsys, "race", "atomic", "--seed", "5", "--json")

    report = refrace.RaceReport.from_json(out)
    assert (report.mode, report.seed) == ("atomic", 5)


def test_a_race_until_something_is_corrupt_ends_with_findings(capsys):
    code, out, _ = run(
        capsys, "race", "unlocked", "--until-corrupt", "--seconds", "60", "--json"
    )

    assert code == ExitCode.FINDINGS
    assert refrace.RaceReport.from_json(out).corrupted > 0


def test_a_race_says_which_gaps_were_widened(capsys):
    code, out, _ = run(capsys, "race", "unlocked", "--gaps", "widened", "--hold", "32")

    assert code == ExitCode.FINDINGS
    assert out.startswith("unlocked, gaps widened: ")


@pytest.mark.parametrize(
    "option", [("--objects", "3"), ("--owner", "elsewhere"), ("--until-corrupt",)]
)
def test_options_of_a_race_without_a_program_do_not_go_with_one(capsys, option):
    code, _, err = run(capsys, "race", "atomic", "--program", "-", *option)

    assert code == ExitCode.USAGE
    assert option[0] in err


def test_who_makes_the_objects_of_a_race_can_be_said(capsys):
    _, out, _ = run(capsys, "race", "biased", "--owner", "elsewhere", "--json")
    _, default, _ = run(capsys, "race", "biased", "--json")

    assert refrace.RaceReport.from_json(out).owner == "elsewhere"
    assert refrace.RaceReport.from_json(default).owner == "racing"


def test_the_modes_are_listed_as_text_and_as_json(capsys):
    code, text, _ = run(capsys, "modes")
    assert code == ExitCode.CLEAN
    _, stored, _ = run(capsys, "modes", "--json")

    names = [mode.name for mode in refrace.modes()]
    assert [mode["name"] for mode in json.loads(stored)["modes"]] == names
    assert all(name in text for name in names)


def test_one_mode_shows_its_card(capsys):
    code, out, _ = run(capsys, "modes", "object_lock")

    assert code == ExitCode.CLEAN
    assert out == f"{refrace.mode('object_lock')}\n"


@pytest.mark.parametrize(
    ("name", "title"),
    [((), "Refcount modes"), (("biased",), "Refcount mode: biased")],
)
def test_the_modes_and_one_mode_are_written_as_a_page(capsys, tmp_path, name, title):
    file = tmp_path / "modes.html"

    assert run(capsys, "modes", *name, "--html", str(file))[0] == 0

    text = file.read_text()
    assert f"<title>{title}</title>" in text
    assert (refrace.mode(name[0]) if name else refrace.modes())._repr_html_() in text


@pytest.mark.parametrize("mode", refrace.modes(), ids=lambda mode: mode.name)
def test_a_card_says_all_there_is_of_a_mode_within_80_columns(mode):
    text = str(mode)

    assert max(map(len, text.splitlines())) <= 80
    words = " ".join(text.split())
    for said in (mode.claim, mode.summary, mode.limits, mode.source):
        assert said in words
    for word in mode.words:
        assert f"  {word.label} " in text
    recorded = mode.proof.verdict.split(",")[0] if mode.proof else "not recorded"
    assert recorded in words


def test_a_comparison_has_a_row_for_each_mode_asked_for(capsys):
    _, out, _ = run(
        capsys, "compare", "atomic", "--threads", "1", "--rounds", "1", "--json"
    )

    rows = json.loads(out)["rows"]
    assert [(row["mode"], row["workload"]) for row in rows] == [
        ("atomic", "latency"),
        ("atomic", "throughput"),
    ]


def test_a_deadlock_is_a_finding_and_the_same_order_is_clean(capsys):
    assert run(capsys, "deadlock")[0] == ExitCode.FINDINGS
    assert run(capsys, "deadlock", "--order", "same")[0] == ExitCode.CLEAN
    assert run(capsys, "deadlock", "--lock", "global")[0] == ExitCode.CLEAN


def test_locked_appends_lose_nothing_and_json_is_the_report(capsys):
    code, out, _ = run(capsys, "append", "--locked", "--appends", "50", "--json")

    assert code == ExitCode.CLEAN
    assert refrace.AppendReport.from_json(out).lost == 0


@pytest.fixture
def referrers():
    """Find frozen objects as referrers too, such as the globals of `__main__`."""
    gc.unfreeze()
    yield
    gc.freeze()


def test_the_parts_of_a_count_are_named(referrers, capsys):
    code, out, _ = run(capsys, "explain-refcount")

    assert code == ExitCode.CLEAN
    assert "global a of __main__" in out
    assert "global b of __main__" in out


def test_a_workload_is_measured_and_reported_as_json(capsys):
    _, out, _ = run(capsys, "parallelism", "sleep", "--rounds", "1", "--json")

    assert [row["workload"] for row in json.loads(out)["rows"]] == ["sleep"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("race",),
        ("deadlock", "--order", "any"),
        ("deadlock", "--threads", "1"),
        ("deadlock", "--timeout", "-1"),
        ("append", "--appends", "0"),
        ("explain-refcount", "1 +"),
        ("explain-refcount", "unheard_of"),
        ("explain-refcount", "a", "--setup", "raise ValueError(3)"),
        ("parallelism", "nothing"),
        ("race", "nolock"),
        ("race", "atomic", "--threads", "0"),
        ("race", "atomic", "--hold", "-1"),
        ("race", "atomic", "--objects", "many"),
        ("race", "atomic", "--gil", "half"),
        ("race", "atomic", "--seed", "-1"),
        ("race", "atomic", "--unknown"),
        ("compare", "nolock"),
        ("compare", "--rounds", "0"),
        ("compare", "--threads", "65"),
        ("modes", "nolock"),
        ("nothing",),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2_and_complains_on_standard_error(capsys, arguments):
    code, out, err = run(capsys, *arguments)

    assert code == ExitCode.USAGE
    assert out == ""
    assert err


def test_an_interrupt_prints_what_was_settled_and_is_inconclusive(capsys, monkeypatch):
    partial = refrace.race("atomic", objects=1).replace(objects_requested=9)

    def interrupted(*arguments, **options):
        raise refrace.Interrupted(partial)

    monkeypatch.setattr("refrace.races.race.race", interrupted)

    code, out, err = run(capsys, "race", "atomic")

    assert code == ExitCode.INCONCLUSIVE
    assert "1 of 9 objects were settled" in out
    assert "interrupted" in err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (refrace.EnvironmentUnfit("no"), ExitCode.UNFIT),
        (refrace.LimitReached("no"), ExitCode.INCONCLUSIVE),
        (MemoryError("no"), ExitCode.INCONCLUSIVE),
        (refrace.InvalidData("no"), ExitCode.USAGE),
        (KeyboardInterrupt(), ExitCode.INCONCLUSIVE),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_kind_of_error_has_its_exit_code(capsys, monkeypatch, error, code):
    def fail(*arguments, **options):
        raise error

    monkeypatch.setattr("refrace.races.race.race", fail)

    assert run(capsys, "race", "atomic")[0] == code


def test_findings_exit_with_1(capsys):
    report = refrace.race("atomic", objects=1).replace(intact=0, leaked=1)

    assert show_and_judge(report, as_json=False) == ExitCode.FINDINGS


def test_every_command_has_help_that_fits_80_columns(capsys):
    names = command_line.list_commands(None)

    for arguments in [("--help",), *((name, "--help") for name in names)]:
        code, out, _ = run(capsys, *arguments)
        assert code == ExitCode.CLEAN
        assert max(map(len, out.splitlines())) <= 80
        assert "[default: (" not in out  # what is shown can be typed


def test_the_version_tells_the_interpreter_and_its_gil(capsys):
    code, out, _ = run(capsys, "--version")

    assert code == ExitCode.CLEAN
    assert refrace.__version__ in out
    assert "GIL" in out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("race ATOMIC", "(did you mean 'atomic'?); `refrace modes`"),
        (
            "race nolock",
            "is unknown (did you mean 'unlocked'?); `refrace modes`, or ",
        ),
        ("gallery dying", "did you mean `dying-object-lookup`? `refrace gallery` and "),
        (
            "gallery nope",
            "no such pattern; `refrace gallery` and list(refrace.gallery) ",
        ),
        (
            "race atomic --private --program f",
            "--private cannot be used with --program",
        ),
        (
            "race atomic --threads 2 --program f",
            "--threads cannot be used with --program",
        ),
        ("race atomic --rounds 3", "--rounds needs a program: add --program FILE"),
    ],
)
def test_a_complaint_says_in_one_short_line_what_to_do(capsys, arguments, expected):
    code, _, err = run(capsys, *arguments.split())

    assert code == ExitCode.USAGE
    assert expected in err
    assert max(map(len, err.splitlines())) <= 160


def test_help_shows_examples_and_no_markup(capsys):
    _, out, _ = run(capsys, "explain-refcount", "--help")

    assert "\\b" not in out
    assert "\b" not in out
    assert '  refrace explain-refcount os.path --setup "import os"\n' in out
