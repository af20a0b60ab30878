"""Run a program many times in this process, and judge it."""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise

from refrace._base.safe_repr import shown
from refrace.canaries import harness
from refrace.errors import InvalidArgument
from refrace.hunting.execution import round_counts
from refrace.hunting.execution.atomicity import breaks_atomicity
from refrace.hunting.execution.compared_answers import ComparedAnswers
from refrace.hunting.execution.growth import Growth
from refrace.hunting.execution.late_calls import reach_new_modules
from refrace.hunting.execution.program_run import Observation, ProgramRun
from refrace.hunting.execution.program_settings import (
    has_late_calls,
    program_settings,
)
from refrace.hunting.execution.round_result import InTurn
from refrace.hunting.execution.rounds import Round, Rounds, SetupRaised
from refrace.hunting.execution.what_ran import what_ran, what_was_taken
from refrace.hunting.execution.workers import Workers
from refrace.hunting.judging.answers import Answer
from refrace.hunting.judging.level_sightings import level_name, sighting_of
from refrace.hunting.judging.levels import (
    Levels,
    Suspicion,
    note_modules,
    shared_objects,
)
from refrace.hunting.judging.orders import MOST_ORDERS, Order, Orders, count_orders
from refrace.hunting.judging.records import Sighting
from refrace.hunting.judging.retention import Retention
from refrace.hunting.limits import ROUNDS_ONE_THREAD, SETTLE_S
from refrace.subjects import HuntProgram, Subject
from refrace.subjects.callback import set_action_handler

__all__ = ["run_program"]


def run_program(
    subject: Subject,
    program: HuntProgram,
    *,
    rounds: int,
    seconds: float,
    traps: bool = False,
    progress: Callable[[int], object] | None = None,
) -> ProgramRun:
    """Run a program in this process until enough rounds or seconds are over.

    Parameters
    ----------
    subject : Subject
    program : HuntProgram
    rounds : int
        Rounds to run.  A suspicion may add some hundred more, if there is time.
    seconds : float
        Wall time; ends between two rounds.
    traps : bool
        Whether memory of dead canaries becomes inaccessible, so that the instructions
        that touch it are known.  Default: False.
    progress : callable, optional
        Called with the number of finished rounds after each.

    Raises
    ------
    InvalidArgument
        If the subject's ``setup`` raises in the first round.
    """
    note_modules()
    with program_settings(program), _threads(program) as workers:
        runner = _Run(subject, program, workers, traps, progress)
        harness.set_hook_handler(runner.rounds.hooks.on_canary)
        set_action_handler(runner.rounds.hooks.on_callback)
        try:
            return runner.run(rounds, seconds)
        finally:
            set_action_handler(None)
            harness.set_hook_handler(None)


@contextmanager
def _threads(program: HuntProgram) -> Iterator[Workers | None]:
    if len(program.threads) == 1:
        yield None
        return
    count = len(program.threads) + program.noise.has_thread
    with Workers(count, int(program.digest, 16)) as workers:
        yield workers


class _Run:
    """One run of a program."""

    def __init__(
        self,
        subject: Subject,
        program: HuntProgram,
        workers: Workers | None,
        traps: bool,
        progress: Callable[[int], object] | None,
    ) -> None:
        self._subject = subject
        self._program = program
        self._workers = workers
        self._progress = progress
        self.rounds = Rounds(subject, program, workers, traps)
        self._observations: dict[str, Observation] = {}
        self._with: Counter[str] = Counter()
        self._retention = Retention()
        self._growth = Growth(self, subject, program)
        self.done = self._threaded = 0
        self._inside_ns = self._together_ns = 0
        self._not_compared: list[str] = []
        self._answers = ComparedAnswers(program, self.rounds.is_one_call)
        self._returned: frozenset[str] = frozenset()
        self._raised: dict[str, str] = {}
        self._taken: frozenset[str] = frozenset()

    # ------------------------------------------------------------------- running

    def run(self, rounds: int, seconds: float) -> ProgramRun:
        """Run until enough rounds or seconds are over."""
        began = time.perf_counter()
        deadline = began + seconds
        orders = self._orders()
        single = time.perf_counter() - began
        levels: Levels | None = None
        every = max(1, (rounds - round_counts.WARM_UP) // round_counts.HINTS)
        due_at = began + seconds / round_counts.HINTS
        enough = rounds
        is_settled = False
        try:
            while self.done < enough and time.perf_counter() < (
                # A leak needs some rounds to be suspected, and more to be settled.
                deadline
                if ROUNDS_ONE_THREAD <= self.done < rounds
                else deadline + SETTLE_S
            ):
                result = self.round()
                if orders is not None and result.can_compare:
                    self._answers.compare(orders, self.done - 1, result)
                is_late = time.perf_counter() >= due_at  # a slow program ends early
                is_due = (self.done - round_counts.WARM_UP) % every == 0 or is_late
                if self.done >= round_counts.WARM_UP and levels is None:
                    # Not before: the first calls may import the extension.
                    levels = Levels(shared_objects(self._subject.target))
                if is_due and levels is not None and not levels.is_full:
                    due_at += is_late * seconds / round_counts.HINTS
                    self.collect()
                    levels.read(self.done, is_collected=True)
                # Comparing the answers of a round may run others: more than `rounds`.
                if self.done >= rounds and not is_settled:
                    is_settled = True
                    if not self._growth.is_of_cache("canaries"):
                        self._settle()
                        wanted = self._retention.wanted(self.done)
                        enough = max(enough, self.done + wanted)
                if self._observations:
                    first = min(one.round for one in self._observations.values())
                    enough = min(enough, first + round_counts.AFTER_FINDING)
            self._judge_late()
            self._judge_retention()
            if not self._observations and levels is not None:
                self._confirm(levels, deadline + SETTLE_S)
        except SetupRaised as error:
            self._not_compared.append(
                f"everything after round {self.done}: setup() raised {error}"
            )
        self._conclude_answers(orders)
        total = time.perf_counter() - began
        is_single = self._workers is None
        return ProgramRun(
            rounds=self.done,
            rounds_with=dict(self._with),
            observations=tuple(self._observations.values()),
            overlap=self._together_ns / self._inside_ns if self._inside_ns else 0.0,
            seconds=total,
            seconds_single=total if is_single else single,
            not_compared=tuple(self._not_compared),
            returned=self._returned,
            raised=self._raised,
            taken=self._taken,
        )

    def round(
        self,
        order: Order | None = None,
        in_turn: Callable[[InTurn], object] | None = None,
    ) -> Round:
        """Run one round, with all threads at once or in an order, and judge it."""
        try:
            result = self.rounds.run(order if self._workers else None, in_turn)
        except SetupRaised as error:
            if self.done:
                raise
            raise InvalidArgument(
                f"subject={shown(self._subject.target)} cannot be set up: setup() "
                f"raised {error}; setup() must work in every round"
            ) from error.__cause__
        if order is None:
            self._threaded += 1
            if self._workers is not None:
                self._measure_overlap(self._workers)
        if not self.done:
            self._returned, self._raised = what_ran(self._program, result.answers)
            self._taken = what_was_taken(self._subject, self._program, result.answers)
            if has_late_calls(self._program):
                reach_new_modules()
        kinds = set()
        for sighting in result.sightings:
            self._observe(sighting, self.done)
            kinds.add(sighting.kind)
        self._with.update(kinds)
        self._retention.add(self.done, result.retained, result.is_collected)
        self.done += 1
        if self._progress is not None:
            self._progress(self.done)
        return result

    def _measure_overlap(self, workers: Workers) -> None:
        threads = len(self._program.threads)
        edges = sorted(
            edge
            for began, ended in workers.intervals[:threads]
            for edge in ((began, 1), (ended, -1))
        )
        inside = 0
        for (at, step), (following, _) in pairwise(edges):
            inside += step
            if inside >= 1:
                self._inside_ns += following - at
            if inside >= 2:
                self._together_ns += following - at

    def _observe(self, sighting: Sighting, round_: int) -> None:
        self._observations.setdefault(
            sighting.kind,
            Observation(
                sighting.kind,
                sighting.message,
                self._program.operations,
                round_,
                sighting.addresses,
                sighting.stacks,
            ),
        )

    # ------------------------------------------------------------------- answers

    def _orders(self) -> Orders | None:
        """Return the sequential orders of a program whose answers can be compared."""
        if self._workers is None:
            return None
        lengths = [len(calls) for calls in self._program.threads]
        if self._program.times > 1:  # a thread at a time, as a whole
            lengths = [1 for _ in lengths]
        why = breaks_atomicity(self._subject, self._program)
        is_too_long = count_orders(lengths) > MOST_ORDERS or (
            self._program.times > 1 and not self.rounds.is_one_call
        )
        if why is None and is_too_long:
            why = f"there are more than {MOST_ORDERS} sequential orders"
        if why is not None:
            self._not_compared.append(f"answers: {why}")
        orders = Orders(lengths, self._answers_of)
        orders.begin()  # the baseline, also if nothing is compared
        if why is None and self.rounds.python_calls.seen:
            self._not_compared.append("answers: an operation calls Python code")
            return None
        return orders if why is None else None

    def _answers_of(self, order: Order) -> tuple[Answer, ...] | None:
        result = self.round(order)
        if not result.can_compare or self.rounds.python_calls.seen:
            return None
        return self._answers.of(result)

    def _conclude_answers(self, orders: Orders | None) -> None:
        if orders is None:
            return
        if orders.varying:
            names = ", ".join(self._answers.names_of(orders.varying))
            self._not_compared.append(
                f"answers of {names}: they vary in one thread alone"
            )
        wrong = self._answers.wrong
        if len(wrong) < round_counts.LEAST_WRONG:
            return
        round_, text = wrong[0]
        self._with["wrong-answer"] += len(wrong)
        self._observe(
            Sighting("wrong-answer", f"no sequential order gives the answers: {text}"),
            round_,
        )

    # -------------------------------------------------------- over many rounds

    def _judge_late(self) -> None:
        for sighting in self.rounds.late():
            self._with[sighting.kind] += 1
            self._observe(sighting, self.done - 1)

    def collect(self) -> None:
        """Collect garbage; what lives on then is kept."""
        gc.collect()
        self._retention.collected()

    def _settle(self) -> None:
        if self._retention.is_waiting:
            self.collect()

    def _judge_retention(self) -> None:
        self._settle()
        if not self._retention:
            return
        leaks, kept = self._retention.judge(self.done)
        if leaks and self._growth.is_of_cache("canaries"):
            kept.append(f"canaries that live on: {self._growth.why_left_out}")
            leaks = []
        elif leaks:
            fills = self._retention.is_regular(self.done)
            self._growth.fill(self._retention.least_of_round)
            since = self.done
            is_visible = self._growth.is_of_registry(self._retention, self._threaded)
            leaks, kept = self._retention.judge(self.done, since)
            if leaks and is_visible:
                kept.append(
                    "canaries live on, and a visible container grows with them, as "
                    "that of a cache; no leak"
                )
                leaks = []
            # What only some rounds keep may be a leak that needs luck, and not a cache.
            if not leaks and fills:
                self._growth.note_cache("canaries")
        if not self._observations:  # they end a run early, with too little for the rest
            self._not_compared += kept
        for sighting, count in leaks:
            self._with[sighting.kind] = max(self._with[sighting.kind], count)
            self._observe(sighting, self.done - 1)

    def _confirm(self, levels: Levels, deadline: float) -> None:
        """Run more rounds if a level grows, and find out whether that is a leak."""
        suspects = levels.hints()
        if not suspects:
            return
        if self._growth.is_of_cache("levels"):
            self._not_compared.append(
                f"memory and counts that grow: {self._growth.why_left_out}"
            )
            return
        found = self._growth.go_on(levels, suspects, deadline)
        if found:
            times = self._program.times
            adds = min(_least_added(one) for one, _ in found)
            self._growth.fill(times if adds >= times else 1, suspects)
            until = time.perf_counter() + SETTLE_S
            found = self._growth.go_on(levels, suspects, until)
            if not found:
                self._growth.note_cache("levels")
        for one, is_explained in found:
            if is_explained:
                self._not_compared.append(
                    f"{level_name(one)} grows, but so does a visible container, as "
                    "that of a cache; no leak"
                )
                continue
            sighting = sighting_of(one)
            self._with[sighting.kind] += self.done
            self._observe(sighting, self.done - 1)


def _least_added(found: Suspicion) -> float:
    """Return how many objects a round adds at least, where a level has grown.

    Bytes tell nothing about that: one object may have any number of them.
    """
    return 1.0 if found.what == "bytes" else abs(found.slope.low)
