"""Progress in words: figures, rates, and estimates only where they are honest."""

import pytest

from refrace.cli.hunt_progress import hunt_progress, pace_of
from refrace.cli.progress import Pace, progress_bar
from refrace.hunting.progress import HuntProgress


@pytest.mark.parametrize(
    ("pace", "done", "total", "elapsed", "said"),
    [
        (Pace("runs"), 0, 900, 3.0, "0/900 runs"),
        (Pace("runs"), 300, 900, 3.0, "300/900 runs, 100 per second, about 6 s left"),
        (Pace("runs"), 3, 9, 1.5, "3/9 runs, 2.0 per second, about 3 s left"),
        # Too early for a rate.
        (Pace("runs"), 300, 900, 0.1, "300/900 runs"),
        (Pace("runs"), 900, 900, 3.0, "900/900 runs, 300 per second"),
        (
            Pace("runs", limit_s=5.0),
            300,
            90_000,
            3.0,
            "300/90,000 runs, 100 per second, 2 s left before the limit",
        ),
        # The number of states grows, so the time that is left is unknown.
        (
            Pace("states", is_even=False, limit_s=60.0),
            50_000,
            70_000,
            10.0,
            "50,000/70,000 states, 5,000 per second, at most 50 s left",
        ),
        (
            Pace("states", is_even=False, limit_s=600.0),
            50_000,
            70_000,
            10.0,
            "50,000/70,000 states, 5,000 per second, at most 10 min left",
        ),
        (
            Pace("steps", is_even=False),
            2,
            4,
            4.0,
            "2/4 steps, 0.5 per second",
        ),
        (
            Pace("objects", then="then longer phases for at most 2 s"),
            9,
            9,
            4.0,
            "9/9 objects, then longer phases for at most 2 s",
        ),
    ],
)
def test_the_figures_say_what_is_known(pace, done, total, elapsed, said):
    assert pace.figures(done, total, elapsed) == said


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (HuntProgress("loading", 0.0, 10.0), "10 s left"),
        (
            HuntProgress("searching", 4.0, 10.0, programs=50),
            "12.5 per second, 6 s left",
        ),
        (HuntProgress("shrinking", 10.0, 10.0, programs=50), "after the search"),
    ],
)
def test_a_hunt_says_its_rate_and_the_time_that_its_search_has_left(state, said):
    assert pace_of(state) == said


def test_no_bar_goes_into_a_file_where_colours_are_forced(monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")

    with progress_bar("race", Pace("runs"), at_once=True) as show:
        show(1, 2)
    with hunt_progress("module:Subject"):
        pass

    assert capsys.readouterr().err == ""
