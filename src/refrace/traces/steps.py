"""One step of a run as data: thread, operation, place and changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from refrace._base.codec import ADDED_LATER

__all__ = [
    "STOPPING",
    "WORLD",
    "Change",
    "MemoryAccess",
    "TraceStep",
    "Value",
    "Wait",
]

WORLD, STOPPING = "the world", "a safe point"
"""The places of a wait for the end of a stop, and for another thread to stop."""

Value: TypeAlias = int | str | tuple[int | str | None, ...] | None
"""An integer, the name of an object (or of the thread that holds a lock), the items
of a container, or null."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change that a step made to an object.

    Attributes
    ----------
    object : str
        The object.
    field : str
        ``"status"`` (its values are ``"alive"``, ``"dying"`` and ``"freed"``),
        ``"count"``, ``"ledger"``, or one of its fields.
    before, after : int, str or None
        The value; None for null.
    """

    object: str
    field: str
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class Wait:
    """A thread that cannot continue at the end of a run.

    Attributes
    ----------
    thread : str
        The waiting thread.
    place : str or None
        The lock or barrier that it waits for: ``"L"``, ``"A.m"``,
        ``"A.count_lock"``, ``"count_lock"``, ``"the GIL"``; ``"the world"`` until
        another thread starts it; ``"a safe point"`` of a thread that has not stopped;
        None for an `await` or a `spin`.
    held_by : str or None
        The thread that holds it, stops the world, or has not stopped; None for a
        barrier, an `await` or a `spin`.
    """

    thread: str
    place: str | None
    held_by: str | None

    @property
    def whose(self) -> str | None:
        """What the thread of `held_by` has to do with the place, in words."""
        if self.held_by is None:
            return None
        does = {WORLD: "stopped by", STOPPING: "of"}.get(self.place or "", "held by")
        return f"{does} {self.held_by}"


@dataclass(frozen=True, slots=True)
class MemoryAccess:
    """What a step does to memory under C11.

    Attributes
    ----------
    order, fence : str or None
        The memory order of the access, and of a fence together with it; None if there
        is none.
    source : int or None
        The number of the step whose write it reads; 0 for a value from before the run;
        None if it reads nothing.
    value : int, str or None
        What it reads; None also for null.
    is_old : bool
        Whether there is a newer write than the one it reads.
    synchronises_with : tuple of int
        The steps of other threads that release what it acquires through atomic
        accesses and fences: what happened before them happens before this step.
    """

    order: str | None
    fence: str | None
    source: int | None
    value: Value
    is_old: bool
    synchronises_with: tuple[int, ...] = field(default=(), metadata={ADDED_LATER: True})


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One step of a run: one shared access, or another indivisible action.

    Attributes
    ----------
    number : int
        Position in the run, counted from 1.
    thread : str
        The thread that took the step; ``"end"`` for the checks after the run.
    event : {"access", "step", "maybe", "free", "drain", "interrupt"}
        An access in the mode's C code; a step of the program; a `maybe`; the free of
        memory after a destruction; a write that leaves the thread's store buffer.
    operation : str
        The operation that the step belongs to, such as ``"decref"``.
    statement : str or None
        The statement of the step; None for `free` and `drain`.
    program_line : int or None
        Line of that statement in the text of :attr:`Trace.program`.
    begins, completes : bool
        Whether it is the first, and the last, step of its operation.
    c_text, c_file, c_line : str or None, str or None, int or None
        C source and position of the access; None unless the event is ``"access"``.
    object : str or None
        The accessed object.
    place : str or None
        The accessed place: ``"S"``, ``"A.refcount"``, ``"A.f"``, ``"A.m"``, ``"L"``;
        ``"A"`` for the payload.  Other words of a mode have the names on its card:
        ``"A.ob_tid"``, ``"A.ob_ref_shared"``, ``"T1.lane[A]"``, ``"T1.queue"``.  The
        space-time table shows ``"A.refcount"`` as ``A.ob_refcnt``.
    before, after : int, str, tuple or None
        Its value before and after; None is null, or an unlocked lock.  A word with
        several bit fields is given as a whole: see :attr:`Trace.word_layout`.
    count, ledger : tuple of int, or None, shape (2,)
        The object's count, and the count that it would have if every operation were
        atomic, before (None if the object did not exist) and after; None if no object
        was accessed.
    result : int, str or None
        The result of the operation; see `has_result`.
    has_result : bool
        Whether the operation returned a result in this step.
    taken : bool or None
        Whether a `maybe` was taken; None for other events.
    preempts : bool
        Whether the step preempts another thread that could have continued.
    changes : tuple of Change
        All changes to objects.
    memory : MemoryAccess or None
        Its memory order, and the write that it reads; None under sequential
        consistency, and for a step without an atomic access or fence.
    """

    number: int
    thread: str
    event: Literal["access", "step", "maybe", "free", "drain", "interrupt"]
    operation: str
    statement: str | None
    program_line: int | None
    begins: bool
    completes: bool
    c_text: str | None
    c_file: str | None
    c_line: int | None
    object: str | None
    place: str | None
    before: Value
    after: Value
    count: tuple[int | None, int] | None
    ledger: tuple[int | None, int] | None
    result: Value
    has_result: bool
    taken: bool | None
    preempts: bool
    changes: tuple[Change, ...]
    memory: MemoryAccess | None = field(default=None, metadata={ADDED_LATER: True})
