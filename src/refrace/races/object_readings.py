"""The numbers of a single object, as properties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refrace._native.objects import Reading

__all__ = ["ShowsReadings"]


class ShowsReadings:
    """The part of :class:`refrace.Object` that shows what was read of it."""

    __slots__ = ()

    if TYPE_CHECKING:

        def _reading(self) -> Reading: ...

    @property
    def refcount(self) -> int:
        """What the object believes its count to be; 0 once it is freed."""
        return self._reading().refcount

    @property
    def ledger(self) -> int:
        """The count that would be true if every operation were atomic.

        A completed incref adds one, a started decref takes one; operations on the
        freed object change nothing.
        """
        return self._reading().ledger

    @property
    def alive(self) -> bool:
        """Whether the object has not been freed yet."""
        return self._reading().deaths == 0

    @property
    def waiting(self) -> bool:
        """Whether nobody may hold the object any more, but that is not settled yet.

        With an owner: it waits for that thread's :meth:`quiesce`, and until then its
        count has one reference that is nobody's.  Where each thread counts for itself:
        the sum is 0, and nobody has seen that yet.
        """
        return bool(self._reading().is_waiting)

    @property
    def operations(self) -> int:
        """Operations completed, those that were misuse included."""
        return self._reading().operations

    @property
    def gap_waits(self) -> int:
        """Gaps in which a thread waited for others; 0 if all were natural so far."""
        return self._reading().gap_waits

    @property
    def gaps_met(self) -> int:
        """Those of :attr:`gap_waits` in which another thread made an access."""
        return self._reading().gaps_met
