"""The pattern of the gallery that a trace of native code shows, by what threads did."""

from __future__ import annotations

from collections.abc import Sequence

from refrace.hunting.schedules.native_trace import NativeStep

__all__ = ["pattern_of_trace"]

_LEAST_POINTER = 1 << 20


def pattern_of_trace(kind: str, steps: Sequence[NativeStep]) -> str | None:
    """Return the slug of a pattern whose steps are in the trace; None without one.

    Parameters
    ----------
    kind : str
        The kind of the finding.
    steps : sequence of NativeStep
        The trace.
    """
    if kind in ("wrong-answer", "leak", "never-freed", "block-leak"):
        for first, between, last in _overwritten(steps):
            is_lazy = first.before == 0 and (last.after or 0) >= _LEAST_POINTER
            same_start = between.before == 0
            return (
                "double-lazy-init" if is_lazy and same_start else "payload-lost-update"
            )
    if kind == "use-after-free":
        return _borrowed(steps)
    if kind == "deadlock":
        return _locked(steps)
    return None


def _locked(steps: Sequence[NativeStep]) -> str | None:
    """Return the pattern of locks that threads wait for; None if it is no lock."""
    waits = [step for step in steps if step.point == "waits"]
    gil = [step for step in waits if step.text == "waits for the GIL"]
    locks = [step for step in waits if step.text.startswith("waits for a lock")]
    if not locks or len(locks) + len(gil) < len(waits):
        return None
    if gil:
        return "native-lock-against-gil"
    # Threads that wait for the same lock wait for a thread that kept it.
    return "abba-two-objects" if len({step.place for step in locks}) > 1 else None


def _overwritten(
    steps: Sequence[NativeStep],
) -> list[tuple[NativeStep, NativeStep, NativeStep]]:
    """Return each (read, write by another thread, write) of a place, in that order.

    The last write is by the thread that read, which has not read the place again.
    """
    found = []
    open_reads: dict[tuple[int, str], NativeStep] = {}
    written: dict[tuple[int, str], NativeStep] = {}
    for step in steps:
        if not step.place or step.before is None:
            continue
        key = (step.thread, step.place)
        if step.point == "read":
            open_reads[key] = step
            written.pop(key, None)
        elif step.point == "write":
            if key in written:
                found.append((open_reads[key], written.pop(key), step))
            open_reads.pop(key, None)
            for other in open_reads:
                if other[1] == step.place and other[0] != step.thread:
                    written.setdefault(other, step)
    return found


def _borrowed(steps: Sequence[NativeStep]) -> str | None:
    """Return whether a pointer was read, and the GIL released before it was used."""
    pointers: dict[int, list[NativeStep]] = {}
    released: set[int] = set()
    for step in steps:
        if step.point == "read" and (step.before or 0) >= _LEAST_POINTER:
            pointers.setdefault(step.thread, []).append(step)
        elif step.point == "gil-release" and step.thread in pointers:
            released.add(step.thread)
    others = {step.thread for step in steps if step.point in ("write", "free")}
    if any(others - {thread} for thread in released):
        return "borrow-across-gil-release"
    return "borrow-then-incref" if pointers else None
