"""`Program.check()`: what each thread does alone, and what that proves."""

import pytest
from explorer.programs import BORROWED_GETTER, ONE_SHOT, WRONG_ALONE

import refrace


def checked(text, *arguments, **options):
    return refrace.Program.parse(text).check(*arguments, **options)


def verdicts(report):
    return {check.thread: check.verdict for check in report.threads}


def test_threads_that_are_fine_alone_are_said_to_be_no_more_than_that():
    report = checked(BORROWED_GETTER)

    assert verdicts(report) == {"T1": "fine", "T2": "fine"}
    assert not report.is_wrong
    assert report.is_conclusive
    assert str(report).startswith("No thread fails alone; what they do together")


def test_each_thread_has_its_own_verdict():
    report = checked(WRONG_ALONE)

    assert verdicts(report) == {
        "T1": "wrong",
        "T2": "unbalanced",
        "T3": "waits",
        "T4": "fine",
    }
    assert report.is_wrong
    assert [str(finding.kind) for finding in report.findings] == ["use-after-free"]


def test_what_goes_wrong_alone_goes_wrong_in_the_whole_program():
    (trace,) = checked(WRONG_ALONE).traces

    assert refrace.replay(trace, program=WRONG_ALONE) == trace
    assert {step.thread for step in trace.steps} == {"T1"}
    assert trace.preemptions == 0


def test_references_that_others_hold_count_as_owned():
    """T1 drops one of two; that T2 never runs makes the other no leak."""
    report = checked("hold T1.x = A\nhold T2.x = A\nT1: decref x\nT2: decref x")

    assert verdicts(report) == {"T1": "fine", "T2": "fine"}


def test_in_a_program_of_one_thread_a_leak_is_proven():
    report = checked("hold T1.x = A\nT1: use x")

    assert verdicts(report) == {"T1": "wrong"}
    assert [str(finding.kind) for finding in report.findings] == ["leak"]


def test_checks_after_the_run_are_not_held_against_one_thread():
    report = checked("int N = 0\nT1: N = 1\nT2: gil\nend: n = N ; assert n == 1")

    assert not report.is_wrong


def test_findings_are_raised():
    with pytest.raises(refrace.CorruptionFound, match="T1 fails alone"):
        checked(WRONG_ALONE).raise_for_findings()


def test_a_limit_is_reported():
    report = checked("int N = 0\nT1: repeat 1000 { N = 1 }", max_states=10)

    assert verdicts(report) == {"T1": "unfinished"}
    assert not report.is_conclusive
    assert str(report).startswith("Unfinished")


def test_every_outcome_of_a_choice_is_tried():
    report = checked(
        "hold T1.x = A\nT1: maybe f ; decref x\nfn f: gil ; call g\nfn g: gil"
    )

    assert verdicts(report) == {"T1": "fine"}


def test_a_check_goes_through_json_unchanged():
    report = checked(WRONG_ALONE)

    assert refrace.ProgramCheck.from_json(report.to_json()) == report


@pytest.mark.parametrize(
    "wrong", [{"mode": "nolock"}, {"max_states": 0}, {"max_seconds": -1}], ids=str
)
def test_wrong_arguments_are_refused(wrong):
    with pytest.raises(refrace.InvalidArgument):
        checked(ONE_SHOT, **wrong)


def test_what_no_program_may_do_is_an_error():
    with pytest.raises(refrace.InvalidProgram, match="unlocks a lock"):
        checked("lock L\nT1: unlock L")
