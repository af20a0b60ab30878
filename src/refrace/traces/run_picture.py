"""A run as plain rows for its space-time diagram."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from refrace.bit_layout import Word
from refrace.catalogue.word_values import word_change
from refrace.display.pictures.space_time import Event, Join, Run, Span, WordLane
from refrace.findings import Finding, FindingKind
from refrace.traces.run_events import (
    freed_at,
    lock_spans,
    mark_of,
    operation_spans,
    overwritten,
)
from refrace.traces.step_cells import NULLS, cells_of, named_place
from refrace.traces.steps import TraceStep, Value, Wait

__all__ = ["drawn_run", "worded"]

MOST_WORDS = 3
"""Words with a lane of their own; other accesses are notes."""

MOST_STEPS = 150
"""Steps that are drawn; of a longer run, the last ones."""

# These do not happen in one step.
_NOT_IN_A_STEP = (
    *(FindingKind.LEAK, FindingKind.COUNT_TOO_LOW, FindingKind.DANGLING_REFERENCE),
    *(FindingKind.DEADLOCK, FindingKind.LIVELOCK, FindingKind.DANGLING_FREE),
)


def drawn_run(
    steps: Sequence[TraceStep],
    waits: Sequence[Wait],
    threads: Sequence[str],
    words: tuple[Word, ...],
    finding: Finding | None,
    title: str,
    subtitle: str,
    verdict: str,
) -> Run:
    """Return what the diagram of a run shows.

    Parameters
    ----------
    steps, waits : sequence of TraceStep, sequence of Wait
        The steps of the run, and the threads that wait at its end.
    threads : sequence of str
        The program's threads; a thread without a step or a wait gets no lane.
    words : tuple of Word
        The words that the mode keeps.
    finding : Finding or None
        The finding that the run shows.
    title, subtitle, verdict : str
        The lines above and below the diagram.
    """
    skipped = max(0, len(steps) - MOST_STEPS)
    if skipped:
        subtitle += f"; drawn: steps {skipped + 1:,} to {len(steps):,}"
    drawn = _Drawn(steps[skipped:], waits, threads, words, finding)
    return drawn.run(title, subtitle, verdict)


class _Drawn:
    def __init__(
        self,
        steps: Sequence[TraceStep],
        waits: Sequence[Wait],
        threads: Sequence[str],
        words: tuple[Word, ...],
        finding: Finding | None,
    ) -> None:
        self.steps, self.waits, self.words = steps, waits, words
        self.finding = finding
        seen = {step.thread for step in steps} | {wait.thread for wait in waits}
        self.threads = [name for name in [*threads, "end"] if name in seen]
        self.freed = freed_at(steps)
        self.lost = overwritten(steps)
        self.places = [named_place(step, words) for step in steps]
        self.lanes = self._lanes()
        self.bad = self._bad()

    def run(self, title: str, subtitle: str, verdict: str) -> Run:
        spans: list[Span] = [
            *operation_spans(self.steps, self.threads),
            *lock_spans(self.steps, self.threads),
        ]
        return Run(
            title=title,
            subtitle=subtitle,
            threads=self.threads,
            words=[WordLane(name, self._begins(name)) for name in self.lanes],
            events=[*self._events(), *self._waiting()],
            verdict=verdict,
            is_bad=self.finding is not None,
            spans=spans,
            joins=self._joins(),
        )

    # ---------------------------------------------------------------- the words

    def _has_value(self, step: TraceStep) -> bool:
        is_lock = mark_of(step) in ("take", "release")
        return step.place is not None and step.place != step.object and not is_lock

    def _lanes(self) -> list[str]:
        """Return the names of the words with a lane, the important ones chosen."""
        weights: Counter[str] = Counter()
        for step, (name, word) in zip(self.steps, self.places, strict=True):
            if self._has_value(step):
                is_count = word is not None and step.count is not None
                is_found = (
                    self.finding is not None and step.object == self.finding.object
                )
                changes = step.before != step.after
                weights[name] += 1 + 3 * is_count + 2 * is_found + 2 * changes
        for _, _, last in self.lost:
            weights[self.places[last][0]] += 1000
        chosen = {name for name, _ in weights.most_common(MOST_WORDS)}
        return [name for name in weights if name in chosen]

    def _begins(self, name: str) -> tuple[str, ...]:
        for step, (place, word) in zip(self.steps, self.places, strict=True):
            if place == name and self._has_value(step):
                return worded(step.before, word)
        return ()

    # --------------------------------------------------------------- the events

    def _bad(self) -> set[int]:
        """Return the steps that are part of the finding."""
        if self.finding is None:
            return set()
        touches = self._touches()
        bad = {last for _, _, last in self.lost} | {*touches, *touches.values()}
        name = self.finding.object
        if self.finding.kind is FindingKind.DANGLING_FREE and name in self.freed:
            bad.add(self.freed[name])
        elif self.finding.kind not in _NOT_IN_A_STEP and self.steps:
            bad.add(len(self.steps) - 1)
        return bad

    def _touches(self) -> dict[int, int]:
        """Return each step that touches a freed object, with the step that freed it."""
        return {
            place: self.freed[step.object]
            for place, step in enumerate(self.steps)
            if step.object in self.freed and place > self.freed[step.object]
        }

    def _events(self) -> list[Event]:
        events = []
        previous: str | None = None
        for place, step in enumerate(self.steps):
            cells = cells_of(step, self.words)
            name, word = self.places[place]
            lane = self.lanes.index(name) if name in self.lanes else None
            has_value = self._has_value(step)
            notes = list(cells.notes)
            if lane is None and cells.value and has_value:
                notes.insert(0, f"{name}: {cells.value}")
            notes += self._statuses(step)
            truth, is_off = self._truth(place)
            is_write = mark_of(step) == "store" or step.before != step.after
            events.append(
                Event(
                    number=step.number,
                    lane=self.threads.index(step.thread),
                    mark=mark_of(step),
                    label=cells.does,
                    word=lane if has_value else None,
                    value=worded(step.after, word) if is_write and has_value else None,
                    moved=cells.value,
                    notes=tuple(notes),
                    truth=truth,
                    is_off=is_off,
                    source=_source(step),
                    is_bad=place in self.bad,
                    preempts=self._preempted(step, previous),
                    ends=self._ended(step),
                )
            )
            if step.event != "drain":
                previous = step.thread
        return events

    def _truth(self, place: int) -> tuple[str, bool]:
        """Return the true count at a step, and whether the count differs at the end."""
        step = self.steps[place]
        counted = [each for each in self.steps if each.ledger is not None]
        moves = any(
            each.ledger and each.ledger[0] != each.ledger[1] for each in counted
        )
        if step.ledger is None or step.count is None or not moves:
            return "", False
        is_last = [each for each in counted if each.object == step.object][-1] is step
        several = len({each.object for each in counted}) > 1
        said = f"{step.object}: {step.ledger[1]}" if several else str(step.ledger[1])
        ends = is_last and self.finding is not None and step.object not in self.freed
        if ends and step.count[1] != step.ledger[1]:
            return f"{said}, not {step.count[1]}", True
        return said, False

    def _statuses(self, step: TraceStep) -> list[str]:
        """Return what becomes of the accessed object; the cells have other objects."""
        return [
            f"{change.object} is {change.after}"
            for change in step.changes
            if (change.object, change.field) == (step.object, "status")
            and change.after != "alive"
            and step.event != "free"
        ]

    def _preempted(self, step: TraceStep, previous: str | None) -> int | None:
        if not step.preempts or previous is None:
            return None
        return self.threads.index(previous)

    def _ended(self, step: TraceStep) -> tuple[int, ...]:
        names = {
            change.object
            for change in step.changes
            if (change.field, change.after) == ("status", "freed")
        }
        return tuple(
            lane
            for lane, word in enumerate(self.lanes)
            if word.partition(".")[0] in names and "." in word
        )

    def _waiting(self) -> list[Event]:
        return [
            Event(
                number=None,
                lane=self.threads.index(wait.thread),
                mark="wait",
                label=f"waits for {wait.place}" if wait.place else "waits",
                notes=(wait.whose,) if wait.whose else (),
                is_bad=self.finding is not None,
            )
            for wait in self.waits
        ]

    # -------------------------------------------------------------- the arrows

    def _joins(self) -> list[Join]:
        return [*self._orders(), *self._conflicts()]

    def _orders(self) -> list[Join]:
        """Return what is read from other threads under C11, and what it orders."""
        places = {step.number: place for place, step in enumerate(self.steps)}
        joins = []
        for place, step in enumerate(self.steps):
            memory = step.memory
            if memory is None:
                continue
            joins += [
                Join(places[number], place, "release -> acquire", "order")
                for number in memory.synchronises_with
                if number in places
            ]
            source = memory.source or 0
            is_ordered = source in memory.synchronises_with
            if source not in places or is_ordered:
                continue
            if self.steps[places[source]].thread != step.thread:
                label = "old value read" if memory.is_old else "read"
                joins.append(Join(places[source], place, label, "read"))
        return joins

    def _conflicts(self) -> list[Join]:
        if self.finding is None:
            return []
        joins = [Join(lost, last, "overwritten") for _, lost, last in self.lost]
        first = min(self._touches(), default=None)
        if first is not None:
            joins.append(Join(self._touches()[first], first, "touched later"))
        for number, wait in enumerate(self.waits):
            taken = [
                place
                for place, step in enumerate(self.steps)
                if mark_of(step) == "take"
                and step.thread == wait.held_by
                and wait.place in (step.place, self.places[place][0])
            ]
            if taken:
                here = len(self.steps) + number
                joins.append(Join(taken[-1], here, f"{wait.thread} waits for this"))
        return joins


def worded(value: Value, word: Word | None) -> tuple[str, ...]:
    """Return a value, a text for each bit field that is shown."""
    if word is not None and len(word.fields) > 1 and isinstance(value, int):
        return tuple(word_change(word, value, value).split(", "))
    return (_plain(value, NULLS.get(word.name if word else "", "null")),)


def _plain(value: Value, null: str = "null") -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_plain, value))}]"
    return null if value is None else str(value)


def _source(step: TraceStep) -> str:
    if step.c_file is None:
        return ""
    return f"{step.c_file.rpartition('/')[2]}:{step.c_line}"
