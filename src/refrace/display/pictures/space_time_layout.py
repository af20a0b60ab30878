"""Where the parts of a space-time diagram are."""

from __future__ import annotations

from collections import Counter
from functools import cached_property

from refrace.display.pictures.shapes import code_width, prose_width, wrapped
from refrace.display.pictures.space_time import Event, Join, Run

__all__ = ["EDGE", "LABEL", "NOTE", "NOTES", "NUMBERS", "Layout", "cells_width"]

LABEL = 13
"""Height of the letters of a label."""
NOTE = 11.5
"""Height of the letters of a note."""

EDGE = 18
NUMBERS = 44
TITLE = 50
HEADS = 66
ROW = 40
NOTES = 15
PREEMPTED = 24
BAND = 22
CELL = 14
LOCK_STEP = 9
LEAST_LANE = 138
LEAST_WORD = 64
LEAST_WIDTH = 560


def cells_width(value: tuple[str, ...]) -> float:
    """Return the width of a value's box, with a cell for each bit field."""
    return sum(code_width(field, LABEL) + CELL for field in value)


class Layout:
    """The coordinates of a run's diagram, in pixels."""

    def __init__(self, run: Run) -> None:
        self.run = run

    # ------------------------------------------------------------------ across

    @cached_property
    def lock_levels(self) -> list[int]:
        """For each span, how far left of its lane its bar is; 0 for a gap."""
        levels: list[int] = []
        for place, span in enumerate(self.run.spans):
            taken = {
                levels[before]
                for before, other in enumerate(self.run.spans[:place])
                if other.kind == span.kind == "lock"
                and other.lane == span.lane
                and (other.last is None or other.last > span.first)
            }
            level = next(n for n in range(1, place + 2) if n not in taken)
            levels.append(level if span.kind == "lock" else 0)
        return levels

    @cached_property
    def lanes(self) -> list[float]:
        """The position of each thread's line."""
        lines, x = [], float(EDGE + NUMBERS)
        for lane in range(len(self.run.threads)):
            x += self._left_of(lane)
            lines.append(x)
            x += self._right_of(lane)
        return lines

    def _left_of(self, lane: int) -> float:
        levels = [
            level
            for span, level in zip(self.run.spans, self.lock_levels, strict=True)
            if span.lane == lane
        ]
        return 20 + LOCK_STEP * max(levels, default=0)

    def _right_of(self, lane: int) -> float:
        mine = [event for event in self.run.events if event.lane == lane]
        widths = [code_width(event.label, LABEL) + 34 for event in mine]
        widths += [prose_width(note, NOTE) + 34 for e in mine for note in e.notes]
        widths += [
            prose_width(span.label, NOTE) + 34
            for span in self.run.spans
            if span.lane == lane and span.kind == "gap"
        ]
        return max([LEAST_LANE, *widths])

    @property
    def _threads_end(self) -> float:
        last = len(self.lanes) - 1
        return self.lanes[last] + self._right_of(last) + 6

    @cached_property
    def words(self) -> list[tuple[float, float]]:
        """The left edge and the width of each word's boxes."""
        boxes, x = [], self._threads_end
        for place, word in enumerate(self.run.words):
            values = [word.begins, ("freed",)] + [
                event.value
                for event in self.run.events
                if event.word == place and event.value is not None
            ]
            widest = max(cells_width(value) for value in values)
            width = max(LEAST_WORD, widest, code_width(word.name, NOTE) + 4)
            boxes.append((x, width))
            x += width + 22
        return boxes

    def middle(self, word: int) -> float:
        """Return the middle of a word's boxes."""
        x, width = self.words[word]
        return x + width / 2

    @cached_property
    def truth(self) -> float:
        """The left edge of the true counts."""
        if not self.words:
            return self._threads_end
        x, width = self.words[-1]
        return x + width + 18

    @cached_property
    def source(self) -> float:
        """The left edge of files and lines."""
        widest = max((code_width(e.truth, NOTE) for e in self.run.events), default=0)
        room = max(widest, prose_width("true count", NOTE)) + 16
        return self.truth + (room if self.run.has_truth else 0)

    @cached_property
    def width(self) -> float:
        """The width of the picture."""
        sources = [code_width(event.source, NOTE) for event in self.run.events]
        end = self.source + max([0.0, *sources]) + EDGE
        return max(LEAST_WIDTH, end)

    # -------------------------------------------------------------------- down

    def is_downwards(self, join: Join) -> bool:
        """Whether an arrow goes down before it goes across: not to the right."""
        first, last = self.run.events[join.first], self.run.events[join.last]
        return first.lane >= last.lane

    def _band_of(self, join: Join) -> int:
        """Return the event above which an arrow goes across."""
        return join.last if self.is_downwards(join) else join.first + 1

    @cached_property
    def _bands(self) -> Counter[int]:
        return Counter(self._band_of(join) for join in self.run.joins)

    def across(self, join: Join) -> float:
        """Return the height at which an arrow goes across."""
        place = self._band_of(join)
        same = [other for other in self.run.joins if self._band_of(other) == place]
        above = len(same) - same.index(join)
        is_preempting = self.run.events[place].preempts is not None
        return self.rows[place] - 10 - BAND * above - PREEMPTED * is_preempting

    @cached_property
    def rows(self) -> list[float]:
        """The position of each event."""
        rows, y = [], self.top + 44.0
        for place, event in enumerate(self.run.events):
            y += PREEMPTED if event.preempts is not None else 0
            y += BAND * self._bands[place]
            rows.append(y)
            y += ROW + NOTES * len(event.notes)
        return rows

    @cached_property
    def title(self) -> list[str]:
        """The lines of the title."""
        return wrapped(self.run.title, self.width - 2 * EDGE, 15)

    @property
    def top(self) -> float:
        """Where the lanes begin."""
        return TITLE + HEADS - 20 + 20 * (len(self.title) - 1)

    @cached_property
    def bottom(self) -> float:
        """Where the lanes end."""
        if not self.run.events:
            return self.top + ROW
        last: Event = self.run.events[-1]
        return self.rows[-1] + 24 + NOTES * len(last.notes)

    @cached_property
    def verdict(self) -> list[str]:
        """The lines of the verdict."""
        return wrapped(self.run.verdict, self.width - 2 * EDGE - 50, 14)

    @property
    def legend(self) -> float:
        """Where the legend begins."""
        return self.bottom + 20 * len(self.verdict) + 40
