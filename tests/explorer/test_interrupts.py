"""Ctrl-C: every long verb hands over what it had found, in Python and in the shell."""

import json
import signal

import pytest
from explorer.programs import MANY_STATES, SHARED_DECREF, WRONG_ALONE

import refrace
from refrace._native import explorer as native_explorer
from refrace.cli import main
from refrace.cli.exit_codes import ExitCode
from refrace.explorer.session import Session


@pytest.fixture
def ctrl_c(monkeypatch):
    """Press Ctrl-C between two slices of the core, at the first for which `when`."""

    def arm(name, when):
        presses = []

        class Signalled(getattr(native_explorer, name)):
            made = 0

            def __init__(self, *arguments):
                Signalled.made += 1
                self.number = Signalled.made

            def advance(self, *arguments):
                if not presses and when(self):
                    presses.append(1)
                    signal.raise_signal(signal.SIGINT)
                return super().advance(*arguments)

        monkeypatch.setattr(native_explorer, name, Signalled)

    return arm


def interrupted(call):
    with pytest.raises(refrace.Interrupted) as caught:
        call()
    return caught.value.report


@pytest.mark.parametrize("strategy", ["uniform", "pct"])
def test_an_interrupted_sample_has_the_runs_done_until_then(ctrl_c, strategy):
    # PCT samples twice: to learn how long a run is, and in earnest.
    real = 2 if strategy == "pct" else 1
    ctrl_c("Sample", lambda one: one.number == real and one.n_runs())

    report = interrupted(
        lambda: refrace.sample(
            MANY_STATES, runs=10**9, strategy=strategy, seed=7, max_seconds=60
        )
    )

    assert report.limit == "interrupt"
    assert 0 < report.runs < report.runs_requested == 10**9
    assert sum(outcome.runs for outcome in report.outcomes.values()) == report.runs
    assert not report.is_conclusive
    assert "Stopped early (interrupted)" in str(report)
    assert refrace.Sample.from_json(report.to_json()) == report


def test_what_an_interrupted_sample_found_is_reported_with_a_small_trace(ctrl_c):
    ctrl_c("Sample", lambda one: one.n_runs() > 100)

    report = interrupted(
        lambda: refrace.sample(SHARED_DECREF, "unlocked", runs=10**9, seed=7)
    )

    (trace,) = report.traces
    assert (str(trace.finding.kind), trace.preemptions) == ("leak", 1)
    assert refrace.replay(trace) == trace


def test_a_sample_without_a_run_has_nothing_to_report(ctrl_c):
    ctrl_c("Sample", lambda one: True)

    assert interrupted(lambda: refrace.sample(MANY_STATES, strategy="pct")) is None


def test_an_interrupt_while_traces_are_made_small_keeps_every_run(monkeypatch):
    presses = []
    follow = Session.follow

    def pressed(*arguments):
        if not presses:
            presses.append(1)
            signal.raise_signal(signal.SIGINT)
        return follow(*arguments)

    monkeypatch.setattr("refrace.explorer.session.Session.follow", pressed)

    report = interrupted(
        lambda: refrace.sample(SHARED_DECREF, "unlocked", runs=500, seed=7)
    )

    assert (report.runs, report.limit) == (500, None)
    assert [str(finding.kind) for finding in report.findings] == ["leak"]


def test_an_interrupted_check_tells_what_it_knows_of_each_thread(ctrl_c):
    """T1, which is wrong, was tried; the search of T2 is broken off at its start."""
    ctrl_c("Search", lambda one: one.number == 2)

    report = interrupted(refrace.Program.parse(WRONG_ALONE).check)

    assert [(check.thread, check.verdict) for check in report.threads] == [
        ("T1", "wrong"),
        ("T2", "unfinished"),
        ("T3", "unfinished"),
        ("T4", "unfinished"),
    ]
    assert (report.limit, report.is_wrong) == ("interrupt", True)
    assert report.judgement == "findings"
    assert refrace.ProgramCheck.from_json(report.to_json()) == report


def test_a_check_that_was_interrupted_before_it_found_anything_says_so(ctrl_c):
    ctrl_c("Search", lambda one: True)

    report = interrupted(refrace.Program.parse(SHARED_DECREF).check)

    assert {check.verdict for check in report.threads} == {"unfinished"}
    assert str(report).startswith("Unfinished (interrupt): not every thread")


def test_an_interrupted_proof_has_the_programs_explored_until_then(ctrl_c):
    ctrl_c("Search", lambda one: one.number == 4)

    report = interrupted(lambda: refrace.prove("atomic"))

    assert (report.limit, report.programs) == ("interrupt", 3)
    assert not report.proved


@pytest.fixture
def run(tmp_path, capsys):
    def run(command, text, *options):
        path = tmp_path / "program.race"
        path.write_text(text)
        target = "atomic" if command == "prove" else str(path)
        code = main([command, target, "--json", *options])
        out, err = capsys.readouterr()
        assert "interrupted" in err
        return code, json.loads(out)["limit"]

    return run


@pytest.mark.parametrize(
    ("command", "core", "when"),
    [
        ("explore", "Search", lambda one: True),
        ("prove", "Search", lambda one: one.number == 4),
        ("sample", "Sample", lambda one: one.n_runs()),
    ],
)
def test_a_command_that_is_interrupted_prints_what_it_has_and_exits_with_3(
    command, core, when, ctrl_c, run
):
    ctrl_c(core, when)
    options = ["--runs", "1000000000"] if command == "sample" else []

    code, limit = run(command, MANY_STATES, *options)

    assert (code, limit) == (ExitCode.INCONCLUSIVE, "interrupt")


def test_a_finding_before_the_interrupt_is_still_a_finding(ctrl_c, run):
    ctrl_c("Sample", lambda one: one.n_runs() > 100)

    code, limit = run(
        "sample", SHARED_DECREF, "--mode", "unlocked", "--runs", "1000000000"
    )

    assert (code, limit) == (ExitCode.FINDINGS, "interrupt")
