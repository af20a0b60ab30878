"""Which steps of a run under C11 synchronise: what releases, and what acquires it.

A release orders everything that its thread did before.  It is the write that is read,
if that has release order, or the last release fence of its thread before it.  A
read-modify-write also hands on the release of what it has read.  An acquire is the
read, if it has acquire order, or the next acquire fence of its thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from refrace.traces.steps import TraceStep

__all__ = ["acquires", "has_fence_first", "releases", "synchronised"]

_RELEASES = ("release", "acq_rel", "seq_cst")
_ACQUIRES = ("acquire", "acq_rel", "seq_cst")


def releases(order: str | None) -> bool:
    """Return whether an access or a fence of this order releases."""
    return order in _RELEASES


def acquires(order: str | None) -> bool:
    """Return whether an access or a fence of this order acquires."""
    return order in _ACQUIRES


def has_fence_first(step: TraceStep) -> bool:
    """Return whether the fence of a step comes before its access.

    A fence of a mode acts in the step of the access before it, or of the access after
    it if it is the first of its operation: that is how a release fence is used.
    """
    memory = step.memory
    return memory is not None and memory.fence == "release" and step.begins


def synchronised(steps: Sequence[TraceStep]) -> tuple[TraceStep, ...]:
    """Return the steps of a run, each with the steps that it synchronises with.

    Parameters
    ----------
    steps : sequence of TraceStep
        All steps from the first on.
    """
    found: dict[int, dict[int, None]] = {}
    for step in steps:
        where = _acquired_in(steps, step)
        if where is None:
            continue
        for head in _heads(steps, step):
            if head.thread != step.thread:
                found.setdefault(where.number, {})[head.number] = None
    return tuple(
        step
        if step.memory is None or step.number not in found
        else replace(
            step,
            memory=replace(
                step.memory, synchronises_with=tuple(sorted(found[step.number]))
            ),
        )
        for step in steps
    )


def _acquired_in(steps: Sequence[TraceStep], read: TraceStep) -> TraceStep | None:
    """Return the step that acquires what a step has read; None if none does."""
    if read.memory is None or read.memory.source is None:
        return None
    if acquires(read.memory.order):
        return read
    for step in steps[read.number - 1 :]:
        if (
            step.thread == read.thread
            and step.memory is not None
            and acquires(step.memory.fence)
        ):
            return step
    return None


def _heads(steps: Sequence[TraceStep], read: TraceStep) -> Iterator[TraceStep]:
    """Yield what is released with the write that a step reads."""
    at = read
    while at.memory is not None and at.memory.source:
        at = steps[at.memory.source - 1]
        head = _released_in(steps, at)
        if head is not None:
            yield head


def _released_in(steps: Sequence[TraceStep], write: TraceStep) -> TraceStep | None:
    """Return the step that releases with a write; None if none does."""
    if write.memory is None:
        return None
    if releases(write.memory.order) or has_fence_first(write):
        return write
    for step in reversed(steps[: write.number - 1]):
        if (
            step.thread == write.thread
            and step.memory is not None
            and releases(step.memory.fence)
        ):
            return step
    return None
