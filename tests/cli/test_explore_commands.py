"""The commands explore, replay and sample: output, exit codes, wrong usage."""

import io
import sys
from pathlib import Path

import pytest
from explorer.programs import MANY_STATES, SHARED_DECREF

import refrace
from refrace.cli import command_line, main
from refrace.cli.exit_codes import ExitCode

# Commands take their defaults from the verbs when they are imported, which is to be
# before a test puts something else in a verb's place.
for name in command_line.list_commands(None):
    command_line.get_command(None, name)

EXAMPLES = Path(__file__).parents[2] / "examples" / "programs"


@pytest.fixture
def run(capsys):
    def run(*arguments):
        code = main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "shared.race"
    path.write_text(SHARED_DECREF)
    return path


@pytest.fixture
def big(tmp_path):
    path = tmp_path / "big.race"
    path.write_text(MANY_STATES)
    return path


def type_in(monkeypatch, text):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def command_in(text):
    """The command that a report says replays its first finding."""
    lines = iter(text.splitlines())
    command = next(line for line in lines if line.startswith("  refrace replay"))
    while command.endswith("\\"):
        command = command[:-1] + next(lines)
    return command.split()[1:]


# -------------------------------------------------------------------------- explore


def test_a_proof_exits_with_0(run, program):
    code, out, err = run("explore", program)

    assert (code, err) == (ExitCode.CLEAN, "")
    assert out.startswith("atomic: safe: none of its 2 interleavings")


def test_a_finding_exits_with_1(run, program):
    code, out, _ = run("explore", program, "--mode", "unlocked")

    assert code == ExitCode.FINDINGS
    assert out.startswith("unlocked: corrupt: leak")


@pytest.mark.parametrize(
    "limit", [("--max-states", 100), ("--max-seconds", 0), ("--max-bytes", 1 << 20)]
)
@pytest.mark.parametrize("form", [(), ("--json",)], ids=["text", "json"])
def test_an_unfinished_search_exits_with_3_and_never_reads_like_a_proof(
    run, big, limit, form
):
    code, out, _ = run("explore", big, *limit, *form)

    assert code == ExitCode.INCONCLUSIVE
    assert "safe" not in out


def test_the_gil_can_be_held(run):
    path = EXAMPLES / "borrowed-getter.race"

    assert run("explore", path)[0] == ExitCode.FINDINGS
    assert run("explore", path, "--gil", "held")[0] == ExitCode.CLEAN


def test_without_counts_the_findings_and_the_exit_code_are_the_same(run, program):
    counted = run("explore", program, "--mode", "unlocked", "--json")
    code, out, _ = run(
        "explore", program, "--mode", "unlocked", "--no-counts", "--json"
    )
    found, whole = (refrace.Exploration.from_json(text) for text in (out, counted[1]))
    assert (code, found.counts, found.outcomes) == (ExitCode.FINDINGS, False, {})
    assert [f.kind for f in found.findings] == [f.kind for f in whole.findings]


def test_a_program_is_read_from_standard_input(run, monkeypatch):
    type_in(monkeypatch, SHARED_DECREF)

    assert run("explore", "-")[0] == ExitCode.CLEAN


def test_json_is_the_exploration(run, program):
    _, out, _ = run("explore", program, "--mode", "unlocked", "--json")

    found = refrace.Exploration.from_json(out)
    assert (found.mode, found.verdict) == ("unlocked", "corrupt")


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.race")), ids=lambda p: p.stem)
def test_the_examples_show_what_they_say(run, path):
    """Each says in its comments how it is explored; some of it must be corrupt."""
    commands = [
        line.strip(" #").split()[1:]
        for line in path.read_text().splitlines()
        if line.startswith("#     refrace ")
    ]

    codes = [
        run(
            *(
                EXAMPLES / Path(word).name if word.endswith(".race") else word
                for word in c
            )
        )[0]
        for c in commands
    ]

    assert ExitCode.FINDINGS in codes
    assert set(codes) <= {ExitCode.CLEAN, ExitCode.FINDINGS}


# --------------------------------------------------------------------------- replay


def test_the_command_that_a_report_prints_replays_its_finding(run, program):
    _, text, _ = run("explore", program, "--mode", "unlocked")

    code, out, err = run(*command_in(text))

    assert (code, err) == (ExitCode.FINDINGS, "")
    assert out.startswith("unlocked: leak: T1 and T2 both read 2 before either wrote 1")


def test_a_command_that_is_broken_into_lines_replays_too(run):
    _, text, _ = run("explore", EXAMPLES / "crossed-locks.race")
    command = command_in(text)

    assert len(command) > 2  # the token came in pieces
    code, out, _ = run(*command)
    assert code == ExitCode.FINDINGS
    assert out.startswith("atomic: deadlock: ")


@pytest.mark.parametrize("source", ["trace", "exploration", "token"])
def test_a_run_is_replayed_from_a_file_and_from_standard_input(
    run, tmp_path, monkeypatch, source
):
    found = refrace.explore(SHARED_DECREF, "unlocked")
    trace = found.counterexample()
    text = {
        "trace": trace.to_json(),
        "exploration": found.to_json(),
        "token": trace.token,
    }[source]
    path = tmp_path / "run"
    path.write_text(text)
    type_in(monkeypatch, text)

    for argument in (path, "-"):
        code, out, _ = run("replay", argument, "--json")
        assert code == ExitCode.FINDINGS
        assert refrace.Trace.from_json(out) == trace


def test_a_run_that_does_not_fit_exits_with_2_and_says_why(run, program, big):
    token = refrace.explore(SHARED_DECREF, "unlocked").counterexample().token

    code, out, err = run("replay", token, "--program", big)
    assert (code, out) == (ExitCode.USAGE, "")
    assert "another program" in err

    code, out, err = run("replay", token, "--mode", "atomic")
    assert (code, out) == (ExitCode.USAGE, "")
    assert "another mode" in err

    assert run("replay", token, "--program", program)[0] == ExitCode.FINDINGS


# --------------------------------------------------------------------------- sample


@pytest.mark.parametrize("strategy", ["uniform", "pct"])
def test_a_sample_that_finds_something_exits_with_1(run, program, strategy):
    code, out, _ = run(
        "sample", program, "--mode", "unlocked", "--strategy", strategy, "--seed", 1
    )

    assert code == ExitCode.FINDINGS
    assert out.startswith("unlocked: corrupt: leak, in ")


def test_a_sample_that_finds_nothing_exits_with_3(run, program):
    code, out, _ = run("sample", program, "--runs", 100, "--json")

    assert code == ExitCode.INCONCLUSIVE
    assert refrace.Sample.from_json(out).runs == 100


# ---------------------------------------------------------------------- wrong usage


@pytest.mark.parametrize(
    "arguments",
    [
        ("explore",),
        ("explore", "no-such-file.race"),
        ("explore", "no\0file"),
        ("explore", "."),
        ("explore", "{program}", "--mode", "nolock"),
        ("explore", "{program}", "--gil", "half"),
        ("explore", "{program}", "--max-states", "0"),
        ("explore", "{program}", "--max-seconds", "-1"),
        ("explore", "{program}", "--max-seconds", "nan"),
        ("explore", "{wrong}"),
        ("explore", "{binary}"),
        ("replay",),
        ("replay", "no-such-file.json"),
        ("replay", "{program}"),
        ("replay", "{program}", "{program}"),
        ("replay", "rr1:AAAA"),
        ("replay", "rr9:AAAA"),
        ("sample", "{program}", "--runs", "0"),
        ("sample", "{program}", "--strategy", "lucky"),
        ("sample", "{program}", "--seed", "-1"),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2_and_complains_on_standard_error(
    run, tmp_path, program, arguments
):
    wrong, binary = tmp_path / "wrong.race", tmp_path / "binary.race"
    wrong.write_text("T1: x = ")
    binary.write_bytes(b"\xff\x00\xfe")
    names = {"program": program, "wrong": wrong, "binary": binary}

    code, out, err = run(*(argument.format(**names) for argument in arguments))

    assert code == ExitCode.USAGE
    assert out == ""
    assert err


def test_an_interrupted_search_prints_what_it_found_and_exits_with_3(
    run, program, monkeypatch
):
    partial = refrace.explore(SHARED_DECREF).replace(limit="interrupt", outcomes={})

    def interrupted(*arguments, **options):
        raise refrace.Interrupted(partial)

    monkeypatch.setattr("refrace.explorer.explore.explore", interrupted)

    code, out, err = run("explore", program)

    assert code == ExitCode.INCONCLUSIVE
    assert "interrupted" in out
    assert "interrupted" in err
