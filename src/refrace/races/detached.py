"""Context manager: the calling thread is detached inside it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ContextDecorator
from types import TracebackType

from refrace._native import objects as native_objects
from refrace.races.thread_slots import thread_slot_error

__all__ = ["Detached"]


class _ThreadSlot(threading.local):
    """A key that identifies the calling thread, even among threads that have ended.

    A thread's identifier does not: a new thread may get that of an ended thread.
    """

    def __init__(self) -> None:
        self.mine = object()


_slot = _ThreadSlot()


class Detached(ContextDecorator):
    """Result of :meth:`refrace.Object.detached`; threads may share and reuse it.

    Parameters
    ----------
    open_handle : callable
        Returns the object's handle, or raises ObjectClosed; called at each entry.
    mode : str
        Name of the object's mode, for messages.
    """

    def __init__(
        self, open_handle: Callable[[str], native_objects.Handle], mode: str
    ) -> None:
        self._open_handle = open_handle
        self._mode = mode
        # The threads that are inside; each thread writes only its own key.
        self._inside: dict[object, native_objects.Handle] = {}

    def __enter__(self) -> None:
        handle = self._open_handle("detached")
        try:
            handle.detach()
        except native_objects.ThreadSlotError as error:
            raise thread_slot_error(error, "detached", self._mode) from error
        self._inside[_slot.mine] = handle

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            # A thread that is not inside changes nothing: the others can still leave.
            handle = self._inside.pop(_slot.mine, None)
            if handle is None:
                raise native_objects.ThreadSlotError("attached")
            handle.attach()
        except native_objects.ThreadSlotError as wrong:
            raise thread_slot_error(wrong, "detached", self._mode) from wrong
