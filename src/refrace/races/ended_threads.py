"""Waiting for ended threads that have not settled what they counted yet."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from refrace._base.arguments import check_number
from refrace.catalogue.mode import Mode
from refrace.races.domains import domain_of

__all__ = ["WaitsForEnds"]

LONGEST_TIMEOUT_S = 1e6

# Seconds between two looks.  A thread settles some microseconds after its Python code.
LOOK_EVERY_S = 0.0005


class WaitsForEnds:
    """The part of :class:`refrace.Object` that waits for ended threads."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def mode(self) -> Mode:
            """The mode of the object."""

    def wait_for_ended_threads(self, timeout: float = 10.0) -> bool:
        """Wait until threads that have ended have settled what they counted.

        In a mode that puts work off (:attr:`Mode.settles`) a thread settles it when it
        ends: when the operating system's thread does, after the last Python code.
        Before CPython 3.13 `threading.Thread.join` may return a moment before that, so
        an object may still be :attr:`waiting` then.  After this call it is not, unless
        it waits for a thread that is still running.

        Parameters
        ----------
        timeout : float
            Longest time to wait, in seconds, 0 to 1e6.  Default: 10.

        Returns
        -------
        bool
            Whether all of them have; True in modes that put nothing off.

        Raises
        ------
        InvalidArgumentType, InvalidArgument
            If `timeout` has the wrong type or is out of range.
        KeyboardInterrupt
            On Ctrl-C.

        Notes
        -----
        It waits for threads that have counted an object of this mode and have no Python
        frame any more.  A thread that was started in C, has counted in a callback and
        goes on without Python looks the same until it ends.

        Examples
        --------
        >>> import threading, refrace
        >>> thing = refrace.Object("deferred")
        >>> thread = threading.Thread(target=thing.incref)
        >>> thread.start()
        >>> thread.join()
        >>> thing.wait_for_ended_threads()
        True
        """
        timeout = check_number("timeout", timeout, low=0, high=LONGEST_TIMEOUT_S)
        domain = domain_of(self.mode.number)
        ends = time.monotonic() + timeout
        # Only of those that had ended by now: others may end meanwhile, without end.
        ended = set(domain.threads()) - set(sys._current_frames())
        while ended:
            if time.monotonic() >= ends:
                return False
            time.sleep(LOOK_EVERY_S)
            ended &= set(domain.threads())
            ended -= set(sys._current_frames())  # a new thread may get an old number
        return True
