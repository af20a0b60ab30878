"""Threads that wait for each other, as a ring of threads and locks."""

from __future__ import annotations

import math
from collections.abc import Sequence

from refrace.display.pictures.picture import Picture
from refrace.display.pictures.shapes import (
    code_width,
    number,
    path,
    prose_width,
    rect,
    text,
    wrapped,
)
from refrace.display.pictures.space_time_marks import thread_role, warning

__all__ = ["ring_picture"]

EDGE = 18
WIDTH = 620
NOTE = 11.5
MOST_DRAWN = 8


def ring_picture(
    title: str, verdict: str, edges: Sequence[tuple[str, str, str]], *, is_bad: bool
) -> Picture:
    """Return a ring: each thread holds one lock and waits for the next.

    Parameters
    ----------
    title, verdict : str
        The line above and the sentence below it.
    edges : sequence of (thread, holds, waits for)
        In the order of the ring; of a long ring the first ones are drawn.  Empty if no
        thread waits.
    is_bad : bool
        Whether this is a finding.
    """
    drawn = edges[:MOST_DRAWN]
    radius = 64.0 + 28 * len(drawn)
    width = max(WIDTH, 3 * radius + 190)
    said = wrapped(verdict, width - 2 * EDGE - 40)
    parts = [text(EDGE, 30, title, size=15, is_bold=True)]
    if is_bad:
        parts.append(warning(EDGE + 10, 54))
    left = EDGE + (30 if is_bad else 0)
    parts += [text(left, 58 + 18 * row, words) for row, words in enumerate(said)]
    top = 58.0 + 18 * len(said)
    told = " ".join(
        f"{thread} holds {holds} and waits for {waits}."
        for thread, holds, waits in edges
    )
    description = f"{verdict} {told}".strip()
    if not edges:
        return Picture(title, description, width, top + 10, "".join(parts))
    parts += _ring(drawn, width / 2, top + radius + 24, radius)
    height = top + 2 * radius + 62
    if len(drawn) < len(edges):
        more = f"{len(edges) - len(drawn)} more threads of the ring are not drawn."
        parts.append(text(EDGE, height - 8, more, "soft", size=NOTE))
    return Picture(title, description, width, height, "".join(parts))


def _ring(
    edges: Sequence[tuple[str, str, str]], x: float, y: float, radius: float
) -> list[str]:
    """Return thread, lock, thread, lock ... around a circle, joined by arrows."""
    n = 2 * len(edges)

    def at(place: float) -> tuple[float, float]:
        angle = 2 * math.pi * place / n - math.pi / 2
        return x + 1.5 * radius * math.sin(angle + math.pi / 2), y + radius * math.sin(
            angle
        )

    parts = []
    for place, (thread, _, waits) in enumerate(edges):
        # A thread points at the lock that it waits for; the lock at its holder.
        for begin, word, role in (
            (2 * place, "waits for", "bad"),
            (2 * place + 1, "held by", "line"),
        ):
            parts.append(_curved(at, begin, role, dash="" if role == "bad" else "6 4"))
            cx, cy = at(begin + 0.5)
            width = prose_width(word, NOTE) + 6
            parts.append(rect(cx - width / 2, cy - 9, width, 18, "paper"))
            parts.append(
                text(
                    cx,
                    cy + 4,
                    word,
                    role if role == "bad" else "soft",
                    size=NOTE,
                    anchor="middle",
                )
            )
        tx, ty = at(2 * place)
        width = code_width(thread) + 22
        parts.append(
            rect(tx - width / 2, ty - 15, width, 30, thread_role(place), radius=15)
        )
        parts.append(
            text(
                tx, ty + 5, thread, "paper", anchor="middle", is_code=True, is_bold=True
            )
        )
        lx, ly = at(2 * place + 1)
        width = code_width(waits) + 18
        parts.append(rect(lx - width / 2, ly - 14, width, 28, "panel", "ink", radius=2))
        parts.append(text(lx, ly + 5, waits, anchor="middle", is_code=True))
    return parts


def _curved(at, begin: float, role: str, *, dash: str) -> str:  # type: ignore[no-untyped-def]
    """Return an arrow along the ring from one place to the next."""
    points = [at(begin + 0.22 + 0.56 * step / 8) for step in range(9)]
    start, *rest = [f"{number(px)} {number(py)}" for px, py in points]
    shaft = path(
        f"M{start} " + " ".join(f"L{to}" for to in rest),
        None,
        role,
        weight=2,
        dash=dash,
    )
    (x0, y0), (x1, y1) = points[-2:]
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    tip = f"M{number(x1 + 8 * ux)} {number(y1 + 8 * uy)}"
    sides = [(x1 - 5 * uy, y1 + 5 * ux), (x1 + 5 * uy, y1 - 5 * ux)]
    corners = " ".join(f"L{number(px)} {number(py)}" for px, py in sides)
    return shaft + path(f"{tip} {corners} Z", role)
