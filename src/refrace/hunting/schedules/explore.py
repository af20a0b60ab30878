"""Try the schedules of one program in this process, and judge each."""

from __future__ import annotations

import math
import sysconfig
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from refrace._native import schedule as native
from refrace.canaries import harness
from refrace.hunting.execution.atomicity import breaks_atomicity
from refrace.hunting.execution.rounds import Round, Rounds
from refrace.hunting.judging.answers import Answer
from refrace.hunting.judging.orders import (
    MOST_ORDERS,
    CallWaits,
    Order,
    Orders,
    count_orders,
)
from refrace.hunting.schedules.foreseeing import Foreseeing
from refrace.hunting.schedules.native_events import recorded_of
from refrace.hunting.schedules.native_trace import NativeStep, Point, steps_of
from refrace.hunting.schedules.outcomes import (
    Explored,
    Replayed,
    ScheduleSighting,
    digest_of,
)
from refrace.hunting.schedules.reduced import Reduced
from refrace.hunting.schedules.runtime import ScheduledWorkers
from refrace.hunting.schedules.search import Bounded, Plan, Schedule, Search
from refrace.hunting.schedules.tried_orders import BLOCKS, TriedOrders
from refrace.subjects import HuntProgram, Noise, Subject
from refrace.subjects.callback import set_action_handler

__all__ = ["explore_program", "replay_program"]

HAS_GIL = not sysconfig.get_config_var("Py_GIL_DISABLED")

# What the hooks see, as kinds of findings.  A data race is a hint.
_KINDS = {
    "use-after-free": "use-after-free",
    "double-free": "double-free",
    "write-after-free": "use-after-free",
}
_HINT = "data-race"

WARM_UP = 2
"""Rounds before the search: the first ones fill caches and specialise code."""


def explore_program(
    subject: Subject,
    program: HuntProgram,
    search: Search,
    *,
    seconds: float,
    most_schedules: int | None = None,
    stops: bool = True,
    progress: Callable[[int], object] | None = None,
) -> Explored:
    """Run schedules of a program until a finding, the end of a search, or the limits.

    Parameters
    ----------
    subject : Subject
    program : HuntProgram
        Its noise is left out.
    search : Search
        Which schedules to run.
    seconds : float
        Wall time; ends between two schedules.
    most_schedules : int, optional
        Limit of schedules.  Default: none.
    stops : bool
        Whether the first finding ends the search.
    progress : callable, optional
        Called with the number of schedules after each.
    """
    with _rounds(subject, program) as one:
        return one.explore(search, seconds, most_schedules, stops, progress)


def replay_program(
    subject: Subject,
    program: HuntProgram,
    schedule: Schedule,
    times: int,
    seconds: float = math.inf,
    progress: Callable[[int], object] | None = None,
) -> Replayed:
    """Run one schedule of a program some times, until the time is over.

    Parameters
    ----------
    subject : Subject
    program : HuntProgram
    schedule : tuple of (int, int)
    times : int
        How often.
    seconds : float
        Wall time; ends between two runs.  Default: no limit.
    progress : callable, optional
        Called with the number of runs after each.
    """
    with _rounds(subject, program) as one:
        return one.replay(schedule, times, seconds, progress)


@contextmanager
def _rounds(subject: Subject, program: HuntProgram) -> Iterator[_Schedules]:
    # With an owner, a count that another thread drops would be queued until after the
    # run, and no death would happen in it.
    canaries = tuple(replace(spec, owner="merged") for spec in program.canaries)
    quiet = replace(program, noise=Noise(), canaries=canaries)
    one = _Schedules(subject, quiet, ScheduledWorkers(len(program.threads)))
    harness.set_hook_handler(one.rounds.hooks.on_canary)
    set_action_handler(one.rounds.hooks.on_callback)
    try:
        yield one
    finally:
        one.end()
        set_action_handler(None)
        harness.set_hook_handler(None)


class _Schedules:
    """The schedules of one program."""

    def __init__(
        self, subject: Subject, program: HuntProgram, workers: ScheduledWorkers
    ) -> None:
        self._subject, self._program, self._workers = subject, program, workers
        self.rounds = Rounds(subject, program, workers, traps=False)  # type: ignore[arg-type]
        self.rounds.hooks.alternates = False
        self.found = Explored()
        self._orders: Orders | None = None
        self._tried = TriedOrders(self.rounds, workers, self._settle)
        self._diverged = 0

    # ----------------------------------------------------------------- exploring

    def explore(
        self,
        search: Search,
        seconds: float,
        most_schedules: int | None,
        stops: bool,
        progress: Callable[[int], object] | None,
    ) -> Explored:
        """Run the schedules of a search."""
        began = time.perf_counter()
        deadline = began + seconds
        found = self.found
        self._warm_up()
        search = self._without_reduction(search)
        if isinstance(search, Foreseeing):
            search.until = deadline
        while (plan := search.next()) is not None:
            seen = self._try(plan, search)
            if progress is not None:
                progress(found.schedules)
            if seen and stops:
                found.incomplete_because = "a finding ended the search"
            elif time.perf_counter() > deadline:
                found.incomplete_because = "the time was over"
            elif most_schedules is not None and found.schedules >= most_schedules:
                found.incomplete_because = f"{most_schedules} schedules had run"
            else:
                continue
            break
        if self._diverged and found.incomplete_because is None:
            found.incomplete_because = (
                "a schedule could not be followed: something that is not scheduled "
                "decides too"
            )
        found.is_complete = search.is_complete and found.incomplete_because is None
        found.seconds = time.perf_counter() - began
        return found

    def end(self) -> None:
        """Leave the threads as they were."""
        if self.rounds.python_calls.seen:
            self._workers.switch_at(None)

    def _without_reduction(self, search: Search) -> Search:
        """Return a whole search where Python code may share what hooks do not see."""
        why = breaks_atomicity(self._subject, self._program)
        if why is None and self.rounds.python_calls.seen:
            why = "an operation calls Python code"
        if why is None and self._tried.why_not_compared and not self._tried.has_run:
            why = "it is not known whether an operation calls Python code"
        if why is None or not isinstance(search, Reduced | Foreseeing):
            return search
        self.found.not_compared.append(f"schedules that differ in what commutes: {why}")
        return Bounded(search.preemptions)

    def _try(self, plan: Plan, search: Search) -> bool:
        result = self._round(plan)
        self.found.schedules += 1
        run = self._workers.last
        first = plan.schedule[-1][0] + 1 if plan.schedule else 0
        possible: Any = ()
        if isinstance(search, Foreseeing) and search.is_foreseeing:
            possible = recorded_of(native.events(), len(run.points), HAS_GIL)
        elif isinstance(search, Reduced | Foreseeing):
            possible = native.choices()
        elif isinstance(search, Bounded):
            possible = native.alternatives(first)
        self._diverged += run.has_diverged
        self._measure(run)
        self._note_answers(result.answers)
        sightings = self._sightings(plan, result)
        search.learn(plan, possible, run.n_choices)
        known = {one.kind for one in self.found.seen}
        for one in sightings:
            if one.kind not in known:
                known.add(one.kind)
                self.found.seen.append(one)
        return bool(sightings)

    def _measure(self, run: Any) -> None:
        found = self.found
        found.points = max(found.points, run.steps)
        found.orders.add(run.order)
        before = found.threads or (0,) * len(run.points)
        found.threads = tuple(map(max, before, run.points))
        found.calls = max(found.calls, sum(run.calls))

    def _note_answers(self, answers: Sequence[Answer]) -> None:
        calls = self._program.calls()
        for call, answer in zip(calls, answers, strict=False):
            if answer[0] == "returned":
                self.found.returned.add(call.operation)
            elif answer[0] == "raised":
                self.found.raised.setdefault(call.operation, answer[1])

    # ------------------------------------------------------------------- rounds

    def _round(self, plan: Plan | None = None, order: Order | None = None) -> Round:
        if plan is not None:
            self._workers.plan = plan
        with self._workers.round():
            result = self.rounds.run(order)
            self._settle()
        return result

    def _settle(self) -> None:
        if not HAS_GIL:
            self._workers.settle()

    def _warm_up(self) -> None:
        lengths = [len(calls) for calls in self._program.threads]
        for _ in range(WARM_UP):
            self._round(Plan())
        why = breaks_atomicity(self._subject, self._program)
        if why is None and count_orders(lengths) > MOST_ORDERS:
            why = f"there are more than {MOST_ORDERS} sequential orders"
        orders = Orders(lengths, self._answers_of)
        orders.begin()
        if self.rounds.python_calls.seen:
            self._workers.switch_at(self.rounds.python_calls.begins)
        if why is None and self.rounds.python_calls.seen:
            why = "an operation calls Python code"
        why = why or self._tried.why_not_compared
        if why is not None:
            self.found.not_compared.append(f"answers: {why}")
            return
        self._orders = orders

    def _answers_of(self, order: Order) -> tuple[Answer, ...] | None:
        waits = self._tried.waits(order)
        if waits:
            raise CallWaits
        if waits is None:
            if self._orders is not None:
                self.found.not_compared.append(f"answers: {BLOCKS}")
            return None
        result = self._round(order=order)
        if not result.can_compare or self.rounds.python_calls.seen:
            return None
        return tuple(result.answers)

    # ------------------------------------------------------------------- judging

    def _sightings(self, plan: Plan, result: Round) -> list[ScheduleSighting]:
        run = self._workers.last
        seen: list[tuple[str, str, tuple[int, ...]]] = []
        for one in native.sightings():
            addresses = (*one.frames[:1], *one.other_frames[:1])
            if one.kind == _HINT:
                self.found.hints.add((addresses[0], addresses[-1]))
            else:
                seen.append((_KINDS[one.kind], _text_of(one), addresses))
        for sighting in result.sightings:
            seen.append((sighting.kind, sighting.message, sighting.addresses))
        if not seen and self._orders is not None and result.can_compare:
            # Looking for an order runs others; this run must be asked first.
            made = tuple(native.made())
            if not self._orders.explain(result.answers):
                message = f"no sequential order gives the answers: {result.answers}"
                return [self._sighting("wrong-answer", message, (), made, run)]
            return []
        made = tuple(native.made())
        return [self._sighting(*one, made, run) for one in seen]

    def _sighting(
        self,
        kind: str,
        message: str,
        addresses: tuple[int, ...],
        schedule: Schedule,
        run: Any,
    ) -> ScheduleSighting:
        return ScheduleSighting(
            kind,
            message,
            schedule,
            run.preemptions,
            addresses,
            run.steps,
            digest_of(run.hash),
        )

    # ------------------------------------------------------------------ replaying

    def replay(
        self,
        schedule: Schedule,
        times: int,
        seconds: float,
        progress: Callable[[int], object] | None,
    ) -> Replayed:
        """Run one schedule some times; the last run is logged."""
        deadline = time.perf_counter() + seconds
        self._warm_up()
        replayed = Replayed()
        plan = Plan(schedule=schedule)
        for number in range(times):
            is_last = number == times - 1 or time.perf_counter() > deadline
            self._workers.logged = is_last
            result = self._round(plan)
            replayed.hashes.append(self._workers.last.hash)
            if self._workers.logged:
                replayed.steps = _logged_steps()
            seen = self._sightings(plan, result)
            replayed.kinds.append(seen[0].kind if seen else None)
            for one in seen[:1]:
                replayed.messages.setdefault(one.kind, one.message)
            if progress is not None:
                progress(number + 1)
            if is_last:
                break
        self._workers.logged = False
        return replayed


def _logged_steps() -> tuple[NativeStep, ...]:
    preempted = set(native.preempted())
    return steps_of(
        [
            Point(
                image=native.image_of(one.pc),
                place=native.image_of(one.address),
                call=one.name,
                address=one.address,
                before=one.before,
                after=one.after,
                size=one.size,
                point=one.point,
                thread=one.runner + 1,
                gil=None if one.gil is None else one.gil + 1,
                preempted=one.step in preempted,
            )
            for one in native.log()
        ]
    )


def _text_of(seen: Any) -> str:
    what = {
        "use-after-free": "{} freed memory",
        "double-free": "frees memory again",
        "write-after-free": "freed memory has changed",
    }[seen.kind].format("writes to" if seen.is_write else "reads")
    who = f"thread {seen.runner + 1} " if seen.runner >= 0 else ""
    return f"{who}{what}, which thread {seen.other + 1} freed"
