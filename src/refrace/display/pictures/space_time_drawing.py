"""Draw a run as a space-time diagram."""

from __future__ import annotations

from collections.abc import Iterator

from refrace.display.pictures.picture import Picture
from refrace.display.pictures.shapes import (
    arrow_head,
    code_width,
    hatched,
    line,
    number,
    path,
    prose_width,
    rect,
    text,
)
from refrace.display.pictures.space_time import Event, Join, Run, Span
from refrace.display.pictures.space_time_layout import (
    EDGE,
    LABEL,
    NOTE,
    NOTES,
    NUMBERS,
    Layout,
    cells_width,
)
from refrace.display.pictures.space_time_marks import (
    drawn_mark,
    legend,
    pause,
    thread_role,
    warning,
)

__all__ = ["space_time_picture"]

# The role, the weight and the dashes of an arrow.
_JOINS = {
    "conflict": ("bad", 2.5, ""),
    "order": ("good", 2.5, ""),
    "read": ("line", 1.5, "2 4"),
}
MARK = 12
"""Distance between a mark and the end of its connecting line."""


def space_time_picture(run: Run) -> Picture:
    """Return the diagram of a run.

    Each thread and each shared word has a vertical lane, time runs downwards, and an
    access is a mark on the lane of its thread that a line connects with the word.
    """
    drawing = _Drawing(run)
    content, height = drawing.drawn()
    return Picture(
        title=run.title,
        description=run.described(),
        width=drawing.at.width,
        height=height,
        content=content,
    )


class _Drawing:
    """The shapes of one diagram, from the background to the front."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.at = Layout(run)

    def drawn(self) -> tuple[str, float]:
        """Return all shapes and the height of the picture."""
        at = self.at
        parts = [
            *self._titles(),
            *self._lanes(),
            *(
                shape
                for span, level in zip(self.run.spans, at.lock_levels, strict=True)
                for shape in self._span(span, level)
            ),
            *(shape for place in self._places for shape in self._connector(place)),
            *(shape for join in self.run.joins for shape in self._join(join)),
            *(shape for place in self._places for shape in self._event(place)),
            *self._verdict(),
        ]
        signs, height = legend(self.run, EDGE, at.legend, at.width - 2 * EDGE)
        return "".join([*parts, signs]), height

    @property
    def _places(self) -> range:
        return range(len(self.run.events))

    # -------------------------------------------------------------- background

    def _titles(self) -> Iterator[str]:
        at = self.at
        for row, said in enumerate(at.title):
            yield text(EDGE, 30 + 20 * row, said, size=15, is_bold=True)
        below = 30 + 20 * len(at.title) - 1
        yield text(EDGE, below, self.run.subtitle, "soft", size=NOTE)
        head = at.top - 12
        for lane, (name, x) in enumerate(zip(self.run.threads, at.lanes, strict=True)):
            width = code_width(name, LABEL) + 20
            yield rect(x - 14, head - 16, width, 24, thread_role(lane), radius=12)
            yield text(
                x - 4, head + 1, name, "paper", size=LABEL, is_code=True, is_bold=True
            )
        for place, word in enumerate(self.run.words):
            yield text(
                at.middle(place),
                head,
                word.name,
                size=NOTE,
                anchor="middle",
                is_code=True,
                is_bold=True,
            )
        if self.run.has_truth:
            yield text(at.truth, head, "true count", "soft", size=NOTE)
        if self.run.has_source:
            yield text(at.source, head, "C line", "soft", size=NOTE)

    def _lanes(self) -> Iterator[str]:
        at = self.at
        for lane, x in enumerate(at.lanes):
            yield line(x, at.top, x, at.bottom, thread_role(lane), weight=2)
        for place, word in enumerate(self.run.words):
            x = at.middle(place)
            ended = next(
                (
                    y
                    for e, y in zip(self.run.events, at.rows, strict=True)
                    if place in e.ends
                ),
                at.bottom,
            )
            yield line(x, at.top, x, ended, "line", weight=2)
            if ended < at.bottom:
                yield line(x, ended, x, at.bottom, "bad", weight=2, dash="2 5")
            if word.begins:
                yield self._box(place, at.top + 8, word.begins, "faint")

    def _box(self, word: int, y: float, value: tuple[str, ...], role: str) -> str:
        """Return the value of a word at a moment: a cell for each bit field."""
        x, width = self.at.words[word]
        fill, ink = ("bad-pale", "bad") if role == "bad" else ("panel", "ink")
        parts = [rect(x, y - 12, width, 24, fill, role)]
        spare = (width - cells_width(value)) / max(1, len(value))
        for place, field in enumerate(value):
            cell = cells_width((field,)) + spare
            if place:
                parts.append(line(x, y - 12, x, y + 12, role, weight=1))
            parts.append(
                text(
                    *(x + cell / 2, y + 4.5, field, ink),
                    size=LABEL,
                    anchor="middle",
                    is_code=True,
                    is_bold=role != "faint",
                )
            )
            x += cell
        return "".join(parts)

    def _span(self, span: Span, level: int) -> Iterator[str]:
        at = self.at
        x, top = at.lanes[span.lane], at.rows[span.first]
        end = at.bottom if span.last is None else at.rows[span.last]
        if span.kind == "lock":
            left = x - 6 - 9 * level
            yield rect(
                left,
                top,
                6,
                end - top,
                thread_role(span.lane),
                radius=1,
                title=span.label,
            )
            if end - top > prose_width(span.label, NOTE):
                where = f"translate({number(left - 4)} {number(top)}) rotate(-90)"
                words = text(0, 0, span.label, "soft", size=NOTE, anchor="end")
                yield f'<g transform="{where}">{words}</g>'
            return
        fill, stroke = ("warn-pale", "warn") if span.is_crossed else ("none-pale", None)
        yield rect(x - 8, top, 16, end - top, fill, stroke, radius=2)
        yield hatched(x - 8, top, 16, end - top, "warn" if span.is_crossed else "line")
        free = [
            place
            for place in range(span.first + 1, span.last or 0)
            if self.run.events[place].lane != span.lane
        ]
        if span.label and free:
            role = "warn" if span.is_crossed else "soft"
            yield text(
                x + 16, at.rows[free[0]] + 4, span.label, role, size=NOTE, halo="paper"
            )

    # ------------------------------------------------------------------ events

    def _connector(self, place: int) -> Iterator[str]:
        event, y = self.run.events[place], self.at.rows[place]
        if event.word is None:
            return
        role = "bad" if event.is_bad else thread_role(event.lane)
        x, width = self.at.words[event.word]
        left = self.at.lanes[event.lane] + MARK
        right = x if event.value is not None else x + width / 2
        dash = "" if event.mark in ("store", "update") else "5 3"
        yield line(left, y, right - 2, y, role, weight=1.5, dash=dash)
        if event.mark in ("load", "update"):
            yield arrow_head(left - 3, y, "left", role)
        if event.mark != "load":
            yield arrow_head(right, y, "right", role)

    def _join(self, join: Join) -> Iterator[str]:
        """Yield an arrow that goes down and across where there is no text."""
        at = self.at
        first, last = self.run.events[join.first], self.run.events[join.last]
        x1, y1 = at.lanes[first.lane], at.rows[join.first]
        x2, y2 = at.lanes[last.lane], at.rows[join.last]
        y, beside = at.across(join), x2 - 17
        role, weight, dash = _JOINS[join.kind]
        if x1 > x2:
            points = [(x1 - 9, y1), (x1 - 17, y1), (x1 - 17, y), (x2, y), (x2, y2 - 11)]
            yield arrow_head(x2, y2 - 9, "down", role)
        else:
            across = [(x1, y1 + 9), (x1, y), (beside, y)]
            down = [(x1 - 9, y1), (beside, y1)]
            points = [*(across if x1 < x2 else down), (beside, y2), (x2 - 14, y2)]
            yield arrow_head(x2 - 11, y2, "right", role)
        start, *rest = [f"{number(x)} {number(y)}" for x, y in points]
        yield path(
            f"M{start} " + " ".join(f"L{to}" for to in rest),
            None,
            role,
            weight=weight,
            dash=dash,
        )
        left, width = min(x1, x2) + 14, prose_width(join.label, NOTE) + 6
        yield rect(left, y - 8, width, 16, "paper")
        yield text(
            left + 3,
            y + 4,
            join.label,
            role,
            size=NOTE,
            is_bold=join.kind == "conflict",
        )

    def _event(self, place: int) -> Iterator[str]:
        at, event, y = self.at, self.run.events[place], self.at.rows[place]
        x = at.lanes[event.lane]
        role = "bad" if event.is_bad else thread_role(event.lane)
        if event.preempts is not None:
            before = at.lanes[event.preempts]
            yield pause(before, y - 26)
            yield text(before + 14, y - 22, "preempted", size=NOTE, halo="paper")
        if event.number is not None:
            yield text(
                EDGE + NUMBERS - 4,
                y + 4,
                str(event.number),
                "soft",
                size=NOTE,
                anchor="end",
                is_code=True,
            )
        yield drawn_mark(event.mark, x, y, role)
        if event.is_bad:
            yield warning(EDGE + 8, y)
        yield text(
            x + 16,
            y - 6,
            event.label,
            "bad" if event.is_bad else "ink",
            size=LABEL,
            is_code=True,
            is_bold=event.is_bad,
            halo="paper",
        )
        for row, note in enumerate(event.notes):
            yield text(
                x + 16, y + 15 + NOTES * row, note, "soft", size=NOTE, halo="paper"
            )
        yield from self._in_columns(event, y)

    def _in_columns(self, event: Event, y: float) -> Iterator[str]:
        at = self.at
        if event.word is not None:
            if event.value is not None:
                stroke = "bad" if event.is_bad else thread_role(event.lane)
                yield self._box(event.word, y, event.value, stroke)
            elif event.moved:
                x, width = at.words[event.word]
                yield text(
                    x + width / 2 - 6,
                    y - 5,
                    event.moved,
                    size=NOTE,
                    anchor="end",
                    is_code=True,
                    halo="paper",
                )
        for word in event.ends:
            yield self._box(word, y, ("freed",), "bad")
        if event.truth:
            role = "bad" if event.is_off else "soft"
            yield text(
                *(at.truth, y + 4, event.truth, role),
                size=NOTE,
                is_code=True,
                is_bold=event.is_off,
            )
        if event.source:
            yield text(at.source, y + 4, event.source, "soft", size=NOTE, is_code=True)

    def _verdict(self) -> Iterator[str]:
        at, lines = self.at, self.at.verdict
        y = at.bottom + 12
        height = 20 * len(lines) + 12
        role, pale = ("bad", "bad-pale") if self.run.is_bad else ("line", "panel")
        yield rect(EDGE, y, at.width - 2 * EDGE, height, pale, role)
        if self.run.is_bad:
            yield warning(EDGE + 20, y + height / 2)
        left = EDGE + (42 if self.run.is_bad else 14)
        for row, said in enumerate(lines):
            yield text(left, y + 20 + 20 * row, said, size=14)
