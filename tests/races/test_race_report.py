"""What a race's report says, on data made by hand."""

import pytest

import refrace
from refrace.environment import Environment

CLEAN = refrace.RaceReport(
    mode="object_lock",
    threads=2,
    gil="released",
    shared=True,
    owner="racing",
    hold=10,
    seed=7,
    objects=100,
    objects_requested=100,
    operations=4100,
    intact=100,
    leaked=0,
    freed_early=0,
    dangling_uses=0,
    double_frees=0,
    freed_late=0,
    late_s=0.0,
    lost_increments=0,
    lost_decrements=0,
    drift=0,
    overlap=0.5,
    busy_s=0.001,
    elapsed_s=0.002,
    environment=Environment("3.11.0", True, 2, "Linux x86_64"),
)
CORRUPT = CLEAN.replace(
    mode="unlocked",
    intact=60,
    leaked=30,
    freed_early=10,
    dangling_uses=5,
    double_frees=1,
    lost_increments=12,
    lost_decrements=40,
    drift=33,
)


def first_line(report):
    return str(report).splitlines()[0]


def test_the_first_line_of_a_clean_race_says_intact_and_how_much_threads_met():
    assert first_line(CLEAN) == (
        "object_lock: all 100 objects intact, threads overlapped 50% of the time."
    )


def test_the_first_line_of_a_corrupt_race_says_how_many_of_each():
    assert first_line(CORRUPT) == (
        "unlocked: 40 of 100 objects corrupted: 30 leaked, 10 freed early."
    )


def test_a_clean_race_without_overlap_says_that_it_proves_nothing():
    report = CLEAN.replace(overlap=0.001)

    assert not report.is_conclusive
    assert "proves nothing" in report.answer


def test_one_thread_says_that_it_cannot_race():
    report = CLEAN.replace(threads=1, overlap=0.0)

    assert "one thread cannot race" in report.answer


def test_turns_under_the_gil_need_no_overlap_to_mean_something():
    report = CLEAN.replace(gil="held", overlap=0.0)

    assert report.is_conclusive
    assert "taking turns" in report.answer


def test_findings_name_each_kind_of_damage_with_how_often():
    assert [(str(f.kind), f.count) for f in CORRUPT.findings] == [
        ("dangling-free", 10),
        ("use-after-free", 5),
        ("double-free", 1),
        ("leak", 30),
    ]


def test_raising_for_findings_carries_the_report_and_prints_it():
    with pytest.raises(refrace.CorruptionFound, match="40 of 100") as caught:
        CORRUPT.raise_for_findings()

    assert caught.value.report is CORRUPT


def test_who_made_the_objects_is_reported_only_where_no_racing_thread_did():
    elsewhere = CLEAN.replace(owner="elsewhere")

    assert "made by a thread that did not race" in " ".join(str(elsewhere).split())
    assert "made by" not in str(CLEAN)
    assert refrace.RaceReport.from_json(elsewhere.to_json()) == elsewhere


@pytest.mark.parametrize(
    ("hold", "threads", "sentence"),
    [
        (1, 2, "2 threads each took 1 reference to the same objects, then dropped it."),
        (9, 2, "2 threads each took 9 references to the same objects, then dropped th"),
        (1, 1, "1 thread took 1 reference to the same objects, then dropped it."),
    ],
)
def test_one_reference_is_not_shown_as_many(hold, threads, sentence):
    report = CLEAN.replace(hold=hold, threads=threads)

    assert sentence in " ".join(str(report).split())


def test_late_objects_are_reported_with_the_mean_of_how_late_where_there_are_any():
    late = CLEAN.replace(freed_late=80, late_s=80 * 250e-9)

    assert late.late_mean_s == pytest.approx(250e-9)
    words = " ".join(str(late).split())
    assert "freed late 80 250 ns or more after the last drop" in words
    assert "freed late" not in str(CLEAN)
    assert CLEAN.late_mean_s == 0
    assert refrace.RaceReport.from_json(late.to_json()) == late


@pytest.mark.parametrize(
    "report",
    [
        CLEAN,
        CORRUPT,
        CLEAN.replace(owner="elsewhere"),
        CLEAN.replace(freed_late=80, late_s=4.0),
    ],
)
def test_no_line_of_the_text_is_longer_than_80_columns(report):
    assert max(map(len, str(report).splitlines())) <= 80


@pytest.mark.parametrize("report", [CLEAN, CORRUPT])
def test_the_html_has_the_same_cells_as_the_text(report):
    html = report._repr_html_()

    for line in str(report).splitlines():
        for cell in line.split("  "):
            if cell.strip() and line.startswith("  "):
                assert cell.strip() in html
    assert "<script" not in html
