"""Runs a schedule and records its steps."""

from __future__ import annotations

import time
from collections.abc import Sequence

from refrace._native import explorer as native_explorer
from refrace.explorer.model.capacity import kinds_of
from refrace.explorer.model.deadline import OutOfTime
from refrace.explorer.model.lower import Lowered
from refrace.explorer.model.records import Reader
from refrace.explorer.model.results import Replay
from refrace.traces.schedule import thread_of
from refrace.traces.steps import STOPPING, TraceStep, Wait

__all__ = ["Recorder"]


class Recorder:
    """Records one run of a schedule."""

    def __init__(self, lowered: Lowered, walk: native_explorer.Walk) -> None:
        self._walk = walk
        self._reader = Reader(lowered, walk.shape(), walk.count_of)
        self._steps: list[TraceStep] = []
        self._misfit: str | None = None
        self._progress = "ran"

    def run(self, schedule: Sequence[int], cpu_deadline: float) -> bool:
        """Take a schedule; return False if the state needs more capacity.

        Raises
        ------
        OutOfTime
            If the deadline, a time of `time.thread_time`, comes first.
        """
        walk = self._walk
        self._progress = walk.begin()
        numbers = walk.numbers()
        if self._progress == "ended":
            kinds = kinds_of(numbers.last_kinds)
            self._reader.found(kinds, numbers.culprit, None)
        for code in schedule:
            if self._progress == "grow":
                return False
            if time.thread_time() >= cpu_deadline:
                raise OutOfTime
            if self._progress != "ran":
                self._misfit = "the run ends before the schedule"
                break
            if code not in walk.choices():
                self._misfit = self._reader.misfit(code, walk.choices())
                break
            seen = walk.look(code)
            self._steps.append(self._reader.step(len(self._steps) + 1, code, seen))
            if seen.progress == "ended":
                self._reader.found(
                    kinds_of(seen.kinds), seen.culprit, thread_of(code), seen.rival
                )
            self._progress = walk.take(code)
        return self._progress != "grow"

    def result(self) -> Replay:
        """Return the steps and the outcome of the run."""
        walk, reader = self._walk, self._reader
        numbers, words = walk.numbers(), walk.words()
        kinds = kinds_of(numbers.kinds)
        is_over = self._progress == "ended"
        waits: list[Wait] = []
        if "deadlock" in kinds:
            waits = [reader.wait(t, word, words) for t, word in walk.waits()]
            reader.deadlocked()
        elif is_over and numbers.last_kinds == 0:
            reader.judged(words, walk.owners())
        is_misused = self._progress == "misused"
        message = native_explorer.misuse_message(numbers.misuse) if is_misused else None
        return Replay(
            steps=tuple(self._steps),
            misfit=self._misfit,
            ended=is_over,
            kinds=kinds,
            findings=reader.findings(),
            waits=tuple(waits),
            preemptions=numbers.preemptions,
            error=message,
            error_thread=numbers.at_thread,
            error_statement=numbers.at_statement,
            enabled=walk.choices() if self._progress == "ran" else [],
            stopping=self._stopping(),
            state=reader.state(words),
        )

    def _stopping(self) -> Wait | None:
        """Return what a thread waits for that has asked for a stop of the world."""
        walk = self._walk
        if self._progress != "ran" or walk.shape().stop < 0:
            return None
        words, enabled = walk.words(), set(map(thread_of, walk.choices()))
        for thread, word in walk.waits():
            if thread not in enabled:
                wait = self._reader.wait(thread, word, words)
                if wait.place == STOPPING:
                    return wait
        return None
