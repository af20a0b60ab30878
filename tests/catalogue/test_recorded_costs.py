"""What the package keeps of what modes cost, on their cards and in the README."""

import importlib.util
import json
from pathlib import Path

import pytest

import refrace
from refrace import CostFigure, Environment, RecordedCost, Spread
from refrace.catalogue import recorded_costs
from refrace.catalogue.recorded_costs import RecordedCosts, costs_text

ROOT = Path(__file__).parents[2]
HERE = Environment(python="3.11.7", gil_enabled=True, cores=2, machine="Linux x86_64")


def spread(median):
    return Spread(median=median, low=median * 0.9, high=median * 1.1, n=7)


def figure(ratio, threads=1, objects="private", owner="racing", **changed):
    parts = {"overlap": 0.9, "settled": 100, "corrupted": 0, **changed}
    return CostFigure(threads, objects, owner, spread(ratio), **parts)


BIASED = RecordedCost(
    "biased",
    (
        figure(1.5),
        figure(9.125, owner="elsewhere"),
        figure(16.5, 2, "shared"),
        figure(2.1, 2, overlap=0.25),
    ),
)
UNLOCKED = RecordedCost(
    "unlocked", (figure(1.0), figure(5.25, 2, "shared", corrupted=94))
)


def costs_of(*costs):
    return RecordedCosts("0.1.0", "2026-11-23", 21, HERE, costs)


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location(
        "make_costs", ROOT / "docs" / "make_costs.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def costs_file(tmp_path, monkeypatch):
    """A file of costs in place of the package's."""
    file = tmp_path / "costs.json"
    monkeypatch.setattr(recorded_costs, "COSTS_FILE", file)
    return file


def test_a_cost_is_reported_case_by_case_with_where_it_was_measured():
    assert costs_of(BIASED).text_of("biased") == (
        "latency 1.5 times unlocked on one thread, 9.12 on one thread, not the owner, "
        "16.5 on a shared object from 2 threads, 2.1 on private objects from 2 threads "
        "(overlap 25%); throughput not recorded (recorded on CPython 3.11.7 (GIL), "
        "2 cores, Linux x86_64; refrace compare measures yours)"
    )


def test_the_mode_that_the_others_are_divided_by_is_reported_as_the_unit():
    text = costs_of(UNLOCKED).text_of("unlocked")

    assert text.startswith(
        "latency the unit on one thread, 5.25 on a shared object from 2 threads; "
    )


def test_both_costs_are_in_one_cell_of_the_table(script):
    atomic = RecordedCost("atomic", (figure(6.5), figure(7.75, workload="throughput")))
    costs = costs_of(atomic)

    text, rows = costs.text_of("atomic"), script.table(costs).splitlines()

    assert text.startswith(
        "latency 6.5 times unlocked on one thread; throughput 7.75 times unlocked on "
        "one thread (recorded on "
    )
    assert rows[2:5] == [
        "| `atomic` | correct | 6.5 / 7.75 |  |  |  |",
        "",
        script.LEGEND,
    ]


def test_a_record_of_latencies_alone_is_still_read(costs_file):
    new = json.loads(costs_text(costs_of(BIASED)))
    del new["recorded"]["environment"]["processor"]
    for cost in new["recorded"]["costs"]:
        for one in cost["figures"]:
            del one["workload"]
    costs_file.write_text(json.dumps({**new, "version": 1}))

    assert new["version"] == 2
    assert recorded_costs.recorded_costs() == costs_of(BIASED)


def test_a_figure_is_found_by_its_case():
    assert BIASED.figure(2, "shared").ratio.median == 16.5
    assert BIASED.figure(1, "private", "elsewhere").ratio.median == 9.125
    assert UNLOCKED.figure(1, "private", "elsewhere") is None
    assert costs_of(BIASED).of("unlocked") is None


def test_what_is_written_is_read_and_shown_on_the_card(costs_file):
    costs_file.write_text(costs_text(costs_of(UNLOCKED, BIASED)))

    mode = refrace.mode("biased")

    assert mode.cost == BIASED
    assert "  cost         latency 1.5 times unlocked on one thread, 9.12" in str(mode)
    kept = mode.to_dict()["cost"]["figures"][0]["ratio"]
    assert kept == {"median": 1.5, "low": 1.35, "high": 1.5 * 1.1, "n": 7}


def test_a_mode_without_a_recorded_cost_says_how_to_measure_it(costs_file):
    costs_file.write_text(costs_text(costs_of(UNLOCKED)))

    mode = refrace.mode("sticky")

    assert (mode.cost, mode.to_dict()["cost"]) == (None, None)
    assert "  cost         not recorded: refrace compare measures it\n" in str(mode)
    costs_file.unlink()
    recorded_costs._costs.cache_clear()
    assert "not recorded: refrace compare measures it" in str(mode)


def test_a_damaged_record_is_reported_and_not_guessed(costs_file):
    costs_file.write_text('{"format": "refrace/recorded-costs", "version": 1}')

    with pytest.raises(refrace.InvalidData, match=r"costs\.json is None; expected"):
        _ = refrace.mode("atomic").cost


def test_the_table_has_a_row_for_each_mode_and_says_what_went_wrong(script):
    rows = script.table(costs_of(UNLOCKED, BIASED)).splitlines()

    assert rows[2:4] == [
        "| `unlocked` | broken | 1 | 5.25 (and 94% of the objects corrupted) |  |  |",
        "| `biased` | correct | 1.5 | 16.5 | 2.1 (overlap 25%) | 9.12 |",
    ]
    assert rows[-1] == f"{HERE}; 2026-11-23, 21 rounds."


def test_all_rows_of_a_comparison_are_kept_with_their_quartiles(script):
    comparison = refrace.compare(["biased"], rounds=2)

    kept = script.recorded(comparison, "2026-11-23")

    (cost,) = kept.costs
    assert [one.ratio for one in cost.figures] == [row.ratio for row in comparison.rows]
    assert len(cost.figures) == 8
    assert (kept.rounds, kept.environment) == (2, comparison.environment)


def test_a_new_table_takes_the_place_of_the_old_one(script):
    old = f"before\n{script.BEGIN}old\n{script.END}after\n"

    new = script.with_table(old, costs_of(UNLOCKED))

    assert new == script.with_table(new, costs_of(UNLOCKED))
    assert new.startswith(f"before\n{script.BEGIN}| mode |")
    assert new.endswith(f"{script.END}after\n")
    assert "old" not in new


def test_the_page_has_the_table_of_the_record(script):
    page = script.PAGE.read_text()

    costs = recorded_costs.recorded_costs()

    assert script.with_table(page, costs) == page, "run `make costs`"


def test_the_record_has_its_modes_in_order_and_in_the_cases_of_a_comparison():
    costs = recorded_costs.recorded_costs()

    # A new mode has no record before `make costs`.
    recorded = [mode for mode in refrace.modes() if mode.cost is not None]
    assert len(recorded) >= 20
    assert [cost.mode for cost in costs.costs] == [mode.name for mode in recorded]
    for mode in recorded:
        cost = mode.cost
        assert cost.figure(1, "private") is not None
        assert cost.figure(2, "shared") is not None
        assert cost.figure(2, "private") is not None
        elsewhere = cost.figure(1, "private", "elsewhere")
        assert (elsewhere is not None) == mode.has_owner
        for one in cost.figures:
            assert 0 < one.ratio.low <= one.ratio.median <= one.ratio.high
            assert mode.claim == "broken" or one.corrupted == 0
    units = [one for one in refrace.mode("unlocked").cost.figures if one.threads == 1]
    assert {unit.workload for unit in units} == {"latency", "throughput"}
    assert {unit.ratio.median for unit in units} == {1}
