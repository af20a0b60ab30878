"""A whole state of a run by names, and what was found to be wrong in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from refrace.findings import FindingKind
from refrace.traces.steps import Value

__all__ = ["Found", "ObjectState", "State"]


@dataclass(frozen=True, slots=True)
class ObjectState:
    """What is known of an object.

    Attributes
    ----------
    status : str
        ``"alive"``, ``"dying"`` or ``"freed"``.
    count, ledger : int
        The count, and the count if every operation were atomic.
    fields : mapping of str to Value
    """

    status: str
    count: int
    ledger: int
    fields: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class State:
    """What every shared place of a program holds; None is null, or a lock is free."""

    cells: Mapping[str, Value]
    containers: Mapping[str, tuple[int | str | None, ...]]
    locks: Mapping[str, Value]
    objects: Mapping[str, ObjectState]


@dataclass(frozen=True, slots=True)
class Found:
    """A finding that is not yet explained.

    Attributes
    ----------
    kind : FindingKind
    object : str or None
        The object it is about.
    thread : str or None
        The thread whose step showed it; None for the end of a run.
    count, owners : int or None
        What the end of the run found: the object's count, and how many own it; None
        for other findings.
    """

    kind: FindingKind
    object: str | None = None
    thread: str | None = None
    count: int | None = None
    owners: int | None = None
