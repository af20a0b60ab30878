"""The parts of a race: as asked for, in longer phases, and with widened gaps."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

from refrace._base.threads import run_threads
from refrace._native import objects as native_objects
from refrace.races.race_part import RacePart, overlap_of

__all__ = ["Racing", "Setting", "part_of"]

Gaps = Literal["natural", "widened"]

# Operations between two checks for a stop, without the GIL: some 40 ms in the slowest
# mode.
BUDGET_RELEASED = 1 << 17
# Operations of one turn with the GIL held: fewer than the default hold, so that threads
# switch in the middle of a phase.
BUDGET_HELD = 16

# Longer phases: a few objects each, with LONGER_TIMES the references of the last one,
# from some microseconds to several time slices of a scheduler.
LONGER_OBJECTS = 4
LONGER_FROM = 1 << 15
LONGER_TIMES = 8
LONGER_UP_TO = 1 << 27
# Share of the time for longer phases; the rest is for widened gaps.
LONGER_SHARE = 0.3

# Widened gaps: objects between two checks for findings, initially and at most.  Unless
# the caller asks for widened gaps alone, the maximum number of objects and of
# references; the latter is enough for a hundred gaps for each object.
WIDENED_FIRST = 4
WIDENED_BATCH = 16
WIDENED_OBJECTS = 64
WIDENED_HOLD = 32
# A thread waits in one of N gaps; N changes with each batch.  Never in all gaps:
# threads that only take turns lose as many increments as decrements.
ODDS = (8, 3, 5, 2)

SEEDS = 2**64

NOTHING_YET = native_objects.RaceTally(*[0] * len(native_objects.RaceTally._fields))


@dataclass(frozen=True, slots=True)
class Setting:
    """What all parts of a race have in common."""

    mode: int
    threads: int
    shared: bool
    foreign: bool
    gil: Literal["released", "held"]
    seed: int
    most_hold: int = LONGER_UP_TO


@dataclass(slots=True)
class Racing:
    """A running race; `parts` has the results so far, also after an interrupt."""

    setting: Setting
    objects: int
    hold: int
    seconds: float
    until_corrupt: bool = False
    progress: Callable[[int, int], None] | None = None
    parts: list[RacePart] = field(default_factory=list)
    _runs: int = 0

    def run(self, gaps: Literal["auto", "natural", "widened"]) -> None:
        """Run the parts, one after the other, until one finds something.

        The first part runs in full; later parts end after `seconds`.
        """
        if gaps != "widened":
            self._natural()
        until = time.monotonic() + self.seconds
        can_go_on = self.setting.gil == "released" and self.setting.threads > 1
        if gaps == "auto" and can_go_on:
            if not self.parts[-1].has_met:
                self._longer(time.monotonic() + LONGER_SHARE * self.seconds)
            self._widened(until, min(self.hold, WIDENED_HOLD), WIDENED_OBJECTS)
        elif gaps == "natural" and can_go_on and self.until_corrupt:
            self._longer(until)
        elif gaps == "widened":
            self._widened(until, self.hold, self.objects)

    def _natural(self) -> None:
        requested = self.objects * self._objects_a_round
        self.parts.append(nothing_yet("natural", self.hold, requested))
        self._race(0, self.objects, self.hold, 0, None, self._counts)

    def _counts(self, done: int, total: int) -> None:
        if self.progress is not None:
            self.progress(done, total)

    def _goes_on(self, done: int, _total: int) -> None:
        """Report a later part: no object that was asked for is left after the first.

        A race that begins with widened gaps reports the objects of all its batches.
        """
        first = self.parts[0]
        if first.gaps == "widened":
            done = min(first.objects + done, self.objects)
        else:
            done = self.objects
        self._counts(done, self.objects)

    def _longer(self, until: float) -> None:
        hold = max(LONGER_FROM, LONGER_TIMES * self.hold)
        most = min(LONGER_UP_TO, self.setting.most_hold)
        while hold <= most and not self._has_found and time.monotonic() < until:
            part = nothing_yet("natural", hold, 0)
            self.parts.append(part)
            while True:
                began = time.monotonic()
                self._race(-1, LONGER_OBJECTS, hold, 0, until, self._goes_on)
                now = time.monotonic()
                is_last = hold * LONGER_TIMES > most
                if (
                    not (self.until_corrupt and is_last)
                    or self._has_found
                    or now > until
                ):
                    break
            if self.parts[-1].has_met and not self.until_corrupt:
                break
            if now + LONGER_TIMES * (now - began) > until and not self.until_corrupt:
                break
            hold *= LONGER_TIMES
        self._drop_empty()

    def _widened(self, until: float, hold: int, objects: int) -> None:
        if self.parts and (self._has_found or time.monotonic() >= until):
            return
        self.parts.append(nothing_yet("widened", hold, 0))
        for number, batch in _batches(None if self.until_corrupt else objects):
            odds = ODDS[number % len(ODDS)]
            self._race(-1, batch, hold, odds, until, self._goes_on)
            is_in_vain = len(self.parts) > 1 and not self.parts[-1].gap_waits
            if self._has_found or is_in_vain or time.monotonic() >= until:
                break
        self._drop_empty()

    @property
    def _has_found(self) -> bool:
        return any(part.has_found for part in self.parts)

    @property
    def _objects_a_round(self) -> int:
        return 1 if self.setting.shared else self.setting.threads

    def _drop_empty(self) -> None:
        """Remove the last part if it has no result, unless it is the only one.

        A part has no result if no object was settled in time or no gap was widened.
        """
        part = self.parts[-1]
        has_gaps = part.gaps == "natural" or part.gap_waits > 0
        if len(self.parts) > 1 and not (part.objects and has_gaps):
            self.parts.pop()

    def _race(
        self,
        at: int,
        objects: int,
        hold: int,
        odds: int,
        until: float | None,
        progress: Callable[[int, int], None],
    ) -> None:
        """Race, and add the results to the part `at`, even after an interrupt.

        If the time is up first, the settled objects count as those asked for.
        """
        setting = self.setting
        native = native_objects.Race(
            setting.mode,
            setting.threads,
            objects,
            hold,
            setting.shared,
            setting.foreign,
            setting.gil == "held",
            odds,
            (setting.seed + self._runs) % SEEDS,
        )
        self._runs += 1
        run, budget = native.run, BUDGET_RELEASED
        if setting.gil == "held":
            run, budget = native.run_holding_gil, BUDGET_HELD

        def look() -> None:
            progress(native.progress(), objects)
            if until is not None and time.monotonic() >= until:
                native.stop()

        requested = objects * self._objects_a_round
        try:
            run_threads(
                [
                    partial(run, thread, budget=budget)
                    for thread in range(setting.threads)
                ],
                stop=native.stop,
                on_look=look if self.progress or until is not None else None,
            )
            if until is not None:
                requested = native.progress() * self._objects_a_round
        finally:
            self._add(at, native.tally(), requested)

    def _add(self, at: int, tally: native_objects.RaceTally, requested: int) -> None:
        part = self.parts[at]
        joined = part.joined(part_of(tally, part.gaps, part.hold, requested))
        if at == 0:  # its objects_requested was set before it began
            joined = replace(joined, objects_requested=part.objects_requested)
        self.parts[at] = joined


def _batches(objects: int | None) -> Iterator[tuple[int, int]]:
    """Yield number and size of each batch; endlessly if `objects` is None."""
    number = 0
    while objects is None or objects > 0:
        batch = min(WIDENED_FIRST << min(number, 8), WIDENED_BATCH)
        batch = batch if objects is None else min(objects, batch)
        yield number, batch
        number += 1
        if objects is not None:
            objects -= batch


def nothing_yet(gaps: Gaps, hold: int, requested: int) -> RacePart:
    """Return a part that has not run yet."""
    return part_of(NOTHING_YET, gaps, hold, requested)


def part_of(
    tally: native_objects.RaceTally, gaps: Gaps, hold: int, requested: int
) -> RacePart:
    """Return the part of a race that a tally has the figures of."""
    return RacePart(
        gaps=gaps,
        hold=hold,
        objects=tally.objects,
        objects_requested=requested,
        operations=tally.operations,
        intact=tally.intact,
        leaked=tally.leaked,
        freed_early=tally.freed_early,
        dangling_uses=tally.dangling_uses,
        double_frees=tally.double_frees,
        freed_late=tally.freed_late,
        late_s=tally.late_ns / 1e9,
        lost_increments=tally.lost_increments,
        lost_decrements=tally.lost_decrements,
        drift=tally.drift,
        overlap=overlap_of(tally),
        busy_s=tally.busy_ns / 1e9,
        elapsed_s=tally.elapsed_ns / 1e9,
        gap_waits=tally.gap_waits,
        gaps_met=tally.gaps_met,
    )
