"""What a parallelism report says for given pairs of times."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import refrace
from refrace.environment import Environment
from refrace.lessons.parallelism_report import ParallelismReport
from refrace.lessons.parallelism_row import Pair, ParallelismRow

GIL = Environment("3.13.0", True, 2, "Linux x86_64")
FREE = Environment("3.13.5", False, 2, "Linux x86_64")
ONE_CORE = Environment("3.13.0", True, 1, "Linux x86_64")

SIDE_BY_SIDE = Pair(0.02, 0.02, 0.02, 0.04)
IN_TURNS = Pair(0.02, 0.02, 0.04, 0.04)
ASLEEP = Pair(0.02, 0.0, 0.02, 0.0002)
FIGHTING = Pair(0.02, 0.02, 0.04, 0.08)
HALFWAY = Pair(0.014, 0.014, 0.02, 0.028)


def row(name, holding, *pairs, threads=2, skipped=None):
    return ParallelismRow(name, "some work", holding, threads, 10, pairs, skipped)


YARDSTICK = row("c_loop", "released", SIDE_BY_SIDE)
SKIPPED = ParallelismRow("numpy", "sines", "released", 2, 0, (), "not installed")


def report(*rows, environment=GIL, yardstick=YARDSTICK, **changes):
    whole = ParallelismReport(
        threads=2,
        rounds=len(rows[0].pairs) if rows else 1,
        rows=rows,
        yardstick=yardstick,
        workloads_requested=len(rows),
        environment=environment,
    )
    return whole.replace(**changes)


@pytest.mark.parametrize(
    ("pair", "holding", "environment", "sentence"),
    [
        (IN_TURNS, "gil", GIL, "1.00 of 2 cores: the GIL lets one run"),
        (SIDE_BY_SIDE, "released", GIL, "2.00 of 2 cores: it releases the GIL"),
        (SIDE_BY_SIDE, "unknown", GIL, "2.00 of 2 cores: threads run in parallel"),
        (SIDE_BY_SIDE, "gil", FREE, "2.00 of 2 cores: no GIL: in parallel"),
        (ASLEEP, "waits", GIL, "0.01 of 2 cores: waiting needs neither core nor GIL"),
        (ASLEEP, "waits", FREE, "0.01 of 2 cores: waits, no core"),
        (
            IN_TURNS,
            "unknown",
            GIL,
            "1.00 of 2 cores: one at a time: the GIL, or a lock of its own",
        ),
        (
            IN_TURNS,
            "released",
            GIL,
            "1.00 of 2 cores: one at a time, though it releases the GIL",
        ),
        (
            IN_TURNS,
            "unknown",
            FREE,
            "1.00 of 2 cores: one at a time, though there is no GIL: a lock, or memory",
        ),
        (
            FIGHTING,
            "unknown",
            FREE,
            "2.00 of 2 cores: cores busy, little gained: threads slow each other down",
        ),
        (HALFWAY, "unknown", GIL, "1.40 of 2 cores: partly in parallel"),
        (IN_TURNS, "gil", ONE_CORE, "1.00 of 1 core: inconclusive on one core"),
    ],
)
def test_the_sentence_tells_cores_used_and_why(pair, holding, environment, sentence):
    assert row("work", holding, pair).sentence(environment) == sentence


def test_speedup_is_work_per_time_against_one_thread():
    pair = Pair(one_wall_s=3.0, one_cpu_s=3.0, many_wall_s=4.0, many_cpu_s=10.0)

    assert pair.speedup(4) == 3.0  # four times the work in 4/3 of the time
    assert pair.cores_used == 2.5


def test_one_outlier_among_five_pairs_moves_neither_median_nor_quartiles():
    disturbed = row("work", "gil", *[IN_TURNS] * 4, Pair(0.02, 0.02, 0.4, 0.04))

    assert disturbed.speedup == refrace.Spread(1.0, 1.0, 1.0, 5)


def test_pairs_that_lie_far_apart_give_no_verdict():
    noisy = row("work", "gil", IN_TURNS, SIDE_BY_SIDE, IN_TURNS, SIDE_BY_SIDE)

    assert noisy.verdict(2) == "noisy"
    assert noisy.cause(GIL) == "too noisy: speedup 1.00 to 2.00"
    assert not report(noisy).is_conclusive


def test_the_answer_for_one_workload_is_its_sentence():
    assert report(row("pure_python", "gil", IN_TURNS)).answer == (
        "pure_python: 1.00 of 2 cores: the GIL lets one run."
    )


def test_the_answer_for_several_sorts_them_by_what_they_do():
    several = report(
        row("pure_python", "gil", IN_TURNS),
        row("sleep", "waits", ASLEEP),
        row("hashing", "released", SIDE_BY_SIDE),
        YARDSTICK,
    )

    assert several.is_conclusive
    assert several.answer == (
        "2 threads: one at a time in pure_python; in parallel in hashing, c_loop; "
        "only waiting in sleep."
    )


def test_one_core_is_inconclusive():
    one = report(row("pure_python", "gil", IN_TURNS), environment=ONE_CORE)

    assert not one.is_conclusive
    assert one.answer == (
        "Inconclusive: this process can use only one core, with or without a GIL."
    )


def test_a_machine_that_lends_no_second_core_is_inconclusive():
    busy = report(
        row("pure_python", "gil", IN_TURNS),
        yardstick=row("c_loop", "released", IN_TURNS),
    )

    assert not busy.is_conclusive
    assert busy.answer == (
        "Inconclusive: the machine gave 1.00 of 2 cores to a C loop without the GIL "
        "(1.00 times the work)."
    )
    assert "the GIL lets one run" not in str(busy)


def test_a_skipped_workload_says_why_and_leaves_the_rest_conclusive():
    both = report(row("pure_python", "gil", IN_TURNS), SKIPPED)

    assert SKIPPED.sentence(GIL) == "skipped: not installed"
    assert both.is_conclusive
    assert "not installed" in str(both)


def test_a_report_of_skipped_workloads_only_is_not_a_result():
    assert not report(SKIPPED).is_conclusive
    assert report(SKIPPED).answer == "numpy: skipped: not installed."


def test_an_interrupted_measurement_is_distinguished_from_a_complete_one():
    part = report(row("pure_python", "gil", IN_TURNS), workloads_requested=7)
    empty = report(yardstick=None, workloads_requested=7)

    assert not part.is_complete
    assert not part.is_conclusive
    assert "Stopped early: 1 of 7 workloads were started." in str(part)
    assert str(empty).startswith("Stopped before the first workload was measured.")


def rows(seconds, words):
    return st.builds(
        ParallelismRow,
        workload=words,
        title=st.just("some work"),
        holding=st.sampled_from(["gil", "released", "waits", "unknown"]),
        threads=st.integers(2, 64),
        amount=st.integers(0, 2**63 - 1),
        pairs=st.lists(st.builds(Pair, *[seconds] * 4), min_size=1, max_size=6).map(
            tuple
        ),
        skipped=st.none() | st.just("not installed"),
    )


def reports(seconds, words):
    return st.builds(
        ParallelismReport,
        threads=st.integers(2, 64),
        rounds=st.integers(1, 6),
        rows=st.lists(rows(seconds, words), max_size=4).map(tuple),
        yardstick=st.none() | rows(seconds, words),
        workloads_requested=st.integers(0, 4),
        environment=st.builds(
            Environment,
            st.just("3.13.0"),
            st.booleans(),
            st.integers(1, 64),
            st.just("Linux x86_64"),
        ),
    )


@settings(deadline=None)
@given(reports(st.floats(0, 1e4), st.text(max_size=99)))
def test_every_report_survives_json_and_has_no_findings(whole):
    assert ParallelismReport.from_json(whole.to_json()) == whole
    assert whole.findings == ()  # using one core is no corruption


@settings(deadline=None)
@given(reports(st.floats(0.1, 10), st.from_regex(r"[a-z_<>]{1,30}", fullmatch=True)))
def test_text_fits_80_columns_and_html_says_the_same(whole):
    text, html = str(whole), whole._repr_html_()

    assert max(map(len, text.splitlines())) <= 80
    assert " ".join(text.split()).startswith(whole.answer)
    for r in whole.rows:
        assert f"{r.speedup.median:.2f}" in text
        assert f"{r.speedup.median:.2f}" in html


def test_html_shows_the_same_rows_as_text():
    whole = report(row("pure_python", "gil", IN_TURNS), YARDSTICK)

    for words in ("pure_python", "the GIL lets one run", "Yardstick", "CPython 3.13.0"):
        assert words in str(whole)
        assert words in whole._repr_html_()


def test_data_of_another_version_is_refused():
    with pytest.raises(refrace.InvalidData, match="version"):
        ParallelismReport.from_dict({**report(YARDSTICK).to_dict(), "version": 99})
