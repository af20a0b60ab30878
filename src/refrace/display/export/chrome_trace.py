"""Timelines in the trace format of Chrome, which Perfetto reads.

"Trace Event Format", Google, 2016: complete events (``X``), counters (``C``) and names
(``M``); times are in microseconds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

__all__ = ["SUFFIX", "Slice", "chrome_trace"]

SUFFIX = ".perfetto.json"
"""How the name of such a file ends."""
_PROCESS = 1


class Slice(NamedTuple):
    """Something that a thread did from one time to another, in ns."""

    thread: int
    name: str
    begin_ns: int
    end_ns: int
    arguments: Mapping[str, Any]


def chrome_trace(
    title: str,
    threads: Sequence[str],
    slices: Sequence[Slice],
    facts: Mapping[str, Any],
    counter: str = "",
) -> str:
    """Return a timeline as JSON.

    Parameters
    ----------
    title : str
        The name of the process.
    threads : sequence of str
        The names of the threads.
    slices : sequence of Slice
    facts : mapping
        What else is known, for ``otherData``.
    counter : str
        The name of a counter of the threads with a slice; none if it is empty.
    """
    events: list[dict[str, Any]] = [_named("process_name", 0, title)]
    events += [
        _named("thread_name", number, name) for number, name in enumerate(threads, 1)
    ]
    events += [
        {
            "ph": "X",
            "pid": _PROCESS,
            "tid": one.thread + 1,
            "name": one.name,
            "ts": one.begin_ns / 1000,
            "dur": (one.end_ns - one.begin_ns) / 1000,
            "args": dict(one.arguments),
        }
        for one in slices
    ]
    if counter:
        events += _counted(counter, slices)
    return json.dumps(
        {"displayTimeUnit": "ns", "otherData": dict(facts), "traceEvents": events}
    )


def _named(what: str, thread: int, name: str) -> dict[str, Any]:
    return {
        "ph": "M",
        "pid": _PROCESS,
        "tid": thread,
        "name": what,
        "args": {"name": name},
    }


def _counted(name: str, slices: Sequence[Slice]) -> list[dict[str, Any]]:
    """Return an event for each change of the number of slices at a time."""
    changes: dict[int, int] = {}
    for one in slices:
        changes[one.begin_ns] = changes.get(one.begin_ns, 0) + 1
        changes[one.end_ns] = changes.get(one.end_ns, 0) - 1
    inside, events = 0, []
    for at in sorted(changes):
        inside += changes[at]
        events.append(
            {
                "ph": "C",
                "pid": _PROCESS,
                "tid": 0,
                "name": name,
                "ts": at / 1000,
                "args": {"threads": inside},
            }
        )
    return events
