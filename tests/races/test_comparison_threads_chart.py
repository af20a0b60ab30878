"""The chart of costs against threads: every row, once in each panel it belongs to."""

import pytest

import refrace
from refrace.environment import Environment
from refrace.races.comparison_report import Comparison
from refrace.races.comparison_row import ComparisonRow

pytest.importorskip("altair", reason="NOT TESTED: altair is not installed")


def row(mode, threads, objects, ratio, *, owner="racing", correct=True):
    return ComparisonRow(
        mode=mode,
        claims_correct=correct,
        memory=refrace.Memory(words=1, locks=0, lanes=0, bytes=8, lane_bytes=0),
        threads=threads,
        objects=objects,
        owner=owner,
        settled=100,
        corrupted=0,
        freed_late=0,
        late_s=0.0,
        ns_per_operation=refrace.Spread(ratio, ratio, ratio, 11),
        ratio=refrace.Spread(ratio, ratio * 0.9, ratio * 1.2, 11),
        scaling=refrace.Spread(1.0, 0.9, 1.1, 11),
        overlap=0.9,
    )


ROWS = (
    row("lock", 1, "private", 20.0),
    row("lock", 1, "private", 25.0, owner="elsewhere"),
    row("lock", 2, "shared", 60.0),
    row("lock", 2, "private", 40.0),
    row("plain", 1, "private", 1.0, correct=False),
    row("plain", 2, "shared", 7.5, correct=False),
    row("plain", 2, "private", 3.0, correct=False),
)
HERE = Environment("3.11.0", True, 2, "Linux x86_64")


def made(rows=ROWS):
    return Comparison(tuple(rows), 11, 11, HERE)


def values(chart):
    spec = chart.to_dict()
    return spec.get("data", spec["spec"].get("data"))["values"]


def test_a_mode_has_one_point_for_each_number_of_threads_in_a_panel():
    shown = values(made().plot("threads"))

    assert sorted((v["panel"], v["mode"], v["threads"], v["ratio"]) for v in shown) == [
        ("own objects, latency", "lock", 1, 20.0),
        ("own objects, latency", "lock", 2, 40.0),
        ("own objects, latency", "plain", 1, 1.0),
        ("own objects, latency", "plain", 2, 3.0),
        ("the same objects, latency", "lock", 1, 20.0),
        ("the same objects, latency", "lock", 2, 60.0),
        ("the same objects, latency", "plain", 1, 1.0),
        ("the same objects, latency", "plain", 2, 7.5),
    ]


def test_the_description_has_every_cost():
    comparison = made()
    told = comparison.plot("threads").to_dict()["description"]

    assert comparison.answer in told
    for one in ROWS:
        if one.owner == "racing":
            assert f"{one.mode}, {one.case}: " in told


def test_one_number_of_threads_is_no_chart():
    with pytest.raises(refrace.InvalidArgument, match=r"pass threads=\[1, 2\]"):
        made(one for one in ROWS if one.threads == 1).plot("threads")


def test_an_unknown_chart_names_the_others():
    with pytest.raises(refrace.InvalidArgument, match="'modes', 'threads'"):
        made().plot("cores")


def test_the_chart_by_modes_is_still_the_default():
    assert made().plot().to_dict() == made().plot("modes").to_dict()
