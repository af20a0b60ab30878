"""A complete state of a run by names, and an unexplained finding in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from refrace.findings import FindingKind
from refrace.traces.steps import Value

__all__ = ["Found", "ObjectState", "State"]


@dataclass(frozen=True, slots=True)
class ObjectState:
    """The state of an object.

    Attributes
    ----------
    status : str
        ``"alive"``, ``"dying"`` or ``"freed"``.
    count, ledger : int
        The count, and the count that it would have if every operation were atomic.
    fields : mapping of str to Value
    is_counted : bool
        False for memory without a count: `malloc`, and the blocks of containers.
    """

    status: str
    count: int
    ledger: int
    fields: Mapping[str, Value]
    is_counted: bool = True


@dataclass(frozen=True, slots=True)
class State:
    """The value of each shared place of a program; None: null, or an unlocked lock."""

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
        The affected object.
    thread : str or None
        The thread whose step has the finding; None at the end of a run.
    count, owners : int or None
        For a finding at the end of the run: the object's count, and its number of
        owners; None for other findings.
    rival : str or None
        Under C11: the thread whose access is not ordered before the step.
    """

    kind: FindingKind
    object: str | None = None
    thread: str | None = None
    count: int | None = None
    owners: int | None = None
    rival: str | None = None
