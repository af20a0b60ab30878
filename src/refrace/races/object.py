"""A single native object, with a ledger of its correct count."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Literal, NoReturn, Self

from refrace._base.arguments import check_choice, check_integer
from refrace._native import objects as native_objects
from refrace.catalogue.mode import Mode
from refrace.catalogue.mode import mode as mode_called
from refrace.display.blocks import Block, Paragraph
from refrace.display.html import render_html
from refrace.display.judged import Judged
from refrace.display.text import render_text
from refrace.environment import check_gil
from refrace.errors import InvalidArgumentType, ObjectClosed
from refrace.findings import Finding, Findings
from refrace.races.detached import Detached
from refrace.races.domains import domain_of
from refrace.races.ended_threads import WaitsForEnds
from refrace.races.first_events import FirstEvents
from refrace.races.object_findings import findings_of, inconclusive_because
from refrace.races.object_readings import ShowsReadings
from refrace.races.object_text import blocks_of, line_of
from refrace.races.race_part import GAPS
from refrace.races.thread_slots import thread_slot_error

__all__ = ["Object"]

MOST_OPERATIONS = 10**12


class Object(ShowsReadings, WaitsForEnds, Judged):
    """A C object that counts its references in a given mode.

    It starts with one reference, which the caller owns.  All methods may be called from
    any thread at any time.  Misuse, such as one decref too many or a use after free, is
    recorded in :attr:`findings` and is harmless.

    Parameters
    ----------
    mode : str or Mode
        The refcount mode; one of :func:`refrace.modes`.
    gaps : {"auto", "natural", "widened"}
        ``"natural"``: threads count as the machine schedules them.  ``"widened"``: in
        one of four gaps between two accesses of an operation, a thread waits until
        other threads that use the object have made 1 to 8 accesses, for at most one
        millisecond.  Only the timing of the accesses changes.  This applies to calls
        that release the GIL; other calls are natural.  A thread waits for threads that
        are inside, and once more after each of their calls; while there are none yet,
        for 0.2 s in total.  ``"auto"``: widened for calls made while Python has more
        than one thread, otherwise natural.  :attr:`gap_waits` counts the waits.
        Default: ``"auto"``.

    Raises
    ------
    InvalidArgumentType, InvalidArgument, UnknownMode
        If there is no such mode, or `gaps` has the wrong type or is unknown.
    MemoryError
        If there is not enough memory for the object.

    Notes
    -----
    Atomic operations keep the ledger next to the count.  With natural gaps, threads
    therefore meet less often in the gap of ``unlocked`` than in :func:`refrace.race`.
    Gaps are widened for at most 64 threads.

    A forked child can make new objects.  It must not use objects of its parent if
    another thread was inside one at the time of the fork.

    Examples
    --------
    >>> import refrace
    >>> thing = refrace.Object("unlocked")
    >>> thing.incref()
    >>> thing
    <refrace.Object unlocked: refcount 2, ledger 2, alive>
    >>> thing.decref(2)
    >>> thing.use()
    >>> print(thing.findings[0].message)
    an operation after the object was freed: use by MainThread (count 0, then 0)
    """

    __slots__ = ("__weakref__", "_final", "_firsts", "_gaps", "_handle", "_mode")

    def __init__(
        self,
        mode: str | Mode,
        *,
        gaps: Literal["auto", "natural", "widened"] = "auto",
    ) -> None:
        self._gaps = check_choice("gaps", gaps, GAPS)
        self._mode = mode_called(mode)
        self._final: native_objects.Reading | None = None
        self._firsts = FirstEvents()
        try:
            self._handle = native_objects.Handle(
                self._mode.number,
                domain_of(self._mode.number),
                self._gaps != "natural",
            )
        except native_objects.ThreadSlotError as error:
            raise thread_slot_error(error, "refrace.Object", self._mode.name) from error

    # ---- operations

    def incref(
        self, n: int = 1, *, gil: Literal["released", "held"] = "released"
    ) -> None:
        """Take `n` references, one after the other.

        Parameters
        ----------
        n : int
            Number of references, 1 to 10**12.  Default: 1.
        gil : {"released", "held"}
            Whether to release the GIL meanwhile.  Default: ``"released"``.

        Raises
        ------
        InvalidArgumentType, InvalidArgument
            If an argument has the wrong type or is out of range.
        EnvironmentUnfit
            If ``gil="held"`` is asked for where there is no GIL.
        ObjectClosed
            If the object was closed.
        """
        self._count("incref", n, gil)

    def decref(
        self, n: int = 1, *, gil: Literal["released", "held"] = "released"
    ) -> None:
        """Drop `n` references, one after the other; parameters as :meth:`incref`."""
        self._count("decref", n, gil)

    def quiesce(self) -> int:
        """Pass a quiescent point: do the work that this thread has deferred.

        In a mode that defers work (:attr:`Mode.settles`), this thread does the work
        that it has deferred or that others have left for it, for all objects of the
        mode, and frees the objects without references.  With an owner, it merges what
        others dropped last; in ``"deferred"``, it applies what it has counted since; in
        ``"epoch"``, it frees what was dropped three epochs ago.  In other modes there
        is nothing to do.

        Returns
        -------
        int
            Number of items of work done.

        Raises
        ------
        ObjectClosed
            If the object was closed.
        LimitReached
            If more threads take part than the mode has numbers for.

        Notes
        -----
        The end of a thread is its last quiescent point, which may come a moment after
        ``Thread.join`` returns: see :meth:`wait_for_ended_threads`.  In a mode with
        owners, what others drop after that waits until a later thread gets the same
        number; in CPython, the thread that drops it settles it.
        """
        return self._ask("quiesce")

    def collapse(self) -> int:
        """Stop all threads, and merge the counts of each thread.

        In ``"per_thread"``, where only this can determine whether an object still has
        references, and in ``"epoch"``, where it makes waiting unnecessary, it settles
        all objects of the mode and frees those without references.  It waits until no
        thread is inside an operation, and no operation starts meanwhile.  In other
        modes there is nothing to do.

        Returns
        -------
        int
            Number of items of work done.

        Raises
        ------
        ObjectClosed
            If the object was closed.
        LimitReached
            If more threads take part than the mode has numbers for.

        Examples
        --------
        >>> import refrace
        >>> thing = refrace.Object("per_thread")
        >>> thing.decref()
        >>> thing
        <refrace.Object per_thread: refcount 0, ledger 0, alive, waiting to be settled>
        >>> thing.collapse()
        1
        >>> thing.alive
        False
        """
        return self._ask("collapse")

    def detached(self) -> Detached:
        """Return a context manager inside which the calling thread is detached.

        A detached thread counts no object of this mode, as CPython's threads do around
        I/O or long work without Python objects.  In ``"biased"``, its objects that
        others drop last wait for it; in ``"biased_suspend"``, the thread that drops
        last frees them.  In ``"deferred"``, this thread settles its counts on entry; in
        ``"epoch"``, no thread waits for it meanwhile.

        Raises
        ------
        ThreadDetached
            If this thread is already in such a block, or leaves one that it has not
            entered.  Operations on objects of this mode raise it inside the block.
        ObjectClosed
            If the object was closed.
        LimitReached
            If more threads take part than the mode has numbers for.

        Examples
        --------
        >>> import refrace
        >>> thing = refrace.Object("biased_suspend")
        >>> with thing.detached():
        ...     thing.incref()
        Traceback (most recent call last):
        refrace.errors.ThreadDetached: incref: this thread is inside `with ...
        """
        return Detached(self._open_handle, self.mode.name)

    def use(self, *, gil: Literal["released", "held"] = "released") -> None:
        """Access the object's payload: a use after free if the object is freed.

        Parameters
        ----------
        gil : {"released", "held"}
            Whether to release the GIL meanwhile.  Default: ``"released"``.

        Raises
        ------
        InvalidArgumentType, InvalidArgument
            If `gil` has the wrong type or is unknown.
        EnvironmentUnfit
            If ``gil="held"`` is asked for where there is no GIL.
        ObjectClosed
            If the object was closed.

        Notes
        -----
        Nothing crashes: the memory stays allocated and poisoned, and the use is
        recorded.
        """
        release = check_gil(gil) == "released"
        self._ask("use", release)

    def close(self) -> None:
        """Close the object; its last readings stay available.

        Operations in progress in other threads complete.  Closing again does nothing.
        """
        handle = self._made()
        if self._final is None:
            self._firsts.keep(handle)
            self._final = handle.read()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _count(self, operation: str, n: int, gil: str) -> None:
        n = check_integer("n", n, low=1, high=MOST_OPERATIONS)
        release = check_gil(gil) == "released"
        self._made()
        may_wait = self._gaps == "widened" or threading.active_count() > 1
        self._ask(operation, n, release, may_wait)

    def _ask(self, operation: str, *arguments: int) -> int:
        handle = self._open_handle(operation)
        act: Callable[..., int | None] = getattr(handle, operation)
        known = handle.firsts_known()
        try:
            return act(*arguments) or 0
        except native_objects.ThreadSlotError as error:
            raise thread_slot_error(error, operation, self._mode.name) from error
        finally:
            self._firsts.name_thread(handle, known)

    def _open_handle(self, operation: str) -> native_objects.Handle:
        handle = self._made()
        if self._final is not None:
            raise ObjectClosed(
                f"{operation} on {self!r}: the object was closed; make a new one with "
                f"refrace.Object({self._mode.name!r})"
            )
        return handle

    def _made(self) -> native_objects.Handle:
        """Return the handle, which ``__init__`` sets last."""
        try:
            return self._handle
        except AttributeError:
            raise ObjectClosed(
                "the object was never initialised; make it with refrace.Object(mode), "
                "and in a subclass call super().__init__(mode)"
            ) from None

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise InvalidArgumentType(
            f"{self!r} is an object in the memory of this process and cannot be "
            "copied or pickled; pass the object itself, or make another one with "
            f"refrace.Object({self._mode.name!r})"
        )

    # ---- readings

    def _reading(self) -> native_objects.Reading:
        handle = self._made()
        return handle.read() if self._final is None else self._final

    @property
    def mode(self) -> Mode:
        """The refcount mode."""
        self._made()
        return self._mode

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` was called."""
        self._made()
        return self._final is not None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings so far, gravest first; empty if there are none.

        Each message describes the first occurrence of its kind: the operation, the
        thread (its name, or its identifier if the name is unknown), and the true count
        before and after.  A decrement at a count of 0 is an over-release
        (``"underflow"``).  Only the sum of lost updates is known: no single operation
        loses one.

        A count that differs from the ledger is judged only while no operation is
        running, as if the object were never used again.
        """
        reading = self._reading()
        firsts = self._firsts.read(self._handle)
        return Findings(findings_of(reading, firsts, self._firsts.names))

    @property
    def conclusive(self) -> bool:
        """Whether there are findings, or no operation is running and nothing waits."""
        return self.inconclusive_because is None

    def _missing(self) -> str | None:
        return inconclusive_because(self._reading())

    def __repr__(self) -> str:
        line = line_of(self._reading(), self._mode, is_closed=self.closed)
        return f"<refrace.Object {line}>"

    def _blocks(self) -> list[Block]:
        blocks = blocks_of(
            self._reading(), self.findings, self._mode, is_closed=self.closed
        )
        if not self.conclusive:
            blocks.append(Paragraph(self._reason()))
        return blocks

    def __str__(self) -> str:
        return render_text(self._blocks())

    def _repr_html_(self) -> str:
        return render_html(self._blocks())
