"""The append report: its text, its HTML, its stored form, and its judgement."""

import pytest

import refrace
from refrace.lessons.append_report import AppendReport

ENVIRONMENT = refrace.Environment("3.12.0", True, 2, "Linux x86_64")


def a_report(**changes):
    report = AppendReport(
        threads=2,
        gil="held",
        locked=False,
        seed=7,
        appends=2000,
        appends_requested=2000,
        kept=1100,
        overwritten=890,
        cut_off=10,
        length=1100,
        interleaved=1650,
        elapsed_s=0.05,
        environment=ENVIRONMENT,
    )
    return report.replace(**changes)


KEPT = {"kept": 2000, "length": 2000, "overwritten": 0, "cut_off": 0}
LOCKED = KEPT | {"locked": True, "interleaved": 0}
EMPTY = dict.fromkeys(
    ("appends", "kept", "overwritten", "cut_off", "length", "interleaved"), 0
)
VAST = {
    "appends": 64_000_000,
    "appends_requested": 64_000_000,
    "overwritten": 63_998_890,
    "threads": 64,
    "seed": 2**64 - 1,
}

each_report = pytest.mark.parametrize(
    "report",
    [
        a_report(),
        a_report(gil="released"),
        a_report(**LOCKED),
        a_report(**KEPT),
        a_report(**KEPT, interleaved=0),
        a_report(**EMPTY),
        a_report(**VAST),
    ],
    ids=["lost", "released", "locked", "kept", "not met", "stopped", "vast"],
)


def test_the_text_says_what_was_lost_and_how():
    assert str(a_report()) == (
        "append without a lock, GIL held in each step: 900 of 2,000 items lost.\n"
        "2 threads appended 1,000 items each in three steps (read the length, store "
        "the\n"
        "item there, publish the length plus one), and released the GIL between the\n"
        "steps.\n"
        "\n"
        "  appends          2,000  completed\n"
        "    kept           1,100  the array has length 1,100\n"
        "    overwritten      890  another got the same index\n"
        "    cut off           10  the length was set back below them\n"
        "  interleaved      1,650  another made a step in between\n"
        "  elapsed        0.050 s\n"
        "\n"
        "The GIL makes each step atomic, but not the three together. That takes a "
        "lock\n"
        "around all three.\n"
        "CPython 3.12.0 (GIL), 2 cores, Linux x86_64; seed 7."
    )


@pytest.mark.parametrize(
    ("changes", "answer", "conclusive"),
    [
        (
            {"gil": "released"},
            "append without a lock, no GIL held: 900 of 2,000 items lost.",
            True,
        ),
        (
            LOCKED,
            "locked append, GIL held in each step: all 2,000 items kept.",
            True,
        ),
        (
            KEPT,
            "append without a lock, GIL held in each step: all 2,000 items kept in "
            "this run.",
            True,
        ),
        (
            KEPT | {"interleaved": 0},
            "append without a lock, GIL held in each step: all 2,000 items kept, but "
            "this run proves nothing: no appends were interleaved.",
            False,
        ),
        (
            KEPT | {"threads": 1},
            "append without a lock, GIL held in each step: all 2,000 items kept, but "
            "this run proves nothing: one thread cannot race.",
            False,
        ),
        (
            LOCKED | {"appends_requested": 4000},
            "locked append, GIL held in each step: all 2,000 items kept, but this run "
            "proves nothing: it was stopped early.",
            False,
        ),
        (
            EMPTY,
            "append without a lock, GIL held in each step: stopped before the first "
            "append was complete.",
            False,
        ),
    ],
    ids=["released", "locked", "kept", "not met", "alone", "stopped", "empty"],
)
def test_lost_kept_and_unproved_are_different_sentences(changes, answer, conclusive):
    report = a_report(**changes)

    assert (report.answer, report.is_conclusive) == (answer, conclusive)


def test_lost_items_are_one_finding_and_raise():
    (finding,) = a_report().findings

    assert (finding.kind, finding.count) == ("wrong-value", 900)
    assert finding.message == (
        "900 of 2,000 appended items are not in the array: 890 overwritten, 10 cut off"
    )
    with pytest.raises(refrace.CorruptionFound, match="900 of 2,000"):
        a_report().raise_for_findings()


def test_without_a_lost_item_there_is_no_finding():
    report = a_report(**LOCKED)

    assert report.findings == ()
    report.raise_for_findings()


@each_report
def test_a_report_survives_a_json_round_trip(report):
    assert AppendReport.from_json(report.to_json()) == report


@each_report
def test_text_fits_80_columns_and_html_shows_the_same_blocks(report, same_blocks):
    same_blocks(report)


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("gil", "maybe", r"refrace/append\.gil is 'maybe'"),
        ("kept", 1.5, r"refrace/append\.kept is 1\.5"),
        ("locked", 0, r"refrace/append\.locked is 0"),
        ("version", 0, "version is 0"),
    ],
)
def test_stored_data_that_was_changed_is_refused_with_its_place(key, value, says):
    with pytest.raises(refrace.InvalidData, match=says):
        AppendReport.from_dict(a_report().to_dict() | {key: value})
