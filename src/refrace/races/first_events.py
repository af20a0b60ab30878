"""The threads that first misused a single object, and their names at that time."""

from __future__ import annotations

import threading

from refrace._native import objects as native_objects
from refrace.races.object_findings import FIRSTS, Firsts

__all__ = ["FirstEvents"]


class FirstEvents:
    """The first event of each kind of one object; the C core records all but names.

    Notes
    -----
    Each thread records its own name right after the operation.  A thread that ends is
    therefore not confused with a later thread that gets the same identifier.
    """

    __slots__ = ("_kept", "names")

    def __init__(self) -> None:
        self._kept: Firsts | None = None
        # Each key is written once, by the thread that the event happened in.
        self.names: dict[str, str] = {}

    def name_thread(self, handle: native_objects.Handle, known: int) -> None:
        """Record this thread's name for the events that it has just caused.

        `known` is the result of ``handle.firsts_known()`` before the operation.
        """
        if handle.firsts_known() == known:
            return
        thread = threading.current_thread()
        for number, kind in enumerate(FIRSTS):
            first = None if known >> number & 1 else handle.first(number)
            if first is not None and first.thread == thread.ident:
                self.names[kind] = thread.name

    def read(self, handle: native_objects.Handle) -> Firsts:
        """Return the events known now, or at the time of :meth:`keep`."""
        if self._kept is not None:
            return self._kept
        known = {kind: handle.first(number) for number, kind in enumerate(FIRSTS)}
        return {kind: first for kind, first in known.items() if first is not None}

    def keep(self, handle: native_objects.Handle) -> None:
        """Freeze the events: :meth:`read` ignores later ones."""
        self._kept = self.read(handle)
