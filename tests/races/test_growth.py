"""How runs, states and corruption grow: the exact figures, and their charts."""

from fractions import Fraction

import pytest

import refrace
from refrace.races.growth import program_of


def grown(**options):
    return refrace.growth(**{"pairs": 2, "rounds": 0, "seed": 1, **options})


def test_the_figures_are_those_of_explorations():
    for number, row in enumerate(grown(threads=2).rows):
        found = refrace.explore(program_of(2, number), "unlocked")
        corrupt = [one.probability for kinds, one in found.outcomes.items() if kinds]
        assert (row.states, row.interleavings) == (found.states, found.interleavings)
        assert row.probability == sum(corrupt)
        assert row.operations == 2 * number + 1


def test_one_decrement_of_two_threads_has_six_runs_and_half_a_chance():
    row = grown(pairs=0).rows[0]

    assert (row.interleavings, row.states, row.probability) == (6, 9, Fraction(1, 2))


def test_a_correct_mode_has_no_chance_of_corruption():
    seen = grown(mode_or_name="atomic", rounds=10)

    assert {row.probability for row in seen.rows} == {0}
    assert {row.natural_corrupt + row.widened_corrupt for row in seen.rows} == {0}
    assert seen.judgement == "clean"


def test_rounds_on_real_threads_stand_next_to_the_probability():
    seen = grown(rounds=20)

    for row in seen.rows:
        assert (row.natural_rounds, row.widened_rounds) == (20, 20)
        assert row.frequency("natural") == row.natural_corrupt / 20
    assert grown().rows[0].frequency("widened") is None


def test_a_time_limit_leaves_rows_out_and_says_so():
    seen = grown(seconds=0)

    assert (seen.rows, seen.judgement) == ((), "inconclusive")
    assert "0 of 3 rows were done" in str(seen)


def test_progress_tells_the_rows_done_and_an_interrupt_keeps_them():
    told = []

    def stop(done, total):
        told.append((done, total))
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(refrace.Interrupted) as caught:
        grown(progress=stop)

    assert told == [(1, 3), (2, 3)]
    assert len(caught.value.report.rows) == 2


def test_it_is_stored_and_read_back():
    seen = grown(rounds=10)

    assert refrace.read_result(seen.to_json()) == seen


@pytest.mark.parametrize("what", ["probability", "states"])
def test_a_chart_has_the_exact_figures_and_a_description(what):
    pytest.importorskip("altair", reason="NOT TESTED: altair is not installed")
    seen = grown(rounds=10)
    chart = seen.plot(what).to_dict()

    values = [v for data in chart.get("datasets", {}).values() for v in data]
    values = values or chart["data"]["values"]
    exact = {(v["series"], v["operations"]): v["exact"] for v in values}
    for row in seen.rows:
        if what == "states":
            assert exact["interleavings", row.operations] == str(row.interleavings)
            assert exact["states", row.operations] == str(row.states)
        else:
            assert exact["exact probability", row.operations] == str(row.probability)
            assert exact["natural rounds", row.operations].endswith(" of 10")
    assert seen.answer in chart["description"]


def test_the_figures_of_the_charts_are_in_the_text_too():
    text = str(grown())

    for row in grown().rows:
        assert f"{row.interleavings:,}" in text
        assert f"{row.states:,}" in text
        assert f"{float(row.probability):.4f}" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"threads": 5}, "threads=5"),
        ({"pairs": 13}, "pairs=13"),
        ({"rounds": -1}, "rounds=-1"),
        ({"seconds": -1}, "seconds=-1"),
    ],
)
def test_wrong_arguments_name_the_cure(arguments, message):
    with pytest.raises(refrace.InvalidArgument, match=message):
        refrace.growth(**arguments)


def test_an_unknown_chart_names_the_others():
    with pytest.raises(refrace.InvalidArgument, match="'probability', 'states'"):
        grown(pairs=0).plot("time")


def test_the_command_prints_the_rows(capsys):
    from refrace.cli import main

    assert main(["growth", "unlocked", "--pairs", "1", "--rounds", "0"]) == 0
    assert "1,084" in capsys.readouterr().out
