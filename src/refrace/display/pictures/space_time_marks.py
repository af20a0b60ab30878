"""The marks of a space-time diagram, and its legend."""

from __future__ import annotations

from collections.abc import Iterable

from refrace.display.pictures.shapes import (
    group,
    hatched,
    line,
    number,
    path,
    prose_width,
    rect,
    text,
)
from refrace.display.pictures.space_time import Mark, Run
from refrace.display.pictures.space_time_layout import NOTE

__all__ = ["drawn_mark", "legend", "pause", "thread_role", "warning"]

_MEANINGS: dict[Mark, str] = {
    "load": "reads",
    "store": "writes",
    "update": "reads and writes at once",
    "take": "takes a lock",
    "release": "releases a lock",
    "free": "frees the object",
    "step": "another step",
    "wait": "waits for ever",
}
_ROLES = ("t1", "t2", "t3", "t4")


def thread_role(lane: int) -> str:
    """Return the role of a thread's colour."""
    return _ROLES[lane % len(_ROLES)]


def _polygon(points: Iterable[tuple[float, float]]) -> str:
    first, *rest = [f"{number(x)} {number(y)}" for x, y in points]
    return f"M{first} " + " ".join(f"L{point}" for point in rest) + " Z"


def _circle(x: float, y: float, r: float) -> str:
    size = number(r)
    return (
        f"M{number(x - r)} {number(y)}a{size} {size} 0 1 0 {number(2 * r)} 0"
        f"a{size} {size} 0 1 0 {number(-2 * r)} 0Z"
    )


def drawn_mark(mark: Mark, x: float, y: float, role: str) -> str:
    """Return the shape of a mark around a point."""
    if mark == "load":
        return path(_circle(x, y, 6), "paper", role, weight=2.5)
    if mark == "store":
        return rect(x - 6, y - 6, 12, 12, role, radius=1)
    if mark == "update":
        return path(_polygon([(x, y - 8), (x + 8, y), (x, y + 8), (x - 8, y)]), role)
    if mark == "take":
        return path(_polygon([(x - 7, y - 5), (x + 7, y - 5), (x, y + 7)]), role)
    if mark == "release":
        points = [(x - 7, y + 5), (x + 7, y + 5), (x, y - 7)]
        return path(_polygon(points), "paper", role, weight=2)
    if mark == "free":
        cross = (
            f"M{number(x - 4)} {number(y - 4)}l8 8M{number(x + 4)} {number(y - 4)}l-8 8"
        )
        return path(_circle(x, y, 8), "paper", role, weight=2) + path(
            cross, None, role, weight=2
        )
    if mark == "wait":
        glass = [(x - 6, y - 7), (x + 6, y - 7), (x - 6, y + 7), (x + 6, y + 7)]
        return path(_polygon(glass), "paper", role, weight=2)
    return path(_circle(x, y, 4), role)


def warning(x: float, y: float) -> str:
    """Return the sign of a finding: a triangle with an exclamation mark."""
    sign = path(_polygon([(x, y - 9), (x + 10, y + 8), (x - 10, y + 8)]), "bad")
    return sign + text(x, y + 6, "!", "paper", size=13, anchor="middle", is_bold=True)


def pause(x: float, y: float) -> str:
    """Return the sign of a preemption: two bars."""
    return rect(x - 5, y - 6, 3.5, 12, "ink", radius=0) + rect(
        x + 1.5, y - 6, 3.5, 12, "ink", radius=0
    )


_ARROWS = (
    ("order", line(-9, 0, 9, 0, "good", weight=2.5), "orders: release, then acquire"),
    (
        "read",
        line(-9, 0, 9, 0, "line", weight=1.5, dash="2 4"),
        "is read: no order by itself",
    ),
)


def legend(run: Run, x: float, y: float, width: float) -> tuple[str, float]:
    """Return the meaning of every sign of a run, and where the legend ends."""
    used = {event.mark for event in run.events}
    entries = [
        (drawn_mark(mark, 0, 0, "ink"), meaning)
        for mark, meaning in _MEANINGS.items()
        if mark in used
    ]
    kinds = {(span.kind, span.is_crossed) for span in run.spans}
    if ("gap", False) in kinds or ("gap", True) in kinds:
        swatch = rect(-8, -8, 16, 16, "none-pale", radius=2)
        entries.append(
            (swatch + hatched(-8, -8, 16, 16, "line"), "inside an operation")
        )
    if ("gap", True) in kinds:
        swatch = rect(-8, -8, 16, 16, "warn-pale", "warn", radius=2)
        entries.append(
            (swatch + hatched(-8, -8, 16, 16, "warn"), "and another thread wrote")
        )
    if any(kind == "lock" for kind, _ in kinds):
        entries.append((rect(-3, -8, 6, 16, "ink", radius=1), "holds a lock"))
    if any(event.preempts is not None for event in run.events):
        entries.append((pause(0, 0), "preempted: it could have gone on"))
    for kind, sign, meaning in _ARROWS:
        if any(join.kind == kind for join in run.joins):
            entries.append((sign, meaning))
    if any(event.is_bad for event in run.events):
        entries.append((warning(0, 0), "part of the finding"))

    parts, at = [line(x, y - 18, x + width, y - 18, "faint", weight=1)], x
    for sign, meaning in entries:
        needs = 26 + prose_width(meaning, NOTE)
        if at > x and at + needs > x + width:
            at, y = x, y + 24
        moved = f'<g transform="translate({number(at + 9)} {number(y)})">{sign}</g>'
        parts.append(moved + text(at + 24, y + 4, meaning, "soft", size=NOTE))
        at += needs + 16
    return group(parts), y + 20
