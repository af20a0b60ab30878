"""The deadlock report: its text, its HTML, its stored form, and its judgement."""

import pytest

import refrace
from refrace.lessons.deadlock_report import DeadlockReport, WaitEdge

ENVIRONMENT = refrace.Environment("3.12.0", True, 2, "Linux x86_64")


def a_report(**changes):
    report = DeadlockReport(
        order="opposite",
        lock="object",
        threads=2,
        timeout_s=1.0,
        cycle=(WaitEdge(1, 1, 0), WaitEdge(0, 0, 1)),
        finished=1,
        waits=2,
        timed_out=False,
        elapsed_s=0.00025,
        environment=ENVIRONMENT,
    )
    return report.replace(**changes)


CLEAN = {"order": "same", "cycle": (), "finished": 2}
UNDECIDED = {"cycle": (), "finished": 0, "timed_out": True}
LARGE = {
    "threads": 64,
    "cycle": tuple(WaitEdge(t, t, (t + 1) % 64) for t in range(64)),
    "finished": 63,
    "waits": 64,
}

each_report = pytest.mark.parametrize(
    "report",
    [
        a_report(),
        a_report(**CLEAN),
        a_report(**CLEAN, lock="global"),
        a_report(**UNDECIDED),
        a_report(**(UNDECIDED | {"timed_out": False})),
        a_report(**LARGE),
        a_report(**LARGE, timeout_s=3599.123456789),
    ],
    ids=["deadlock", "clean", "global", "timeout", "stopped", "large", "long"],
)


def test_the_text_says_who_holds_and_who_waits():
    assert str(a_report()) == (
        "opposite order, a lock per object: deadlock, 2 threads wait for each other.\n"
        "Thread 0 locks object 0 and then object 1, and so on; thread 1 locks object "
        "1\n"
        "and then object 0.  In between, each waits until every other thread has its\n"
        "first lock or is blocked on it.\n"
        "\n"
        "            holds     waits for  held by\n"
        "  --------  --------  ---------  --------\n"
        "  thread 1  object 1  object 0   thread 0\n"
        "  thread 0  object 0  object 1   thread 1\n"
        "\n"
        "  threads finished        1  of 2\n"
        "  waits for a lock        2\n"
        "  elapsed           0.25 ms  of 1 s\n"
        "\n"
        "Detected when the wait of thread 1 closed the cycle, and resolved: that wait "
        "was\n"
        "refused, the thread released its lock, and 1 of 2 threads finished.\n"
        "CPython 3.12.0 (GIL), 2 cores, Linux x86_64."
    )


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        (
            CLEAN,
            "same order, a lock per object: no deadlock, both threads finished.",
        ),
        (
            CLEAN | {"lock": "global", "threads": 3, "finished": 3},
            "same order, one global lock: no deadlock, all 3 threads finished.",
        ),
        (
            UNDECIDED,
            "opposite order, a lock per object: undecided, the timeout of 1 s was "
            "reached with 0 of 2 threads finished.",
        ),
        (
            UNDECIDED | {"timed_out": False},
            "opposite order, a lock per object: undecided, it was stopped early with "
            "0 of 2 threads finished.",
        ),
    ],
    ids=["same order", "global lock", "timeout", "stopped"],
)
def test_clean_and_undecided_are_different_sentences(changes, answer):
    assert a_report(**changes).answer == answer


def test_a_deadlock_is_one_finding_and_raises():
    (finding,) = a_report().findings

    assert finding.kind == "deadlock"
    assert finding.message == (
        "2 threads wait for each other: thread 1 holds object 1 and waits for object "
        "0, which thread 0 holds, waiting for object 1"
    )
    with pytest.raises(refrace.CorruptionFound, match="deadlock"):
        a_report().raise_for_findings()


@pytest.mark.parametrize("changes", [CLEAN, UNDECIDED], ids=["clean", "undecided"])
def test_without_a_deadlock_there_is_no_finding_and_no_victim(changes):
    report = a_report(**changes)

    assert (report.findings, report.victim) == ((), None)


@each_report
def test_a_report_survives_a_json_round_trip(report):
    again = DeadlockReport.from_json(report.to_json())

    assert again == report
    assert all(isinstance(edge, WaitEdge) for edge in again.cycle)


@each_report
def test_text_fits_80_columns_and_html_shows_the_same_blocks(report, same_blocks):
    same_blocks(report)


def test_the_stored_cycle_names_its_parts():
    assert a_report().to_dict()["cycle"][0] == {"thread": 1, "holds": 1, "waits_for": 0}


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("order", "sideways", r"refrace/deadlock\.order is 'sideways'"),
        ("cycle", [{"thread": 0, "holds": 0}], r"cycle\[0\] .*'waits_for'"),
        ("cycle", [[0, 0, 1]], r"cycle\[0\] .* an object"),
        ("cycle", [{"thread": "0", "holds": 0, "waits_for": 1}], r"cycle\[0\]\.thread"),
        ("version", 2, "version is 2"),
        ("format", "refrace/race", "format is 'refrace/race'"),
    ],
)
def test_stored_data_that_was_changed_is_refused_with_its_place(key, value, says):
    with pytest.raises(refrace.InvalidData, match=says):
        DeadlockReport.from_dict(a_report().to_dict() | {key: value})
