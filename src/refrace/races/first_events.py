"""Which thread misused an object in the hand first, and the name that it had then."""

from __future__ import annotations

import threading

from refrace._native import objects as native_objects
from refrace.races.object_findings import FIRSTS, Firsts

__all__ = ["FirstEvents"]


class FirstEvents:
    """The first event of each kind of one object; the C core records all but names.

    Notes
    -----
    A name is asked for right after the operation, by its own thread, so that a thread
    which ended, and whose identifier another one got, is not mistaken for that one.
    """

    __slots__ = ("_kept", "names")

    def __init__(self) -> None:
        self._kept: Firsts | None = None
        # Each key is written once, by the thread that the event happened in.
        self.names: dict[str, str] = {}

    def name_thread(self, handle: native_objects.Handle, known: int) -> None:
        """Remember this thread's name for the events that it has just caused.

        `known` is what ``handle.firsts_known()`` gave before the operation.
        """
        if handle.firsts_known() == known:
            return
        thread = threading.current_thread()
        for number, kind in enumerate(FIRSTS):
            first = None if known >> number & 1 else handle.first(number)
            if first is not None and first["thread"] == thread.ident:
                self.names[kind] = thread.name

    def read(self, handle: native_objects.Handle) -> Firsts:
        """Return the events that are known now, or were when they were kept."""
        if self._kept is not None:
            return self._kept
        known = {kind: handle.first(number) for number, kind in enumerate(FIRSTS)}
        return {kind: first for kind, first in known.items() if first is not None}

    def keep(self, handle: native_objects.Handle) -> None:
        """Learn of no later event."""
        self._kept = self.read(handle)
