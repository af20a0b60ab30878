"""The trace of a run that ended its process, from what the process had recorded."""

from __future__ import annotations

from refrace.hunting.schedules.native_trace import NativeStep, Point, steps_of

__all__ = ["trace_at_end"]


def trace_at_end(recorded: bytes) -> tuple[NativeStep, ...]:
    """Return the last steps of a process that has ended, at most 512.

    Parameters
    ----------
    recorded : bytes
        The memory that its runtime recorded into.

    Notes
    -----
    What a write made of a value is known only if a later step accesses the same place.
    """
    from refrace._native import schedule as native

    points = native.recorded(recorded)
    later: dict[tuple[int, int], int | None] = {}
    steps: list[Point] = []
    for one in reversed(points):
        key = (one.address, one.size)
        is_read = one.point == "read"
        steps.append(
            Point(
                image=one.image,
                place=one.place,
                call=one.name,
                address=one.address,
                before=one.before,
                after=one.before if is_read else later.get(key),
                size=one.size,
                point=one.point,
                thread=one.runner + 1,
                gil=None if one.gil is None else one.gil + 1,
                preempted=one.preempted,
            )
        )
        if one.size:
            later[key] = one.before
    return steps_of(steps[::-1])
