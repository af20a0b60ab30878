"""A comparison measures every row in every round and says what it is worth."""

import dataclasses

import pytest

import refrace
from refrace.display.numbers import short
from refrace.environment import Environment
from refrace.races import compare
from refrace.races.comparison_report import Comparison
from refrace.races.comparison_row import ComparisonRow
from refrace.races.prices import Price

ROW = ComparisonRow(
    mode="atomic",
    claims_correct=True,
    memory=refrace.Memory(words=1, locks=0, lanes=0, bytes=8, lane_bytes=0),
    threads=2,
    objects="shared",
    owner="racing",
    settled=66,
    corrupted=0,
    freed_late=0,
    late_s=0.0,
    ns_per_operation=refrace.Spread(20.0, 19.0, 21.0, 11),
    ratio=refrace.Spread(10.0, 9.5, 10.5, 11),
    scaling=refrace.Spread(0.2, 0.1, 0.3, 11),
    overlap=0.9,
)
COMPARISON = Comparison((ROW,), 11, 11, Environment("3.11.0", True, 2, "Linux x86_64"))


def test_there_are_two_rows_for_each_mode_threads_and_kind_of_objects():
    comparison = refrace.compare(["unlocked", "atomic"], threads=[2, 1], rounds=1)

    expected = [
        (mode, threads, objects, workload)
        for mode in ("unlocked", "atomic")
        for threads, objects in ((1, "private"), (2, "shared"), (2, "private"))
        for workload in ("latency", "throughput")
    ]
    assert [
        (row.mode, row.threads, row.objects, row.workload) for row in comparison.rows
    ] == expected


def test_a_mode_with_owners_is_measured_on_objects_of_another_too():
    comparison = refrace.compare(["biased"], threads=[2, 1], rounds=1)

    latencies = [row for row in comparison.rows if row.workload == "latency"]
    assert [(row.threads, row.objects, row.owner) for row in latencies] == [
        (1, "private", "racing"),
        (1, "private", "elsewhere"),
        (2, "shared", "racing"),
        (2, "private", "racing"),
    ]
    assert comparison.cases() == [
        "1 thread, latency",
        "1 thread, throughput",
        "1 thread, not the owner, latency",
        "1 thread, not the owner, throughput",
        "2 threads, same object, latency",
        "2 threads, same objects, throughput",
        "2 threads, own objects, latency",
        "2 threads, own objects, throughput",
    ]
    assert "  1 thread, not the owner, throughput" in str(comparison).splitlines()
    assert comparison.findings == ()
    assert Comparison.from_json(comparison.to_json()) == comparison


def test_what_was_freed_late_is_a_table_of_the_modes_in_which_something_was():
    comparison = refrace.compare(["biased", "atomic"], threads=[1], rounds=2)

    assert [row.late_share for row in comparison.rows] == [1, 1, 0, 0, 0, 0]
    lines = str(comparison).splitlines()
    at = lines.index("  Freed late")
    assert lines[at + 3].split()[:5] == ["biased", "1", "thread,", "latency", "100%"]
    assert lines[at + 3].endswith(" us")
    assert " ".join(lines[at + 6].split()) == (
        "biased 1 thread, not the owner, throughput 0%"
    )
    assert not lines[at + 7]
    assert "Freed late" not in str(COMPARISON)


def test_the_price_of_a_mode_with_owners_is_that_of_the_owner():
    rows = tuple(
        dataclasses.replace(
            ROW,
            threads=1,
            objects="private",
            owner=owner,
            ratio=refrace.Spread(ratio, ratio, ratio, 11),
        )
        for owner, ratio in (("racing", 2.0), ("elsewhere", 30.0))
    )

    assert "atomic 2x" in COMPARISON.replace(rows=rows).answer


def test_the_baseline_is_exactly_one_and_one_thread_scales_by_one():
    comparison = refrace.compare(["unlocked"], threads=[1], rounds=3)

    assert len(comparison.rows) == 2
    for row in comparison.rows:
        assert row.ratio == refrace.Spread(1.0, 1.0, 1.0, 3)
        assert row.scaling == refrace.Spread(1.0, 1.0, 1.0, 3)
        assert row.corrupted == 0


def test_the_answer_gives_both_prices_of_a_mode():
    rows = tuple(
        dataclasses.replace(
            ROW,
            threads=1,
            objects="private",
            workload=workload,
            ratio=refrace.Spread(ratio, ratio, ratio, 11),
        )
        for workload, ratio in (("latency", 6.5), ("throughput", 7.75))
    )

    assert COMPARISON.replace(rows=rows).answer == (
        "intact: atomic 6.5x/7.75x the cost of unlocked (latency/throughput)."
    )


def test_a_comparison_that_an_older_refrace_stored_is_one_of_latencies():
    old = COMPARISON.to_dict()
    old["version"] = 1
    del old["environment"]["processor"]
    for row in old["rows"]:
        del row["workload"]

    assert COMPARISON.to_dict()["version"] == 2
    assert Comparison.from_dict(old) == COMPARISON
    with pytest.raises(refrace.InvalidData, match="version is 3"):
        Comparison.from_dict({**old, "version": 3})
    with pytest.raises(refrace.InvalidData, match="format is"):
        Comparison.from_dict({**old, "format": "refrace/race"})


def test_modes_that_claim_to_be_correct_lose_nothing_while_compared():
    comparison = refrace.compare(rounds=1)

    assert {row.corrupted for row in comparison.rows if row.claims_correct} == {0}
    assert comparison.findings == ()


def test_corruption_is_a_finding_only_where_the_mode_claims_otherwise():
    broken = Comparison(
        (
            ROW.__class__(**{**_fields(ROW), "corrupted": 3}),
            ROW.__class__(**{**_fields(ROW), "corrupted": 3, "claims_correct": False}),
        ),
        11,
        11,
        COMPARISON.environment,
    )

    assert [finding.count for finding in broken.findings] == [3]


def _fields(row):
    return {name: getattr(row, name) for name in row.__slots__}


def test_a_comparison_survives_the_round_trip_through_json():
    comparison = refrace.compare(["object_lock"], rounds=2)

    assert Comparison.from_json(comparison.to_json()) == comparison


def test_rows_where_threads_never_met_are_called_inconclusive():
    apart = COMPARISON.replace(
        rows=(ROW.__class__(**{**_fields(ROW), "overlap": 0.0}),)
    )

    assert COMPARISON.is_conclusive
    assert not apart.is_conclusive
    assert "did not overlap" in str(apart)


def test_the_text_fits_80_columns_and_the_html_has_the_same_numbers():
    text = str(COMPARISON)

    assert max(map(len, text.splitlines())) <= 80
    assert "atomic 10x" in text.splitlines()[0]
    assert "<td" in COMPARISON._repr_html_()
    assert "9.5-10.5" in COMPARISON._repr_html_()


@pytest.mark.parametrize("mode", [mode.name for mode in refrace.modes()])
def test_no_mode_has_a_name_too_long_for_the_table(mode):
    wide = refrace.Spread(123.4, 0.983, 0.991, 11)
    row = dataclasses.replace(
        ROW,
        mode=mode,
        threads=64,
        objects="private",
        ns_per_operation=wide,
        ratio=wide,
        overlap=1.0,
        freed_late=66,
        late_s=9.0,
    )
    round_over_many = dataclasses.replace(row, workload="throughput")
    text = str(COMPARISON.replace(rows=(row, round_over_many)))

    assert max(map(len, text.splitlines())) <= 80


def test_each_case_has_a_table_with_the_cheapest_mode_first():
    rows = tuple(
        dataclasses.replace(
            ROW,
            mode=mode,
            threads=threads,
            objects=objects,
            ratio=refrace.Spread(ratio, ratio, ratio, 11),
        )
        for mode, ratios in {"dear": (9.0, 3.0), "cheap": (2.0, 4.0)}.items()
        for (threads, objects), ratio in zip(
            [(1, "private"), (2, "shared")], ratios, strict=True
        )
    )
    lines = str(COMPARISON.replace(rows=rows)).splitlines()
    captions = [lines.index(f"  {case}") for case in ("1 thread, latency", ROW.case)]

    assert [[lines[at + line].split()[0] for line in (3, 4)] for at in captions] == [
        ["cheap", "dear"],
        ["dear", "cheap"],
    ]


def test_modes_that_keep_the_same_of_an_object_are_reported_together_the_least_first():
    held = {
        "locked": refrace.Memory(1, 1, 0, 48, 0),
        "plain": refrace.Memory(1, 0, 0, 8, 0),
        "lanes": refrace.Memory(1, 0, 2, 8, 16),
        "bare": refrace.Memory(1, 0, 0, 8, 0),
    }
    rows = tuple(
        dataclasses.replace(ROW, mode=mode, memory=memory, threads=threads)
        for mode, memory in held.items()
        for threads in (2, 3)
    )
    comparison = COMPARISON.replace(rows=rows)
    lines = str(comparison).splitlines()
    at = lines.index("  Memory per object")

    assert [" ".join(line.split()) for line in lines[at + 3 : at + 7]] == [
        "8 B 1 word plain, bare",
        "8 B + 16 B a thread 1 word and 2 words for lanes",
        "each thread",
        "48 B 1 word and 1 lock locked",
    ]
    assert Comparison.from_json(comparison.to_json()) == comparison
    assert "Memory" not in str(COMPARISON.replace(rows=()))


def test_with_twenty_modes_the_answer_stays_short_and_all_fits_80_columns():
    wide = refrace.Spread(1234.5, 1023.4, 1999.6, 11)
    rows = tuple(
        dataclasses.replace(
            ROW,
            mode=f"free_by_load_number_{i:02}",
            claims_correct=False,
            corrupted=i % 2,
            freed_late=66,
            late_s=66 * 1.5e-3,
            memory=refrace.Memory(7, 1, 2, 100 + i, 16),
            ratio=refrace.Spread(i + 1.0, i + 1.0, i + 1.0, 11) if i else wide,
        )
        for i in range(20)
    )
    text = str(COMPARISON.replace(rows=rows))

    assert max(map(len, text.splitlines())) <= 80
    assert "1,023-2,000" in text
    answer = " ".join(text.split("\n\n")[0].split())
    assert answer == (
        "10 modes (free_by_load_number_01, free_by_load_number_03, ...) corrupted "
        "objects; broken, but intact in this run: 10 modes (free_by_load_number_02, "
        "free_by_load_number_04, ...)."
    )


def test_of_many_correct_modes_the_answer_tells_the_cheapest_and_the_dearest():
    rows = tuple(
        dataclasses.replace(
            ROW, mode=f"mode_{i}", ratio=refrace.Spread(i + 0.5, i + 0.5, i + 0.5, 11)
        )
        for i in range(6)
    )

    assert COMPARISON.replace(rows=rows).answer == (
        "intact: 6 modes, from mode_0 0.5x to mode_5 5.5x the cost of unlocked."
    )


def test_the_answer_begins_with_the_rows_in_which_threads_did_not_meet():
    alone = dataclasses.replace(ROW, threads=1, objects="private")
    apart = dataclasses.replace(ROW, overlap=0.0)

    answer = COMPARISON.replace(rows=(alone, ROW, apart)).answer

    assert answer.startswith(
        "threads did not overlap in 1 of 2 rows with several threads, which are "
        "inconclusive; intact: "
    )


def test_a_mode_that_claims_to_be_broken_is_never_called_intact():
    broken = dataclasses.replace(ROW, mode="sneaky", claims_correct=False)

    assert COMPARISON.replace(rows=(broken,)).answer == (
        "broken, but intact in this run: sneaky."
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.00049, "0"),
        (0.98765, "0.988"),
        (1.0, "1"),
        (999.4, "999"),
        (999.5, "1,000"),
        (123456.7, "123,457"),
        (-12.345, "-12.3"),
    ],
)
def test_a_figure_has_three_digits_and_never_an_exponent(value, text):
    assert short(value) == text


def test_rounds_in_which_threads_hardly_met_are_left_out_if_enough_remain():
    case = compare._Case(2, "shared", "racing", "latency")
    cell = compare._Cell(refrace.mode("atomic"), case)
    samples = [
        compare._Sample(Price(ns, overlap, 1, 0, 0, 0.0), ns, ns)
        for ns, overlap in [(10.0, 0.9), (500.0, 0.0), (11.0, 0.8), (12.0, 0.5)]
    ]

    assert cell.row(samples).ns_per_operation.median == 11.0
    assert cell.row(samples).ratio.n == 3

    samples.pop()

    assert cell.row(samples).ratio.n == 3
    assert cell.row(samples).ns_per_operation.high == 255.5


def test_an_interrupt_keeps_the_rounds_measured_so_far():
    def interrupt_after_two(done, rounds):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(refrace.Interrupted) as caught:
        refrace.compare(
            ["atomic"], threads=[1], rounds=50, progress=interrupt_after_two
        )

    report = caught.value.report
    assert (report.rounds, report.rounds_requested) == (2, 50)
    assert report.rows[0].ratio.n == 2
    assert not report.is_conclusive


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"modes": "atomic"}, refrace.InvalidArgumentType, r"pass \['atomic'\]"),
        ({"modes": 3}, refrace.InvalidArgumentType, "modes=3 is not a list"),
        ({"modes": []}, refrace.InvalidArgument, "empty"),
        ({"modes": ["x"]}, refrace.UnknownMode, "mode='x'"),
        ({"threads": 2}, refrace.InvalidArgumentType, r"\(1, 2\)"),
        ({"threads": []}, refrace.InvalidArgument, "empty"),
        ({"threads": [1, 0]}, refrace.InvalidArgument, r"threads\[1\]=0"),
        ({"rounds": 0}, refrace.InvalidArgument, "rounds=0"),
    ],
)
def test_a_wrong_argument_names_value_and_cure(arguments, error, message):
    with pytest.raises(error, match=message):
        refrace.compare(**arguments)
