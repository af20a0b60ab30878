"""One round of a program: make everything anew, run the calls, judge what is left."""

from __future__ import annotations

import gc
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from random import Random
from typing import Any

from refrace._native import canary as native
from refrace.canaries import harness as canaries
from refrace.canaries.spec import CanarySpec
from refrace.environment import gil_can_be_disabled
from refrace.hunting.execution.atomicity import PythonCalls, codes_of
from refrace.hunting.execution.guards import Guards
from refrace.hunting.execution.hooks import Hooks, containers_of
from refrace.hunting.execution.invoke import invoke
from refrace.hunting.execution.late_steps import Steps
from refrace.hunting.execution.noise import noise_task, preempted
from refrace.hunting.execution.round_result import InTurn, Round, SetupRaised
from refrace.hunting.execution.same_calls import is_one_call
from refrace.hunting.execution.workers import Workers
from refrace.hunting.judging.answer_sightings import sightings_of
from refrace.hunting.judging.answers import Answer, Describer
from refrace.hunting.judging.records import (
    Sighting,
    judge_held,
    judge_over,
    record_of,
)
from refrace.subjects import HuntProgram, Subject, is_plain, load, make_class

__all__ = ["Round", "Rounds", "SetupRaised"]

# Rounds after which the memory of dead canaries may be used again.
KEEP_ROUNDS = 8


class Rounds:
    """Runs rounds of one program.

    Parameters
    ----------
    subject : Subject
    program : HuntProgram
    workers : Workers or None
        The threads of the program and, last, the one for noise; None for a program
        with one thread.
    traps : bool
        Whether every canary that can be is one whose page becomes inaccessible.
    """

    def __init__(
        self,
        subject: Subject,
        program: HuntProgram,
        workers: Workers | None,
        traps: bool,
    ) -> None:
        self._subject = subject
        self._program = program
        self._workers = workers
        self._specs = [_with_trap(spec, traps) for spec in program.canaries]
        self.hooks = Hooks(program)
        self.python_calls = PythonCalls(codes_of(subject))
        self._needs_containers = _changes_containers(program)
        self._guards = Guards(program, self._specs)
        self._steps = Steps(program)
        self._noise = noise_task(program.noise) if program.noise.has_thread else None
        self._seeds = Random(program.digest)
        self._kept_rounds = 0
        self._rounds_alive = 0
        # No lists of numbers: from 257 on each would be an allocated block, and the
        # hunt counts those.
        self._seen = array("q")
        self._good = array("q")
        self._late: list[Sighting] = []
        self._numbers: list[int] = []
        self._indices: dict[int, int] = {}
        bounds = [len(program.prefix)]
        for thread in program.threads:
            bounds.append(bounds[-1] + len(thread))
        self._bounds = bounds
        self.is_one_call = program.times > 1 and is_one_call(program)
        # Equal calls that share no argument can change places in any order.
        own = len(program.threads) if self.is_one_call else 1
        self._copies = program.times * own
        self._stride = own
        self._is_plain = not program.canaries and all(
            is_plain((*positional, *named.values()))
            for positional, named in load(program.values, int)
        )
        self._are_counts_still = workers is None or not gil_can_be_disabled()
        self.size = bounds[-1] + len(program.suffix)
        self._calls = list(program.calls())
        canaries.reset()  # those of other programs are none of ours

    def run(
        self,
        order: Sequence[tuple[int, int]] | None = None,
        in_turn: Callable[[InTurn], object] | None = None,
    ) -> Round:
        """Run one round.

        Parameters
        ----------
        order : sequence of (int, int), optional
            Thread and call, to run one call after the other, each in its thread.
            Default: all threads at once.
        in_turn : callable, optional
            Runs the calls of an order: gets each with its thread.  Default: the workers
            do, and Python code that the calls run is noticed.
        """
        self._begin_round()
        self._guards.forget()
        result = self._run(order, in_turn)
        _merge_counts()
        if self._is_any_alive():
            # A cycle lives until a collection.  Many rounds in which something lives on
            # are a leak or a cache, which later collections show as well.
            self._rounds_alive += 1
            if self._rounds_alive <= 10 or self._rounds_alive % 16 == 0:
                gc.collect()
            else:
                result.is_collected = False
        _merge_counts()
        self._judge(result)
        return result

    def late(self) -> list[Sighting]:
        """Judge once more the canaries of the last rounds, which nothing may touch."""
        sightings = judge_over(self._good, self._name)
        del self._good[:]
        return sightings

    # ------------------------------------------------------------------- running

    def _run(
        self,
        order: Sequence[tuple[int, int]] | None,
        in_turn: Callable[[InTurn], object] | None,
    ) -> Round:
        canaries.arm(False)
        describer = Describer(self._indices.get, self._are_counts_still)
        box = self._load()
        more = range(self._copies - 1)
        boxes = [box, *([*box] if self._is_plain else self._load() for _ in more)]
        if isinstance(self._workers, Workers):
            for one in boxes:
                native.unown(one)
        containers = (
            containers_of(chain.from_iterable(boxes)) if self._needs_containers else []
        )
        try:
            made = self._subject.make()
        except Exception as error:
            self._is_any_alive()
            self._judge(Round([]))  # lets go of what is held
            raise SetupRaised(f"{type(error).__name__}: {error}") from error
        answers: list[Answer] = [("skipped",)] * self.size
        told: list[list[Answer]] = [[] for _ in self._program.threads]

        def bind(operation: str) -> Callable[..., Any]:
            return self._subject.bind(made, operation)

        guard = self._guards.after_call
        bound = [bind(call.operation) for call in self._calls[: self.size]]
        self.hooks.begin(bind, box, containers, describer)
        del containers
        canaries.arm(True)

        def run_calls(first: int, last: int) -> None:
            for index in range(first, last):
                answers[index] = invoke(bound[index], box, index, describer)
                guard(0)

        def run_thread(thread: int) -> None:
            first, last = self._bounds[thread : thread + 2]
            if self._copies == 1:
                run_calls(first, last)
                return
            mine = told[thread]
            for copy in range(thread % self._stride, self._copies, self._stride):
                one = boxes[copy]
                for index in range(first, last):
                    answers[index] = invoke(bound[index], one, index, describer)
                    if self.is_one_call:
                        mine.append(answers[index])
                guard(copy)

        if self._workers is None:
            run_calls(0, self._bounds[0])
            run_thread(0)
        elif order is None:
            if self._bounds[0] and isinstance(self._workers, Workers):
                # What it makes belongs to a thread that goes on.
                self._workers.run_one(0, lambda: run_calls(0, self._bounds[0]))
            else:
                run_calls(0, self._bounds[0])
            self._guards.begin()
            self._steps.begin()
            self._run_threads(run_thread)
            self._steps.end()
            self._guards.end()
        else:
            run_calls(0, self._bounds[0])
            watch = self.python_calls.watch if in_turn is None else lambda task: task()
            tasks = self._in_turn(order, run_calls, run_thread, watch)
            if in_turn is not None:
                in_turn(list(tasks))
            else:
                for task in tasks:
                    self._workers.run_one(*task)
        run_calls(self._bounds[-1], self.size)
        result = Round(answers, can_compare=not describer.exhausted)
        if self.is_one_call:
            result.together = frozenset(Counter(chain.from_iterable(told)).items())
        canaries.arm(False)
        self._finish(made, result)
        canaries.arm(True)
        # From here on only the subject can refer to a canary.
        self.hooks.end()
        bound.clear()
        for one in boxes:
            one.clear()
        made = None
        result.sightings += sightings_of(describer, self._name)
        return result

    def _in_turn(
        self,
        order: Sequence[tuple[int, int]],
        run_calls: Callable[[int, int], None],
        run_thread: Callable[[int], None],
        watch: Callable[[Callable[[], None]], None],
    ) -> Iterator[tuple[int, Callable[[], None]]]:
        """Yield threads and what each does while the others wait."""
        for thread, call in order:
            index = self._bounds[thread] + call
            if self._copies == 1:
                yield (
                    thread,
                    lambda at=index: watch(lambda: run_calls(at, at + 1)),  # type: ignore[misc]
                )
            elif call == 0:  # all calls of the thread
                yield thread, lambda at=thread: watch(lambda: run_thread(at))  # type: ignore[misc]

    def _run_threads(self, run_thread: Callable[[int], None]) -> None:
        assert self._workers is not None
        tasks: list[Callable[[], None]] = [
            lambda thread=thread: run_thread(thread)  # type: ignore[misc]
            for thread in range(len(self._program.threads))
        ]
        if self._program.noise.preempt:
            tasks = [preempted(task, self._seeds.getrandbits(64)) for task in tasks]
        if self._noise is not None:
            tasks.append(self._noise)
        self._workers.run(tasks)

    def _load(self) -> list[Any]:
        self._guards.load()
        made: dict[int, Any] = canaries.new_of_workers(
            self._specs, has_page=self._guards.are_on
        )
        for index, canary in made.items():
            self._enter(index, canary)

        def make(index: int) -> Any:
            if index not in made:
                made[index] = canaries.new(
                    self._specs[index], has_page=self._guards.are_on
                )
                self._enter(index, made[index])
            return made[index]

        box: list[Any] = load(self._program.values, make, make_class)
        made.clear()
        return box

    def _enter(self, index: int, canary: Any) -> None:
        number = native.number(canary)
        assert number is not None
        if self._specs[index].held:
            native.hold(number)
        self._indices[number] = index
        self._guards.enter(number)

    def _finish(self, made: Any, result: Round) -> None:
        check = self._subject.method(made, "check")
        if check is not None:
            try:
                check()
            except Exception as error:
                text = f"check() raised {type(error).__name__}: {error}"
                result.sightings.append(Sighting("wrong-answer", text))
        teardown = self._subject.method(made, "teardown")
        if teardown is not None:
            try:
                teardown()
            except Exception as error:
                result.answers.append(("teardown", type(error).__name__))

    # ------------------------------------------------------------------- judging

    def _begin_round(self) -> None:
        self._kept_rounds += 1
        if self._kept_rounds > KEEP_ROUNDS:
            self._kept_rounds = 1
            self._late = self.late()
            del self._seen[:]
            canaries.reset()
        self._indices.clear()

    def _is_any_alive(self) -> bool:
        """Return whether there are references besides those of the harness."""
        seen = set(self._seen)
        self._numbers = [one for one in native.numbers() if one not in seen]
        return any(
            record.state == "live" and record.references > record.expected
            for record in map(record_of, self._numbers)
        )

    def _judge(self, result: Round) -> None:
        numbers = self._numbers
        held = [n for n, index in self._indices.items() if self._specs[index].held]
        result.sightings += judge_held(held, self._name)
        for number in held:
            if record_of(number).expected:
                canaries.release(number)
        result.sightings += judge_over(numbers, self._name)
        result.sightings += self._late
        self._late = []
        for number in numbers:
            if record_of(number).state == "live":
                result.retained.append(
                    (number, self._indices.get(number), number in held)
                )
        self._seen.extend(numbers)
        if not result.sightings:
            self._good.extend(numbers)
        self._numbers = []
        self._indices.clear()

    def _name(self, number: int) -> str:
        index = self._indices.get(number)
        if index is not None:
            return f"c{index}"
        record = record_of(number)
        parent = None if record.made_by is None else self._indices.get(record.made_by)
        if parent is None:
            return "a canary of an earlier round"
        return f"the canary that {record.born_in} of c{parent} returned"


def _merge_counts() -> None:
    """Let this thread merge the counts that others have queued for it.

    The interpreter does that when it jumps back.  Unlike `harness.quiesce`, this does
    not give up the core, which on a busy machine takes longer than the round.
    """
    for _ in range(8):
        pass


def _with_trap(spec: CanarySpec, traps: bool) -> CanarySpec:
    return replace(spec, trap=traps and not spec.tracked)


def _changes_containers(program: HuntProgram) -> bool:
    actions = {hook.action for spec in program.canaries for hook in spec.hooks}
    # The action of a callback is inside the pickle, as text.
    inside = b"mutate" in program.values or b"drop" in program.values
    return bool(actions & {"mutate", "drop"}) or inside
