"""A search that foresees what schedules would do has every result of a whole one."""

from math import comb

import pytest
from hunting.schedules.step_programs import Program
from hypothesis import example, given
from hypothesis import strategies as st

from refrace.hunting.schedules import recorded
from refrace.hunting.schedules.foreseeing import Foreseeing
from refrace.hunting.schedules.recorded import Event, Recorded
from refrace.hunting.schedules.search import Bounded, Plan


def outcomes(program, search):
    """The fewest preemptions of each outcome, and the runs; a deadlock ends both."""
    found, runs = {}, 0
    while (plan := search.next()) is not None:
        ran, runs = program.run(plan.schedule), runs + 1
        assert ran.preemptions >= found.setdefault(ran.outcome, ran.preemptions)
        if ran.outcome == "deadlock":
            return found, runs
        if isinstance(search, Bounded):
            first = plan.schedule[-1][0] + 1 if plan.schedule else 0
            possible = [one for one in ran.alternatives if one[0] >= first]
        else:
            possible = ran.recorded if search.is_foreseeing else ran.choices
        search.learn(plan, possible, len(ran.choices))
    assert search.is_complete
    return found, runs


OPERATIONS = ["read", "write", "copy", "skip", "lock", "unlock", "try", "call", "quiet"]
OF_THE_GIL = ["let go", "take it back"]


# What threads wait for, one kind at a time: together they rarely meet.
WAITS = {
    "locks": ["lock", "unlock", "try", "share", "unshare", "write"],
    "locks in time": ["lock", "lock in time", "share in time", "unlock", "unshare"],
    "semaphores": ["wait", "wait in time", "post", "write"],
    "signals": ["doze", "signal", "wake", "lock", "unlock"],  # with no deadlock
    "sleep": ["sleep", "signal", "wake", "lock", "unlock"],
}


def steps_of(operations, most, numbers=3):
    step = st.tuples(st.sampled_from(operations), st.integers(0, numbers - 1))
    return st.lists(step, max_size=most)


def programs(n, most):
    """Programs of `n` threads with up to `most` steps each, with a GIL or without."""
    without = st.lists(steps_of(OPERATIONS, most), min_size=n, max_size=n)
    having = st.lists(steps_of(OPERATIONS + OF_THE_GIL, most), min_size=n, max_size=n)
    return st.one_of(
        st.builds(Program, without), st.builds(Program, having, st.just(True))
    )


# Thread 2 waits for a lock in a situation that another schedule reaches too, where a
# thread can go on: what is a preemption there is none here.
WAITS_WHERE_ANOTHER_GOES_ON = Program(
    [
        [("lock", 1), ("try", 0)],
        [("try", 1), ("try", 0)],
        [("try", 0), ("lock", 1)],
    ]
)

# The other thread waits for the GIL in the middle, where thread 2 does nothing but end.
ENDS_WITH_THE_GIL = Program(
    [
        [("let go", 0), ("read", 0), ("call", 1), ("take it back", 0)],
        [("let go", 0), ("write", 0), ("take it back", 0), ("quiet", 0)],
    ],
    has_gil=True,
)

# Only a run with a preemption shows that the read, without the GIL, meets the write.
CONFLICTS_LATE = Program(
    [
        [("write", 1)],
        [("let go", 0), ("call", 1), ("read", 1), ("take it back", 0)],
    ],
    has_gil=True,
)


def check(program, bound):
    whole, all_runs = outcomes(program, Bounded(bound))
    search = Foreseeing(bound)
    found, runs = outcomes(program, search)

    assert search.is_foreseeing  # no run differed from the model
    if "deadlock" in whole:
        assert found.get("deadlock") == whole["deadlock"]
    else:
        assert found == whole
        assert runs <= all_runs


@example(ENDS_WITH_THE_GIL, 2)
@example(CONFLICTS_LATE, 1)
@given(programs(2, 5), st.integers(0, 3))
def test_every_outcome_is_found_with_the_fewest_preemptions(program, bound):
    check(program, bound)


@example(WAITS_WHERE_ANOTHER_GOES_ON, 2)
@given(programs(3, 3), st.integers(0, 2))
def test_every_outcome_of_three_threads_is_found_with_the_fewest_preemptions(
    program, bound
):
    check(program, bound)


@pytest.mark.parametrize("kind", WAITS)
@given(st.data())
def test_every_outcome_of_threads_that_wait_is_found(kind, data):
    steps = steps_of(WAITS[kind], 4, numbers=2 if kind == "semaphores" else 1)
    threads = data.draw(st.lists(steps, min_size=2, max_size=3))

    check(Program(threads), 1 if len(threads) == 3 else 2)


# Each takes a lock, counts, and leaves the lock.
COUNTING = [[("lock", 0), ("read", 0), ("write", 0), ("unlock", 0)]] * 2


def test_one_schedule_runs_of_each_order_of_what_conflicts():
    everything, runs = outcomes(Program(COUNTING), Bounded(4))
    search = Foreseeing(4)

    assert outcomes(Program(COUNTING), search) == (everything, 2)
    assert runs > 50
    assert search.foreseen > 5


def test_threads_that_share_nothing_run_once():
    apart = [[("write", 0)] * 6, [("write", 1)] * 6]

    assert outcomes(Program(apart), Foreseeing(2))[1] == 1


def test_steps_that_touch_what_is_not_known_run_in_each_order():
    calls = [[("call", 0)] * 2, [("call", 1)] * 2]

    assert outcomes(Program(calls), Foreseeing(4))[1] == comb(4, 2)


def test_a_deadlock_runs_although_it_was_foreseen():
    one, other = ("lock", 0), ("lock", 1)
    found, _ = outcomes(Program([[one, other], [other, one]]), Foreseeing(2))

    assert found["deadlock"] == 1


class Moody(Program):
    """A program that does something else in a run, which no step explains."""

    def __init__(self, threads, others, at):
        super().__init__(threads)
        self.others, self.at, self.runs = others, at, 0

    def run(self, schedule):
        self.runs += 1
        program = self.others if self.runs == self.at else self.lists
        return Program(program).run(schedule)


def test_a_run_that_differs_from_the_model_ends_foreseeing_and_loses_nothing():
    program = [[("read", 0), ("write", 0)], [("read", 0), ("write", 0)]]
    whole, _ = outcomes(Program(program), Bounded(2))
    search = Foreseeing(2)
    changed = [[("read", 0), ("write", 1)], [("read", 0), ("write", 0)]]
    found, _ = outcomes(Moody(program, changed, at=3), search)

    assert not search.is_foreseeing
    assert whole.items() <= found.items()


def test_a_run_that_no_model_follows_ends_foreseeing_and_is_searched_all_the_same():
    program = Program(COUNTING)
    search = Foreseeing(2)
    search.learn(search.next(), None, 0)

    assert not search.is_foreseeing
    assert outcomes(program, search)[0] == outcomes(program, Bounded(2))[0]


def test_runs_with_other_memory_are_not_compared():
    search = Foreseeing(1)
    end = Event(recorded.END)
    one = [(0, Event(recorded.TOUCH, 1, writes=(7,))), (0, end)]
    other = [(0, Event(recorded.TOUCH, 1, writes=(8,))), (0, end)]
    search.learn(search.next(), Recorded(1, one, memory="one"), 0)
    search.learn(Plan(), Recorded(1, other, memory="other"), 0)
    assert search.is_foreseeing

    search.learn(Plan(), Recorded(1, other, memory="one"), 0)
    assert not search.is_foreseeing


def test_nothing_is_foreseen_after_the_end_of_the_time():
    search = Foreseeing(2)
    search.until = 0.0
    outcomes(Program(COUNTING), search)

    assert search.foreseen == 0
