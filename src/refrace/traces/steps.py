"""One step of a run as data: who did what, where, and what changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["Change", "TraceStep", "Value", "Wait"]

Value: TypeAlias = int | str | tuple[int | str | None, ...] | None
"""An integer, the name of an object (or of the thread that holds a lock), the items
of a container, or null."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a step changed in an object.

    Attributes
    ----------
    object : str
        The object.
    field : str
        ``"status"`` (its values are ``"alive"``, ``"dying"`` and ``"freed"``),
        ``"count"``, ``"ledger"``, or one of its fields.
    before, after : int, str or None
        The value, None for null.
    """

    object: str
    field: str
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class Wait:
    """A thread that cannot go on at the end of a run.

    Attributes
    ----------
    thread : str
        Who waits.
    place : str or None
        For which lock: ``"L"``, ``"A.m"``, ``"A.count_lock"``, ``"count_lock"``; None
        for an `await`.
    held_by : str or None
        The thread that holds it; None for an `await`.
    """

    thread: str
    place: str | None
    held_by: str | None


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One step of a run: one shared access, or what else is one by itself.

    Attributes
    ----------
    number : int
        Place in the run, the first is 1.
    thread : str
        Who took it; ``"end"`` for the checks after the run.
    event : {"access", "step", "maybe", "free", "drain"}
        An access inside the mode's C code; a step of the program; a `maybe`; memory
        given back after a destruction; a write that leaves the thread's store buffer.
    operation : str
        The operation that the step belongs to, such as ``"decref"``.
    statement : str or None
        The statement it comes from; None for `free` and `drain`.
    program_line : int or None
        Line of that statement in the text of :attr:`Trace.program`.
    begins, completes : bool
        Whether it is the first, and the last, step of its operation.
    c_text, c_file, c_line : str or None, str or None, int or None
        C text and place of the access; None unless the event is ``"access"``.
    object : str or None
        The object touched.
    place : str or None
        What was touched: ``"S"``, ``"A.refcount"``, ``"A.f"``, ``"A.m"``, ``"L"``;
        ``"A"`` for the payload.  What else a mode keeps is called as on its card:
        ``"A.ob_tid"``, ``"A.ob_ref_shared"``, ``"T1.lane[A]"``, ``"T1.queue"``; where
        a run is drawn, ``"A.refcount"`` is ``A.ob_refcnt`` too.
    before, after : int, str, tuple or None
        Its value before and after; None is null, or a lock that is free.  A word whose
        bits have several meanings is the whole word: see :attr:`Trace.word_layout`.
    count, ledger : tuple of int, or None, shape (2,)
        The object's count, and the count that would be true if every operation were
        atomic, before (None if there was no object yet) and after; None if no object
        was touched.
    result : int, str or None
        What the operation gave; see `has_result`.
    has_result : bool
        Whether the operation gave something in this step.
    taken : bool or None
        Whether a `maybe` was taken; None for other events.
    preempts : bool
        Whether just before this step another thread was left that could have gone on.
    changes : tuple of Change
        All that changed in objects.
    """

    number: int
    thread: str
    event: Literal["access", "step", "maybe", "free", "drain"]
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
