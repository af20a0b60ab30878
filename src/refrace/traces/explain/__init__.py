"""Explain a finding in one sentence, from the trace that shows it."""

from __future__ import annotations

from refrace.findings import FindingKind
from refrace.traces.explain.counts import count_too_low, leak, underflow
from refrace.traces.explain.history import History
from refrace.traces.explain.lifetimes import (
    dangling_free,
    dangling_reference,
    detached_count,
    double_free,
    revival,
    use_after_free,
)
from refrace.traces.explain.orders import data_race, unsynchronised_free
from refrace.traces.explain.values import (
    null_dereference,
    out_of_bounds,
    uninitialised_use,
    wrong_value,
)
from refrace.traces.explain.waiting import deadlock, livelock
from refrace.traces.state import Found

__all__ = ["History", "explain"]

_EXPLAINERS = {
    FindingKind.USE_AFTER_FREE: use_after_free,
    FindingKind.REVIVAL: revival,
    FindingKind.UNDERFLOW: underflow,
    FindingKind.DOUBLE_FREE: double_free,
    FindingKind.DANGLING_FREE: dangling_free,
    FindingKind.DANGLING_REFERENCE: dangling_reference,
    FindingKind.LEAK: leak,
    FindingKind.COUNT_TOO_LOW: count_too_low,
    FindingKind.NULL_DEREFERENCE: null_dereference,
    FindingKind.OUT_OF_BOUNDS: out_of_bounds,
    FindingKind.UNINITIALISED_USE: uninitialised_use,
    FindingKind.WRONG_VALUE: wrong_value,
    FindingKind.DEADLOCK: deadlock,
    FindingKind.LIVELOCK: livelock,
    FindingKind.DETACHED_COUNT: detached_count,
    FindingKind.DATA_RACE: data_race,
    FindingKind.UNSYNCHRONISED_FREE: unsynchronised_free,
}


def explain(history: History, found: Found) -> str:
    """Return the explanation of a finding, as one sentence without a full stop.

    Parameters
    ----------
    history : History
        The run that shows it.
    found : Found
        The finding to explain.
    """
    return _EXPLAINERS[found.kind](history, found)
