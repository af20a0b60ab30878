"""Shrinking by trials: also of a finding that shows in some runs only."""

import json
import time
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from refrace.hunting.processes.child_end import ChildEnd
from refrace.hunting.search.sighting import Sighting
from refrace.hunting.shrinking.shrink import shrink
from refrace.hunting.shrinking.trials import Trials


@dataclass
class Zygote:
    """A simulated zygote: a program is a number of calls; `needs` of them show it.

    Every `every`-th run of a program shows nothing.
    """

    needs: int
    every: int = 0
    needs_rounds: int = 1
    runs: int = 0

    def run(self, task, on_message, should_stop):
        if task.work == "smaller":
            calls = task.programs[0]["calls"]
            sizes = dict.fromkeys((calls // 2, calls - 1))
            smaller = [{"calls": size} for size in sizes if size > 0]
            on_message({"type": "smaller", "programs": smaller})
            return ChildEnd("done")
        for program in task.programs:
            self.runs += 1
            is_unlucky = self.every and self.runs % self.every == 0
            running = {
                "program": program,
                "threads": 1,
                "source": f"{program['calls']} calls",
                "operations": ["call"],
            }
            on_message({"type": "program"})
            shows = program["calls"] >= self.needs and task.rounds >= self.needs_rounds
            kinds = ["leak"] if shows and not is_unlucky else []
            if program["calls"] == 1 and not shows:
                kinds = ["crash-of-another-kind"]
            on_message(
                {
                    "type": "run",
                    "program": running,
                    "observations": [
                        {
                            "kind": kind,
                            "message": "m",
                            "operations": ["call"],
                            "places": [{"file": "", "offset": 7, "symbol": ""}]
                            * task.traps,
                            "python_stacks": [],
                            "native_trace": [],
                        }
                        for kind in kinds
                    ],
                }
            )
            if kinds:
                break
        return ChildEnd("done")


def shrunk(zygote, calls, seconds=60.0, repeats=20):
    sighting = Sighting(
        "leak", "m", ("call",), 1, json.dumps({"calls": calls}), f"{calls} calls"
    )
    trials = Trials(lambda: zygote, "leak", time.monotonic() + seconds, lambda: False)
    return shrink(sighting, trials, repeats)


@given(st.integers(1, 30), st.integers(0, 30))
def test_a_certain_finding_becomes_minimal(needs, more):
    result = shrunk(Zygote(needs), needs + more)

    assert result.sighting.stored_program() == {"calls": needs}
    assert (result.shown, result.runs) == (10, 10)
    assert result.rounds == 1


def test_a_finding_that_shows_in_some_runs_gets_more_trials():
    zygote = Zygote(3, every=3)

    result = shrunk(zygote, 16)

    assert result.sighting.stored_program() == {"calls": 3}
    assert 0.5 < result.rate < 1
    low, high = result.interval
    assert low < 2 / 3 < high


def test_the_rounds_that_it_takes_are_found():
    assert shrunk(Zygote(2, needs_rounds=7), 4).rounds == 10


def test_a_finding_of_another_kind_does_not_end_the_shrinking():
    result = shrunk(Zygote(2), 3)

    assert result.sighting.stored_program() == {"calls": 2}


def test_a_finding_that_does_not_show_again_is_kept_as_it_was():
    result = shrunk(Zygote(99), 5)

    assert result.sighting.stored_program() == {"calls": 5}
    assert (result.shown, result.runs, result.rate) == (0, 4, 0.0)
    assert result.interval[0] == 0.0


def test_traps_name_the_instruction_in_the_end():
    result = shrunk(Zygote(1), 2)

    assert [place.offset for place in result.sighting.places] == [7]


def test_without_time_it_tries_once_and_keeps_the_program():
    result = shrunk(Zygote(1), 8, seconds=0.0)

    assert result.runs == 1
    assert result.sighting.stored_program() == {"calls": 8}
