"""The findings that follow from the readings of one native object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from refrace._native.objects import First, Reading
from refrace.display.blocks import Block, Table
from refrace.findings import Finding, FindingKind

__all__ = ["FIRSTS", "Firsts", "findings_of", "findings_table", "inconclusive_because"]

FIRSTS = ("free", "refree", "late_use", "over_release")
"""The events whose first occurrence is kept, in the order of ``arena/firsts.h``."""

# The operations of a thread, in the order of the same file.
_DOING = ("settling", "incref", "decref", "use", "quiesce", "collapse", "detached")

Firsts: TypeAlias = Mapping[str, First]
"""For each event of `FIRSTS` that occurred: the first time."""


def findings_of(
    reading: Reading, firsts: Firsts, names: Mapping[str, str]
) -> tuple[Finding, ...]:
    """Return the findings of one handle, gravest first.

    Parameters
    ----------
    reading : Reading
        The readings of the handle.
    firsts : mapping of str to First
        The first occurrence of each known event; keys as in `FIRSTS`.
    names : mapping of str to str
        The names of the threads in which they happened, as far as known.

    Notes
    -----
    A count that differs from the ledger is judged only while no operation is running
    and nothing waits, as if the object were left as it is now.
    """
    freed = reading.deaths > 0
    dangling = max(reading.ledger_at_end, 0) if freed else 0
    quiet_and_alive = not freed and inconclusive_because(reading) is None
    drift = reading.refcount - reading.ledger if quiet_and_alive else 0
    first_of = {event: _first(event, firsts, names) for event in FIRSTS}
    believed = f"the count is {reading.refcount:,} but should be {reading.ledger:,}"
    found = (
        (
            FindingKind.DANGLING_FREE,
            int(dangling > 0),
            f"freed while {dangling:,} counted references existed",
            first_of["free"],
        ),
        (
            FindingKind.USE_AFTER_FREE,
            reading.uses_after_free,
            "an operation after the object was freed",
            first_of["late_use"],
        ),
        (
            FindingKind.DOUBLE_FREE,
            max(reading.deaths - 1, 0),
            "the freed object was freed again",
            first_of["refree"],
        ),
        (
            FindingKind.UNDERFLOW,
            reading.over_releases,
            "over-release, a reference was dropped that did not exist",
            first_of["over_release"],
        ),
        (
            FindingKind.LEAK,
            int(drift > 0),
            f"{believed}: the object will never be freed",
            "",
        ),
        (
            FindingKind.COUNT_TOO_LOW,
            int(drift < 0),
            f"{believed}: the object will be freed too early",
            "",
        ),
    )
    return tuple(
        Finding(kind, "object", f"{message}: {first}" if first else message, count)
        for kind, count, message, first in found
        if count
    )


def inconclusive_because(reading: Reading) -> str | None:
    """Return why the count cannot be judged now and what to do; None if it can."""
    if reading.in_flight:
        return "a thread is inside an operation; check again when it has returned"
    if reading.is_waiting:
        return "the object is waiting to be settled; call quiesce() or collapse() first"
    return None


def findings_table(findings: Iterable[Finding]) -> list[Block]:
    """Return a table of the findings; no block if there are none."""
    rows = [(str(one.kind), f"{one.count:,}", one.message) for one in findings]
    header = ("finding", "times", "what happened")
    return [Table(header, rows, "<><")] if rows else []


def _first(event: str, firsts: Firsts, names: Mapping[str, str]) -> str:
    """Return the thread and counts of the first event, in words; "" if unknown."""
    first = firsts.get(event)
    if first is None:
        return ""
    thread = names.get(event) or f"thread {first.thread}"
    count = f"(count {first.before:,}, then {first.after:,})"
    return f"{_DOING[first.doing]} by {thread} {count}"
