"""The readings of a single object as properties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refrace._native.objects import Reading

__all__ = ["ShowsReadings"]


class ShowsReadings:
    """Base class of :class:`refrace.Object` with its readings."""

    __slots__ = ()

    if TYPE_CHECKING:

        def _reading(self) -> Reading: ...

    @property
    def refcount(self) -> int:
        """The count that the object stores; 0 once it is freed."""
        return self._reading().refcount

    @property
    def ledger(self) -> int:
        """The count that would be correct if every operation were atomic.

        A completed incref adds one and a started decref subtracts one; operations on
        the freed object change nothing.
        """
        return self._reading().ledger

    @property
    def alive(self) -> bool:
        """Whether the object has not been freed yet."""
        return self._reading().deaths == 0

    @property
    def waiting(self) -> bool:
        """Whether the object may be unreferenced, but that is not settled yet.

        With an owner: the object waits for that thread's :meth:`quiesce`; until then
        its count includes one reference that belongs to the queue.  Where each thread
        has its own count: the sum is 0, but no thread has noticed it yet.
        """
        return bool(self._reading().is_waiting)

    @property
    def operations(self) -> int:
        """Number of completed operations, including misuse."""
        return self._reading().operations

    @property
    def gap_waits(self) -> int:
        """Number of gaps in which a thread waited; 0 if all were natural so far."""
        return self._reading().gap_waits

    @property
    def gaps_met(self) -> int:
        """Number of these gaps in which another thread made an access."""
        return self._reading().gaps_met
