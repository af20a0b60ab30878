"""A whole hunt with the fake engine: its budget, its end, its report."""

import signal

import pytest
from hunting.fakes.hunts import hunt

import refrace
from refrace.errors import Interrupted
from refrace.hunting.progress import HuntProgress
from refrace.hunting.search import campaign


def test_a_finding_is_shrunk_and_its_rate_measured():
    report = hunt("leaks")

    (finding,) = report.findings
    assert finding.kind == "leak"
    assert finding.source == "call(3) in 1 threads, 0\n"  # drawn with noise 3
    assert (finding.rounds, finding.shown, finding.runs) == (1, 10, 10)
    assert finding.rate == 1.0
    assert finding.interval[0] == pytest.approx(0.6915, abs=1e-4)
    assert finding.interval[1] == 1.0
    assert report.judgement == "findings"
    with pytest.raises(refrace.CorruptionFound):
        report.raise_for_findings()


def test_a_search_that_found_something_ends_when_there_is_no_news(monkeypatch):
    monkeypatch.setattr(campaign, "_QUIET_SHARE", 0.0001)
    report = hunt("crashes", seconds=10_000.0)

    assert [finding.kind for finding in report.findings] == ["crash"]


def test_nothing_found_states_the_bound():
    report = hunt("well_behaved")

    assert report.judgement == "clean"
    assert report.programs > 0
    assert report.bound == pytest.approx(1 - 0.05 ** (1 / report.programs))
    assert "which is not a proof" in report.answer


def test_children_that_are_lost_are_noted():
    report = hunt("exits")

    assert report.findings == ()
    assert any(
        "exit code 3 inside an operation; it ran call" in n for n in report.notes
    )


def test_progress_tells_what_it_does_and_its_figures():
    states = []
    hunt("leaks", progress=states.append)

    assert all(isinstance(state, HuntProgress) for state in states)
    doing = list(dict.fromkeys(state.doing for state in states))
    assert doing == ["loading", "searching", "shrinking"]
    assert states[-1].findings == 1
    programs = [state.programs for state in states]
    assert programs == sorted(programs)


def test_ctrl_c_keeps_what_was_found():
    def interrupt(state):
        if state.findings:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(Interrupted) as caught:
        hunt("leaks", seconds=60.0, progress=interrupt)

    report = caught.value.report
    assert [finding.kind for finding in report.findings] == ["leak"]
    assert report.limit == "interrupt"
    assert report.findings[0].runs == 0
    assert "its rate is unknown" in str(report)


def test_ctrl_c_without_findings_is_inconclusive():
    def interrupt(state):
        if state.programs:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(Interrupted) as caught:
        hunt("well_behaved", seconds=60.0, progress=interrupt)

    assert caught.value.report.judgement == "inconclusive"
    assert "interrupted" in caught.value.report.inconclusive_because


def test_a_failing_engine_is_an_error_and_no_clean_report():
    with pytest.raises(RuntimeError, match="MemoryError"):
        hunt("fails")


def test_the_next_hunt_runs_what_was_found_first(tmp_path):
    hunt("leaks", tmp_path)
    states = []
    again = hunt("leaks", tmp_path, progress=states.append)

    assert again.stored_tried == 1
    assert [finding.kind for finding in again.findings] == ["leak"]
    stored = [state for state in states if state.doing == "stored"]
    assert stored
    assert stored[0].programs == 0


def test_a_stored_finding_of_another_subject_is_not_run(tmp_path):
    hunt("leaks", tmp_path)

    assert hunt("well_behaved", tmp_path).stored_tried == 0
