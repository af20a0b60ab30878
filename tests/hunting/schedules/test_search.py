"""Which schedules a bounded search tries: all of them, fewest preemptions first."""

from itertools import pairwise
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refrace.hunting.schedules.reduced import Reduced
from refrace.hunting.schedules.search import Bounded, Pct, RandomWalk
from refrace.hunting.schedules.searches import search_of


class TwoThreads:
    """A run of two threads with some points each; both can always go on."""

    def __init__(self, lengths):
        self.lengths = lengths

    def run(self, schedule):
        """The order of steps, the alternatives of each choice, and the preemptions."""
        left, decisions = list(self.lengths), dict(schedule)
        order, alternatives, choice, current, preemptions = [], [], 0, None, 0
        while any(left):
            able = [thread for thread in (0, 1) if left[thread]]
            can_go_on = current is not None and left[current] > 0
            chosen = current if can_go_on else able[0]
            if len(able) > 1:
                chosen = decisions.get(choice, chosen)
                for other in able:
                    if other != chosen:
                        preempts = can_go_on and other != current
                        alternatives.append((choice, other, preempts))
                choice += 1
                preemptions += can_go_on and chosen != current
            order.append(chosen)
            left[chosen] -= 1
            current = chosen
        return tuple(order), alternatives, preemptions, choice


def explored(lengths, preemptions):
    """The orders that a search tries, with their numbers of preemptions."""
    search, program, tried = Bounded(preemptions), TwoThreads(lengths), []
    while (plan := search.next()) is not None:
        order, alternatives, used, n = program.run(plan.schedule)
        first = plan.schedule[-1][0] + 1 if plan.schedule else 0
        search.learn(plan, [one for one in alternatives if one[0] >= first], n)
        tried.append((order, used))
    assert search.is_complete
    return tried


def preemptions_of(order):
    """Switches away from a thread that has steps left."""
    return sum(
        a != b and a in order[index + 1 :]
        for index, (a, b) in enumerate(pairwise(order))
    )


@given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 3))
def test_every_order_within_the_bound_is_tried_once(a, b, bound):
    tried = [order for order, _ in explored((a, b), bound)]

    everything = [order for order, _ in explored((a, b), a + b)]
    assert len(set(tried)) == len(tried)
    assert len(everything) == comb(a + b, a)
    assert set(tried) == {o for o in everything if preemptions_of(o) <= bound}


@given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 3))
def test_fewer_preemptions_come_first(a, b, bound):
    used = [preemptions for _, preemptions in explored((a, b), bound)]

    assert used == sorted(used)


def test_a_search_that_is_not_over_is_not_complete():
    search = Bounded(1)
    plan = search.next()
    search.learn(plan, [(0, 1, True)], 1)

    assert not search.is_complete
    assert search.next().schedule == ((0, 1),)
    assert search.next() is None
    assert search.is_complete


@pytest.mark.parametrize("make", [RandomWalk, Pct])
def test_random_searches_depend_on_the_seed_alone_and_never_end(make):
    one, same, other = make(1), make(1), make(2)
    seeds = [[search.next().seed for _ in range(5)] for search in (one, same, other)]

    assert seeds[0] == seeds[1] != seeds[2]
    assert len(set(seeds[0])) == 5
    assert not one.is_complete


def test_pct_changes_priorities_within_the_longest_run_it_has_seen():
    search = search_of("pct", 2, 1)
    search.learn(search.next(), (), 40)
    search.learn(search.next(), (), 30)

    plan = search.next()
    assert (plan.changes, plan.horizon) == (2, 40)


class Memory:
    """Threads that read and write words; what they do depends on what they read.

    A step is (kind, word): "read", "write", or "skip", which leaves out the next step
    if the last value that was read is not the first one.
    """

    def __init__(self, threads):
        self.threads = threads

    def run(self, schedule):
        """The outcome, the choices, and the alternatives of each choice."""
        decisions, words, log = dict(schedule), {}, []
        at, seen = [0] * len(self.threads), [[] for _ in self.threads]
        last, written, read = {}, {}, {}
        choices, alternatives, current, order = [], [], None, 1
        while able := [t for t, steps in enumerate(self.threads) if at[t] < len(steps)]:
            can_go_on = current in able
            chosen = current if can_go_on else able[0]
            if len(able) > 1:
                number = len(choices)
                chosen = decisions.get(number, chosen)
                mask = sum(1 << t for t in able)
                where = 0 if current is None else current * 100 + at[current]
                choices.append([number, can_go_on, current, mask, chosen, order, where])
                alternatives += [
                    (number, other, can_go_on and other != current)
                    for other in able
                    if other != chosen
                ]
            kind, word = self.threads[chosen][at[chosen]]
            place = chosen * 100 + at[chosen]
            at[chosen] += 1
            if kind == "skip":
                at[chosen] += bool(seen[chosen] and seen[chosen][-1] != 0)
                step = hash((last.get(chosen), place))
            elif kind == "read":
                seen[chosen].append(words.get(word, 0))
                step = hash((last.get(chosen), place, written.get(word)))
                read[word] = read.get(word, 0) + step
            else:
                words[word] = hash((chosen, tuple(seen[chosen]), at[chosen]))
                reads = read.pop(word, 0)
                step = hash((last.get(chosen), place, written.get(word), reads))
                written[word] = step
            last[chosen] = step
            order += step
            log.append((chosen, kind, word, place))
            current = chosen
        return (
            (seen, sorted(words.items())),
            self.with_conflicts(choices, log),
            alternatives,
        )

    def with_conflicts(self, choices, log):
        def conflicts(place):
            mine = [one for one in log if one[3] == place and one[1] != "skip"]
            return any(
                one[0] != other[0]
                and one[2] == other[2]
                and "write" in (one[1], other[1])
                and other[1] != "skip"
                for one in mine
                for other in log
            )

        return [(*choice, conflicts(choice[6])) for choice in choices]


def outcomes(threads, search):
    memory, found, runs = Memory(threads), set(), 0
    while (plan := search.next()) is not None:
        outcome, choices, alternatives = memory.run(plan.schedule)
        first = plan.schedule[-1][0] + 1 if plan.schedule else 0
        later = [one for one in alternatives if one[0] >= first]
        possible = choices if isinstance(search, Reduced) else later
        search.learn(plan, possible, len(choices))
        found.add(str(outcome))
        runs += 1
    assert search.is_complete
    return found, runs


STEPS = st.tuples(st.sampled_from(["read", "write", "skip"]), st.integers(0, 2))


def threads_of(most):
    """Two or three threads of up to `most` steps each."""
    return st.lists(st.lists(STEPS, max_size=most), min_size=2, max_size=3)


# Whole searches grow exponentially with the steps of three threads.
@given(threads_of(3), st.integers(0, 3))
def test_a_reduced_search_has_the_outcomes_of_a_whole_one_in_no_more_runs(
    threads, bound
):
    check_reduced(threads, bound)


@pytest.mark.soak
@given(threads_of(4), st.integers(0, 3))
def test_a_reduced_search_of_longer_threads_has_the_outcomes_of_a_whole_one(
    threads, bound
):
    check_reduced(threads, bound)


def check_reduced(threads, bound):
    whole, all_runs = outcomes(threads, Bounded(bound))
    reduced, runs = outcomes(threads, Reduced(bound))

    assert reduced == whole
    assert runs <= all_runs


def test_threads_that_share_nothing_run_once_in_each_order():
    threads = [[("write", 0)] * 6, [("write", 1)] * 6]

    assert outcomes(threads, Bounded(2))[1] == 2 + 2 * 5 + 2 * 5 * 5
    assert outcomes(threads, Reduced(2))[1] == 2


def test_steps_in_an_unknown_order_are_never_left_out():
    search = Reduced(1)
    search.learn(search.next(), [(0, True, 0, 3, 0, 0, 7, False)], 1)

    assert search.next().schedule == ((0, 1),)
    assert search.next() is None


def test_a_conflict_of_a_step_before_the_last_decision_brings_back_what_was_left_out():
    search = Reduced(1)
    first, second = (0, True, 0, 3, 0, 5, 7), (1, True, 0, 3, 0, 6, 8)
    search.learn(search.next(), [(*first, False), (*second, True)], 2)
    plan = search.next()
    assert plan.schedule == ((1, 1),)

    # Only the other thread, in what it does now, touches what the first step touches.
    second = (1, True, 0, 3, 1, 6, 8)
    search.learn(plan, [(*first, True), (*second, True)], 2)

    assert search.next().schedule == ((0, 1),)
    assert search.next() is None
